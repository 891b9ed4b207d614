//! Values that are known when compiling.

use indexmap::IndexMap;
use rust_decimal::Decimal;

use super::Expr;
use crate::resolve::DeclId;
use crate::source::Span;

/// A value. [`Value::Unknown`] absorbs, as [`super::Type::Unknown`] does.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Value {
    /// Of something that is wrong already, or that an environment has still to say.
    #[default]
    Unknown,
    /// `none`
    None,
    /// `true`
    Bool(bool),
    /// Within ±(2⁵³−1).
    Int(i64),
    /// Finite.
    Float(f64),
    /// Text; also of `uri`, `cron` and `timestamp`.
    Text(String),
    /// Milliseconds.
    Duration(i64),
    /// Bytes.
    Size(i64),
    /// 25 for 25%.
    Percent(Decimal),
    /// An amount and its currency.
    Money(Decimal, String),
    /// In order.
    List(Vec<Value>),
    /// A struct (every field, defaults filled in), a map, or named values together.
    Record(IndexMap<String, Value>),
    /// A variant of an enum.
    Variant(String),
    /// What a form made.
    Form(Box<FormValue>),
    /// Something that the project declares.
    Reference(DeclId),
    /// A mark, without `@`.
    Mark(String),
    /// A column of a schema.
    Column(DeclId, String),
    /// What is decided at a gate, as it stands.
    Condition(Box<Expr>),
    /// A way from CI to an environment, by its place in the evaluation that listed it.
    Path(usize),
    /// A range and whether its end is within.
    Range(Box<Value>, Box<Value>, bool),
}

/// What a form made.
#[derive(Clone, Debug, PartialEq)]
pub struct FormValue {
    /// The form.
    pub form: DeclId,
    /// Its name.
    pub name: String,
    /// Every argument, defaults filled in.
    pub arguments: IndexMap<String, Value>,
    /// Where it is made.
    pub span: Span,
}

impl Value {
    /// Whether both say the same, wherever they are written.
    pub fn same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::List(one), Value::List(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.same(other))
            }
            (Value::Record(one), Value::Record(other)) => same_entries(one, other),
            (Value::Form(one), Value::Form(other)) => {
                one.form == other.form && same_entries(&one.arguments, &other.arguments)
            }
            (one, other) => one == other,
        }
    }

    /// The boolean that it is.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The integer that it is.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The number that it is.
    pub fn as_float(&self) -> Option<f64> {
        match self {
            Value::Int(value) => Some(*value as f64),
            Value::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// The text or variant that it is.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(value) | Value::Variant(value) | Value::Mark(value) => Some(value),
            _ => None,
        }
    }

    /// The seconds that it is.
    pub fn as_seconds(&self) -> Option<f64> {
        match self {
            Value::Duration(milliseconds) => Some(*milliseconds as f64 / 1000.0),
            _ => None,
        }
    }

    /// The list that it is.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The form's value that it is.
    pub fn as_form(&self) -> Option<&FormValue> {
        match self {
            Value::Form(form) => Some(form),
            _ => None,
        }
    }

    /// A field of the record that it is.
    pub fn field(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Record(fields) => fields.get(name),
            Value::Form(form) => form.arguments.get(name),
            _ => None,
        }
    }
}

fn same_entries(one: &IndexMap<String, Value>, other: &IndexMap<String, Value>) -> bool {
    let same = |(name, value): (&String, &Value)| other.get(name).is_some_and(|other| value.same(other));
    one.len() == other.len() && one.iter().all(same)
}
