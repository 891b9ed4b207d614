//! Airflow: one DAG file for each pipeline in each environment that Airflow runs.
//!
//! In: the plan. Out: `airflow/<environment>/<pipeline>.py`, and what the project's version of Airflow cannot do, at the
//! line that asks for it. Steps run in pods, or as processes; parameters and values travel by Airflow's own means, artifacts by a
//! folder that every pod mounts. It refuses to know the language.

mod check;
mod kubernetes;
mod lower;
mod model;
mod mounted;
mod store;
mod value;
mod version;
mod write;

use self::version::Version;
use crate::diagnostics::{Diagnostic, any_error, report};
use crate::emit::{Files, Target};
use crate::plan::{Environment, Pipeline, Plan};

/// The target's name.
const NAME: &str = "airflow";

/// See the module.
pub struct Airflow;

impl Target for Airflow {
    fn name(&self) -> &'static str {
        NAME
    }

    fn emit(&self, plan: &Plan) -> (Files, Vec<Diagnostic>) {
        let mut files = Files::default();
        let mut diagnostics = Vec::new();
        let built: Vec<(&Pipeline, &Environment)> = ours(plan).collect();
        let version = match Version::of(plan) {
            Ok(version) => version,
            Err(_) if built.is_empty() => return (files, diagnostics),
            Err((request, text)) => {
                let message = format!("files cannot be written for Airflow {text}");
                let known = format!("the versions that files are written for are {}", version::KNOWN);
                return (files, vec![report::airflow_unknown_version(request.place("version"), message).help(known)]);
            }
        };
        for (pipeline, environment) in built {
            let found = check::pipeline(plan, pipeline, environment, version);
            let store = store::Store::of(environment, &dag_id(plan, pipeline));
            let fine = !any_error(&found);
            diagnostics.extend(found);
            if let (true, Ok(store)) = (fine, store) {
                let dag = lower::dag(plan, pipeline, environment, store, version);
                files.add(NAME, path(pipeline), write::text(&dag));
            }
        }
        diagnostics.extend(check::environments(plan));
        (files, diagnostics)
    }
}

/// The pipelines that Airflow runs, with their environments.
fn ours(plan: &Plan) -> impl Iterator<Item = (&Pipeline, &Environment)> {
    plan.pipelines.iter().filter_map(|pipeline| {
        let environment = plan.environments.iter().find(|environment| environment.name == pipeline.environment)?;
        (environment.orchestrator.form == NAME).then_some((pipeline, environment))
    })
}

/// Whether an environment's steps run in pods.
fn runs_in_pods(environment: &Environment) -> bool {
    environment.orchestrator.properties.get("containers").and_then(|containers| containers.as_bool()) == Some(true)
}

/// What a tag begins with that says which version a DAG is.
pub const VERSION_TAG: &str = "mlp-version:";

pub use crate::emit::running::dag_id;

/// Whether the project's Airflow is of version 2.
pub fn is_written_for_2(plan: &Plan) -> bool {
    Version::of(plan).is_ok_and(|version| !version.has_sdk())
}

/// Where a pipeline's DAG is written, below the output folder.
pub fn path(pipeline: &Pipeline) -> String {
    format!("airflow/{}/{}.py", pipeline.environment, pipeline.name)
}
