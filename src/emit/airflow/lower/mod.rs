//! From a pipeline in an environment to its DAG.
//!
//! In: the plan, which [`super::check`] has found that Airflow can do. Out: a [`Dag`]. It refuses to know Python's layout.

mod block;
mod branch;
mod cluster;
mod demand;
mod images;
mod loops;
mod names;
pub(super) mod notice;
pub(super) mod schema;
mod status;
mod step;
mod words;

use chrono::{DateTime, Utc};

use self::demand::Demand;
use self::images::Images;
use self::names::Names;
use super::model::{Asset, Callback, Cron, Dag, Empty, PodDefaults, Runtime, Status, When};
use super::store::Store;
use super::value::{Scope, Sites};
use super::version::Version;
use crate::emit::running::Event;
use crate::plan::{Environment, Node, Pipeline, Plan, Schedule, depends};

/// What every part of the lowering looks at.
struct Lower<'a> {
    pipeline: &'a Pipeline,
    store: Store,
    sites: Sites<'a>,
    demand: Demand,
    names: Names,
    images: Images,
    runtime: Runtime,
    version: Version,
}

/// The DAG of a pipeline.
pub(super) fn dag(plan: &Plan, pipeline: &Pipeline, environment: &Environment, store: Store, version: Version) -> Dag {
    let sites = Sites::of(pipeline);
    let demand = Demand::of(pipeline, &sites);
    let names = Names::of(pipeline, &sites);
    let volume = store.volume.clone();
    let artifacts = (store.path.clone(), store.uri.clone());
    let runtime = runtime(plan, pipeline, environment, volume);
    let lower = Lower { pipeline, store, sites, demand, names, images: Images::of(pipeline), runtime, version };
    let (body, leaves) = lower.whole(awaited(plan, pipeline, version));
    let (on_failure, on_success) = callbacks(plan, pipeline, environment, version);
    Dag {
        version,
        header: header(plan, pipeline),
        title: format!("The pipeline `{}` in the environment `{}`.", pipeline.name, pipeline.environment),
        function: lower.names.name(names::WHOLE),
        id: super::dag_id(plan, pipeline),
        doc: doc(plan, pipeline, environment),
        schedule: pipeline.schedule.as_ref().map(|schedule| when(plan, pipeline, schedule, version)),
        max_active_tasks: pipeline.parallel_steps,
        timeout: pipeline.timeout,
        max_consecutive_failures: pipeline.schedule.as_ref().filter(|schedule| schedule.rollback).map(|_| 1),
        tags: tags(plan, pipeline, environment),
        owner: plan.project.owners.join(", "),
        params: pipeline.parameters.iter().map(schema::param).collect(),
        artifacts,
        images: lower.images.all(),
        runtime: lower.runtime.clone(),
        on_failure,
        on_success,
        body,
        status: pipeline.finally.as_ref().map(|_| Status { pipeline: pipeline.name.clone(), leaves }),
    }
}

impl<'a> Lower<'a> {
    /// Everything that runs, and the tasks that succeed in every good run.
    fn whole(&self, awaited: Option<Asset>) -> (super::model::Block, Vec<String>) {
        let (mut body, ends) = self.block(&self.pipeline.body, "", &Scope::default());
        let leaves: Vec<String> = ends.iter().flat_map(|end| end.task_ids.clone()).collect();
        let before: Vec<String> = ends.into_iter().map(|end| end.variable).collect();
        if let Some(asset) = awaited {
            let variable = self.names.name(names::FINISHED);
            let (task_id, doc) =
                (names::FINISHED.to_owned(), Some("Sets off what waits for this pipeline.".to_owned()));
            body.edges.push((before.clone(), variable.clone()));
            body.nodes.push(super::model::Node::Empty(Empty {
                variable,
                task_id,
                doc,
                trigger_rule: None,
                outlet: Some(asset),
            }));
        }
        if let Some(end) = self.run_end() {
            body.edges.push((self.with_sources(&before), end.variable().to_owned()));
            body.nodes.push(end);
        }
        if let Some(Node::Task(task)) = self.pipeline.finally.as_deref() {
            let node = self.finally(task);
            body.edges.push((before, node.variable().to_owned()));
            body.nodes.push(node);
        }
        body.edges.retain(|(before, _)| !before.is_empty());
        (body, leaves)
    }
}

impl Lower<'_> {
    /// What a run ends in, and what its outputs come from.
    fn with_sources(&self, before: &[String]) -> Vec<String> {
        let sources = depends::sources(&self.pipeline.body, &self.pipeline.outputs);
        let mut all: Vec<String> = sources.into_iter().map(|node| self.last(node)).collect();
        all.extend(before.iter().filter(|name| !all.contains(name)).cloned().collect::<Vec<_>>());
        all
    }
}

fn header(plan: &Plan, pipeline: &Pipeline) -> Vec<String> {
    vec![crate::emit::header(plan, &pipeline.source)]
}

