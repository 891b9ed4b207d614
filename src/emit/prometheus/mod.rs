//! Prometheus: rules that watch every pipeline in every environment, with tests that show each of them fire and keep still.
//!
//! In: a [`Plan`]. Out: `prometheus/<environment>.rules.yml` and `prometheus/<environment>.test.yml`, and what no metric says,
//! at the line that asks for it. It refuses to know how metrics get there: `source.rs` alone names them.

mod alert;
mod gap;
mod lower;
mod model;
mod proof;
mod source;
mod standard;
mod write;

use super::{Files, Target};
use crate::diagnostics::Diagnostic;
use crate::plan::{Plan, TargetRequest};

/// The target's name.
const NAME: &str = "prometheus";

/// The target `prometheus`.
pub struct Prometheus;

impl Target for Prometheus {
    fn name(&self) -> &'static str {
        NAME
    }

    fn emit(&self, plan: &Plan) -> (Files, Vec<Diagnostic>) {
        let (mut files, mut diagnostics, mut gaps) = (Files::default(), Vec::new(), gap::Gaps::default());
        for environment in &plan.environments {
            let watched = lower::lower(plan, environment, &mut gaps, &mut diagnostics);
            if let Some(document) = watched {
                files.extend(write::write(plan, environment, &document));
            }
        }
        (files, diagnostics)
    }
}

/// What the project says of this target.
fn request(plan: &Plan) -> Option<&TargetRequest> {
    plan.targets.iter().find(|target| target.name == NAME)
}

/// A text that the project says of this target.
fn option<'a>(plan: &'a Plan, name: &str) -> Option<&'a str> {
    request(plan)?.options.get(name)?.as_str()
}
