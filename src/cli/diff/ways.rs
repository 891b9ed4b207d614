//! What holds on every way from CI to an environment: what an edge that is new, gone or led elsewhere takes away.
//!
//! An edge by itself does not show it: one that goes around a gate is a new edge, and nothing on an old one has changed.

use serde_json::{Map, Value, json};

use crate::plan::{Action, Edge, Plan, Promotion};

/// A graph with more ways to one place is not looked at further.
const MOST_WAYS: usize = 2_000;

/// For every promotion and environment, what every way there passes.
pub(super) fn guarantees(plan: &Plan) -> Map<String, Value> {
    let mut found = Map::new();
    for promotion in &plan.delivery.promotions {
        let mut places: Vec<&str> = promotion.edges.iter().map(|edge| edge.to.as_str()).collect();
        places.sort_unstable();
        places.dedup();
        for place in places {
            let ways = ways(promotion, place, &mut Vec::new());
            let held = ways.iter().map(|way| passed(way, place)).reduce(|a, b| both(&a, &b));
            let name = format!("{}: every way to {place}", promotion.pipelines.join(", "));
            found.insert(name, Value::Object(held.unwrap_or_default()));
        }
    }
    found
}

fn ways<'p>(promotion: &'p Promotion, to: &'p str, on_way: &mut Vec<&'p str>) -> Vec<Vec<&'p Edge>> {
    if on_way.contains(&to) {
        return Vec::new();
    }
    on_way.push(to);
    let mut all = Vec::new();
    for edge in promotion.edges.iter().filter(|edge| edge.to == to) {
        let mut heads: Vec<Vec<&Edge>> = vec![Vec::new()];
        for from in &edge.from {
            let before = ways(promotion, from, on_way);
            let joined = heads.iter().flat_map(|head| before.iter().map(move |way| [head.as_slice(), way].concat()));
            heads = joined.take(MOST_WAYS).collect();
        }
        all.extend(heads.into_iter().map(|mut head| {
            head.push(edge);
            head
        }));
        all.truncate(MOST_WAYS);
    }
    on_way.pop();
    all
}

/// What a change must pass on one way.
fn passed(way: &[&Edge], place: &str) -> Map<String, Value> {
    let mut held = Map::new();
    let mut soaked = 0.0;
    let mut asked: f64 = 0.0;
    for edge in way {
        let mut people = 0.0;
        if edge.to != place {
            held.insert(format!("goes over {}", edge.to), json!(true));
        }
        for operation in &edge.operations {
            match &operation.action {
                Action::Start => drop(held.insert("a person starts it".into(), json!(true))),
                Action::Approve { count, .. } => people += f64::from(*count),
                Action::Require { text, .. } => drop(held.insert(format!("require {text}"), json!(true))),
                Action::Verify { verification } => drop(held.insert(format!("verify {verification}"), json!(true))),
                Action::Soak { seconds } => soaked += seconds,
                Action::Window { .. } => drop(held.insert("a window".into(), json!(true))),
                _ => {}
            }
        }
        asked = asked.max(people);
    }
    let last = way.iter().filter(|edge| edge.to == place);
    if last.clone().all(|edge| edge.on_failure.rollback.is_some()) {
        held.insert("rollback".into(), json!(true));
    }
    held.insert("count".into(), json!(asked));
    held.insert("seconds".into(), json!(soaked));
    held
}

/// What holds on two ways: the fewer people, the shorter wait.
fn both(a: &Map<String, Value>, b: &Map<String, Value>) -> Map<String, Value> {
    let number = |value: &Value| value.as_f64();
    let shared = a.iter().filter_map(|(name, one)| {
        let other = b.get(name)?;
        let least = match (number(one), number(other)) {
            (Some(one), Some(other)) => json!(one.min(other)),
            _ => one.clone(),
        };
        Some((name.clone(), least))
    });
    shared.collect()
}
