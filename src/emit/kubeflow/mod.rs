//! Kubeflow Pipelines v2: `kubeflow/ENVIRONMENT/PIPELINE.yaml`, a compiled pipeline for the version that the project names.
//!
//! `model/` is the document · `lower/` makes it of the plan · `cel.rs` says conditions · `version.rs` knows what came when ·
//! `write.rs` makes text of it. It refuses to know how a run is started: that is a deployment's work.

mod cel;
pub mod dollar;
mod lower;
pub(crate) mod model;
mod name;
mod version;
mod write;

use super::{Files, Target};
use crate::diagnostics::Diagnostic;
use crate::plan::{Pipeline, Plan};
use version::Version;

/// The target.
pub struct Kubeflow;

impl Target for Kubeflow {
    fn name(&self) -> &'static str {
        "kubeflow"
    }

    fn emit(&self, plan: &Plan) -> (Files, Vec<Diagnostic>) {
        let (mut files, mut diagnostics) = (Files::default(), Vec::new());
        let version = Version::of(plan, &mut diagnostics);
        for pipeline in plan.pipelines.iter().filter(|pipeline| runs_here(plan, pipeline)) {
            let (document, found) = lower::lower(pipeline, version);
            diagnostics.extend(found);
            let path = format!("kubeflow/{}/{}.yaml", pipeline.environment, pipeline.name);
            files.add(self.name(), path, write::write(plan, pipeline, &document));
        }
        (files, diagnostics)
    }
}

fn runs_here(plan: &Plan, pipeline: &Pipeline) -> bool {
    let environment = plan.environments.iter().find(|one| one.name == pipeline.environment);
    environment.is_some_and(|one| one.orchestrator.form == "kubeflow")
}
