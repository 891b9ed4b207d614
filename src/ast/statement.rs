//! Statements: what a pipeline does, what a promotion's edge does, what a policy or a test states.

use super::{Docs, Expr, Name, OnFailure};
use crate::source::Span;

/// Statements between braces.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// In the order of the text.
    pub statements: Vec<Statement>,
    /// From `{` to `}`.
    pub span: Span,
}

/// A statement of a pipeline (or of a block of it).
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Its `///` lines.
    pub docs: Docs,
    /// What it is.
    pub kind: StatementKind,
    /// All of it.
    pub span: Span,
}

/// What a statement is.
#[derive(Clone, Debug, PartialEq)]
pub enum StatementKind {
    /// `rows = load(source: aspirates)`; the value may be an `if` or a `for`.
    Bind {
        /// What it is called from here on.
        name: Name,
        /// Its value.
        value: Expr,
    },
    /// A call, an `if` or a `for` whose value nobody uses; in a block that is not a pipeline's, its value.
    Expr(Expr),
    /// `yield (model: fit.model)`, `yield fit`
    Yield(Expr),
    /// `return (auc: report.auc)`
    Return(Expr),
    /// `require report.auc >= 0.95`
    Require(Expr),
    /// `finally status { report(status) }`
    Finally {
        /// What the run's status is called.
        status: Option<Name>,
        /// Its one call.
        body: Block,
    },
    /// `try { risky() } finally status { report(status) }`
    Try {
        /// What is tried.
        body: Block,
        /// What is said of how it ended.
        status: Option<Name>,
        /// Its one call.
        last: Block,
    },
    /// What could not be read; reported already.
    Error,
}

/// `for penalty in penalties parallel: 2 { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct For {
    /// The item's name.
    pub name: Name,
    /// What is gone through.
    pub source: Expr,
    /// How many at a time.
    pub parallel: Option<Expr>,
    /// What is done for each.
    pub body: Block,
    /// All of it.
    pub span: Span,
}

/// `if a { … } else if b { … } else { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct If {
    /// The `if` and each `else if`.
    pub branches: Vec<(Expr, Block)>,
    /// The `else`.
    pub otherwise: Option<Block>,
    /// All of it.
    pub span: Span,
}

/// A statement of a promotion's edge or of a procedure.
#[derive(Clone, Debug, PartialEq)]
pub struct EdgeStatement {
    /// Its `///` lines.
    pub docs: Docs,
    /// What it is.
    pub kind: EdgeStatementKind,
    /// All of it.
    pub span: Span,
}

/// What an edge's statement is.
#[derive(Clone, Debug, PartialEq)]
pub enum EdgeStatementKind {
    /// `require training.auc >= required_auc`
    Require(Expr),
    /// `start manual`
    StartManual,
    /// `approve 2 of clinical_safety`
    Approve {
        /// How many distinct people.
        count: Expr,
        /// Of which team.
        team: Expr,
    },
    /// `soak 2h`
    Soak(Expr),
    /// `window weekdays(…)`
    Window(Expr),
    /// `preflight { assert … }`
    Preflight(Vec<Proposition>),
    /// `deploy`
    Deploy,
    /// `run training(penalties: [1.0])`, `run training`
    Run(Expr),
    /// `verify [smoke, benchmark]`, `verify smoke`
    Verify(Expr),
    /// `release diagnosis by canary(…)`
    Release {
        /// The service.
        service: Name,
        /// How; all at once where it is left out.
        rollout: Option<Expr>,
    },
    /// `notify slack(…)`
    Notify(Expr),
    /// `on failure { hold }`
    OnFailure(OnFailure),
    /// `proving(team: ml_leads)`: a procedure's statements stand here.
    Procedure(Expr),
    /// What could not be read; reported already.
    Error,
}

/// What a policy, a test, an expectation or a preflight states.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposition {
    /// Its `///` lines.
    pub docs: Docs,
    /// What it is.
    pub kind: PropositionKind,
    /// All of it.
    pub span: Span,
}

/// What a proposition is.
#[derive(Clone, Debug, PartialEq)]
pub enum PropositionKind {
    /// `assert e`; in a test `expect e`.
    Assert {
        /// `assert` or `expect`.
        keyword: Name,
        /// What must hold.
        condition: Expr,
    },
    /// `for x in xs where c { … }`
    For {
        /// `x`
        name: Name,
        /// `xs`
        source: Expr,
        /// `c`
        condition: Option<Expr>,
        /// What must hold for each.
        body: Vec<Proposition>,
    },
    /// `run = training(penalties: [0.1]) in local`, `limit = 3`
    Bind {
        /// What it is called from here on.
        name: Name,
        /// Its value.
        value: Expr,
        /// The environment that it is run in (tests alone).
        environment: Option<Name>,
    },
    /// What could not be read; reported already.
    Error,
}
