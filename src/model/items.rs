//! Items other than pipelines.

use indexmap::IndexMap;

use super::{Expr, Field, FormValue, Type, Value};
use crate::ast::NeedKind;
use crate::resolve::DeclId;
use crate::source::Span;

/// Fields of an item, by name: what is written, or the library's default. Typed by the library's struct of that item.
pub type Fields = IndexMap<String, Expr>;

/// `project tumour { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub docs: Option<String>,
    /// Its fields, computed.
    pub fields: IndexMap<String, Value>,
    /// `target NAME { … }`
    pub targets: Vec<Target>,
    /// Where its name stands.
    pub span: Span,
}

/// `target github { repository: "acme/tumour" }`
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// Its fields, computed.
    pub fields: IndexMap<String, Value>,
    /// Where each of them is said.
    pub said: IndexMap<String, Span>,
    /// Where its name stands.
    pub span: Span,
}

/// `enum Tier { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Enum {
    /// Its variants with their documentation.
    pub variants: Vec<(Option<String>, String)>,
}

/// `artifact Embeddings extends Dataset { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Artifact {
    /// How many schemas it is claimed of.
    pub parameters: usize,
    /// What it is a kind of.
    pub parent: Option<DeclId>,
    /// `system.Dataset`; empty where it has a schema.
    pub title: String,
    /// What it is like, in YAML.
    pub schema: Option<String>,
    /// `0.0.1`
    pub version: String,
}

/// `let required_auc = 0.95`
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    /// Its type.
    pub ty: Type,
    /// Its value.
    pub value: Expr,
}

/// `fn gpus(count: int) -> Compute = …`
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Its parameters.
    pub parameters: Vec<Field>,
    /// What it gives.
    pub result: Type,
    /// None where the compiler knows it.
    pub body: Option<Expr>,
}

/// `form kubeflow(…) -> Orchestrator { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// Its parameters.
    pub parameters: Vec<Field>,
    /// The kind that it makes.
    pub kind: DeclId,
    /// What is so of a value that it makes: constants, in which its parameters may stand.
    pub properties: IndexMap<String, Expr>,
}

/// `data aspirates: Table<Aspirate>`
#[derive(Clone, Debug, PartialEq)]
pub struct Need {
    /// Which of the four.
    pub kind: NeedKind,
    /// The type of its values.
    pub ty: Type,
    /// Of a `var`.
    pub default: Option<Expr>,
}

/// `service diagnosis(…) -> (…) { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// What it is asked.
    pub request: Vec<Field>,
    /// What it answers.
    pub answer: Vec<Field>,
    /// The pipeline and the output that it serves.
    pub model: Option<(DeclId, String)>,
    /// `max_latency`, `max_size`.
    pub fields: Fields,
}

/// `image`, `package`
#[derive(Clone, Debug, PartialEq)]
pub struct Build {
    /// Whether it is a `package`.
    pub is_package: bool,
    /// Its fields, computed.
    pub fields: IndexMap<String, Value>,
}

impl Build {
    /// Where an image that is not built here is pulled from.
    pub fn reference(&self) -> Option<&str> {
        self.fields.get("reference").and_then(Value::as_text)
    }
}

/// `step train(…) -> (…) { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What it takes.
    pub inputs: Vec<Field>,
    /// What it gives.
    pub outputs: Vec<Field>,
    /// Its fields; those of `defaults step` of its file where it says none. `run` is [`Step::run`].
    pub fields: Fields,
    /// Names of fields that the step says itself, or that its file's `defaults step` says.
    pub said: Vec<String>,
    /// What it starts.
    pub run: Run,
    /// The files of the project that its tool runs and those that these import, which must be in its image.
    pub tool_files: Vec<String>,
}

/// What a step starts.
#[derive(Clone, Debug, PartialEq)]
pub enum Run {
    /// `python("steps/load.py", "load")`
    Python {
        /// Relative to the project's folder.
        file: String,
        /// The function.
        function: String,
        /// SHA-256 of the file, in hexadecimal; empty where it could not be read.
        sha256: String,
        /// Project files that it imports, itself excluded.
        imports: Vec<String>,
    },
    /// `command("registry-push", …, args: […])`: the words, and the arguments.
    Command(Vec<Expr>, Vec<Expr>),
    /// `importer("gs://…", metadata: { … })`
    Importer(Box<Importer>),
    /// `create_claim`, or to give it up `delete_claim`
    Claim {
        /// Whether it is given up.
        delete: bool,
    },
    /// `approval(team: clinical_safety, question: "…")`
    Approval {
        /// Who may answer.
        by: DeclId,
        /// What they are asked.
        question: String,
    },
    /// Another form of the library: its arguments, and the function that it names.
    Form(Box<FormValue>, Option<SourceFile>),
    /// It is wrong already.
    Unknown,
}

/// An artifact that exists already.
#[derive(Clone, Debug, PartialEq)]
pub struct Importer {
    /// Where it is.
    pub uri: Expr,
    /// What is known of it.
    pub metadata: Expr,
    /// Whether it is taken in again though it is known.
    pub reimport: bool,
    /// Whether its files are fetched into the workspace.
    pub download: bool,
}

/// A Python file of the project that travels in what starts a step.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceFile {
    /// Relative to the project's folder.
    pub path: String,
    /// What it holds.
    pub text: std::sync::Arc<str>,
}

/// `expectation familiar on aspirates { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// The data that it speaks of.
    pub data: Option<DeclId>,
    /// What must hold, with its text.
    pub asserts: Vec<(Expr, String)>,
}

