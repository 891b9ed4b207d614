//! What runs an environment's pipelines, as operations see it: the same five things, whoever it is.

use std::path::Path;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::airflow::Airflow;
use super::kubeflow::Kubeflow;
use super::own::Own;
use super::processes::Processes;
use super::{Deadline, Done, Failure};
use crate::emit::running::Event;
use crate::plan::{Environment, Pipeline, Plan};

/// What an orchestrator is given to make live.
#[derive(Clone, Debug)]
pub struct Release<'p> {
    /// What it is called: the commit.
    pub version: String,
    /// Each pipeline of the environment, with the file that its orchestrator runs.
    pub pipelines: Vec<(&'p Pipeline, String)>,
}

/// A pipeline where it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// The pipeline.
    pub pipeline: String,
    /// The version that is live; none: none is.
    pub version: Option<String>,
    /// Whether it runs by itself.
    pub scheduled: bool,
}

/// How a run ended, and what it gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Ran {
    /// What the orchestrator calls it.
    pub run: String,
    /// Where it is to be seen.
    pub address: String,
    /// What the pipeline returns, by name; none where the orchestrator does not tell.
    pub outputs: Option<IndexMap<String, Json>>,
}

/// A part of the checklist before a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What was looked at.
    pub what: String,
    /// Why it is not well; none: it is.
    pub fault: Option<String>,
}

impl Checked {
    /// What came of a look.
    pub fn of(what: impl Into<String>, found: Done<()>) -> Self {
        Self { what: what.into(), fault: found.err().map(|failure| failure.reason().to_owned()) }
    }
}

/// Who runs pipelines.
pub trait Orchestrator {
    /// Which version of each pipeline is live.
    fn live(&self, deadline: &Deadline) -> Done<Vec<Live>>;
    /// Makes a release live; what was live stays for a way back. What is live already is left alone.
    fn deploy(&self, release: &Release, deadline: &Deadline) -> Done<Vec<String>>;
    /// Makes an earlier version live again; none: nothing was.
    fn rollback(&self, version: Option<&str>, deadline: &Deadline) -> Done<Vec<String>>;
    /// Starts the live version of a pipeline, and waits for its end.
    fn run(&self, pipeline: &Pipeline, arguments: &IndexMap<String, Json>, deadline: &Deadline) -> Done<Ran>;
    /// Says that something has happened, for the pipelines that wait for it; what was set off.
    fn announce(&self, event: Event, deadline: &Deadline) -> Done<Vec<String>>;
    /// Whether it is there, knows who asks, and has what the pipelines need.
    fn preflight(&self, deadline: &Deadline) -> Vec<Checked>;
}

/// The orchestrator of an environment; `folder` is the project's.
pub fn connect<'p>(
    plan: &'p Plan,
    environment: &'p Environment,
    folder: &Path,
    deadline: &Deadline,
) -> Done<Box<dyn Orchestrator + 'p>> {
    let otherwise = by_itself(plan, environment, folder, deadline);
    match environment.operations.is_empty() {
        true => otherwise,
        // Where commands do everything, nobody has to be reached.
        false => Ok(Box::new(Own::new(plan, environment, folder, otherwise))),
    }
}

fn by_itself<'p>(
    plan: &'p Plan,
    environment: &'p Environment,
    folder: &Path,
    deadline: &Deadline,
) -> Done<Box<dyn Orchestrator + 'p>> {
    match environment.orchestrator.form.as_str() {
        "airflow" => Ok(Box::new(Airflow::connect(plan, environment, folder, deadline)?)),
        "kubeflow" => Ok(Box::new(Kubeflow::connect(plan, environment)?)),
        "processes" => Ok(Box::new(Processes::new(plan, environment, folder)?)),
        other => Err(Failure::new(format!("`{}` runs on `{other}`, to which `mlp` cannot speak", environment.name))),
    }
}

/// The pipelines of an environment.
pub fn pipelines<'p>(plan: &'p Plan, environment: &str) -> Vec<&'p Pipeline> {
    plan.pipelines.iter().filter(|pipeline| pipeline.environment == environment).collect()
}

/// The one version that is live; none: nothing is, and a failure where pipelines differ. One of which nothing is live came to the
/// project later.
pub fn version(live: &[Live]) -> Done<Option<String>> {
    let mut versions = live.iter().filter_map(|one| one.version.as_ref());
    let Some(first) = versions.next() else { return Ok(None) };
    match versions.all(|other| other == first) {
        true => Ok(Some(first.clone())),
        false => {
            let each =
                live.iter().map(|one| format!("{} {}", one.pipeline, one.version.as_deref().unwrap_or("(none)")));
            Err(Failure::new(format!(
                "different versions are live: {}; deploy again to bring them together",
                each.collect::<Vec<_>>().join(", ")
            )))
        }
    }
}
