//! A task: a component of its own, and how it is called.

use indexmap::IndexMap;
use serde_json::Value;

use super::scope::{declare_output, give, wait};
use super::types::{constant_type, declare};
use super::{Lowering, cannot, is_whole};
use crate::emit::kubeflow::model::*;
use crate::emit::kubeflow::name::mangle;
use crate::emit::step::{Delivery, deliver};
use crate::plan::{Cache, Expr, ExprKind, Run, Task, Type};
use crate::source::Span;

impl<'a> Lowering<'a> {
    /// A step that runs in the innermost block.
    pub(super) fn step(&mut self, node: &'a Task) {
        let name = mangle(&node.id);
        let mut task = self.called(node, &name, None);
        self.wait_for(&mut task, &node.after);
        if node.tolerates_failure {
            self.tolerate(node, &mut task);
        }
        let importer = matches!(node.run, Run::Importer { .. });
        let key = |output: &str| if importer { "artifact".to_owned() } else { output.to_owned() };
        let keys = node.outputs.iter().map(|output| (output.name.clone(), key(&output.name))).collect();
        self.place(&node.id, name, task, keys);
    }

    /// The last step, which waits for the group of all others.
    pub(super) fn last(&mut self, node: &'a Task, group: &str) {
        let name = mangle(&node.id);
        let mut task = self.called(node, &name, Some(group));
        wait(&mut task, group);
        task.trigger_policy =
            Some(TriggerPolicy { strategy: Strategy::AllUpstreamTasksCompleted, ..Default::default() });
        self.place(&node.id, name, task, IndexMap::new());
    }

    /// The component of a step, kept, and the task that calls it.
    fn called(&mut self, node: &'a Task, name: &str, group: Option<&str>) -> TaskSpec {
        let delivery = self.delivery(node);
        let mut component = ComponentSpec { executor_label: format!("exec-{name}"), ..Default::default() };
        let mut task = self.task(name);
        task.task_info.name = node.id.clone();
        task.caching_options =
            Some(CachingOptions { enable_cache: self.cached(node, group.is_some()), ..Default::default() });
        task.retry_policy = self.retried(node);
        for (input, value) in &delivery.delivered {
            self.input(node, input, value, group, &mut component, &mut task);
        }
        if let Some(uri) = self.address(node) {
            self.input(node, "uri", &uri, group, &mut component, &mut task);
        }
        self.outputs(node, &mut component);
        let executor = self.executor(node, &delivery);
        self.executors.insert(format!("exec-{name}"), executor);
        self.cluster_of(node, &format!("exec-{name}"));
        self.components.insert(format!("comp-{name}"), component);
        task
    }

    /// The address of an importer that is a value of the run and none of the step's inputs.
    fn address(&self, node: &Task) -> Option<Expr> {
        let Run::Importer { uri } = &node.run else { return None };
        let own = matches!(&uri.kind, ExprKind::Parameter { name } if node.inputs.contains_key(name));
        Some(self.expanded(uri)).filter(|uri| !own && is_whole(uri))
    }

    /// What Kubeflow gives the step, and what the runner puts together.
    fn delivery(&self, node: &Task) -> Delivery {
        let mut expanded = node.clone();
        for input in expanded.inputs.values_mut() {
            input.value = self.expanded(&input.value);
        }
        let mut delivery = deliver(&expanded, &is_whole);
        if matches!(node.run, Run::Python { .. }) {
            let special: Vec<String> = delivery
                .delivered
                .iter()
                .filter(|(_, value)| is_special(value))
                .map(|(name, _)| name.clone())
                .collect();
            for name in special {
                delivery.composed.extend(delivery.delivered.shift_remove(&name).map(|value| (name, value)));
            }
        }
        delivery
    }

    fn input(
        &mut self,
        node: &Task,
        name: &str,
        value: &Expr,
        group: Option<&str>,
        component: &mut ComponentSpec,
        task: &mut TaskSpec,
    ) {
        let own = node.inputs.get(name);
        let ty = own.map_or(&value.ty, |input| &input.ty);
        declare(&mut component.input_definitions, name, ty);
        if let Some(parameter) = component.input_definitions.parameters.get_mut(name) {
            parameter.description = own.and_then(|input| input.description.clone()).unwrap_or_default();
            if let Some(constant) = value.as_literal().filter(|constant| !constant.is_null()) {
                parameter.parameter_type = constant_type(ty, constant);
            }
            if matches!(value.ty, Type::Optional { .. }) || value.as_literal() == Some(&Value::Null) {
                parameter.is_optional = true;
            }
        }
        if let Some(artifact) = component.input_definitions.artifacts.get_mut(name) {
            artifact.description = own.and_then(|input| input.description.clone()).unwrap_or_default();
            artifact.is_optional |= value.as_literal() == Some(&Value::Null);
        }
        match (&value.kind, value.as_literal()) {
            (_, Some(Value::Null)) => {}
            (_, Some(constant)) => {
                let constant = self.constant(constant, own.map_or(node.span, |input| input.span));
                task.inputs.parameters.insert(name.to_owned(), constant);
            }
            (ExprKind::Status, _) => {
                let producer = ProducerTask { producer_task: group.unwrap_or_default().to_owned() };
                let status = TaskInputParameter { task_final_status: Some(producer), ..Default::default() };
                task.inputs.parameters.insert(name.to_owned(), status);
            }
            _ => {
                if let Some(source) = self.source(value) {
                    give(task, name, ty, &source);
                }
            }
        }
    }

