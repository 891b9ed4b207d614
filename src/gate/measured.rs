//! What was measured in an environment: `{"training": {"auc": 0.97}, "benchmark": {"p95": 0.02}}`.

use serde_json::Value as Json;

use super::{Fault, decode};
use crate::diagnostics::did_you_mean;
use crate::model::Value;
use crate::plan::Type;

/// The measurements of one environment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    values: serde_json::Map<String, Json>,
}

impl Measured {
    /// Reads them; a text without letters holds none. The words `NaN` and `Infinity`, which Python writes, are no JSON and
    /// are kept as what they are, so that a gate can say which value is wrong.
    pub fn read(text: &str) -> Result<Self, String> {
        let text = text.trim_start_matches('\u{feff}');
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        match serde_json::from_str(&without_nan(text)) {
            Ok(Json::Object(values)) => Ok(Self { values }),
            Ok(other) => Err(format!("it holds {}, and one object from a name to its outputs is wanted", noun(&other))),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Whether an output of a run or of a verification is there, and of its type; else, why not.
    pub(crate) fn check(&self, of: &str, name: &str, ty: &Type) -> Result<(), String> {
        self.get(of, name, ty).map(drop).map_err(|fault| fault.message)
    }

    /// An output of a run or of a verification.
    pub(super) fn get(&self, of: &str, name: &str, ty: &Type) -> Result<Value, Fault> {
        let path = format!("{of}.{name}");
        let optional = matches!(ty, Type::Optional { .. });
        let found = match self.values.get(of) {
            None if optional => return Ok(Value::None),
            None => {
                let known = self.values.keys().map(String::as_str);
                return Err(missing(&path, &format!("nothing was measured by `{of}`"), of, known));
            }
            Some(Json::Object(outputs)) => match outputs.get(name) {
                None if optional => return Ok(Value::None),
                None => {
                    let known = outputs.keys().map(String::as_str);
                    return Err(missing(&path, &format!("`{of}` gave no `{name}`"), name, known));
                }
                Some(value) => value,
            },
            Some(other) => {
                let message = format!("`{of}` is {}, and an object from an output to its value is wanted", noun(other));
                return Err(Fault::new("no data", message));
            }
        };
        decode::decode(&path, ty, found)
    }
}

fn missing<'a>(path: &str, why: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Fault {
    let near = did_you_mean(name, known);
    let near = near.map_or_else(String::new, |near| format!("; there is `{near}`"));
    Fault::new("no data", format!("`{path}` has no value: {why}{near}"))
}

/// What a JSON value is, with its article.
pub(super) fn noun(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

/// The key of the object that stands for a number that JSON does not have.
pub(super) const NO_NUMBER: &str = "\u{0}no number";

fn without_nan(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    let mut quoted = false;
    while let Some(first) = rest.chars().next() {
        let word = ["NaN", "-Infinity", "Infinity"].iter().find(|word| !quoted && rest.starts_with(**word));
        if let Some(word) = word {
            clean.push_str(&format!("{{\"\\u0000no number\": \"{word}\"}}"));
            rest = &rest[word.len()..];
            continue;
        }
        let escaped = quoted && first == '\\';
        quoted ^= first == '"';
        let taken = first.len_utf8() + if escaped { rest[1..].chars().next().map_or(0, char::len_utf8) } else { 0 };
        clean.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    clean
}
