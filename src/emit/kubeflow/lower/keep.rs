//! Components that are called more than once are written once.
//!
//! In: a component with what it starts and what the cluster must know of that. Out: the name under which it is kept. Two that are
//! equal have one name; where they are not, the second of a name is `NAME-2`, as in the SDK.

use std::collections::BTreeMap;

use super::Lowering;
use crate::emit::kubeflow::model::{ComponentSpec, ExecutorSpec, KubernetesExecutor};

/// What has been kept so far.
#[derive(Default)]
pub(super) struct Kept {
    /// By the name that is wanted and what runs, so that few are compared: names of components.
    names: BTreeMap<(String, String), Vec<String>>,
    /// How many of a name there are.
    counts: BTreeMap<String, u32>,
}

impl Lowering<'_> {
    /// Keeps the component of a step; gives its name without `comp-`.
    pub(super) fn keep_step(
        &mut self,
        wanted: &str,
        mut component: ComponentSpec,
        executor: ExecutorSpec,
        cluster: KubernetesExecutor,
    ) -> String {
        let key = (wanted.to_owned(), what_runs(&executor));
        for name in self.kept.names.get(&key).into_iter().flatten() {
            let label = format!("exec-{name}");
            component.executor_label.clone_from(&label);
            let same_cluster = match self.cluster.get(&label) {
                Some(known) => *known == cluster,
                None => cluster == KubernetesExecutor::default(),
            };
            let known = self.components.get(&format!("comp-{name}"));
            if same_cluster && known == Some(&component) && self.executors.get(&label) == Some(&executor) {
                return name.clone();
            }
        }
        let name = self.component_name(wanted);
        let label = format!("exec-{name}");
        component.executor_label.clone_from(&label);
        self.kept.names.entry(key).or_default().push(name.clone());
        self.executors.insert(label.clone(), executor);
        if cluster != KubernetesExecutor::default() {
            self.cluster.insert(label, cluster);
        }
        self.components.insert(format!("comp-{name}"), component);
        name
    }

    /// Keeps the component of a nested pipeline; gives its name without `comp-`.
    pub(super) fn keep_pipeline(&mut self, wanted: &str, component: ComponentSpec) -> String {
        let key = (wanted.to_owned(), String::new());
        for name in self.kept.names.get(&key).into_iter().flatten() {
            if self.components.get(&format!("comp-{name}")) == Some(&component) {
                return name.clone();
            }
        }
        let name = self.component_name(wanted);
        self.kept.names.entry(key).or_default().push(name.clone());
        self.components.insert(format!("comp-{name}"), component);
        name
    }

    /// A name of a component that is free.
    pub(super) fn component_name(&mut self, wanted: &str) -> String {
        loop {
            let count = self.kept.counts.entry(wanted.to_owned()).or_default();
            *count += 1;
            let name = if *count == 1 { wanted.to_owned() } else { format!("{wanted}-{count}") };
            if !self.components.contains_key(&format!("comp-{name}")) {
                return name;
            }
        }
    }
}

/// The argument that tells most executors apart.
fn what_runs(executor: &ExecutorSpec) -> String {
    let container = executor.container.as_ref();
    let args = container.and_then(|container| container.args.get(1).or(container.args.first()));
    args.or_else(|| container.and_then(|container| container.command.last())).cloned().unwrap_or_default()
}