    fn outputs(&mut self, node: &Task, component: &mut ComponentSpec) {
        for output in &node.outputs {
            let many = matches!(output.ty, Type::List { .. }) && output.ty.is_artifact();
            if many || matches!(output.ty, Type::Optional { .. }) {
                let what = if many { "a list of artifacts" } else { "a value that may be absent" };
                let message =
                    format!("a step on Kubeflow cannot give {what}, as `{}` of `{}` is", output.name, node.step);
                self.diagnostics.push(
                    cannot(node.span, message).help("Give it in another form, such as one folder, or an empty text."),
                );
            }
            let key = if matches!(node.run, Run::Importer { .. }) { "artifact" } else { &output.name };
            declare_output(&mut component.output_definitions, key, &output.ty, false, output.description.as_deref());
        }
    }

    /// A constant: what Kubeflow or Argo would take for one of their own signs cannot be said.
    pub(super) fn constant(&mut self, value: &Value, span: Span) -> TaskInputParameter {
        if mentions_braces(value) {
            let message = "Kubeflow takes `{{` in a text for a sign of its own";
            self.diagnostics.push(cannot(span, message).help("Let a Python step put the text together."));
        }
        TaskInputParameter::constant(value.clone())
    }

    /// What changes the world, tells of a run or is only listed must happen every time.
    fn cached(&self, node: &Task, last: bool) -> bool {
        match node.cache {
            Cache::Off => false,
            Cache::On => true,
            Cache::Auto => !(node.external || node.recorded || last),
        }
    }

    fn retried(&self, node: &Task) -> Option<RetryPolicy> {
        let retry = node.retry.as_ref().filter(|retry| retry.times > 0)?;
        Some(RetryPolicy {
            backoff_duration: seconds(retry.backoff),
            backoff_factor: retry.factor,
            backoff_max_duration: seconds(retry.max_backoff.unwrap_or(3600.0)),
            max_retry_count: retry.times.try_into().unwrap_or(i32::MAX),
        })
    }

    /// The server makes of such a task a hook on the one task that it waits for, so much is refused.
    fn tolerate(&mut self, node: &Task, task: &mut TaskSpec) {
        let refused = match task.dependent_tasks.as_slice() {
            [one] => {
                let strategy = |other: &TaskSpec| {
                    other
                        .trigger_policy
                        .as_ref()
                        .is_some_and(|policy| policy.strategy == Strategy::AllUpstreamTasksCompleted)
                };
                let second =
                    self.scope().dag.tasks.values().any(|other| strategy(other) && other.dependent_tasks.contains(one));
                second.then_some("a second task that runs whatever becomes of the same one takes the first one's place")
            }
            _ => Some("a task that runs whatever becomes of others waits for exactly one"),
        };
        let refused = refused.or_else(|| {
            let takes = task.inputs.parameters.values().any(|input| input.task_output_parameter.is_some());
            (takes || task.inputs.artifacts.values().any(|input| input.task_output_artifact.is_some()))
                .then_some("a task that runs whatever becomes of another cannot take what that one makes")
        });
        if let Some(why) = refused {
            let message = format!("Kubeflow cannot run `{}` after a failure like this", node.id);
            self.diagnostics.push(cannot(node.span, message).note(format!("There, {why}.")));
        }
        task.trigger_policy =
            Some(TriggerPolicy { strategy: Strategy::AllUpstreamTasksCompleted, ..Default::default() });
    }
}

/// A duration as proto3's JSON has it.
fn seconds(value: f64) -> String {
    format!("{value}s")
}

/// A constant that must not be seen by Kubeflow or Argo: the runner knows it.
fn is_special(value: &Expr) -> bool {
    value.as_literal().is_some_and(mentions_braces)
}

pub(super) fn mentions_braces(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("{{"),
        Value::Array(items) => items.iter().any(mentions_braces),
        Value::Object(entries) => entries.iter().any(|(key, value)| key.contains("{{") || mentions_braces(value)),
        _ => false,
    }
}
