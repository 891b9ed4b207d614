//! Whether two specifications mean the same: the same containers with the same inputs, under the same conditions, in the same loops and
//! order, with the same interface.
//!
//! In: two specifications with their platform documents. Out: where they differ. What a compiler is free to choose does not count: names
//! of components, executors, groups and channels, the order of keys, deprecated twins, dependencies that data implies.

mod meaning;
mod quantity;

use serde_json::{Map, Value as Json};

use crate::emit::kubeflow::model::*;

/// How many differences are told.
const MOST: usize = 20;

/// Where the two differ, each a sentence; at most [`MOST`], and how many more.
pub(super) fn differences(
    first: (&PipelineSpec, &KubernetesSpec),
    second: (&PipelineSpec, &KubernetesSpec),
) -> Vec<String> {
    let (first, second) = (meaning::meaning(first.0, first.1), meaning::meaning(second.0, second.1));
    let mut found = Vec::new();
    differ(&first, &second, &mut Vec::new(), &mut found);
    let more = found.len().saturating_sub(MOST);
    found.truncate(MOST);
    if more > 0 {
        found.push(format!("… {more} more"));
    }
    found
}

fn differ(first: &Json, second: &Json, way: &mut Vec<String>, found: &mut Vec<String>) {
    match (first, second) {
        (Json::Object(a), Json::Object(b)) => objects(a, b, way, found),
        (Json::Array(a), Json::Array(b)) => {
            if a.len() != b.len() {
                return found.push(format!("{}: {} against {}", place(way), a.len(), b.len()));
            }
            for (at, (one, other)) in a.iter().zip(b).enumerate() {
                let name = one.get("key").or(one.get("name")).and_then(Json::as_str);
                way.push(name.map_or_else(|| at.to_string(), str::to_owned));
                differ(one, other, way, found);
                way.pop();
            }
        }
        (Json::Number(a), Json::Number(b)) if a.as_f64() == b.as_f64() => {}
        _ if first == second => {}
        _ => found.push(format!("{}: {} in the file, {} here", place(way), short(first), short(second))),
    }
}

fn objects(a: &Map<String, Json>, b: &Map<String, Json>, way: &mut Vec<String>, found: &mut Vec<String>) {
    for (key, one) in a {
        way.push(key.clone());
        match b.get(key) {
            Some(other) => differ(one, other, way, found),
            None => found.push(format!("{}: {} in the file, nothing here", place(way), short(one))),
        }
        way.pop();
    }
    for (key, other) in b {
        if !a.contains_key(key) {
            way.push(key.clone());
            found.push(format!("{}: nothing in the file, {} here", place(way), short(other)));
            way.pop();
        }
    }
}

fn place(way: &[String]) -> String {
    way.join(" › ")
}

fn short(value: &Json) -> String {
    let text = value.to_string();
    match text.char_indices().nth(160) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
