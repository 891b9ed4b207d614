//! Items: what a file is a list of.

use super::{Block, Docs, EdgeStatement, Expr, Name, Parameter, Proposition, RecordEntry, TypeExpr};
use crate::source::Span;

/// An item.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its `///` lines.
    pub docs: Docs,
    /// Where its keyword stands.
    pub keyword: Span,
    /// What it is.
    pub kind: ItemKind,
    /// Whether all of it could be read. What one that is not complete lacks has been reported: later stages use its
    /// name and stay silent about the rest.
    pub complete: bool,
    /// From its first `///` line or keyword to its last letter.
    pub span: Span,
}

/// What an item is.
#[derive(Clone, Debug, PartialEq)]
pub enum ItemKind {
    /// `import "steps.mlp" { load, split as cut }`, `import std.schedule { cron }`
    Import(Import),
    /// `project tumour { … }`
    Project(Fields),
    /// `schema Aspirate { patient: string @pii }`
    Schema(Columns),
    /// `struct Retry { times: int, backoff: duration = 10s }`
    Struct(Columns),
    /// `enum Tier { development, test }`
    Enum(Enum),
    /// `artifact Embeddings extends Dataset { title: "acme.Embeddings" }`
    Artifact(Artifact),
    /// `type Penalty = float where it > 0`
    Type(TypeAlias),
    /// `mark @sensitive`, with its `///` lines; the name is without the `@`.
    Mark(Name),
    /// `let required_auc = 0.95`, `let a: float = 1.0`
    Let(Let),
    /// `fn gpus(count: int) -> Compute = { gpu: count }`
    Fn(Function),
    /// `kind Orchestrator`: in the standard library or a project, a family of forms.
    Kind(Name),
    /// `form kubeflow(endpoint: uri) -> Orchestrator { … }`: a constructor of a kind's values.
    Form(Form),
    /// `data aspirates: Table<Aspirate>`, `var region: string where …`, `secret pager`, `compute trainer`: what environments supply.
    Need(Need),
    /// `service diagnosis(request: Measurements) -> (malignant: percent) { … }`
    Service(Service),
    /// `image toolbox { … }`
    Image(Fields),
    /// `package churn { … }`
    Package(Fields),
    /// `defaults step { image: toolbox }`: the name is `step`.
    Defaults(Fields),
    /// `step train(…) -> (…) { … }`
    Step(Step),
    /// `pipeline training(…) -> (…) { … }`
    Pipeline(Pipeline),
    /// `expectation familiar on aspirates { assert … }`
    Expectation(Expectation),
    /// `abstract environment cluster extends base { … }`
    Environment(Environment),
    /// `ci { … }`
    Ci(Vec<Entry>),
    /// `verification benchmark -> (p95: duration) { … }`
    Verification(Verification),
    /// `team ml_leads { … }`
    Team(Fields),
    /// `procedure proving(team: Team) { … }`
    Procedure(Procedure),
    /// `promotion of training { … }`
    Promotion(Promotion),
    /// `policy bounded { … }`
    Policy(Policy),
    /// `test "…" { … }`
    Test(Test),
}

/// `import SOURCE { names }`
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// From where.
    pub source: ImportSource,
    /// What.
    pub names: Vec<ImportName>,
}

/// Where an import is from.
#[derive(Clone, Debug, PartialEq)]
pub enum ImportSource {
    /// `"steps.mlp"`: relative to the file that imports it; the text of `path` is without the quotes.
    File(Name),
    /// `std.schedule`: the name is `schedule`, its span the whole `std.schedule`.
    Std(Name),
}

/// `split`, `split as cut`
#[derive(Clone, Debug, PartialEq)]
pub struct ImportName {
    /// As it is called there.
    pub name: Name,
    /// As it is called here.
    pub alias: Option<Name>,
}

impl ImportName {
    /// The name that this file uses.
    pub fn local(&self) -> &Name {
        self.alias.as_ref().unwrap_or(&self.name)
    }
}

/// A name and entries: most items.
#[derive(Clone, Debug, PartialEq)]
pub struct Fields {
    /// Its name.
    pub name: Name,
    /// What stands between its braces.
    pub entries: Vec<Entry>,
}

/// What stands in the braces of a declaration.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// `timeout: 30min`
    Field {
        /// Its `///` lines.
        docs: Docs,
        /// The field.
        name: Name,
        /// Its value.
        value: Expr,
    },
    /// `data aspirates = csv("data/aspirates.csv")`: this place's value of a need.
    Binding {
        /// Its `///` lines.
        docs: Docs,
        /// `data`, `secret`, `compute`, `service` or `var`.
        keyword: Name,
        /// The need.
        name: Name,
        /// Its value here.
        value: Expr,
    },
    /// `target kubeflow { version: "2.15" }`, `target terraform`, `check unit { … }`, `schedule training { … }`, `alert slow { … }`
    Section {
        /// Its `///` lines.
        docs: Docs,
        /// `target`, `check`, `schedule`, `alert`.
        keyword: Name,
        /// What it is called, or of what it speaks.
        name: Name,
        /// What stands in its braces; none where it has no braces.
        entries: Vec<Entry>,
        /// All of it.
        span: Span,
    },
    /// `on failure { rollback, notify slack(…) }`
    OnFailure(OnFailure),
    /// What could not be read; reported already.
    Error(Span),
}

