//! Python sources as typed data, and their text as `ruff format` leaves it.
//!
//! In: a [`Module`]. Out: its text, laid out at the formatter's default width so that it has nothing to change.
//! It refuses to know what the module is for. Whatever text a caller puts in, quoting and layout are decided here alone.

mod expression;
mod names;
mod statement;
mod string;

use crate::text::python::statement::Writer;

/// A module.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Module {
    /// Comment lines at its head.
    pub header: Vec<String>,
    /// What it is for: one line, or several.
    pub docstring: Option<String>,
    /// What it does.
    pub body: Vec<Statement>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// A comment of one or several lines.
    Comment(String),
    /// A group of imports.
    Imports(Vec<Import>),
    /// `a = b`
    Assign {
        /// The name.
        target: String,
        /// The value.
        value: Expression,
    },
    /// A call, an edge.
    Expression(Expression),
    /// A statement with a comment behind its first line: one for a tool.
    Noted(Box<Statement>, &'static str),
    /// `with a as b:`
    With {
        /// What is entered.
        context: Expression,
        /// What it is called.
        name: Option<String>,
        /// What is done in it.
        body: Vec<Statement>,
    },
    /// A function.
    Function(Function),
    /// `if a:`, `elif b:`; without a condition `else:`, which is last.
    If(Vec<(Option<Expression>, Vec<Statement>)>),
    /// `for a in b:`
    For {
        /// The item's name.
        name: String,
        /// Of what.
        items: Expression,
        /// What is done for each.
        body: Vec<Statement>,
    },
    /// `return a`
    Return(Expression),
    /// `raise a`
    Raise(Expression),
}

/// `import module`, or `from module import a, b`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The module.
    pub module: String,
    /// What is taken of it, `models as k8s` included; the module itself when there is none.
    pub names: Vec<String>,
}

/// A function.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Function {
    /// From the outermost.
    pub decorators: Vec<Expression>,
    /// Its name.
    pub name: String,
    /// Its parameters.
    pub parameters: Vec<Parameter>,
    /// The annotation of what it returns.
    pub returns: Option<Expression>,
    /// What it is for.
    pub docstring: Option<String>,
    /// What it does.
    pub body: Vec<Statement>,
}

/// A parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its annotation.
    pub annotation: Option<Expression>,
    /// Its default.
    pub default: Option<Expression>,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A name; a dotted one is one too.
    Name(String),
    /// `None`
    None,
    /// `True`, `False`
    Bool(bool),
    /// A number as JSON has it.
    Number(serde_json::Number),
    /// Text, on one line as long as it fits; else on several, cut after its line ends and between its pieces.
    Text(Vec<String>),
    /// Text of many lines as it reads, in triple quotes; only at a module's top.
    Block(String),
    /// Text with values inside.
    Format(Vec<FormatPart>),
    /// `a.b`
    Attribute(Box<Expression>, String),
    /// `a[b]`
    Index(Box<Expression>, Box<Expression>),
    /// `a(b, c=d)`
    Call(Box<Call>),
    /// `[a, b]`
    List(Vec<Expression>),
    /// `(a, b)`
    Tuple(Vec<Expression>),
    /// `{a: b}`
    Dict(Vec<(Expression, Expression)>),
    /// `a if b else c`
    Conditional {
        /// When.
        condition: Box<Expression>,
        /// If so.
        then: Box<Expression>,
        /// If not.
        otherwise: Box<Expression>,
    },
    /// `not a`
    Not(Box<Expression>),
    /// `a >= b`, `a and b and c`, `a >> b >> c`: two operands or more of one operator.
    Chain {
        /// Between the operands.
        operator: Operator,
        /// In order.
        operands: Vec<Expression>,
    },
    /// `[a for b in c if d]`, or with a key `{k: a for b in c if d}`
    Comprehension {
        /// By what it is found; none: by its place.
        key: Option<Box<Expression>>,
        /// What is listed.
        element: Box<Expression>,
        /// The item's name.
        name: String,
        /// Of what.
        items: Box<Expression>,
        /// Which ones.
        condition: Option<Box<Expression>>,
    },
}

/// A part of a text with values inside.
#[derive(Clone, Debug, PartialEq)]
pub enum FormatPart {
    /// Letters.
    Text(String),
    /// A value: a name, an attribute or an index by a number.
    Value(Expression),
}

/// A call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// What is called.
    pub function: Expression,
    /// Arguments by place.
    pub arguments: Vec<Expression>,
    /// Arguments by name, `**` before an expression that is spread.
    pub keywords: Vec<(String, Expression)>,
}

