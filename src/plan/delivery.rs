//! The delivery of a change: what CI checks and builds, and what happens on each edge of the promotion graph.
//!
//! An [`Operation`] already says which program runs with which arguments, so that every host runs the same;
//! what a host does by other means (approvals, waiting for a person) has no program.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Expr, Form, SecretSource, Type};
use crate::source::Span;

/// The delivery graph.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Delivery {
    /// What every change must pass.
    pub ci: Option<Ci>,
    /// Who may approve.
    pub teams: Vec<Team>,
    /// What runs against a deployed environment.
    pub verifications: Vec<Verification>,
    /// The ways of a change.
    pub promotions: Vec<Promotion>,
}

/// `ci { … }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ci {
    /// `push(branches)`, `pull_request`, …
    pub triggers: Vec<Form>,
    /// `python_setup(version, lock)`
    pub setup: Option<Form>,
    /// How `mlp` itself gets onto the machine: a command.
    pub install: String,
    /// In the order of the text; they run side by side.
    pub checks: Vec<Check>,
    /// Names of images and packages that are built once every check has passed.
    pub builds: Vec<String>,
    /// Whom to tell when a check or a build fails.
    pub notices: Vec<Notice>,
    /// Where it is written.
    #[serde(skip)]
    pub span: Span,
}

/// `check unit { run: "pytest …", report: "reports/unit.xml" }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub description: Option<String>,
    /// A shell command, run in the project's folder.
    pub run: String,
    /// The JUnit file that it writes.
    pub report: Option<String>,
    /// Seconds.
    pub timeout: f64,
    /// How often again when it fails.
    pub retries: u32,
    /// Environment variables.
    pub env: IndexMap<String, String>,
    /// Where it is written.
    #[serde(skip)]
    pub span: Span,
}

/// `team ml_leads { github: "acme/ml-leads", gitlab: "acme/ml/leads" }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Team {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub description: Option<String>,
    /// What it is called on each host.
    pub hosts: IndexMap<String, String>,
}

/// `verification benchmark -> (p95: duration) { run: "…" }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verification {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub description: Option<String>,
    /// A shell command, run in the project's folder with `MLP_ENVIRONMENT`, `MLP_ENDPOINT`, `MLP_VERSION` and `MLP_OUTPUTS`.
    pub run: String,
    /// Seconds.
    pub timeout: f64,
    /// What it measures: name and type.
    pub outputs: IndexMap<String, Type>,
    /// Where it is written.
    #[serde(skip)]
    pub span: Span,
}

/// `promotion of training { … }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Promotion {
    /// The pipelines that it moves, together.
    pub pipelines: Vec<String>,
    /// In the order of the text.
    pub edges: Vec<Edge>,
    /// Where it is written.
    #[serde(skip)]
    pub span: Span,
}

/// `staging -> production { … }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Edge {
    /// `staging-to-production`; of several, `a-and-b-to-c`; made unique by `-2`.
    pub id: String,
    /// Its documentation.
    pub description: Option<String>,
    /// Environments, all of which must have been reached; empty: from CI.
    pub from: Vec<String>,
    /// The environment.
    pub to: String,
    /// In order. `preflight` and `live_version` stand before every `deploy`; a rollout is a `traffic` and a `watch` for each weight.
    pub operations: Vec<Operation>,
    /// What is done when an operation fails.
    pub on_failure: OnFailure,
    /// Where it is written.
    #[serde(skip)]
    pub span: Span,
}

/// What is done when an edge's operation fails.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OnFailure {
    /// Once the deployment has begun: back to the version that was live.
    pub rollback: Option<Command>,
    /// Whether the edge stays closed until a person opens it.
    pub hold: bool,
    /// Where it does, once the deployment has begun: notes that in the environment's store, if it has one of its own.
    pub note: Option<Command>,
    /// Whom to tell.
    pub notices: Vec<Notice>,
}

/// A thing that an edge does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Operation {
    /// Unique in the edge: `deploy`, `run-training`, `verify-smoke`, `traffic-diagnosis-5`.
    pub id: String,
    /// What a person reads: `Run training in test`.
    pub title: String,
    /// What it is.
    pub action: Action,
    /// What runs; none where the host does it by other means.
    pub command: Option<Command>,
    /// Seconds after which it has failed; none where nothing runs.
    pub timeout: Option<f64>,
    /// Where it is written.
    #[serde(skip)]
    pub span: Span,
}

