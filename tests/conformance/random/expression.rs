//! The value of an expression of `mlp plan --json` at a place of a run.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// What can be seen from a place.
#[derive(Clone, Default)]
pub(super) struct Seen {
    pub(super) parameters: Map<String, Value>,
    /// What each node gave, by its id; none of one that failed or was not reached.
    pub(super) bound: BTreeMap<String, Option<Map<String, Value>>>,
    /// By the loop's id.
    pub(super) items: BTreeMap<String, Value>,
    pub(super) status: Value,
    /// What a predicate speaks of.
    pub(super) it: Value,
    /// The nested pipelines around, each with a full stop.
    pub(super) prefix: String,
    /// The numbers of the turns around.
    pub(super) turns: Vec<String>,
}

impl Seen {
    /// What a node is called in the run.
    pub(super) fn name(&self, id: &str) -> String {
        let turns = if self.turns.is_empty() { String::new() } else { format!("[{}]", self.turns.join(",")) };
        format!("{}{id}{turns}", self.prefix)
    }

    pub(super) fn is_lost(&self, id: &str) -> bool {
        self.bound.get(id).is_some_and(Option::is_none)
    }
}

pub(super) fn is_true(value: &Value) -> bool {
    *value == Value::Bool(true)
}

/// None: a part of it has no value.
pub(super) fn value(expr: &Value, seen: &Seen) -> Option<Value> {
    let part = |name: &str| value(&expr[name], seen);
    let name = expr["name"].as_str().unwrap_or_default();
    Some(match expr["is"].as_str()? {
        "literal" => expr["value"].clone(),
        "parameter" => seen.parameters.get(name)?.clone(),
        "output" => {
            let given = seen.bound.get(expr["node"].as_str()?)?.as_ref();
            given.and_then(|given| given.get(name)).cloned().unwrap_or_default()
        }
        "item" => seen.items.get(expr["loop"].as_str()?)?.clone(),
        "status" => seen.status.clone(),
        "it" => seen.it.clone(),
        "field" => match part("of")? {
            Value::Array(items) => items.get(name.parse::<usize>().ok()?)?.clone(),
            of => of.get(name)?.clone(),
        },
        "length" => match part("of")? {
            Value::String(text) => json!(text.chars().count()),
            Value::Array(items) => json!(items.len()),
            of => json!(of.as_object()?.len()),
        },
        "text" => {
            let parts = expr["parts"].as_array()?.iter();
            parts.map(|part| Some(shown(&value(part, seen)?))).collect::<Option<String>>()?.into()
        }
        "list" => expr["items"].as_array()?.iter().map(|item| value(item, seen)).collect::<Option<_>>()?,
        "record" => {
            let entries = expr["entries"].as_object()?.iter();
            entries.map(|(key, entry)| Some((key.clone(), value(entry, seen)?))).collect::<Option<_>>()?
        }
        "keyed" => {
            let entries = expr["entries"].as_array()?.iter();
            let entry = |entry: &Value| Some((shown(&value(&entry["key"], seen)?), value(&entry["value"], seen)?));
            entries.map(entry).collect::<Option<_>>()?
        }
        "not" => json!(!part("operand")?.as_bool()?),
        "between" => {
            let (operand, high) = (part("operand")?, part("high")?);
            let below = [Some(Ordering::Less), expr["inclusive"].as_bool()?.then_some(Ordering::Equal)];
            json!(order(&operand, &part("low")?)? != Ordering::Less && below.contains(&Some(order(&operand, &high)?)))
        }
        "binary" => binary(expr["operator"].as_str()?, &part("left")?, || part("right"))?,
        _ => return None,
    })
}

fn binary(operator: &str, left: &Value, right: impl Fn() -> Option<Value>) -> Option<Value> {
    match (operator, left) {
        ("and", Value::Bool(false)) | ("or", Value::Bool(true)) => return Some(left.clone()),
        ("coalesce", Value::Null) => return right(),
        ("coalesce", _) => return Some(left.clone()),
        _ => {}
    }
    let right = right()?;
    let numbers = || Some((left.as_f64()?, right.as_f64()?));
    let ordered = |wanted: &[Ordering]| Some(json!(wanted.contains(&order(left, &right)?)));
    use Ordering::{Equal, Greater, Less};
    match operator {
        "and" | "or" => right.as_bool().map(Value::Bool),
        "equal" => Some(json!(same(left, &right))),
        "not_equal" => Some(json!(!same(left, &right))),
        "less" => ordered(&[Less]),
        "less_or_equal" => ordered(&[Less, Equal]),
        "greater" => ordered(&[Greater]),
        "greater_or_equal" => ordered(&[Greater, Equal]),
        "in" => Some(json!(right.as_array()?.iter().any(|one| same(left, one)))),
        "matches" => {
            let whole = regex::Regex::new(&format!("^(?:{})$", right.as_str()?)).expect("a pattern");
            Some(json!(whole.is_match(left.as_str()?)))
        }
        "add" => numbers().map(|(left, right)| json!(left + right)),
        "subtract" => numbers().map(|(left, right)| json!(left - right)),
        "multiply" => numbers().map(|(left, right)| json!(left * right)),
        "divide" => numbers().filter(|(_, right)| *right != 0.0).map(|(left, right)| json!(left / right)),
        _ => None,
    }
}

fn same(left: &Value, right: &Value) -> bool {
    left == right || (left.is_number() && order(left, right) == Some(Ordering::Equal))
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
