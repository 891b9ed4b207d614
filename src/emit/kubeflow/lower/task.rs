//! A task: a component of its own, and how it is called.

use serde_json::Value;

use super::scope::{declare_output, give, wait};
use super::types::{constant_type, declare};
use super::{Feature, Lowering, cannot, is_given, is_whole};
use crate::emit::kubeflow::model::*;
use crate::emit::kubeflow::name::mangle;
use crate::emit::step::{Delivery, deliver};
use crate::plan::{Cache, Expr, ExprKind, Node, Passthrough, Retry, Run, Task, Type};
use crate::source::Span;

impl<'a> Lowering<'a> {
    /// A step that runs in the innermost block.
    pub(super) fn step(&mut self, node: &'a Task) {
        let mut task = self.called(node, None);
        self.wait_for(&mut task, &node.after);
        if node.tolerates_failure {
            let safe = |input: &str| node.inputs.get(input).is_none_or(may_be_left_out);
            self.tolerate(&node.id, node.span, &mut task, &safe);
            let told = node.inputs.iter().filter(|(_, input)| input.ty == Type::RunStatus && !input.given);
            for (name, _) in told {
                let producer_task = task.dependent_tasks.first().cloned().unwrap_or_default();
                task.inputs.parameters.insert(name.clone(), status_of(producer_task));
            }
        }
        self.place_step(node, task);
    }

    fn place_step(&mut self, node: &'a Task, task: TaskSpec) {
        let importer = matches!(node.run, Run::Importer { .. });
        let key = |output: &str| if importer { "artifact".to_owned() } else { output.to_owned() };
        let keys = node.outputs.iter().map(|output| (output.name.clone(), key(&output.name))).collect();
        self.place(&node.id, mangle(&node.name), task, keys, node.span);
    }

    /// What runs after a group, whatever becomes of it.
    pub(super) fn last(&mut self, node: &'a Node, group: &str) {
        match node {
            Node::Task(node) => {
                let mut task = self.called(node, Some(group));
                after_all(&mut task, group);
                self.place_step(node, task);
            }
            Node::Group(node) => {
                let mut task = self.called_pipeline(node, Some(group));
                after_all(&mut task, group);
                self.place_pipeline(node, task);
            }
            _ => unreachable!("`finally` holds one call"),
        }
    }

    /// The component of a step, kept, and the task that calls it.
    fn called(&mut self, node: &'a Task, group: Option<&str>) -> TaskSpec {
        let renamed = matches!(node.run, Run::Importer { .. }).then(|| self.as_importer(node));
        let node = renamed.as_ref().unwrap_or(node);
        let delivery = self.delivery(node);
        let mut component = ComponentSpec::default();
        let mut task = TaskSpec {
            caching_options: Some(self.caching(
                self.cached(node, group.is_some()),
                node.cache_key.as_deref(),
                node.span,
            )),
            retry_policy: retried(node.retry.as_ref()),
            ..Default::default()
        };
        for (input, value) in &delivery.delivered {
            self.input(node, input, value, group, &mut component, &mut task);
        }
        self.outputs(node, &mut component);
        component.task_config_passthroughs = self.passthroughs(node);
        let mut executor = self.executor(node, &delivery);
        self.give_channels(&mut task);
        let mut cluster = KubernetesExecutor::default();
        if !matches!(node.run, Run::Claim { .. }) {
            if let Some(container) = &mut executor.container {
                container.resources = self.amounts(&node.resources, &mut task);
                if node.image_of_run.is_some() {
                    // The SDK says it once more as an input of the task's own.
                    let image = TaskInputParameter::constant(container.image.as_str().into());
                    task.inputs.parameters.insert("base_image".to_owned(), image);
                }
            }
            cluster = self.cluster_of(node, &mut task);
        }
        let kept = self.keep_step(&mangle(&node.step), component, executor, cluster);
        let shown = node.display_name.clone().unwrap_or_else(|| mangle(&node.name));
        self.names(&mut task, shown, &kept);
        task
    }

    /// Whether an earlier result may stand for a task, and how it is found.
    pub(super) fn caching(&mut self, enable_cache: bool, key: Option<&str>, span: Span) -> CachingOptions {
        let key = key.filter(|_| self.ask(Feature::CacheKey, span));
        CachingOptions { enable_cache, cache_key: key.unwrap_or_default().to_owned() }
    }

