//! An environment with everything that it inherits.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Expr, Notice};
use crate::source::Span;

/// A value made by a form of the library: `kubeflow(endpoint: …)`, `bucket("gs://…")`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Form {
    /// The form: `kubeflow`.
    pub form: String,
    /// Every argument, encoded, defaults filled in. A secret is `{"secret": name}`, a form within is a form.
    pub arguments: IndexMap<String, serde_json::Value>,
    /// What the library says of every value of the form, encoded: `readable_by: ["pod"]`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub properties: IndexMap<String, serde_json::Value>,
    /// Where it is written.
    #[serde(skip)]
    pub span: Span,
}

/// An environment that is not abstract.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub description: Option<String>,
    /// `development`, `test`, `staging`, `production` or what the library's `Tier` says.
    pub tier: String,
    /// The environment that it mirrors.
    pub mirrors: Option<String>,
    /// What runs its pipelines.
    pub orchestrator: Form,
    /// Where artifacts are kept.
    pub artifacts: Option<Form>,
    /// Where images come from.
    pub registry: Option<String>,
    /// As whom steps run.
    pub service_account: Option<String>,
    /// Whether steps with `effects: external` are started (`allow`) or listed (`record`).
    pub effects: String,
    /// Values of `var`s, encoded, by name; defaults filled in.
    pub variables: IndexMap<String, serde_json::Value>,
    /// Bindings of `data`: by name.
    pub data: IndexMap<String, Form>,
    /// Bindings of `secret`s: by name.
    pub secrets: IndexMap<String, Form>,
    /// Bindings of `compute`: by name.
    pub compute: IndexMap<String, super::Resources>,
    /// Bindings of `service`s: by name.
    pub services: IndexMap<String, Form>,
    /// The pipelines built for it.
    pub pipelines: Vec<String>,
    /// Marks whose columns may be seen here, without `@`.
    pub marks: Vec<String>,
    /// Hosts that may be reached from here beside those that the bindings imply.
    pub egress: Vec<String>,
    /// What the whole of it may use; none: not said.
    pub limits: Option<Limits>,
    /// What its identity is granted: derived from bindings, artifacts, secrets and steps' `grants`.
    pub grants: Vec<Grant>,
    /// When something is off.
    pub alerts: Vec<Alert>,
    /// What is done in it by the project's own commands: `deploy`, `rollback`, `live_version`, `run`, `preflight`, `traffic`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub operations: IndexMap<String, OwnOperation>,
    /// Where it is declared.
    #[serde(skip)]
    pub span: Span,
}

/// `deploy: { run: "./deploy.sh", timeout: 20min, secrets: { TOKEN: token } }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OwnOperation {
    /// Lines for the shell, in the project's folder.
    pub run: String,
    /// Seconds after which it has failed.
    pub timeout: f64,
    /// Secrets as environment variables: variable, and where the secret's value is.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub secrets: IndexMap<String, SecretSource>,
}

/// `limits: { cpu: 16, memory: 64GiB, gpu: 0, parallel_steps: 4 }`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Limits {
    /// Cores.
    pub cpu: Option<f64>,
    /// Bytes.
    pub memory: Option<i64>,
    /// Accelerators.
    pub gpu: Option<u32>,
    /// Steps at once.
    pub parallel_steps: Option<u32>,
}

/// Something that an environment's identity may do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Grant {
    /// `read`, `write` or what a step's `grants` says.
    pub action: String,
    /// On what: `bigquery:acme.clinic.aspirates`, `gs://acme-test`.
    pub resource: String,
    /// Why: `data aspirates`, `artifacts`, `step register`.
    pub because: String,
}

/// Where a step's secret comes from in its environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SecretSource {
    /// The secret's name in the project.
    pub secret: String,
    /// Its home: `kubernetes_secret(name: …, key: …)`.
    pub home: Form,
}

/// `schedule training { every: cron(…), on failure { … } }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Schedule {
    /// `cron(expression, timezone)`, `new_data(table)`, …
    pub every: Form,
    /// What is done when a run of it fails.
    pub rollback: bool,
    /// Whom to tell when a run of it fails.
    pub notices: Vec<Notice>,
    /// Where it is written.
    #[serde(skip)]
    pub span: Span,
}

/// `alert slow { when: training.duration > 2h, notify: pagerduty(…) }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Alert {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub description: Option<String>,
    /// When it is raised.
    pub when: Expr,
    /// As it was written.
    pub text: String,
    /// Whom it tells.
    pub notice: Notice,
    /// Where it is written.
    #[serde(skip)]
    pub span: Span,
}
