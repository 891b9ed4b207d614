//! Two JSON trees compared: things are matched by their names, not by their places.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// Something that is not the same.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(super) struct Change {
    /// What it does to who may do what.
    pub(super) effect: Effect,
    /// From the whole to the part, in words.
    pub(super) path: Vec<String>,
    /// Before; none: it was not there.
    pub(super) before: Option<Value>,
    /// After; none: it is not there any more.
    pub(super) after: Option<Value>,
}

/// What a change does to who may do what; the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Effect {
    /// A gate lets more through.
    Weakens,
    /// More may be seen or reached.
    Widens,
    /// Neither, as far as can be told.
    Changes,
}

/// Fields by which the things of a list are told apart.
const NAMES: &[&str] = &["id", "name", "variable", "path"];

/// Everything that differs, in the order of the trees.
pub(super) fn compare(before: &Value, after: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    values(&mut Vec::new(), Some(before), Some(after), &mut found);
    found
}

fn values(path: &mut Vec<String>, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Change>) {
    let (before, after) = (present(before), present(after));
    match (before, after) {
        (before, after) if before == after => {}
        (Some(Value::Object(a)), Some(Value::Object(b))) if same_kind(a, b) => objects(path, a, b, found),
        (Some(Value::Array(a)), Some(Value::Array(b))) => arrays(path, a, b, found),
        _ => found.push(Change {
            path: path.clone(),
            before: before.cloned(),
            after: after.cloned(),
            effect: Effect::Changes,
        }),
    }
}

/// Null says that there is nothing.
fn present(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !value.is_null())
}

/// An expression, a form or a type of another kind is another thing, not a changed one.
fn same_kind(a: &Map<String, Value>, b: &Map<String, Value>) -> bool {
    let word = |of: &Map<String, Value>, tag: &str| of.get(tag).filter(|value| !value.is_object()).cloned();
    ["is", "form", "kind", "run", "node", "action", "command"].iter().all(|tag| word(a, tag) == word(b, tag))
        && !a.contains_key("is")
}

fn objects(path: &mut Vec<String>, a: &Map<String, Value>, b: &Map<String, Value>, found: &mut Vec<Change>) {
    let added = b.keys().filter(|key| !a.contains_key(*key));
    for key in a.keys().chain(added) {
        path.push(key.clone());
        values(path, a.get(key), b.get(key), found);
        path.pop();
    }
}

fn arrays(path: &mut Vec<String>, a: &[Value], b: &[Value], found: &mut Vec<Change>) {
    let (Some(old), Some(new)) = (named(a), named(b)) else { return plain(path, a, b, found) };
    let added = new.iter().filter(|(name, _)| !old.iter().any(|(other, _)| other == name));
    for (name, _) in old.iter().chain(added) {
        let find = |list: &[(String, &Value)]| list.iter().position(|(other, _)| other == name);
        path.push(name.clone());
        values(path, find(&old).map(|at| old[at].1), find(&new).map(|at| new[at].1), found);
        path.pop();
    }
}

/// Lists of things without names: what was taken out and what was put in.
fn plain(path: &[String], a: &[Value], b: &[Value], found: &mut Vec<Change>) {
    let scalar = |value: &Value| !value.is_object() && !value.is_array();
    let mut change = |before: Option<Value>, after: Option<Value>| {
        found.push(Change { path: path.to_vec(), before, after, effect: Effect::Changes });
    };
    if !a.iter().chain(b).all(scalar) {
        return change(Some(a.into()), Some(b.into()));
    }
    let gone: Vec<Value> = a.iter().filter(|value| !b.contains(value)).cloned().collect();
    let come: Vec<Value> = b.iter().filter(|value| !a.contains(value)).cloned().collect();
    if gone.is_empty() && come.is_empty() {
        return change(Some(a.into()), Some(b.into()));
    }
    gone.into_iter().for_each(|value| change(Some(value), None));
    come.into_iter().for_each(|value| change(None, Some(value)));
}

/// The things with their names, if each has one of its own.
fn named(list: &[Value]) -> Option<Vec<(String, &Value)>> {
    let mut named: Vec<(String, &Value)> = Vec::new();
    for value in list {
        let name = NAMES.iter().find_map(|field| value.get(field)?.as_str())?;
        if named.iter().any(|(other, _)| other == name) {
            return None;
        }
        named.push((name.to_owned(), value));
    }
    Some(named)
}
