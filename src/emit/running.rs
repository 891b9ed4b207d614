//! What a pipeline is called where its orchestrator runs it: others than the orchestrator's target must know that too.

use crate::plan::{Pipeline, Plan};
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