/// What an operation is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    /// A person starts it.
    Start,
    /// Distinct people say yes.
    Approve {
        /// How many.
        count: u32,
        /// Of which team.
        team: String,
    },
    /// A gate.
    Require {
        /// What must hold.
        condition: Expr,
        /// As it was written.
        text: String,
        /// The environment whose measurements decide.
        measured_in: String,
    },
    /// Wait.
    Soak {
        /// Seconds.
        seconds: f64,
    },
    /// Only within a window of time.
    Window {
        /// Which.
        window: Form,
    },
    /// The checklist before a deployment.
    Preflight {
        /// Beside the standard list: what was asserted, as written.
        asserts: Vec<String>,
    },
    /// Reads which version is live, before anything is touched.
    LiveVersion,
    /// Makes this version live.
    Deploy,
    /// Starts a pipeline there, waits, keeps its outputs.
    Run {
        /// Which.
        pipeline: String,
        /// Arguments that were given, encoded.
        arguments: IndexMap<String, serde_json::Value>,
    },
    /// Runs a verification there, keeps its outputs.
    Verify {
        /// Which.
        verification: String,
    },
    /// Gives a service's new version a share of its traffic.
    Traffic {
        /// Which.
        service: String,
        /// 0.05
        weight: f64,
    },
    /// Watches a service for a while.
    Watch {
        /// Which.
        service: String,
        /// Seconds.
        seconds: f64,
        /// What must hold all the while.
        condition: Option<Expr>,
        /// As it was written.
        text: Option<String>,
    },
    /// Tells somebody.
    Notify {
        /// Whom and how.
        notice: Notice,
    },
}

/// Whom to tell, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// `slack(channel, token)`, `pagerduty(routing_key)`, …
    pub notifier: Form,
    /// What runs.
    pub command: Command,
    /// The secrets that it needs, by the environment variable that the command reads.
    pub secrets: IndexMap<String, SecretSource>,
}

/// A program with its arguments, or a line for the shell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// A program and its arguments: an emitter quotes them.
    Program {
        /// In order, the program first.
        words: Vec<CommandWord>,
    },
    /// The author's own line, given to the shell as it is.
    Shell {
        /// The line (or lines).
        script: String,
        /// Environment variables that it is given.
        env: IndexMap<String, CommandWord>,
    },
}

/// A word of a delivery's command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "word", rename_all = "snake_case")]
pub enum CommandWord {
    /// As it is.
    Text {
        /// Its letters.
        text: String,
    },
    /// What the host knows when it runs.
    Value {
        /// Which.
        value: HostValue,
    },
}

/// What a host knows when an operation runs; an emitter passes it by an environment variable of this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HostValue {
    /// The version that is being delivered: the commit. `VERSION`
    Version,
    /// The version that `live_version` read; empty where nothing was live. `PREVIOUS_VERSION`
    PreviousVersion,
    /// The file that maps images to digests. `IMAGES`
    ImagesFile,
    /// The folder of measurements, one JSON file an environment. `VALUES`
    ValuesFolder,
    /// Where the run of CI is to be seen. `RUN_URL`
    RunUrl,
    /// Who made the change. `ACTOR`
    Actor,
}

impl HostValue {
    /// The environment variable's name.
    pub fn variable(self) -> &'static str {
        match self {
            HostValue::Version => "VERSION",
            HostValue::PreviousVersion => "PREVIOUS_VERSION",
            HostValue::ImagesFile => "IMAGES",
            HostValue::ValuesFolder => "VALUES",
            HostValue::RunUrl => "RUN_URL",
            HostValue::Actor => "ACTOR",
        }
    }
}

impl Command {
    /// A program with words that are text.
    pub fn program<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        Command::Program { words: words.into_iter().map(CommandWord::text).collect() }
    }
}

impl CommandWord {
    /// A word that is text.
    pub fn text(text: impl Into<String>) -> Self {
        CommandWord::Text { text: text.into() }
    }
}
