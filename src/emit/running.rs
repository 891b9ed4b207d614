//! What a pipeline is called where its orchestrator runs it: others than the orchestrator's target must know that too.

use crate::plan::{Pipeline, Plan, Schedule};
use crate::text::python::identifier;

/// The id of its DAG: an address holds no letters but ASCII's.
pub fn dag_id(plan: &Plan, pipeline: &Pipeline) -> String {
    let plain = |name: &String| if name.is_ascii() { name.clone() } else { identifier(name) };
    [&plan.project.name, &pipeline.environment, &pipeline.name].map(plain).join("-")
}

/// The name in its compiled form: small letters, digits and single hyphens, as Kubeflow's SDK makes it.
pub fn compiled_name(pipeline: &Pipeline) -> String {
    pipeline.called.clone().unwrap_or_else(|| hyphenated(&pipeline.name))
}

/// What it is registered as on a Kubeflow server, and its recurring run with it: no two projects of a namespace share one.
pub fn registered_name(plan: &Plan, pipeline: &Pipeline) -> String {
    format!("{}-{}", plan.project.name, pipeline.called.as_ref().unwrap_or(&pipeline.name))
}

/// Something that pipelines wait for beside the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A table has new rows.
    NewData(&'a str),
    /// A table has drifted away from what was trained on.
    Drift(&'a str),
    /// A pipeline has finished.
    Finished(&'a str),
}

impl<'a> Event<'a> {
    /// What a schedule waits for; none where it goes by the clock.
    pub fn of(schedule: &'a Schedule) -> Option<Self> {
        let argument = |name: &str, kind: &str| schedule.every.arguments.get(name)?.get(kind)?.as_str();
        match schedule.every.form.as_str() {
            "new_data" => argument("table", "data").map(Event::NewData),
            "drift" => argument("table", "data").map(Event::Drift),
            "finished" => argument("pipeline", "pipeline").map(Event::Finished),
            _ => None,
        }
    }

    /// What it is called on a server that many projects share: letters of ASCII.
    pub fn name(self, plan: &Plan, environment: &str) -> String {
        let (what, of) = match self {
            Event::NewData(table) => ("new", table),
            Event::Drift(table) => ("drift", table),
            Event::Finished(pipeline) => ("finished", pipeline),
        };
        let plain = |name: &str| if name.is_ascii() { name.to_owned() } else { identifier(name) };
        [&plan.project.name, environment, what, of].map(plain).join("-")
    }

    /// The pipelines of an environment that wait for it.
    pub fn awaited_by(self, plan: &'a Plan, environment: &str) -> Vec<&'a Pipeline> {
        let waits = |pipeline: &&Pipeline| {
            pipeline.environment == environment && pipeline.schedule.as_ref().and_then(Event::of) == Some(self)
        };
        plan.pipelines.iter().filter(waits).collect()
    }
}

/// Small letters, digits and single hyphens.
pub(crate) fn hyphenated(name: &str) -> String {
    let lower = name.to_lowercase();
    let kept = |c: char| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' };
    let letters: String = lower.chars().map(kept).collect();
    let words: Vec<&str> = letters.split('-').filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "task".to_owned() } else { words.join("-") }
}

/// Whether the project asks for rules on metrics: then an alert that an orchestrator cannot raise by itself is raised by them.
pub(crate) fn metrics_are_watched(plan: &Plan) -> bool {
    plan.targets.iter().any(|target| target.name == "prometheus")
}
