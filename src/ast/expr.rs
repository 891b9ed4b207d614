//! Expressions and types.

use super::{Docs, Name};
use crate::source::Span;

/// An expression where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands; parentheses around it are not part of it.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `none`
    None,
    /// `true`, `false`
    Bool(bool),
    /// `10_000`, as written without the underscores; it may be too large for an integer.
    Int(String),
    /// `0.95`, `1e-3`, as written without the underscores.
    Float(String),
    /// `16GiB`, `30min`, `25%`, `5USD`: the number as written without underscores, and the unit.
    Quantity {
        /// The number.
        number: String,
        /// The unit, letter for letter (`%` for percent).
        unit: String,
    },
    /// `"auc=\(auc)"`, `"""…"""`: literal parts (escapes already replaced) and expressions in turn.
    Text(Vec<TextPart>),
    /// `r"…"`, `r#"…"#`
    RawText(String),
    /// `@pii`
    Mark(Name),
    /// `seed`
    Name(Name),
    /// `report.auc`
    Field {
        /// What stands before the dot.
        of: Box<Expr>,
        /// What stands after it.
        name: Name,
    },
    /// `xs[0]`, `tags["a"]`
    Index {
        /// What is indexed.
        of: Box<Expr>,
        /// The index.
        index: Box<Expr>,
    },
    /// `split(rows, test_fraction, seed)`
    Call {
        /// What is called.
        callee: Box<Expr>,
        /// In the order of the text.
        arguments: Vec<Argument>,
    },
    /// `train(…) with { after: [x], cache: off }`
    With {
        /// The call.
        call: Box<Expr>,
        /// What holds for it alone.
        entries: Vec<RecordEntry>,
    },
    /// `[0.01, 0.1]`
    List(Vec<Expr>),
    /// `[for x in xs where c: e]`
    Comprehension {
        /// `x`
        name: Name,
        /// `xs`
        source: Box<Expr>,
        /// `c`
        condition: Option<Box<Expr>>,
        /// `e`
        value: Box<Expr>,
    },
    /// `{ cpu: 1, ..base.limits }`, or in parentheses `(model: fit.model, auc: fit.auc)`.
    Record(Vec<RecordEntry>),
    /// `not a`, `-a`
    Unary {
        /// Which.
        operator: UnaryOperator,
        /// On what.
        operand: Box<Expr>,
    },
    /// `a and b`, `a <= b`, `a ?? b`, `a matches b`, …
    Binary {
        /// Which.
        operator: BinaryOperator,
        /// Where the operator stands.
        operator_span: Span,
        /// Left of it.
        left: Box<Expr>,
        /// Right of it.
        right: Box<Expr>,
    },
    /// `1..=365`, `1..10` (without its end)
    Range {
        /// The first.
        low: Box<Expr>,
        /// The last, or the one after it.
        high: Box<Expr>,
        /// `..=`
        inclusive: bool,
    },
    /// `if a { … } else { … }` as a value. In a pipeline its blocks hold statements and yield; elsewhere each block is one expression.
    If(Box<super::If>),
    /// `for x in xs { … }` as a value, in a pipeline.
    For(Box<super::For>),
    /// What could not be read; reported already.
    Error,
}

/// A part of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum TextPart {
    /// Letters, escapes replaced.
    Literal(String),
    /// `\(expression)`
    Expr(Expr),
}

/// An argument: `seed` by position or standing for itself, or `rows: parts.train`.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// The name before the colon, if there is one.
    pub name: Option<Name>,
    /// The value.
    pub value: Expr,
}

/// An entry of a record.
#[derive(Clone, Debug, PartialEq)]
pub enum RecordEntry {
    /// `cpu: 1`; a bare `cpu` stands for `cpu: cpu`; a text may be a key (`"a b": 1`).
    Field {
        /// The field.
        name: Name,
        /// Its value.
        value: Expr,
    },
    /// `"\(name)": 1`
    Keyed {
        /// The text that is the key.
        key: Expr,
        /// Its value.
        value: Expr,
    },
    /// `..base.limits`
    Spread(Expr),
}

/// `not`, `-`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOperator {
    /// `not`
    Not,
    /// `-`
    Negate,
}

/// Operators between two operands, loosest first: `or`; `and`; comparisons, `in`, `matches`; `??`; `+ -`; `* /`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOperator {
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
    /// `in`
    In,
    /// `matches`
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

/// A type as written.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeExpr {
    /// What it is.
    pub kind: TypeKind,
    /// Where it stands.
    pub span: Span,
}

/// What a written type is.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeKind {
    /// `int`, `Model<Features, Measurements>`
    Named {
        /// Its name.
        name: Name,
        /// What stands between `<` and `>`.
        arguments: Vec<TypeExpr>,
    },
    /// `T?`
    Optional(Box<TypeExpr>),
    /// `T where predicate`
    Refined {
        /// What is narrowed.
        base: Box<TypeExpr>,
        /// By what; `it` is the value.
        predicate: Box<Expr>,
    },
    /// What could not be read; reported already.
    Error,
}

/// A parameter, an output, a field of a struct or a column of a schema: `limit: int where it > 0 = 10_000`, `patient: string @pii`.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its `///` lines.
    pub docs: Docs,
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeExpr,
    /// `@pii @label`, in the order of the text.
    pub marks: Vec<Name>,
    /// After the `=`.
    pub default: Option<Expr>,
    /// All of it.
    pub span: Span,
}