    /// Settings of the task that its component takes as an input.
    fn passthroughs(&mut self, node: &Task) -> Vec<TaskConfigPassthrough> {
        let told = node.inputs.values().any(|input| input.ty == Type::TaskConfig);
        if told || !node.task_config.is_empty() {
            self.server.ask(Feature::TaskConfig, node.span, &mut self.diagnostics);
        }
        if told == node.task_config.is_empty() {
            let message =
                format!("`{}` has an input of type `TaskConfig`, or `task_config`, and not the other", node.step);
            let help = "An input `config: TaskConfig` is told of what `task_config: [{ setting: resources }]` lists.";
            self.diagnostics.push(cannot(node.span, message).help(help));
        }
        let field = |setting: &str| match setting {
            "resources" | "env" => setting.to_uppercase(),
            other => format!("KUBERNETES_{}", other.to_uppercase()),
        };
        let one = |told: &Passthrough| TaskConfigPassthrough { apply_to_task: told.apply, field: field(&told.setting) };
        node.task_config.iter().map(one).collect()
    }

    /// What Kubeflow gives the step, and what the runner puts together.
    fn delivery(&self, node: &Task) -> Delivery {
        let mut expanded = node.clone();
        for input in expanded.inputs.values_mut() {
            input.value = self.expanded(&input.value);
        }
        if !matches!(node.run, Run::Python { .. } | Run::Gate { .. }) {
            let delivered = expanded.inputs.into_iter().map(|(name, input)| (name, input.value)).collect();
            return Delivery { delivered, ..Delivery::default() };
        }
        let mut delivery = deliver(&expanded, &is_given);
        let special: Vec<String> =
            delivery.delivered.iter().filter(|(_, value)| is_special(value)).map(|(name, _)| name.clone()).collect();
        for name in special {
            delivery.composed.extend(delivery.delivered.shift_remove(&name).map(|value| (name, value)));
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
        let description = own.and_then(|input| input.description.clone()).unwrap_or_default();
        if let Some(parameter) = component.input_definitions.parameters.get_mut(name) {
            parameter.description = description;
            parameter.literals = own.map(|input| self.literals(&input.allowed)).unwrap_or_default();
            if let Some(default) = own.and_then(|input| input.default.as_ref()) {
                parameter.is_optional |= !own.is_some_and(|input| input.expected);
                parameter.default_value = Some(default.clone()).filter(|default| !default.is_null());
            }
            let constant = parameter.default_value.as_ref().or(value.as_literal()).filter(|one| !one.is_null());
            if let Some(constant) = constant {
                parameter.parameter_type = constant_type(ty, constant);
            }
            if let Some(ExprKind::Context { name, sign }) = own.and_then(|own| Some(&own.default_of_run.as_ref()?.kind))
            {
                parameter.is_optional |= !own.is_some_and(|input| input.expected);
                parameter.default_value = Some(crate::emit::kubeflow::sign::write(name, sign.as_deref()).into());
            }
        } else if let Some(artifact) = component.input_definitions.artifacts.get_mut(name) {
            artifact.description = description;
        }
        if own.is_some_and(|input| !input.given) {
            return;
        }
        match (&value.kind, value.as_literal()) {
            (_, Some(Value::Null)) => {}
            (_, Some(constant)) => {
                let constant = self.constant(constant, own.map_or(node.span, |input| input.span));
                task.inputs.parameters.insert(name.to_owned(), constant);
            }
            (ExprKind::Status, _) => {
                task.inputs.parameters.insert(name.to_owned(), status_of(group.unwrap_or_default().to_owned()));
            }
            _ if is_whole(value) => {
                if let Some(source) = self.source(value) {
                    give(task, name, ty, &source);
                }
            }
            _ => match self.put_together(value, own.map_or(node.span, |input| input.span)) {
                Some(constant) if !ty.is_artifact() => {
                    task.inputs.parameters.insert(name.to_owned(), TaskInputParameter::constant(constant));
                }
                _ => {
                    let message = format!("Kubeflow has no runner here that puts `{name}` of `{}` together", node.step);
                    let span = own.map_or(node.span, |input| input.span);
                    let help = "Let a Python step make the value, and give that.";
                    self.diagnostics.push(cannot(span, message).help(help));
                }
            },
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
        if mentions(value, "{{$") {
            let message = "Kubeflow takes `{{$` in a text for a sign of its own";
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

    /// The server makes of such a task a hook on the one task that it waits for, so much is refused.
    pub(super) fn tolerate(&mut self, id: &str, span: Span, task: &mut TaskSpec, safe: &dyn Fn(&str) -> bool) {
        let refused = match task.dependent_tasks.as_slice() {
            [one] => {
                let others = self.scope().dag.tasks.values();
                let second = others.filter(|other| is_hook(other)).any(|other| other.dependent_tasks.contains(one));
                second.then_some("a second task that runs whatever becomes of the same one takes the first one's place")
            }
            _ => Some("a task that runs whatever becomes of others waits for exactly one"),
        };
        let refused = refused.or_else(|| {
            let values = task.inputs.parameters.iter().filter(|(_, input)| input.task_output_parameter.is_some());
            let artifacts = task.inputs.artifacts.iter().filter(|(_, input)| input.task_output_artifact.is_some());
            let taken = values.map(|(name, _)| name).chain(artifacts.map(|(name, _)| name)).find(|name| !safe(name));
            taken.map(
                |_| "a task that runs whatever becomes of another takes of it only what has a default or may be absent",
            )
        });
        if let Some(why) = refused {
            let message = format!("Kubeflow cannot run `{id}` after a failure like this");
            self.diagnostics.push(cannot(span, message).note(format!("There, {why}.")));
        }
        task.trigger_policy =
            Some(TriggerPolicy { strategy: Strategy::AllUpstreamTasksCompleted, ..Default::default() });
    }

    /// A hook is no task of the server's graph: nothing there can wait for it or take what it gives.
    pub(super) fn waits_for_no_hook(&mut self, task: &TaskSpec, span: Span) {
        let tasks = &self.scope().dag.tasks;
        let hook = task.dependent_tasks.iter().find(|name| tasks.get(*name).is_some_and(is_hook)).cloned();
        if let Some(hook) = hook {
            let message =
                format!("Kubeflow cannot run anything after `{hook}`, which runs whatever happened before it");
            self.diagnostics.push(
                cannot(span, message)
                    .note("Its server makes a hook of such a task, and nothing can wait for a hook.")
                    .help("Take it from what runs before, or let nothing wait for it."),
            );
        }
    }
}

/// Whether the server makes a hook of it, on the task that it waits for.
fn is_hook(task: &TaskSpec) -> bool {
    task.trigger_policy.as_ref().is_some_and(|policy| policy.strategy == Strategy::AllUpstreamTasksCompleted)
}

/// Has a task run after a group, whatever becomes of that.
fn after_all(task: &mut TaskSpec, group: &str) {
    wait(task, group);
    task.trigger_policy = Some(TriggerPolicy { strategy: Strategy::AllUpstreamTasksCompleted, ..Default::default() });
}

fn may_be_left_out(input: &crate::plan::Input) -> bool {
    input.default.is_some() || matches!(input.ty, Type::Optional { .. })
}

/// How a task or group ended.
pub(super) fn status_of(producer_task: String) -> TaskInputParameter {
    TaskInputParameter { task_final_status: Some(ProducerTask { producer_task }), ..Default::default() }
}

/// What happens when a task failed.
pub(super) fn retried(retry: Option<&Retry>) -> Option<RetryPolicy> {
    let retry = retry?;
    Some(RetryPolicy {
        backoff_duration: seconds(retry.backoff),
        backoff_factor: retry.factor,
        backoff_max_duration: seconds(retry.max_backoff.unwrap_or(3600.0)),
        max_retry_count: retry.times.try_into().unwrap_or(i32::MAX),
    })
}

/// A duration as proto3's JSON has it.
fn seconds(value: f64) -> String {
    format!("{value}s")
}

/// A constant that must not be seen by Kubeflow or Argo: the runner knows it.
fn is_special(value: &Expr) -> bool {
    value.as_literal().is_some_and(|value| mentions(value, "{{"))
}

fn mentions(value: &Value, sign: &str) -> bool {
    match value {
        Value::String(text) => text.contains(sign),
        Value::Array(items) => items.iter().any(|item| mentions(item, sign)),
        Value::Object(entries) => entries.iter().any(|(key, value)| key.contains(sign) || mentions(value, sign)),
        _ => false,
    }
}