/// Operators, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    /// `in`
    In,
    /// `is`
    Is,
    /// `is not`
    IsNot,
    /// `>>`
    Then,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

/// A name made of any text, ASCII and no keyword. Different texts may give one name.
pub fn identifier(text: &str) -> String {
    string::identifier(text)
}

impl Module {
    /// The module's text.
    pub fn text(&self) -> String {
        Writer::module(self)
    }
}

impl Import {
    /// `from module import names`; without names `import module`.
    pub fn new<'a>(module: &str, names: impl IntoIterator<Item = &'a str>) -> Self {
        Self { module: module.to_owned(), names: names.into_iter().map(str::to_owned).collect() }
    }
}

impl Parameter {
    /// A parameter that may be left out.
    pub fn optional(name: &str) -> Self {
        Self { name: name.to_owned(), annotation: None, default: Some(Expression::None) }
    }

    /// A parameter that must be given.
    pub fn required(name: &str) -> Self {
        Self { name: name.to_owned(), annotation: None, default: None }
    }
}

impl Expression {
    /// A name.
    pub fn name(name: impl Into<String>) -> Self {
        Expression::Name(name.into())
    }

    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Expression::Text(vec![text.into()])
    }

    /// Text that may be cut after any space.
    pub fn prose(text: &str) -> Self {
        Expression::Text(text.split_inclusive([' ', '\n']).map(str::to_owned).collect())
    }

    /// A whole number.
    pub fn int(number: impl Into<i64>) -> Self {
        Expression::Number(number.into().into())
    }

    /// A JSON value.
    pub fn json(value: &serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Expression::None,
            Value::Bool(value) => Expression::Bool(*value),
            Value::Number(number) => Expression::Number(number.clone()),
            Value::String(text) => Expression::text(text),
            Value::Array(items) => Expression::List(items.iter().map(Expression::json).collect()),
            Value::Object(entries) => Expression::Dict(
                entries.iter().map(|(key, value)| (Expression::text(key), Expression::json(value))).collect(),
            ),
        }
    }

    /// `self.name`
    pub fn dot(self, name: &str) -> Self {
        Expression::Attribute(Box::new(self), name.to_owned())
    }

    /// `self[index]`
    pub fn at(self, index: Expression) -> Self {
        Expression::Index(Box::new(self), Box::new(index))
    }

    /// `self["key"]`
    pub fn key(self, key: &str) -> Self {
        self.at(Expression::text(key))
    }

    /// `self(arguments)`
    pub fn call(self, arguments: impl IntoIterator<Item = Expression>) -> Self {
        let arguments = arguments.into_iter().collect();
        Expression::Call(Box::new(Call { function: self, arguments, keywords: Vec::new() }))
    }

    /// `self(…, name=value)`: adds to the call that it is, or calls it.
    pub fn with(self, name: &str, value: Expression) -> Self {
        let mut call = match self {
            Expression::Call(call) => call,
            function => Box::new(Call { function, arguments: Vec::new(), keywords: Vec::new() }),
        };
        call.keywords.push((name.to_owned(), value));
        Expression::Call(call)
    }

    /// `self operator other`; a chain goes on where the operator associates.
    pub fn then(self, operator: Operator, other: Expression) -> Self {
        match self {
            Expression::Chain { operator: before, mut operands } if before == operator && operator.associates() => {
                operands.push(other);
                Expression::Chain { operator, operands }
            }
            first => Expression::Chain { operator, operands: vec![first, other] },
        }
    }
}

impl Operator {
    fn associates(self) -> bool {
        matches!(self, Operator::Or | Operator::And | Operator::Then | Operator::Add | Operator::Multiply)
    }

    pub(super) fn sign(self) -> &'static str {
        match self {
            Operator::Or => "or",
            Operator::And => "and",
            Operator::Equal => "==",
            Operator::NotEqual => "!=",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::In => "in",
            Operator::Is => "is",
            Operator::IsNot => "is not",
            Operator::Then => ">>",
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
        }
    }

    /// How tightly it binds; a conditional is 1, `not` is 4, an atom 20.
    fn strength(self) -> u8 {
        match self {
            Operator::Or => 2,
            Operator::And => 3,
            Operator::Equal
            | Operator::NotEqual
            | Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual
            | Operator::In
            | Operator::Is
            | Operator::IsNot => 5,
            Operator::Then => 6,
            Operator::Add | Operator::Subtract => 7,
            Operator::Multiply | Operator::Divide => 8,
        }
    }
}
