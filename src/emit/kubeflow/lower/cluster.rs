//! What the cluster must know of a task and of a run: the second document.

use super::{Feature, Lowering, cannot};
use crate::emit::kubeflow::model::*;
use crate::emit::kubernetes;
use crate::emit::secret_manager::help_for_pods;
use crate::plan::{SecretSource, Task};
use crate::source::Span;

impl Lowering<'_> {
    /// Whether the server has that; where not, it is said there.
    pub(super) fn ask(&mut self, feature: Feature, span: Span) -> bool {
        self.server.ask(feature, span, &mut self.diagnostics)
    }

    /// What an executor needs of the cluster; the task waits for whoever makes a value of it.
    pub(super) fn cluster_of(&mut self, node: &Task, task: &mut TaskSpec) -> KubernetesExecutor {
        let mut executor = KubernetesExecutor::default();
        if let Some(seconds) = node.timeout
            && self.ask(Feature::TaskTimeout, node.span)
        {
            executor.active_deadline_seconds = Int64(seconds.ceil().max(1.0) as i64);
        }
        let selected = &node.resources.node_selector;
        if !selected.is_empty() && self.ask(Feature::NodeSelector, node.resources.span) {
            executor.node_selector.labels = selected.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        }
        for construct in node.resources.queueing() {
            let message = format!("Kubeflow cannot do {}", construct.words());
            let help = "leave it out of the profile here: `parallel_steps` in the environment's `limits` bounds what runs at once";
            self.diagnostics.push(cannot(node.resources.span, message).help(help));
        }
        for (variable, source) in &node.secrets {
            self.secret(node, variable, source, &mut executor.secret_as_env);
        }
        if let Some(pod) = &node.resources.pod {
            self.pod(pod, node, task, &mut executor);
        }
        executor
    }

    fn secret(&mut self, task: &Task, variable: &str, source: &SecretSource, secrets: &mut Vec<SecretAsEnv>) {
        let argument = |name: &str| source.home.arguments.get(name).and_then(|value| value.as_str());
        let (Some(name), Some(key), "kubernetes_secret") =
            (argument("name"), argument("key"), source.home.form.as_str())
        else {
            let message = format!(
                "the step `{}` reads the secret `{}`, whose home `{}` no pod on Kubeflow can read",
                task.step, source.secret, source.home.form
            );
            let place = format!("read by `{}` here", task.step);
            let help = help_for_pods(&source.secret);
            self.diagnostics.push(cannot(source.home.span, message).label(task.span, place).help(help));
            return;
        };
        if !self.ask(Feature::SecretVariables, task.span) {
            return;
        }
        let optional = source.home.arguments.get("optional").and_then(|value| value.as_bool()) == Some(true);
        let optional = (optional && self.ask(Feature::OptionalVariables, source.home.span)).then_some(true);
        let pair = SecretKeyToEnv { env_var: variable.to_owned(), secret_key: key.to_owned() };
        if let Some(known) = secrets.iter_mut().find(|known| known.secret_name == name && known.optional == optional) {
            known.key_to_env.push(pair);
            return;
        }
        let parameter = self.server.has_twins();
        secrets.push(SecretAsEnv {
            key_to_env: vec![pair],
            optional,
            secret_name: name.to_owned(),
            secret_name_parameter: parameter.then(|| TaskInputParameter::constant(name.into())),
        });
    }

    /// The second document, if the cluster must know of anything.
    pub(super) fn platform(&mut self) -> Option<PlatformSpec> {
        let mut platform = PlatformSpec::default();
        platform.platforms.kubernetes.deployment_spec.executors = std::mem::take(&mut self.cluster);
        platform.platforms.kubernetes.pipeline_config = self.run();
        (platform != PlatformSpec::default()).then_some(platform)
    }

    /// What a run needs of the cluster.
    fn run(&mut self) -> PipelineConfig {
        let pipeline = self.pipeline;
        let whole = |seconds: f64| seconds.ceil().clamp(1.0, f64::from(i32::MAX)) as i32;
        let mut config = PipelineConfig::default();
        if let Some(seconds) = pipeline.timeout
            && self.ask(Feature::RunTimeout, pipeline.span)
        {
            config.active_deadline_seconds = whole(seconds);
        }
        if let Some(keep) = &pipeline.keep_runs
            && self.ask(Feature::KeepRuns, keep.span)
        {
            config.resource_ttl_on_completion = keep.completed.map_or(0, whole);
            config.resource_ttl_on_success = keep.succeeded.map_or(0, whole);
            config.resource_ttl_on_failure = keep.failed.map_or(0, whole);
        }
        if let Some(workspace) = &pipeline.workspace
            && self.ask(Feature::Workspace, workspace.span)
        {
            let mut patch: std::collections::BTreeMap<String, serde_json::Value> =
                workspace.patch.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
            if !workspace.access_modes.is_empty() {
                let modes = workspace.access_modes.iter().map(String::as_str).collect();
                patch.insert("accessModes".to_owned(), modes);
            }
            if let Some(class) = &workspace.storage_class {
                patch.insert("storageClassName".to_owned(), class.as_str().into());
            }
            let kubernetes = (!patch.is_empty()).then_some(KubernetesWorkspace { pvc_spec_patch: patch });
            config.workspace = Some(Workspace { kubernetes, size: kubernetes::bytes(workspace.size) });
        }
        config
    }
}
