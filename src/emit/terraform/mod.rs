//! Terraform: one folder of variables with their bounds, each environment's values, and tests that show that they fit.
//!
//! In: a [`Plan`]. Out: `terraform/`, a module without resources or providers: whoever provisions calls it and reads its
//! outputs. It refuses to know any provider.

mod known;
mod lower;
mod model;
mod platform;
mod predicate;
mod refused;
mod shape;
mod types;
mod within;
mod write;

use super::{Files, Target};
use crate::diagnostics::Diagnostic;
use crate::plan::Plan;

pub use refused::violations;

/// The target `terraform`.
pub struct Terraform;

impl Target for Terraform {
    fn name(&self) -> &'static str {
        "terraform"
    }

    fn emit(&self, plan: &Plan) -> (Files, Vec<Diagnostic>) {
        if plan.environments.is_empty() {
            return (Files::default(), Vec::new());
        }
        let (module, diagnostics) = lower::lower(plan);
        (write::write(&module), diagnostics)
    }
}
