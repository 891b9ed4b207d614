//! Kubeflow Pipelines v2: `kubeflow/ENVIRONMENT/PIPELINE.yaml`, a compiled pipeline for the version that the project names.
//!
//! `model/` is the document · `lower/` makes it of the plan · `cel.rs` says conditions · `version.rs` knows what came when ·
//! `write.rs` makes text of it. It refuses to know how a run is started: that is a deployment's work.

mod cel;
pub mod dollar;
mod lower;
pub(crate) mod model;
mod name;
mod schedule;
pub mod sign;
pub mod startup;
mod version;
mod write;

use super::running::metrics_are_watched;
use super::{Files, Target};
use crate::diagnostics::{Diagnostic, report};
use crate::plan::{Pipeline, Plan};
use version::Server;

/// The target.
pub struct Kubeflow;

impl Target for Kubeflow {
    fn name(&self) -> &'static str {
        "kubeflow"
    }

    fn emit(&self, plan: &Plan) -> (Files, Vec<Diagnostic>) {
        let (mut files, mut diagnostics) = (Files::default(), Vec::new());
        let server = Server::of(plan, &mut diagnostics);
        for pipeline in plan.pipelines.iter().filter(|pipeline| runs_here(plan, pipeline)) {
            let (document, found) = lower::lower(pipeline, server, root(plan, pipeline));
            diagnostics.extend(found);
            let path = path(pipeline);
            files.add(self.name(), path, write::write(plan, pipeline, &document));
        }
        diagnostics.extend(schedule::refused(plan));
        diagnostics.extend(alerts(plan));
        (files, diagnostics)
    }
}

/// Kubeflow tells nobody of anything.
fn alerts(plan: &Plan) -> Vec<Diagnostic> {
    let here = plan.environments.iter().filter(|environment| environment.orchestrator.form == "kubeflow");
    let unheard = here.flat_map(|environment| &environment.alerts).filter(|_| !metrics_are_watched(plan));
    let said = unheard.map(|alert| {
        let message = format!("Kubeflow watches nothing, so the alert {} would never be raised", alert.name);
        report::kubeflow_cannot(alert.span, message).help("let Prometheus watch: `target prometheus` in the project")
    });
    said.collect()
}

/// Where the environment keeps artifacts, if it is the project that says so.
fn root<'a>(plan: &'a Plan, pipeline: &Pipeline) -> &'a str {
    let environment = plan.environments.iter().find(|one| one.name == pipeline.environment);
    let store = environment.and_then(|environment| environment.artifacts.as_ref()).filter(|form| form.form == "bucket");
    store.and_then(|form| form.arguments.get("address")?.as_str()).unwrap_or_default()
}

/// A task's key, as it is made of a name.
pub(crate) fn mangled(name: &str) -> String {
    name::mangle(name)
}

fn runs_here(plan: &Plan, pipeline: &Pipeline) -> bool {
    let environment = plan.environments.iter().find(|one| one.name == pipeline.environment);
    environment.is_some_and(|one| one.orchestrator.form == "kubeflow")
}

/// Where a compiled pipeline is written, below the output folder.
pub fn path(pipeline: &Pipeline) -> String {
    format!("kubeflow/{}/{}.yaml", pipeline.environment, pipeline.name)
}
