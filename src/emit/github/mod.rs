//! GitHub Actions: one workflow for the delivery of a project, and beside it what a workflow cannot hold.
//!
//! In: the plan, through the neutral form that all hosts share. Out: `.github/workflows/NAME.yml`, and the protection of
//! the repository's environments (reviewers, timers, branches) as data, with a script that applies it and one that
//! refuses to go on where the live rules are weaker. It refuses to know what an operation means.

mod asked;
mod build;
mod checks;
mod limits;
mod lower;
mod model;
mod pins;
mod protection;
mod secret;
mod steps;
mod way;
mod write;

use super::{Files, Target};
use crate::diagnostics::Diagnostic;
use crate::plan::Plan;

/// The target `github`.
pub struct GitHub;

impl Target for GitHub {
    fn name(&self) -> &'static str {
        "github"
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
