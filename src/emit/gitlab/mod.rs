//! GitLab CI: one pipeline for the delivery of a project, and beside it what its file cannot hold.
//!
//! In: the plan, through the neutral form that all hosts share. Out: `.gitlab-ci.yml`, and the protection of the
//! project's environments (who may deploy, who approves) as data, with a program that applies it and refuses to go on
//! where the live rules are weaker. It refuses to know what an operation means.

mod build;
mod checks;
mod limits;
mod lower;
mod model;
mod pins;
mod script;
mod secret;
mod way;
mod write;

use super::{Files, Target};
use crate::diagnostics::Diagnostic;
use crate::plan::Plan;

/// The target `gitlab`.
pub struct GitLab;

impl Target for GitLab {
    fn name(&self) -> &'static str {
        "gitlab"
    }

    fn lies_at_root(&self) -> bool {
        true
    }

    fn emit(&self, plan: &Plan) -> (Files, Vec<Diagnostic>) {
        match lower::lower(plan) {
            Some((document, diagnostics)) => (write::write(&document, plan), diagnostics),
            None => (Files::default(), Vec::new()),
        }
    }
}
