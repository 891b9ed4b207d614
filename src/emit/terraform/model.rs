//! Terraform's document: a module that declares variables and hands them on.

use indexmap::IndexMap;
use serde_json::Value;

use crate::text::hcl::Expr;

/// The folder.
pub(super) struct Module {
    /// What every file begins with.
    pub(super) header: String,
    /// The versions of Terraform that read it.
    pub(super) required_version: &'static str,
    /// Values that preconditions speak of, by name.
    pub(super) locals: Vec<(&'static str, Expr)>,
    pub(super) variables: Vec<Variable>,
    pub(super) values: Vec<Values>,
    pub(super) runs: Vec<Run>,
}

/// `variable "region" { … }`, and the output that hands it on.
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) ty: Expr,
    pub(super) default: Option<Value>,
    pub(super) nullable: bool,
    pub(super) validations: Vec<Validation>,
    /// What must hold of the values file before the output hands the value on.
    pub(super) preconditions: Vec<Validation>,
}

/// `validation { … }`, `precondition { … }`
pub(super) struct Validation {
    pub(super) condition: Expr,
    pub(super) message: Expr,
}

/// `production.tfvars.json`
pub(super) struct Values {
    pub(super) environment: String,
    pub(super) values: IndexMap<String, Value>,
}

/// A run of the tests.
pub(super) struct Run {
    pub(super) name: String,
    pub(super) variables: Vec<(String, Expr)>,
    pub(super) expected: Expected,
}

/// What a run of the tests must show.
pub(super) enum Expected {
    /// The values are taken, and the environment is that one.
    Passes(String),
    /// That variable is refused.
    Refuses(String),
}

impl Values {
    /// The file's name in the folder.
    pub(super) fn file(&self) -> String {
        format!("{}.tfvars.json", self.environment)
    }
}
