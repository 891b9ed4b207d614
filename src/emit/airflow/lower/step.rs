//! A task of the plan as a step of the DAG: a pod, or a process.

use super::super::kubernetes;
use super::super::model::{
    Approval, By, Pod, PodDefaults, Process, Retry, Runtime, Secret, Started, Step, TriggerRule,
};
use super::super::value::{Render, Scope, Source, Value, task_id, text_template};
use super::Lower;
use super::words::Words;
use crate::plan::{Loop, Run, SecretSource, Task, Type};
use crate::text::jinja::Template;

impl<'a> Lower<'a> {
    pub(super) fn step(&self, task: &'a Task, prefix: &str, scope: &Scope<'a>) -> Step {
        let render = Render { store: &self.store, version: self.version, in_turn: scope.turn.is_some() };
        let source = Source {
            node: task.id.clone(),
            task_id: format!("{prefix}{}", task_id(&task.id)),
            in_turn: scope.turn.is_some(),
        };
        let push_result = self.demand.any(&task.id);
        let words = Words { lower: self, task, scope, render, source: &source, push_result };
        Step {
            variable: self.names.name(&task.id),
            task_id: task_id(&task.id),
            display: (!task.id.is_ascii()).then(|| task.id.clone()),
            doc: task.description.clone(),
            by: match (&self.runtime, &task.run) {
                (_, Run::Approval { users, question, .. }) => By::People(Approval {
                    question: question.clone(),
                    known: words.known(),
                    users: users.clone(),
                    response_timeout: self.version.response_timeout(),
                }),
                (Runtime::Pods(shared), _) => {
                    By::Pod(Box::new(self.pod(task, &source.task_id, words.started(), shared)))
                }
                (Runtime::Processes { .. }, _) => {
                    By::Process(process(task, words.started(), push_result.then(|| words.result())))
                }
            },
            retry: task.retry.as_ref().filter(|retry| retry.times > 0).map(|retry| self.retry(retry)),
            timeout: task.timeout,
            trigger_rule: task.tolerates_failure.then_some(TriggerRule::AllDone),
            push_result,
            pool: task.resources.pool.clone(),
            pool_slots: task.resources.pool_slots,
            priority: task.resources.priority,
            at_once: scope.turn.and_then(|turn| turn.parallel),
            turn_name: scope.turn.and_then(|turn| self.turn_name(turn, render)),
            teardown: false,
        }
    }

    fn pod(&self, task: &Task, task_id: &str, started: Started, shared: &PodDefaults) -> Pod {
        Pod {
            started,
            name: kubernetes::pod_name(&format!("{}-{task_id}", self.pipeline.name)),
            image: self.images.constant(task.image.as_deref().unwrap_or_default()),
            secrets: task.secrets.iter().filter_map(|(variable, source)| secret(variable, source)).collect(),
            resources: kubernetes::quantities(&task.resources),
            cluster: super::cluster::arguments(task, shared),
            node_selector: task.resources.node_selector.iter().map(|(key, it)| (key.clone(), it.clone())).collect(),
        }
    }

    fn retry(&self, retry: &crate::plan::Retry) -> Retry {
        let grows = retry.factor > 1.0;
        Retry {
            times: retry.times,
            delay: retry.backoff,
            factor: grows.then_some(retry.factor),
            max_delay: retry.max_backoff.filter(|_| grows),
        }
    }

    /// What a turn is called where people look at it: its item, if that is short.
    fn turn_name(&self, turn: &Loop, render: Render) -> Option<Template> {
        let site = self.sites.site(&turn.id);
        let items = Value::of(&turn.items, &site.scope, &self.sites);
        let Type::List { of } = items.ty.clone() else { return None };
        let item = Value { ty: *of, kind: super::super::value::Kind::Item(Box::new(items)) };
        let short = matches!(
            item.ty,
            Type::Bool | Type::Int | Type::Float | Type::Percent | Type::String | Type::Enum { .. } | Type::Size
        );
        short.then(|| text_template(&item, render))
    }
}

/// One that must be there; one that may be absent is a variable of another kind.
fn secret(variable: &str, source: &SecretSource) -> Option<Secret> {
    if source.home.arguments.get("optional").and_then(serde_json::Value::as_bool) == Some(true) {
        return None;
    }
    let argument = |name: &str| source.home.arguments.get(name).and_then(|it| it.as_str()).unwrap_or_default();
    Some(Secret { variable: variable.to_owned(), name: argument("name").to_owned(), key: argument("key").to_owned() })
}

fn process(task: &Task, started: Started, result: Option<Template>) -> Process {
    let kept_in = |form: &str, argument: &str| {
        let kept = task.secrets.iter().filter(|(_, source)| source.home.form == form);
        kept.map(|(variable, source)| {
            let home = source.home.arguments.get(argument).and_then(|home| home.as_str()).unwrap_or_default();
            (variable.clone(), home.to_owned())
        })
        .collect()
    };
    Process {
        started,
        secrets: kept_in("environment_variable", "name"),
        connections: kept_in("airflow_connection", "connection"),
        result,
    }
}
