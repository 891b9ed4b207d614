//! What a run came to, as a value that expectations speak of.

use std::path::Path;

use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::check::eval::World;
use crate::gate::decode;
use crate::model::Value;
use crate::plan::Type;
use crate::run::{Outcome, flow::Ending};

/// The field of a run that lists its steps: no name of the language.
const STARTED: &str = "\0started";

/// The outputs, every name that the pipeline binds, and how it went.
pub(super) fn of_run(outcome: &Outcome) -> Value {
    let mut run = IndexMap::new();
    let mut values = IndexMap::new();
    for (name, bound) in &outcome.bindings {
        let parts = bound.iter().map(|(name, (value, ty))| (name.clone(), constant(ty, value)));
        let parts: IndexMap<String, Value> = parts.collect();
        let value = match parts.len() {
            1 => parts.into_values().next().unwrap_or_default(),
            _ => Value::Record(parts),
        };
        values.insert(name.clone(), value);
    }
    run.insert("values".to_owned(), Value::Record(values));
    run.insert("succeeded".to_owned(), Value::Bool(outcome.ending == Ending::Succeeded));
    run.insert("duration".to_owned(), Value::Duration(outcome.took.as_millis() as i64));
    let started = outcome.started.iter().cloned().map(Value::Text).collect();
    run.insert(STARTED.to_owned(), Value::List(started));
    // Last, for the checker too looks among the outputs first.
    for (name, (value, ty)) in &outcome.typed_outputs {
        run.insert(name.clone(), constant(ty, value));
    }
    Value::Record(run)
}

/// A value of a run as the compiler's constants are; what is none of its type has none.
fn constant(ty: &Type, value: &Json) -> Value {
    match (ty, value) {
        (_, Json::Null) => Value::None,
        (Type::Optional { of }, value) => constant(of, value),
        (Type::Duration, Json::Number(seconds)) => {
            Value::Duration((seconds.as_f64().unwrap_or_default() * 1000.0).round() as i64)
        }
        (Type::List { of }, Json::Array(items)) => Value::List(items.iter().map(|item| constant(of, item)).collect()),
        (Type::Map { of }, Json::Object(entries)) => {
            Value::Record(entries.iter().map(|(key, entry)| (key.clone(), constant(of, entry))).collect())
        }
        (Type::Struct { fields, .. }, Json::Object(entries)) => {
            let field = |field: &crate::plan::Field| {
                let value = entries.get(&field.name).unwrap_or(&Json::Null);
                (field.name.clone(), constant(&field.ty, value))
            };
            Value::Record(fields.iter().map(field).collect())
        }
        (Type::Enum { .. }, Json::String(variant)) => Value::Variant(variant.clone()),
        (ty, value) => decode("it", ty, value).unwrap_or(Value::Unknown),
    }
}

/// What is asked of runs and of what they made.
pub(super) struct Runs;

impl World for Runs {
    fn part(&self, _: &Value, _: &str) -> Option<Value> {
        None
    }

    fn ask(&self, of: &Value, question: &str, argument: &Value) -> Option<Value> {
        let Value::List(started) = of.field(STARTED)? else { return None };
        (question == "started").then(|| Value::Bool(started.contains(argument)))
    }

    fn call(&self, function: &str, arguments: &[Value]) -> Option<Value> {
        let [value] = arguments else { return None };
        match (function, value) {
            ("exists", Value::Record(artifact)) => {
                let path = artifact.get("path")?.as_text()?;
                Some(Value::Bool(Path::new(path).exists()))
            }
            ("exists", Value::None) => Some(Value::Bool(false)),
            ("finite", value) => Some(Value::Bool(finite(value)?)),
            ("decreasing", Value::List(values)) => {
                let numbers: Vec<f64> = values.iter().map(number).collect::<Option<_>>()?;
                let falls = numbers.first().zip(numbers.last()).is_some_and(|(first, last)| last < first);
                Some(Value::Bool(falls))
            }
            _ => None,
        }
    }
}

fn finite(value: &Value) -> Option<bool> {
    match value {
        Value::List(items) => items.iter().map(finite).try_fold(true, |all, one| Some(all && one?)),
        value => Some(number(value)?.is_finite()),
    }
}

pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Float(number) => Some(*number),
        Value::Int(number) | Value::Size(number) | Value::Duration(number) => Some(*number as f64),
        Value::Percent(number) => rust_decimal::prelude::ToPrimitive::to_f64(number),
        _ => None,
    }
}
