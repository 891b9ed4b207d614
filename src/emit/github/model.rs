//! A workflow of GitHub Actions, and the protection of environments, as plain types.
//!
//! Texts hold expressions where GitHub reads them; [`literal`] makes any other text safe to stand there.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use crate::text::yaml::{Commented, FlowSeq, SpaceAfter};

/// `.github/workflows/NAME.yml`
#[derive(Debug, Serialize)]
pub(super) struct Workflow {
    pub(super) name: SpaceAfter<String>,
    pub(super) on: SpaceAfter<IndexMap<&'static str, Value>>,
    pub(super) permissions: SpaceAfter<Permissions>,
    pub(super) concurrency: SpaceAfter<Concurrency>,
    pub(super) defaults: SpaceAfter<Defaults>,
    pub(super) jobs: IndexMap<String, SpaceAfter<Job>>,
}

/// What a job's token may do: nothing but what is named.
pub(super) type Permissions = IndexMap<&'static str, Scope>;

/// What it may do of one kind.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Scope {
    /// Nobody asks why.
    Plain(&'static str),
    /// With the reason beside.
    Why(Commented<String>),
}

/// One at a time.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Concurrency {
    pub(super) group: String,
    pub(super) cancel_in_progress: Value,
}

/// What holds for every `run`.
#[derive(Debug, Serialize)]
pub(super) struct Defaults {
    pub(super) run: IndexMap<&'static str, String>,
}

/// A job.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Job {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) needs: Option<FlowSeq<Vec<String>>>,
    #[serde(rename = "if", skip_serializing_if = "Option::is_none")]
    pub(super) condition: Option<String>,
    pub(super) runs_on: &'static str,
    pub(super) timeout_minutes: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) environment: Option<Environment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) concurrency: Option<Concurrency>,
    pub(super) permissions: Permissions,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub(super) outputs: IndexMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) defaults: Option<Defaults>,
    /// What the project adds of the host's own.
    #[serde(flatten)]
    pub(super) raw: IndexMap<String, Value>,
    pub(super) steps: Vec<Step>,
}

/// The environment that a job runs for.
#[derive(Debug, Serialize)]
pub(super) struct Environment {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
}

/// A step.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Step {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    #[serde(rename = "if", skip_serializing_if = "Option::is_none")]
    pub(super) condition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timeout_minutes: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) uses: Option<Commented<String>>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub(super) with: IndexMap<&'static str, Value>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub(super) env: IndexMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) run: Option<String>,
}

/// `.github/mlp/NAME-protection.json`: what the live rules of the repository's environments must be.
#[derive(Debug, Serialize)]
pub(super) struct Protection {
    /// What made it.
    pub(super) generated: String,
    /// `owner/name`
    pub(super) repository: String,
    /// In the order in which a change meets them.
    pub(super) environments: Vec<ProtectedEnvironment>,
}

/// The rules of one environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct ProtectedEnvironment {
    /// Its name on GitHub.
    pub(super) name: String,
    /// Minutes to wait.
    pub(super) wait_timer: u32,
    /// `organisation/team`: one person of them says yes, and is not who made the change. Empty: nobody is asked.
    pub(super) reviewers: Vec<String>,
    /// Whether a yes here counts as an approval: distinct people give them within one edge.
    pub(super) approval: bool,
    /// Whether, after a failure, nothing goes there until a person opens it.
    pub(super) hold: bool,
    /// The branches whose commits may use it. Empty: any.
    pub(super) branches: Vec<String>,
    /// Secrets that must be set in it.
    pub(super) secrets: Vec<String>,
}

/// `${{ … }}`
pub(super) fn expression(text: &str) -> String {
    format!("${{{{ {text} }}}}")
}

/// Text that GitHub takes as it is, where it looks for expressions. (Linters take a constant expression for an attempt to
/// hide something; this one is not constant, and always the same.)
pub(super) fn literal(text: &str) -> String {
    text.replace("${{", "${{ github.event_name && '${{' }}")
}
