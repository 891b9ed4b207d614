//! The type that holds every value given, told from the values: what a form takes is the library's to say, not ours.

use indexmap::IndexMap;
use serde_json::Value;

use super::types::object;
use crate::text::hcl::Expr;

/// What values have in common.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    /// Nothing but null has been seen.
    Unknown,
    Bool,
    Number,
    Text,
    List(Box<Shape>),
    Object(IndexMap<String, Shape>),
    /// Values of several kinds: passed as JSON text.
    Mixed,
}

impl Shape {
    pub(super) fn of<'a>(values: impl IntoIterator<Item = &'a Value>) -> Shape {
        values.into_iter().fold(Shape::Unknown, |shape, value| shape.with(Shape::of_one(value)))
    }

    fn of_one(value: &Value) -> Shape {
        match value {
            Value::Null => Shape::Unknown,
            Value::Bool(_) => Shape::Bool,
            Value::Number(_) => Shape::Number,
            Value::String(_) => Shape::Text,
            Value::Array(items) => Shape::List(Box::new(Shape::of(items))),
            Value::Object(entries) if entries.keys().all(|key| is_attribute(key)) => {
                Shape::Object(entries.iter().map(|(key, value)| (key.clone(), Shape::of_one(value))).collect())
            }
            Value::Object(_) => Shape::Mixed,
        }
    }

    fn with(self, other: Shape) -> Shape {
        match (self, other) {
            (Shape::Unknown, one) | (one, Shape::Unknown) => one,
            (Shape::List(a), Shape::List(b)) => Shape::List(Box::new(a.with(*b))),
            (Shape::Object(mut a), Shape::Object(b)) => {
                for (key, shape) in b {
                    let known = a.swap_remove(&key).unwrap_or(Shape::Unknown);
                    a.insert(key, known.with(shape));
                }
                a.sort_keys();
                Shape::Object(a)
            }
            (a, b) if a == b => a,
            _ => Shape::Mixed,
        }
    }

    /// The type constraint; every attribute may be left out.
    pub(super) fn constraint(&self) -> Expr {
        match self {
            Shape::Bool => Expr::name("bool"),
            Shape::Number => Expr::name("number"),
            Shape::Unknown | Shape::Text | Shape::Mixed => Expr::name("string"),
            Shape::List(of) => Expr::call("list", [of.constraint()]),
            Shape::Object(fields) => {
                object(fields.iter().map(|(name, shape)| (name.as_str(), Expr::call("optional", [shape.constraint()]))))
            }
        }
    }

    /// A value as the type wants it.
    pub(super) fn fit(&self, value: &Value) -> Value {
        match (self, value) {
            (_, Value::Null) => Value::Null,
            (Shape::Mixed, value) => Value::String(value.to_string()),
            (Shape::List(of), Value::Array(items)) => Value::Array(items.iter().map(|item| of.fit(item)).collect()),
            (Shape::Object(fields), Value::Object(entries)) => {
                let fitted = entries
                    .iter()
                    .filter(|(_, value)| !value.is_null())
                    .filter_map(|(key, value)| fields.get(key).map(|shape| (key.clone(), shape.fit(value))));
                Value::Object(fitted.collect())
            }
            (_, value) => value.clone(),
        }
    }
}

fn is_attribute(name: &str) -> bool {
    let word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let begins = name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_');
    begins && name.chars().all(word) && !matches!(name, "for" | "if" | "in" | "null" | "true" | "false")
}