/// `on failure { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct OnFailure {
    /// In the order of the text.
    pub reactions: Vec<Reaction>,
    /// All of it.
    pub span: Span,
}

/// What is done when something failed.
#[derive(Clone, Debug, PartialEq)]
pub enum Reaction {
    /// `rollback`
    Rollback(Span),
    /// `hold`
    Hold(Span),
    /// `notify slack(…)`
    Notify(Expr),
    /// What could not be read; reported already.
    Error(Span),
}

/// `schema` and `struct`: a name and typed members.
#[derive(Clone, Debug, PartialEq)]
pub struct Columns {
    /// Its name.
    pub name: Name,
    /// Its columns or fields.
    pub columns: Vec<Parameter>,
}

/// `enum Tier { development, test }`
#[derive(Clone, Debug, PartialEq)]
pub struct Enum {
    /// Its name.
    pub name: Name,
    /// Its variants with their `///` lines.
    pub variants: Vec<(Docs, Name)>,
}

/// `artifact Embeddings<S> extends Dataset { title: "acme.Embeddings" }`
#[derive(Clone, Debug, PartialEq)]
pub struct Artifact {
    /// Its name.
    pub name: Name,
    /// Names of its type parameters, each a schema.
    pub parameters: Vec<Name>,
    /// What it is a kind of; `Artifact` itself extends nothing.
    pub extends: Option<TypeExpr>,
    /// `title`, `version` and the like.
    pub entries: Vec<Entry>,
}

/// `type Penalty = float where it > 0`
#[derive(Clone, Debug, PartialEq)]
pub struct TypeAlias {
    /// Its name.
    pub name: Name,
    /// What it stands for; none where the standard library declares a type that the compiler knows (`type int`).
    pub ty: Option<TypeExpr>,
}

/// `let required_auc = 0.95`
#[derive(Clone, Debug, PartialEq)]
pub struct Let {
    /// Its name.
    pub name: Name,
    /// Its type, where it is written.
    pub ty: Option<TypeExpr>,
    /// Its value.
    pub value: Expr,
}

/// `fn gpus(count: int) -> Compute = { gpu: count }`
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Its name.
    pub name: Name,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// What it gives.
    pub result: TypeExpr,
    /// Its value; none where the standard library declares a function that the compiler knows.
    pub body: Option<Expr>,
}

/// `form kubeflow(endpoint: uri, namespace: string) -> Orchestrator { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// Its name.
    pub name: Name,
    /// Its parameters; none are written where it has none (`form processes -> Orchestrator`).
    pub parameters: Vec<Parameter>,
    /// The kind that it makes.
    pub kind: Name,
    /// What is always so of it: `readable_by: [pod]`.
    pub entries: Vec<Entry>,
}

/// What environments supply.
#[derive(Clone, Debug, PartialEq)]
pub struct Need {
    /// Which of the four.
    pub kind: NeedKind,
    /// Its name.
    pub name: Name,
    /// Its type: always for `data` and `var`, never for `secret` and `compute`.
    pub ty: Option<TypeExpr>,
    /// Of a `var`, the value where an environment gives none.
    pub default: Option<Expr>,
}

/// `data`, `secret`, `compute`, `var`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NeedKind {
    /// `data aspirates: Table<Aspirate>`
    Data,
    /// `secret pager`
    Secret,
    /// `compute trainer`
    Compute,
    /// `var region: string`
    Var,
}

/// `service diagnosis(request: Measurements) -> (malignant: percent) { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Its name.
    pub name: Name,
    /// What it is asked.
    pub parameters: Vec<Parameter>,
    /// What it answers.
    pub outputs: Vec<Parameter>,
    /// Its fields.
    pub entries: Vec<Entry>,
}

/// `step train(…) -> (…) { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its name.
    pub name: Name,
    /// Its inputs.
    pub inputs: Vec<Parameter>,
    /// Its outputs.
    pub outputs: Vec<Parameter>,
    /// Its fields.
    pub entries: Vec<Entry>,
}

/// `pipeline training(…) -> (…) { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Pipeline {
    /// Its name.
    pub name: Name,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// What it gives.
    pub outputs: Vec<Parameter>,
    /// What is said of the whole of it: `with { display_name: "…" }`.
    pub with: Vec<RecordEntry>,
    /// What it does.
    pub body: Block,
}

/// `expectation familiar on aspirates { assert … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// Its name.
    pub name: Name,
    /// The data that it speaks of.
    pub on: Name,
    /// What must hold.
    pub propositions: Vec<Proposition>,
}

