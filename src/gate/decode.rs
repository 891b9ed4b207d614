//! JSON of a type -> a value of the compiler.
//!
//! A duration that was measured is finer than the milliseconds that a constant has, so it is held as a percent is: as an
//! exact decimal, a hundred times the number. Both add, compare and scale alike, and the checker lets nobody mix them.

use indexmap::IndexMap;
use rust_decimal::Decimal;
use serde_json::{Number, Value as Json};

use super::measured::{NO_NUMBER, noun};
use super::{Fault, moment};
use crate::model::Value;
use crate::plan::{Field, Type};

/// The largest whole number that survives JSON.
const LARGEST: i64 = (1 << 53) - 1;

/// A value that was measured; `path` is what it is called.
pub(crate) fn decode(path: &str, ty: &Type, value: &Json) -> Result<Value, Fault> {
    if let Some(word) = value.get(NO_NUMBER).and_then(Json::as_str) {
        return Err(Fault::new(word, format!("`{path}` is {word}, which is no value: whoever measured it has failed")));
    }
    match (ty, value) {
        (Type::Optional { .. }, Json::Null) => Ok(Value::None),
        (Type::Optional { of }, value) => decode(path, of, value),
        (Type::Json | Type::Artifact { .. } | Type::Table { .. } | Type::RunStatus | Type::TaskConfig, value) => {
            any(path, value)
        }
        (_, Json::Null) => {
            let message = format!("`{path}` is null: only an output that is declared `{ty}?` may be");
            Err(Fault::new("null", message))
        }
        (Type::Bool, Json::Bool(value)) => Ok(Value::Bool(*value)),
        (Type::Int, Json::Number(number)) => whole(number).map(Value::Int).ok_or_else(|| wrong(path, ty, value)),
        (Type::Size, Json::Number(number)) => whole(number).map(Value::Size).ok_or_else(|| wrong(path, ty, value)),
        (Type::Float, Json::Number(number)) => number.as_f64().map(Value::Float).ok_or_else(|| wrong(path, ty, value)),
        (Type::Percent | Type::Duration, Json::Number(number)) => share(number).map(Value::Percent).ok_or_else(|| {
            Fault::new(number.to_string(), format!("`{path}` is {number}, which is too large for a `{ty}`"))
        }),
        (Type::String | Type::Uri | Type::Cron, Json::String(text)) => Ok(Value::Text(text.clone())),
        (Type::Timestamp, Json::String(text)) if moment::seconds(text).is_some() => Ok(Value::Text(text.clone())),
        (Type::Enum { variants, .. }, Json::String(text)) if variants.contains(text) => Ok(Value::Text(text.clone())),
        (Type::Enum { variants, .. }, Json::String(text)) => {
            let message = format!("`{path}` is {text:?}, which is no `{ty}`: it is one of {}", variants.join(", "));
            Err(Fault::new(format!("{text:?}"), message))
        }
        (Type::Money, Json::Object(money)) => {
            let amount = match money.get("amount") {
                Some(Json::String(text)) => text.parse().ok(),
                Some(Json::Number(number)) => decimal(number),
                _ => None,
            };
            match (amount, money.get("currency").and_then(Json::as_str)) {
                (Some(amount), Some(currency)) => Ok(Value::Money(amount, currency.to_owned())),
                _ => Err(wrong(path, ty, value)),
            }
        }
        (Type::List { of }, Json::Array(items)) => {
            let item = |(at, item)| decode(&format!("{path}[{at}]"), of, item);
            Ok(Value::List(items.iter().enumerate().map(item).collect::<Result<_, _>>()?))
        }
        (Type::Map { of }, Json::Object(entries)) => {
            let entry =
                |(key, entry): (&String, &Json)| Ok((key.clone(), decode(&format!("{path}[{key:?}]"), of, entry)?));
            Ok(Value::Record(entries.iter().map(entry).collect::<Result<_, Fault>>()?))
        }
        (Type::Struct { fields, .. }, Json::Object(entries)) => record(path, fields, entries),
        (_, value) => Err(wrong(path, ty, value)),
    }
}

fn record(path: &str, fields: &[Field], entries: &serde_json::Map<String, Json>) -> Result<Value, Fault> {
    let mut record = IndexMap::new();
    for field in fields {
        let path = format!("{path}.{}", field.name);
        let value = match entries.get(&field.name) {
            Some(value) => decode(&path, &field.ty, value)?,
            None if matches!(field.ty, Type::Optional { .. }) => Value::None,
            None => return Err(Fault::new("no data", format!("`{path}` has no value"))),
        };
        record.insert(field.name.clone(), value);
    }
    Ok(Value::Record(record))
}

/// A value without a type of its own.
pub(super) fn any(path: &str, value: &Json) -> Result<Value, Fault> {
    Ok(match value {
        Json::Null => Value::None,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match number.as_i64().filter(|value| value.abs() <= LARGEST) {
            Some(whole) => Value::Int(whole),
            None => Value::Float(number.as_f64().unwrap_or(f64::INFINITY)),
        },
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(items) => {
            let item = |(at, item)| decode(&format!("{path}[{at}]"), &Type::Json, item);
            Value::List(items.iter().enumerate().map(item).collect::<Result<_, _>>()?)
        }
        Json::Object(entries) => {
            let entry = |(key, entry): (&String, &Json)| {
                Ok((key.clone(), decode(&format!("{path}[{key:?}]"), &Type::Json, entry)?))
            };
            Value::Record(entries.iter().map(entry).collect::<Result<_, Fault>>()?)
        }
    })
}

fn whole(number: &Number) -> Option<i64> {
    let whole = number.as_i64().or_else(|| {
        let float = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() <= LARGEST as f64)?;
        Some(float as i64)
    });
    whole.filter(|whole| whole.abs() <= LARGEST)
}

fn share(number: &Number) -> Option<Decimal> {
    decimal(number)?.checked_mul(Decimal::from(100)).map(|share| share.normalize())
}

/// The number as it is written; one that is finer than decimals are is rounded.
fn decimal(number: &Number) -> Option<Decimal> {
    let text = number.to_string();
    let exact = text.parse().or_else(|_| Decimal::from_scientific(&text)).ok();
    exact.or_else(|| number.as_f64().and_then(|float| Decimal::try_from(float).ok()))
}

fn wrong(path: &str, ty: &Type, value: &Json) -> Fault {
    let wanted = match ty {
        Type::Bool => "true or false",
        Type::Int => "a whole number",
        Type::Float => "a number",
        Type::Percent => "a number, 0.25 for 25%",
        Type::Duration => "a number of seconds",
        Type::Size => "a whole number of bytes",
        Type::Timestamp => "a text such as 2026-01-31T02:00:00Z",
        Type::Money => "an object such as {\"amount\": \"5\", \"currency\": \"USD\"}",
        Type::List { .. } => "a list",
        Type::Map { .. } | Type::Struct { .. } => "an object",
        _ => "a text",
    };
    let given = match value {
        Json::Bool(_) | Json::Number(_) | Json::String(_) => value.to_string(),
        other => noun(other).to_owned(),
    };
    Fault::new(given.clone(), format!("`{path}` is {given}, and a `{ty}` is wanted: {wanted}"))
}
