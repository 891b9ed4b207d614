//! The plan: what must happen, target-neutral, every default filled in.
//!
//! In: a checked model without errors (`plan::lower`). Out: plain data that every emitter reads, and nothing else;
//! `mlp plan --json` prints it. It refuses to know what was written (that is the model) and how any target says it.
//!
//! Values are already encoded as others see them: a percent is `0.25`, a duration float seconds, a size whole bytes,
//! money `{"amount": "5", "currency": "USD"}`, an enum its variant's name. Every node keeps the span that it came from,
//! so that an emitter's complaint points at the source; spans are not part of the JSON.

mod construct;
mod delivery;
pub mod depends;
mod environment;
mod expr;
mod lower;
mod pipeline;
mod pod;
mod text;
mod types;
mod words;

pub use construct::Construct;
pub use delivery::*;
pub use environment::*;
pub use expr::*;
pub use lower::{contract, lower};
pub use pipeline::*;
pub use pod::*;
pub use text::*;
pub use types::*;
pub use words::*;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::source::Span;

/// The version of the JSON form of a plan; it changes when a reader written for the old one would misread the new.
pub const SCHEMA: &str = "mlp.plan/1";

/// A whole project, ready for the targets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// [`SCHEMA`].
    pub schema: String,
    /// The `mlp` that made it, `0.1.0`.
    pub generator: String,
    /// The project.
    pub project: Project,
    /// The targets that the project names, in its order.
    pub targets: Vec<TargetRequest>,
    /// What CI builds once.
    pub images: Vec<Image>,
    /// Images from elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreign_images: Vec<ForeignImage>,
    /// Python packages that CI builds once.
    pub packages: Vec<Package>,
    /// What Terraform (or whoever provisions) reads: every `var`, with its bounds.
    pub variables: Vec<Variable>,
    /// Every environment that is not abstract, in the order of the text.
    pub environments: Vec<Environment>,
    /// Every pipeline in every environment that it is built for: by pipeline, then by environment.
    pub pipelines: Vec<Pipeline>,
    /// What is served.
    pub services: Vec<Service>,
    /// How a change gets to production.
    pub delivery: Delivery,
    /// What was asserted of the project, and holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<Policy>,
    /// The version that the files are deployed as; none: they are not made for a deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// The project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub description: Option<String>,
    /// Who owns it.
    pub owners: Vec<String>,
    /// Where it lies in its repository, if that holds other projects too: `teams/risk/churn`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// The edition of the language.
    pub language: u32,
    /// The files that the plan was made from (the project's own), sorted.
    pub sources: Vec<String>,
}

/// `target kubeflow { version: "2.15" }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TargetRequest {
    /// The target.
    pub name: String,
    /// Its fields, encoded: `version`, `repository`, `plan`, …
    pub options: indexmap::IndexMap<String, serde_json::Value>,
    /// Where each of them is said.
    #[serde(skip)]
    pub said: indexmap::IndexMap<String, Span>,
    /// Where it was asked for.
    #[serde(skip)]
    pub span: Span,
}

impl TargetRequest {
    /// Where an option is said; where it is not, the target itself.
    pub fn place(&self, option: &str) -> Span {
        self.said.get(option).copied().unwrap_or(self.span)
    }
}

/// An image that CI builds once and every environment runs by digest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Image {
    /// Its name in the project.
    pub name: String,
    /// Its documentation.
    pub description: Option<String>,
    /// The folder that it is built from, relative to the project.
    pub context: String,
    /// The build file in the context, where it is not `Dockerfile`.
    pub file: Option<String>,
    /// The file that locks what is installed in it.
    pub lock: Option<String>,
    /// The lowest severity of a finding that fails the build: `low`, `medium`, `high`, `critical`.
    pub scan: Option<String>,
    /// Where it is pushed, without tag or digest: `registry.example.org/tumour/toolbox`.
    pub repository: String,
    /// Project files that CI copies into it: every `python` step's source, what a tool of the library runs,
    /// and what these import from the project.
    pub sources: Vec<String>,
    /// Where it is declared.
    #[serde(skip)]
    pub span: Span,
}

/// An image from elsewhere: it is pulled, never built.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ForeignImage {
    /// Its name in the project.
    pub name: String,
    /// Its documentation.
    pub description: Option<String>,
    /// Where it is pulled from: `python:3.11`.
    pub reference: String,
    /// Where it is declared.
    #[serde(skip)]
    pub span: Span,
}

/// A Python package that CI builds once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub description: Option<String>,
    /// The folder with its `pyproject.toml`.
    pub context: String,
    /// Where it is declared.
    #[serde(skip)]
    pub span: Span,
}

/// A `var`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub description: Option<String>,
    /// Its type, without its refinements.
    #[serde(rename = "type")]
    pub ty: Type,
    /// What must hold of it.
    pub predicates: Vec<Predicate>,
    /// What must hold of parts of it: of each item of a list, of a field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inner: Vec<InnerPredicate>,
    /// Where an environment gives none.
    pub default: Option<serde_json::Value>,
    /// Where it is declared.
    #[serde(skip)]
    pub span: Span,
}

/// `policy oversight { for path in paths(production) { assert path.approvals >= 2 } }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub description: Option<String>,
    /// Every assertion as it was written, after what it is asserted for: `for path in paths(production): path.approvals >= 2`.
    pub asserts: Vec<String>,
    /// Where it is declared.
    #[serde(skip)]
    pub span: Span,
}

/// Something served from a pipeline's model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub description: Option<String>,
    /// The pipeline that makes its model.
    pub pipeline: String,
    /// The output of that pipeline.
    pub output: String,
    /// What it is asked.
    pub request: Vec<Field>,
    /// What it answers.
    pub answer: Vec<Field>,
    /// Seconds within which it answers.
    pub max_latency: Option<f64>,
    /// Bytes that its model may have.
    pub max_size: Option<i64>,
    /// Where it is declared.
    #[serde(skip)]
    pub span: Span,
}