/// An environment with everything that it inherits.
#[derive(Clone, Debug, PartialEq)]
pub struct Environment {
    /// Whether it can only be extended.
    pub is_abstract: bool,
    /// What it extends.
    pub parent: Option<DeclId>,
    /// Its fields, computed; of an abstract one some may be missing.
    pub fields: IndexMap<String, Value>,
    /// Where each field is said, itself or inherited.
    pub said: IndexMap<String, Span>,
    /// Its value of each need and service that it binds, and where.
    pub bindings: IndexMap<DeclId, (Value, Span)>,
    /// `schedule PIPELINE { … }`
    pub schedules: Vec<Schedule>,
    /// `alert NAME { … }`
    pub alerts: Vec<Alert>,
    /// The pipelines that it builds.
    pub pipelines: Vec<DeclId>,
}

impl Environment {
    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.fields.get(name).filter(|value| **value != Value::None)
    }

    /// The text or variant of a field.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.field(name).and_then(Value::as_text)
    }

    /// Its tier.
    pub fn tier(&self) -> &str {
        self.text("tier").unwrap_or("development")
    }

    /// Whether steps that change the world outside are only listed.
    pub fn records_effects(&self) -> bool {
        match self.text("effects") {
            Some(effects) => effects == "record",
            None => matches!(self.tier(), "development" | "test"),
        }
    }

    /// Marks that may be seen here.
    pub fn marks(&self) -> Vec<&str> {
        let marks = self.field("access").and_then(|access| access.field("marks")).and_then(Value::as_list);
        marks.unwrap_or_default().iter().filter_map(Value::as_text).collect()
    }
}

/// `schedule training { every: …, on failure { … } }`
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// The pipeline.
    pub pipeline: DeclId,
    /// When.
    pub every: Value,
    /// What is done when a run fails.
    pub on_failure: OnFailure,
    /// Where it is written.
    pub span: Span,
}

/// `alert slow { when: …, notify: … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub docs: Option<String>,
    /// When it is raised.
    pub when: Expr,
    /// Whom it tells.
    pub notify: Value,
    /// Where it is written.
    pub span: Span,
}

/// `on failure { … }`
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OnFailure {
    /// `rollback`
    pub rollback: bool,
    /// `hold`
    pub hold: bool,
    /// `notify …`
    pub notify: Vec<Value>,
}

/// `ci { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Ci {
    /// Its fields, computed.
    pub fields: IndexMap<String, Value>,
    /// `check NAME { … }`: name, documentation, fields, where.
    pub checks: Vec<Check>,
    /// Where secrets are kept for it.
    pub secrets: IndexMap<DeclId, (Value, Span)>,
    /// What is done when a check fails.
    pub on_failure: OnFailure,
    /// Where it is written.
    pub span: Span,
}

/// `check unit { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub docs: Option<String>,
    /// Its fields, computed.
    pub fields: IndexMap<String, Value>,
    /// Where its name stands.
    pub span: Span,
}

/// `verification benchmark -> (…) { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Verification {
    /// What it measures.
    pub outputs: Vec<Field>,
    /// Its fields, computed.
    pub fields: IndexMap<String, Value>,
}

/// `team ml_leads { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Team {
    /// Its fields, computed.
    pub fields: IndexMap<String, Value>,
}

/// `promotion of training { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Promotion {
    /// Which pipelines.
    pub pipelines: Vec<DeclId>,
    /// In the order of the text, `on failure` of the promotion filled in.
    pub edges: Vec<Edge>,
    /// Where it is written.
    pub span: Span,
}

/// `staging -> production { … }`, procedures put in.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// Its documentation.
    pub docs: Option<String>,
    /// Environments; empty: from CI.
    pub from: Vec<DeclId>,
    /// An environment.
    pub to: DeclId,
    /// In order.
    pub statements: Vec<EdgeStatement>,
    /// What is done when it fails.
    pub on_failure: OnFailure,
    /// Where it is written.
    pub span: Span,
}

/// A statement of an edge.
#[derive(Clone, Debug, PartialEq)]
pub struct EdgeStatement {
    /// What it is.
    pub kind: EdgeStatementKind,
    /// Where it is written.
    pub span: Span,
}

/// What an edge's statement is.
#[derive(Clone, Debug, PartialEq)]
pub enum EdgeStatementKind {
    /// `require EXPR`, and its text
    Require(Expr, String),
    /// `start manual`
    StartManual,
    /// `approve N of TEAM`
    Approve(u32, DeclId),
    /// `soak DURATION`, in milliseconds
    Soak(i64),
    /// `window CALL`
    Window(Value),
    /// `preflight { assert … }`: texts
    Preflight(Vec<(Expr, String)>),
    /// `deploy`
    Deploy,
    /// `run PIPELINE(args)`
    Run(DeclId, IndexMap<String, Value>),
    /// `verify [a, b]`
    Verify(Vec<DeclId>),
    /// `release SERVICE by ROLLOUT`
    Release(DeclId, Option<Value>),
    /// `notify CALL`
    Notify(Value),
}

/// `test "…" { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// Its title.
    pub title: String,
    /// What is run and expected, in order.
    pub propositions: Vec<Proposition>,
    /// Where its title stands.
    pub span: Span,
}

/// A part of a test.
#[derive(Clone, Debug, PartialEq)]
pub enum Proposition {
    /// `run = training(…) in local`
    Run {
        /// What it is called.
        name: String,
        /// The pipeline.
        pipeline: DeclId,
        /// What it is given.
        arguments: IndexMap<String, Value>,
        /// Where.
        environment: DeclId,
    },
    /// `expect EXPR`, and its text
    Expect(Expr, String),
    /// `for loss in run.values.trials.loss { … }`
    For {
        /// `loss`
        name: String,
        /// What is gone through.
        source: Expr,
        /// Of which of them.
        condition: Option<Expr>,
        /// What is expected of each.
        body: Vec<Proposition>,
    },
}