/// `abstract environment cluster extends base { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Environment {
    /// `abstract`
    pub is_abstract: bool,
    /// Its name.
    pub name: Name,
    /// What it extends.
    pub extends: Option<Name>,
    /// What it says.
    pub entries: Vec<Entry>,
}

/// `verification benchmark -> (p95: duration) { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Verification {
    /// Its name.
    pub name: Name,
    /// What it measures.
    pub outputs: Vec<Parameter>,
    /// Its fields.
    pub entries: Vec<Entry>,
}

/// `procedure proving(team: Team) { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Procedure {
    /// Its name.
    pub name: Name,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// What it stands for.
    pub statements: Vec<EdgeStatement>,
}

/// `promotion of training, scoring { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Promotion {
    /// Which pipelines.
    pub pipelines: Vec<Name>,
    /// What holds for every edge.
    pub on_failure: Option<OnFailure>,
    /// The way of a change.
    pub edges: Vec<Edge>,
}

/// `[test, load] -> staging { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// Its `///` lines.
    pub docs: Docs,
    /// `ci`, or environments.
    pub from: Vec<Name>,
    /// An environment.
    pub to: Name,
    /// In order.
    pub statements: Vec<EdgeStatement>,
    /// All of it.
    pub span: Span,
}

/// `policy bounded { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Its name.
    pub name: Name,
    /// What must hold.
    pub propositions: Vec<Proposition>,
}

/// `test "training converges" { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// Its title; the text is without the quotes.
    pub title: Name,
    /// What is run and expected.
    pub propositions: Vec<Proposition>,
}

impl ItemKind {
    /// The name that the item declares in its file, if it declares one. Imports, `ci`, promotions, tests, the project and defaults declare none.
    pub fn declared_name(&self) -> Option<&Name> {
        Some(match self {
            ItemKind::Schema(item) | ItemKind::Struct(item) => &item.name,
            ItemKind::Enum(item) => &item.name,
            ItemKind::Artifact(item) => &item.name,
            ItemKind::Type(item) => &item.name,
            ItemKind::Mark(name) | ItemKind::Kind(name) => name,
            ItemKind::Let(item) => &item.name,
            ItemKind::Fn(item) => &item.name,
            ItemKind::Form(item) => &item.name,
            ItemKind::Need(item) => &item.name,
            ItemKind::Service(item) => &item.name,
            ItemKind::Image(item) | ItemKind::Package(item) | ItemKind::Team(item) => &item.name,
            ItemKind::Step(item) => &item.name,
            ItemKind::Pipeline(item) => &item.name,
            ItemKind::Expectation(item) => &item.name,
            ItemKind::Environment(item) => &item.name,
            ItemKind::Verification(item) => &item.name,
            ItemKind::Procedure(item) => &item.name,
            ItemKind::Policy(item) => &item.name,
            ItemKind::Import(_)
            | ItemKind::Project(_)
            | ItemKind::Defaults(_)
            | ItemKind::Ci(_)
            | ItemKind::Promotion(_)
            | ItemKind::Test(_) => return None,
        })
    }

    /// The word that the item begins with, as a person reads it.
    pub fn keyword(&self) -> &'static str {
        match self {
            ItemKind::Import(_) => "import",
            ItemKind::Project(_) => "project",
            ItemKind::Schema(_) => "schema",
            ItemKind::Struct(_) => "struct",
            ItemKind::Enum(_) => "enum",
            ItemKind::Artifact(_) => "artifact",
            ItemKind::Type(_) => "type",
            ItemKind::Mark(_) => "mark",
            ItemKind::Let(_) => "let",
            ItemKind::Fn(_) => "fn",
            ItemKind::Kind(_) => "kind",
            ItemKind::Form(_) => "form",
            ItemKind::Need(need) => need.kind.keyword(),
            ItemKind::Service(_) => "service",
            ItemKind::Image(_) => "image",
            ItemKind::Package(_) => "package",
            ItemKind::Defaults(_) => "defaults",
            ItemKind::Step(_) => "step",
            ItemKind::Pipeline(_) => "pipeline",
            ItemKind::Expectation(_) => "expectation",
            ItemKind::Environment(_) => "environment",
            ItemKind::Ci(_) => "ci",
            ItemKind::Verification(_) => "verification",
            ItemKind::Team(_) => "team",
            ItemKind::Procedure(_) => "procedure",
            ItemKind::Promotion(_) => "promotion",
            ItemKind::Policy(_) => "policy",
            ItemKind::Test(_) => "test",
        }
    }
}

impl NeedKind {
    /// The keyword that declares it.
    pub fn keyword(self) -> &'static str {
        match self {
            NeedKind::Data => "data",
            NeedKind::Secret => "secret",
            NeedKind::Compute => "compute",
            NeedKind::Var => "var",
        }
    }
}
