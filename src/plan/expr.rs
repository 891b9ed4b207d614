//! Values that are known only when a pipeline runs or a gate is decided, and conditions on them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Type;

/// An expression and its type. What could be computed when compiling is a [`ExprKind::Literal`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Expr {
    /// Its type.
    #[serde(rename = "type")]
    pub ty: Type,
    /// What it is.
    #[serde(flatten)]
    pub kind: ExprKind,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum ExprKind {
    /// A constant, encoded; `null` is `none`.
    Literal {
        /// The JSON value.
        value: serde_json::Value,
    },
    /// A parameter of the pipeline (or, inside a [`super::Group`], of the nested pipeline).
    Parameter {
        /// Its name.
        name: String,
    },
    /// An output of a task, a group or a branch; of a loop, the list of what its turns yielded, in the order of the items.
    Output {
        /// The id of the node, which stands in the same block or in one around it.
        node: String,
        /// The output's name.
        name: String,
    },
    /// The item of a loop around.
    Item {
        /// The id of the loop.
        #[serde(rename = "loop")]
        of: String,
    },
    /// How the run ended; in the arguments of the `finally` task alone.
    Status,
    /// What only the orchestrator knows: the run's id, a task's name.
    Context {
        /// The function of `std.run`.
        name: String,
        /// Of `placeholder`: the orchestrator's own name for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sign: Option<String>,
    },
    /// The value that a predicate speaks of.
    It,
    /// What a run of a pipeline gave or a verification measured; in gates and watches alone.
    Measure {
        /// The pipeline or verification.
        of: String,
        /// Its output; of an alert also `duration`.
        name: String,
    },
    /// A field of a struct, or an entry of a map or list by a constant key or index.
    Field {
        /// Of what.
        of: Box<Expr>,
        /// The key (or the index in digits).
        name: String,
    },
    /// `it.length`: how many characters, items or entries.
    Length {
        /// Of what.
        of: Box<Expr>,
    },
    /// Text with values inside: each part as [`Expr`] of its own; see the step contract for how a value reads as text.
    Text {
        /// In order.
        parts: Vec<Expr>,
    },
    /// A list of which some item is not constant.
    List {
        /// In order.
        items: Vec<Expr>,
    },
    /// A struct or map of which some entry is not constant.
    Record {
        /// In order.
        entries: indexmap::IndexMap<String, Expr>,
    },
    /// A map of which some key is not constant.
    Keyed {
        /// In order.
        entries: Vec<KeyedEntry>,
    },
    /// `not a`
    Not {
        /// What is denied.
        operand: Box<Expr>,
    },
    /// `a and b`, `a or b`, comparisons, `a ?? b`, `a in b`, `a matches b`; in gates and predicates also arithmetic.
    Binary {
        /// Which.
        operator: Operator,
        /// Left of it.
        left: Box<Expr>,
        /// Right of it.
        right: Box<Expr>,
    },
    /// `a in low..=high`: between two bounds.
    Between {
        /// What is compared.
        operand: Box<Expr>,
        /// The lowest.
        low: Box<Expr>,
        /// The highest, or the first beyond.
        high: Box<Expr>,
        /// Whether `high` itself is within.
        inclusive: bool,
    },
}

/// A key, and what it stands for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KeyedEntry {
    /// A text.
    pub key: Expr,
    /// Its value.
    pub value: Expr,
}

/// Operators that are left when a pipeline runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// `or`
    Or,
    /// `and`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `in` a list
    In,
    /// `matches`: the whole text, in RE2's syntax
    Matches,
    /// `??`
    Coalesce,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

impl Expr {
    /// A constant.
    pub fn literal(ty: Type, value: serde_json::Value) -> Self {
        Self { ty, kind: ExprKind::Literal { value } }
    }

    /// The expressions right inside this one, in the order of the text.
    pub fn parts(&self) -> Vec<&Expr> {
        match &self.kind {
            ExprKind::Field { of, .. } | ExprKind::Length { of } => vec![of],
            ExprKind::Text { parts: items } | ExprKind::List { items } => items.iter().collect(),
            ExprKind::Record { entries } => entries.values().collect(),
            ExprKind::Keyed { entries } => entries.iter().flat_map(|entry| [&entry.key, &entry.value]).collect(),
            ExprKind::Not { operand } => vec![operand],
            ExprKind::Binary { left, right, .. } => vec![left, right],
            ExprKind::Between { operand, low, high, .. } => vec![operand, low, high],
            ExprKind::Literal { .. }
            | ExprKind::Parameter { .. }
            | ExprKind::Output { .. }
            | ExprKind::Item { .. }
            | ExprKind::Status
            | ExprKind::Context { .. }
            | ExprKind::It
            | ExprKind::Measure { .. } => Vec::new(),
        }
    }

    /// The values that a predicate allows, if it lists them: `it in [1, 2]`.
    pub fn listed(&self) -> Option<&Vec<serde_json::Value>> {
        match &self.kind {
            ExprKind::Binary { operator: Operator::In, left, right } if left.kind == ExprKind::It => {
                right.as_literal().and_then(serde_json::Value::as_array)
            }
            _ => None,
        }
    }

    /// The constant, if it is one.
    pub fn as_literal(&self) -> Option<&serde_json::Value> {
        match &self.kind {
            ExprKind::Literal { value } => Some(value),
            _ => None,
        }
    }
}
