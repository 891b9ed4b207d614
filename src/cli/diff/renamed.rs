//! Things that have another name and are the same: seen as such, not as one that is gone and one that is new.

use serde_json::Value;

use crate::plan::Plan;

use super::changes::{Change, Effect};

/// What a kind of thing is called in the plan: its list, and the fields that name one.
struct Kind {
    noun: &'static str,
    list: &'static [&'static str],
    fields: &'static [&'static str],
}

const KINDS: &[Kind] = &[
    Kind {
        noun: "environment",
        list: &["environments"],
        fields: &["environment", "mirrors", "from", "to", "measured_in"],
    },
    Kind { noun: "verification", list: &["delivery", "verifications"], fields: &["verification", "of"] },
    Kind { noun: "team", list: &["delivery", "teams"], fields: &["team"] },
    Kind { noun: "policy", list: &["policies"], fields: &[] },
];

/// The earlier plan in the later one's names, and which names have changed.
pub(super) fn in_new_names(before: &Plan, after: &Plan) -> (Plan, Vec<Change>) {
    let mut tree = serde_json::to_value(before).expect("a plan has a JSON form");
    let new = serde_json::to_value(after).expect("a plan has a JSON form");
    let mut found = Vec::new();
    for kind in KINDS {
        for (old, other) in pairs(items(&tree, kind.list), items(&new, kind.list)) {
            rename(&mut tree, kind, &old, &other);
            if let Some(list) = list_mut(&mut tree, kind.list) {
                list.iter_mut()
                    .filter(|item| item["name"] == *old)
                    .for_each(|item| item["name"] = other.as_str().into());
            }
            found.push(Change {
                path: vec![format!("{} {old}", kind.noun), "name".into()],
                before: Some(old.into()),
                after: Some(other.into()),
                effect: Effect::Changes,
            });
        }
    }
    match serde_json::from_value(tree) {
        Ok(plan) if !found.is_empty() => (plan, found),
        _ => (before.clone(), Vec::new()),
    }
}

fn items<'v>(tree: &'v Value, list: &[&str]) -> &'v [Value] {
    let found = list.iter().try_fold(tree, |tree, part| tree.get(part));
    found.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn list_mut<'v>(tree: &'v mut Value, list: &[&str]) -> Option<&'v mut Vec<Value>> {
    list.iter().try_fold(tree, |tree, part| tree.get_mut(part))?.as_array_mut()
}

/// What is gone and what is new, where each is like one only of the other.
fn pairs(old: &[Value], new: &[Value]) -> Vec<(String, String)> {
    let name = |item: &Value| item["name"].as_str().unwrap_or_default().to_owned();
    let only = |one: &[Value], other: &[Value]| -> Vec<Value> {
        one.iter().filter(|item| !other.iter().any(|known| known["name"] == item["name"])).cloned().collect()
    };
    let (gone, come) = (only(old, new), only(new, old));
    let alike = |a: &Value, b: &Value| nameless(a) == nameless(b);
    let pairs = gone.iter().filter_map(|item| {
        let mut like = come.iter().filter(|other| alike(item, other));
        let (found, more) = (like.next()?, like.next());
        let alone = gone.iter().filter(|other| alike(other, found)).count() == 1;
        (alone && more.is_none()).then(|| (name(item), name(found)))
    });
    pairs.collect()
}

fn nameless(item: &Value) -> Value {
    let mut item = item.clone();
    if let Value::Object(fields) = &mut item {
        fields.retain(|field, _| field != "name" && field != "description");
    }
    item
}

fn rename(tree: &mut Value, kind: &Kind, old: &str, new: &str) {
    match tree {
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, kind, old, new)),
        Value::Object(fields) => {
            for (field, value) in fields.iter_mut() {
                let names = kind.fields.contains(&field.as_str());
                match value {
                    Value::String(text) if names && text == old => *text = new.to_owned(),
                    Value::String(text) if field == "id" && *text == format!("verify-{old}") => {
                        *text = format!("verify-{new}");
                    }
                    Value::Array(items) if names => {
                        items.iter_mut().filter(|item| **item == *old).for_each(|item| *item = new.into());
                    }
                    _ => rename(value, kind, old, new),
                }
            }
        }
        _ => {}
    }
}
