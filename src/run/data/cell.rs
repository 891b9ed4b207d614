//! One value of a column: whether it is of its type, and everything holds that is said of it.

use serde_json::{Number, Value as Json};

use crate::check::privacy::TAINTS;
use crate::gate::{decode, evaluate};
use crate::model::Value;
use crate::plan::{Column, Part, Predicate, Type};
use crate::run::flow::value::It;

/// How many characters of a value are shown.
const SHOWN: usize = 80;

/// What is wrong with a value that a CSV file holds as text.
pub(super) fn text(column: &Column, text: &str) -> Option<String> {
    let ty = &column.field.ty;
    let textual = matches!(ty.required(), Type::String | Type::Uri | Type::Cron | Type::Timestamp | Type::Enum { .. });
    if text.is_empty() && (is_private(column) || matches!(ty, Type::Optional { .. })) {
        return None;
    }
    if text.is_empty() && *ty.required() != Type::String {
        return Some(format!("it is empty, and a `{ty}` is wanted"));
    }
    if textual {
        return value(column, &Json::from(text));
    }
    match read(ty.required(), text) {
        Some(json) => value(column, &json),
        None => Some(wrong(column, &format!("{text:?}"))),
    }
}

/// A number, a truth or JSON as CSV has them: Python writes `True`, and a table with gaps `3.0` for 3.
fn read(ty: &Type, text: &str) -> Option<Json> {
    let text = text.trim();
    match ty {
        Type::Bool => match text {
            "true" | "True" | "TRUE" | "1" => Some(Json::Bool(true)),
            "false" | "False" | "FALSE" | "0" => Some(Json::Bool(false)),
            _ => None,
        },
        Type::Int | Type::Size => match text.parse::<i64>() {
            Ok(whole) => Some(Json::from(whole)),
            Err(_) => number(text),
        },
        Type::Float | Type::Percent | Type::Duration => number(text),
        _ => serde_json::from_str(text).ok(),
    }
}

/// NaN and the infinities are no values.
fn number(text: &str) -> Option<Json> {
    text.parse().ok().and_then(Number::from_f64).map(Json::Number)
}

/// A value that a CSV file holds as text, whatever is said of it: none where it is empty, unknown where it is none of its type.
pub(super) fn of_text(column: &Column, text: &str) -> Value {
    match column.field.ty.required() {
        _ if text.is_empty() => Value::None,
        Type::String | Type::Uri | Type::Cron | Type::Timestamp | Type::Enum { .. } => {
            of_json(column, &Json::from(text))
        }
        ty => read(ty, text).map_or(Value::Unknown, |json| of_json(column, &json)),
    }
}

/// The same of a value that is JSON.
pub(super) fn of_json(column: &Column, json: &Json) -> Value {
    match json {
        Json::Null => Value::None,
        json => decode(&column.field.name, &column.field.ty, json).unwrap_or(Value::Unknown),
    }
}

/// What is wrong with a value.
pub(super) fn value(column: &Column, json: &Json) -> Option<String> {
    if json.is_null() && is_private(column) {
        return None;
    }
    let Ok(decoded) = decode(&column.field.name, &column.field.ty, json) else {
        return Some(wrong(column, &json.to_string()));
    };
    if decoded == Value::None {
        return None;
    }
    let own = column.predicates.iter().find(|predicate| !holds(predicate, &decoded));
    let inner = || {
        let inner = column.inner_predicates.iter();
        inner.map(|inner| (&inner.path, &inner.predicate)).find(|(path, predicate)| !inside(path, predicate, &decoded))
    };
    let broken = own.or_else(|| inner().map(|(_, predicate)| predicate))?;
    Some(format!("{} does not meet `{}`", shown(column, &json.to_string()), broken.text))
}

/// Whether a predicate holds of every part that a way leads to.
fn inside(path: &[Part], predicate: &Predicate, value: &Value) -> bool {
    match (path.split_first(), value) {
        (_, Value::None) => true,
        (None, value) => holds(predicate, value),
        (Some((Part::Each, rest)), Value::List(items)) => items.iter().all(|item| inside(rest, predicate, item)),
        (Some((Part::Each, rest)), Value::Record(entries)) => {
            entries.values().all(|item| inside(rest, predicate, item))
        }
        (Some((Part::Field { name }, rest)), Value::Record(fields)) => {
            fields.get(name).is_none_or(|field| inside(rest, predicate, field))
        }
        _ => false,
    }
}

/// What has no answer does not hold.
fn holds(predicate: &Predicate, value: &Value) -> bool {
    evaluate(&predicate.condition, &It(value)) == Ok(Value::Bool(true))
}

fn wrong(column: &Column, text: &str) -> String {
    format!("{} is no `{}`", shown(column, text), column.field.ty)
}

/// A value as a person may see it.
fn shown(column: &Column, text: &str) -> String {
    if is_private(column) {
        return "a value that is not shown, for the column is private,".to_owned();
    }
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Whether a value is never shown, and may come empty: an environment may mask it.
fn is_private(column: &Column) -> bool {
    column.field.marks.iter().any(|mark| TAINTS.contains(&mark.as_str()))
}