fn when(plan: &Plan, pipeline: &Pipeline, schedule: &Schedule, version: Version) -> When {
    match Event::of(schedule) {
        Some(event) => When::Asset(asset(event, plan, pipeline, version)),
        None => When::Clock(cron(schedule)),
    }
}

/// What others wait for that is said once this pipeline has finished.
fn awaited(plan: &Plan, pipeline: &Pipeline, version: Version) -> Option<Asset> {
    let event = Event::Finished(&pipeline.name);
    let is_awaited = !event.awaited_by(plan, &pipeline.environment).is_empty();
    is_awaited.then(|| asset(event, plan, pipeline, version))
}

fn asset(event: Event, plan: &Plan, pipeline: &Pipeline, version: Version) -> Asset {
    Asset { class: version.asset_class(), name: event.name(plan, &pipeline.environment) }
}

fn cron(schedule: &Schedule) -> Cron {
    let argument = |name: &str| schedule.every.arguments.get(name).and_then(|value| value.as_str());
    let expression = argument("expression").or_else(|| schedule.every.arguments.values().find_map(|it| it.as_str()));
    Cron {
        expression: expression.unwrap_or_default().to_owned(),
        timezone: argument("timezone").unwrap_or("UTC").to_owned(),
        catch_up_from: argument("catch_up_from").and_then(|since| since.parse::<DateTime<Utc>>().ok()),
    }
}

fn doc(plan: &Plan, pipeline: &Pipeline, environment: &Environment) -> String {
    let mut doc = String::new();
    if let Some(description) = &pipeline.description {
        doc += &format!("{}\n\n", description.trim_end());
    }
    doc += &format!("Project `{}`, environment `{}`", plan.project.name, environment.name);
    doc += &format!(" ({}), source `{}`.\n", environment.tier, pipeline.source);
    if pipeline.schedule.as_ref().is_some_and(|schedule| schedule.rollback) {
        doc +=
            "\nA failed run pauses the schedule, so that this version does not run again. The version that was live ";
        doc +=
            &format!("before comes back with `mlp rollback {}`, which also starts the schedule.\n", environment.name);
    }
    doc
}

fn tags(plan: &Plan, pipeline: &Pipeline, environment: &Environment) -> Vec<String> {
    let mut tags = vec!["mlp".to_owned(), plan.project.name.clone(), pipeline.name.clone(), environment.name.clone()];
    tags.push(environment.tier.clone());
    tags.extend(plan.version.iter().map(|version| format!("{}{version}", super::VERSION_TAG)));
    tags.sort();
    tags.dedup();
    tags
}

fn runtime(
    plan: &Plan,
    pipeline: &Pipeline,
    environment: &Environment,
    volume: Option<super::model::Volume>,
) -> Runtime {
    let argument = |name: &str| environment.orchestrator.arguments.get(name).and_then(|value| value.as_str());
    let text = |name: &str| argument(name).unwrap_or_default().to_owned();
    if !super::runs_in_pods(environment) {
        return Runtime::Processes { code: text("code"), python: text("python") };
    }
    let label = |key: &str, value: &str| (key.to_owned(), super::kubernetes::label(value));
    Runtime::Pods(PodDefaults {
        namespace: argument("namespace").map(str::to_owned),
        service_account: environment.service_account.clone(),
        labels: vec![
            label("app.kubernetes.io/managed-by", "mlp"),
            label("app.kubernetes.io/part-of", &plan.project.name),
            label("mlp/environment", &environment.name),
            label("mlp/pipeline", &pipeline.name),
        ],
        volume,
    })
}

fn callbacks(
    plan: &Plan,
    pipeline: &Pipeline,
    environment: &Environment,
    version: Version,
) -> (Vec<Callback>, Vec<Callback>) {
    let dag = super::dag_id(plan, pipeline);
    let rollback = pipeline.schedule.as_ref().is_some_and(|schedule| schedule.rollback);
    let mut on_failure = Vec::new();
    let mut on_success = Vec::new();
    for notice in pipeline.schedule.iter().flat_map(|schedule| &schedule.notices) {
        let callback = notice::failed(notice, &dag, rollback.then_some(environment.name.as_str()), version);
        on_failure.extend(callback.map(|callback| with_distinct_name(callback, &on_failure)));
    }
    for alert in environment.alerts.iter().filter(|alert| notice::is_of(alert, &pipeline.name)) {
        if let Some(callback) = notice::alert(alert, &dag, pipeline, version) {
            on_failure.push(callback.clone());
            on_success.push(callback);
        }
    }
    (on_failure, on_success)
}

fn with_distinct_name(mut callback: Callback, others: &[Callback]) -> Callback {
    let base = callback.function.clone();
    let mut number = 2;
    while others.iter().any(|other| other.function == callback.function) {
        callback.function = format!("{base}_{number}");
        number += 1;
    }
    callback
}
