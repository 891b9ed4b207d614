//! Expressions with their names bound and their types known.

use super::{Type, Value};
use crate::ast::{BinaryOperator, UnaryOperator};
use crate::resolve::DeclId;
use crate::source::Span;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// Its type.
    pub ty: Type,
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// A node of a pipeline: a call, a loop, a branch. Unique in the pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub u32);

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A constant.
    Value(Value),
    /// A constant, a `var`, an environment …: something that the project declares.
    Decl(DeclId),
    /// A parameter of a function, the name of a comprehension or of a policy's `for`.
    Local(String),
    /// The value that a predicate speaks of.
    It,
    /// A parameter of the pipeline, known when it runs.
    Parameter(String),
    /// What a call, a loop or a branch gave; with a single output, that output.
    Node(NodeId),
    /// The item of a loop.
    Item(NodeId),
    /// How the run ended.
    Status,
    /// What only the orchestrator knows: `run_id()`; of `placeholder("…")` also its text.
    Context(String, Option<String>),
    /// A part of a struct, a record, a reference.
    Field(Box<Expr>, String),
    /// `path`, `uri` of a step's input or output, in its command.
    Place(Place, String),
    /// An entry of a list or map.
    Index(Box<Expr>, Box<Expr>),
    /// `xs.length`
    Length(Box<Expr>),
    /// A call of a function; arguments in the order of its parameters, defaults filled in.
    Call(DeclId, Vec<Expr>),
    /// `path.verifies(end_to_end)`, `place.sees(@pii)`, `run.started(register)`: a question to something.
    Ask(Box<Expr>, String, Vec<Expr>),
    /// A form's value: its arguments by name, in the order of its parameters, defaults filled in.
    Form(DeclId, Vec<(String, Expr)>),
    /// In order.
    List(Vec<Expr>),
    /// A struct or map, or named values together.
    Record(Vec<RecordPart>),
    /// `[for x in xs where c: e]`
    Comprehension {
        /// `x`
        name: String,
        /// `xs`
        source: Box<Expr>,
        /// `c`
        condition: Option<Box<Expr>>,
        /// `e`
        value: Box<Expr>,
    },
    /// Text with values inside.
    Text(Vec<Expr>),
    /// `not a`, `-a`
    Unary(UnaryOperator, Box<Expr>),
    /// `a <= b`
    Binary(BinaryOperator, Box<Expr>, Box<Expr>),
    /// `low..high`, `low..=high`
    Range(Box<Expr>, Box<Expr>, bool),
    /// `if a { b } else { c }` when compiling.
    If(Vec<(Expr, Expr)>, Box<Expr>),
    /// What a run gave or a verification measured.
    Measure(DeclId, String),
    /// A value that is wrong already.
    Error,
}

/// What of an input or an output stands in a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// `model.path` of an input
    InputPath,
    /// `model.uri` of an input
    InputUri,
    /// `out.model.path`
    OutputPath,
    /// `out.model.uri`
    OutputUri,
    /// `model.metadata` of an input
    InputMetadata,
    /// `out.model.metadata`
    OutputMetadata,
    /// The value of an input; of an artifact what is known of it, as JSON.
    Input,
    /// `out.model`: what is known of it, as JSON.
    Output,
    /// `variable("HOME")`
    Variable,
    /// `verbatim("$$")`
    Verbatim,
}

/// A part of a record.
#[derive(Clone, Debug, PartialEq)]
pub enum RecordPart {
    /// `cpu: 1`
    Field(String, Expr),
    /// `"\(name)": 1`: the key, and the value.
    Keyed(Expr, Expr),
    /// `..base.limits`
    Spread(Expr),
}

impl Expr {
    /// An expression that is wrong already.
    pub fn error(span: Span) -> Self {
        Self { ty: Type::Unknown, kind: ExprKind::Error, span }
    }

    /// A constant.
    pub fn constant(ty: Type, value: Value, span: Span) -> Self {
        Self { ty, kind: ExprKind::Value(value), span }
    }

    /// The first part that is known only when a pipeline runs or a gate is decided.
    pub fn run_time_part(&self) -> Option<&Expr> {
        let mut found = None;
        self.walk(&mut |expr| {
            let at_run_time = matches!(
                expr.kind,
                ExprKind::Parameter(_)
                    | ExprKind::Node(_)
                    | ExprKind::Item(_)
                    | ExprKind::Status
                    | ExprKind::Context(..)
                    | ExprKind::Measure(..)
                    | ExprKind::Place(..)
            );
            if at_run_time && found.is_none() {
                found = Some(expr);
            }
        });
        found
    }

    /// Calls `visit` with this expression and every one inside it, outermost first.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Expr)) {
        visit(self);
        self.parts().into_iter().for_each(|part| part.walk(visit));
    }

    /// The expressions right inside this one, in the order of the text.
    pub fn parts(&self) -> Vec<&Expr> {
        match &self.kind {
            ExprKind::Field(of, _) | ExprKind::Length(of) | ExprKind::Unary(_, of) => vec![of],
            ExprKind::Index(left, right) | ExprKind::Binary(_, left, right) | ExprKind::Range(left, right, _) => {
                vec![left, right]
            }
            ExprKind::Call(_, parts) | ExprKind::List(parts) | ExprKind::Text(parts) => parts.iter().collect(),
            ExprKind::Ask(of, _, parts) => std::iter::once(&**of).chain(parts).collect(),
            ExprKind::Form(_, parts) => parts.iter().map(|(_, part)| part).collect(),
            ExprKind::Record(parts) => parts
                .iter()
                .flat_map(|part| match part {
                    RecordPart::Field(_, part) | RecordPart::Spread(part) => vec![part],
                    RecordPart::Keyed(key, value) => vec![key, value],
                })
                .collect(),
            ExprKind::Comprehension { source, condition, value, .. } => {
                std::iter::once(&**source).chain(condition.as_deref()).chain([&**value]).collect()
            }
            ExprKind::If(arms, otherwise) => {
                arms.iter().flat_map(|(condition, value)| [condition, value]).chain([&**otherwise]).collect()
            }
            ExprKind::Value(_)
            | ExprKind::Decl(_)
            | ExprKind::Local(_)
            | ExprKind::It
            | ExprKind::Parameter(_)
            | ExprKind::Node(_)
            | ExprKind::Item(_)
            | ExprKind::Status
            | ExprKind::Context(..)
            | ExprKind::Place(..)
            | ExprKind::Measure(..)
            | ExprKind::Error => Vec::new(),
        }
    }
}
