//! What of a plan is compared: everything that has a meaning, by names that a person knows.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::plan::{Action, Edge, Environment, Pipeline, Plan};

use super::changes::{self, Change, Effect};
use super::{gates, renamed, ways};

/// Two environments: what they say, the pipelines in them, and the ways into them.
pub(super) fn of_environments(plan: &Plan, before: &str, after: &str) -> Vec<Change> {
    judged(environment(plan, before), environment(plan, after))
}

/// Two whole plans.
pub(super) fn of_plans(before: &Plan, after: &Plan) -> Vec<Change> {
    let (before, mut changes) = renamed::in_new_names(before, after);
    changes.extend(judged(whole(&before), whole(after)));
    if edges(&before) != edges(after) {
        let lost = judged(Value::Object(ways::guarantees(&before)), Value::Object(ways::guarantees(after)));
        changes.extend(lost.into_iter().filter(|change| change.effect == Effect::Weakens));
    }
    changes.sort_by_key(|change| change.effect);
    changes
}

/// Where edges lead: as long as that stays, what is lost is lost on an edge, and told there.
fn edges(plan: &Plan) -> BTreeSet<(&[String], &[String], &str)> {
    let promotions = plan.delivery.promotions.iter();
    let edges = promotions.flat_map(|promotion| {
        promotion.edges.iter().map(|edge| (promotion.pipelines.as_slice(), edge.from.as_slice(), edge.to.as_str()))
    });
    edges.collect()
}

fn judged(mut before: Value, mut after: Value) -> Vec<Change> {
    align_approvals(&mut before, &mut after);
    let mut changes = changes::compare(&before, &after);
    gates::judge(&mut changes);
    // A gate's condition says what its text says.
    changes
        .retain(|change| !matches!(&change.path[..], [_, list, _, field] if list == "operations" && field == "text"));
    changes.sort_by_key(|change| change.effect);
    changes
}

/// An approval that is an edge's only one on one side alone is called by its team there too.
fn align_approvals(before: &mut Value, after: &mut Value) {
    let names: Vec<String> = before.as_object().into_iter().flat_map(|tree| tree.keys().cloned()).collect();
    for name in names {
        let (Some(one), Some(other)) = (operations(&mut before[&name]), operations(&mut after[&name])) else {
            continue;
        };
        match (one.contains_key(ALONE), other.contains_key(ALONE)) {
            (true, false) => by_team(one),
            (false, true) => by_team(other),
            _ => {}
        }
    }
}

/// What an edge's only approval is called.
const ALONE: &str = "approve";

fn operations(edge: &mut Value) -> Option<&mut Map<String, Value>> {
    edge.get_mut("operations")?.as_object_mut()
}

fn by_team(operations: &mut Map<String, Value>) {
    let named = |(id, value): (String, Value)| match value.get("team").and_then(Value::as_str) {
        Some(team) if id == ALONE => (format!("{ALONE}-{team}"), value),
        _ => (id, value),
    };
    *operations = std::mem::take(operations).into_iter().map(named).collect();
}

fn environment(plan: &Plan, name: &str) -> Value {
    let mut tree = Map::new();
    if let Some(found) = plan.environments.iter().find(|environment| environment.name == name) {
        tree.insert("environment".into(), saying(found));
    }
    for pipeline in plan.pipelines.iter().filter(|pipeline| pipeline.environment == name) {
        tree.insert(format!("pipeline {}", pipeline.name), doing(pipeline));
    }
    for promotion in &plan.delivery.promotions {
        for edge in promotion.edges.iter().filter(|edge| edge.to == name) {
            tree.insert(format!("way in of {}", promotion.pipelines.join(", ")), way(edge));
        }
    }
    Value::Object(tree)
}

fn whole(plan: &Plan) -> Value {
    let mut tree = Map::new();
    tree.insert("project".into(), without(json!(plan.project), &["sources"]));
    tree.insert("targets".into(), json!(plan.targets));
    tree.insert("images".into(), json!(plan.images));
    tree.insert("packages".into(), json!(plan.packages));
    tree.insert("variables".into(), plain(json!(plan.variables)));
    tree.insert("services".into(), plain(json!(plan.services)));
    for environment in &plan.environments {
        tree.insert(format!("environment {}", environment.name), saying(environment));
    }
    for pipeline in &plan.pipelines {
        tree.insert(format!("pipeline {} in {}", pipeline.name, pipeline.environment), doing(pipeline));
    }
    tree.insert("ci".into(), plain(json!(plan.delivery.ci)));
    tree.insert("teams".into(), json!(plan.delivery.teams));
    tree.insert("verifications".into(), json!(plan.delivery.verifications));
    tree.insert("policies".into(), policies(plan));
    for promotion in &plan.delivery.promotions {
        let name = promotion.pipelines.join(", ");
        for edge in &promotion.edges {
            let from = if edge.from.is_empty() { "ci".to_owned() } else { edge.from.join(", ") };
            tree.insert(format!("{name}: {from} -> {}", edge.to), way(edge));
        }
    }
    Value::Object(tree)
}

/// By policy, by what is asserted: where that is a comparison, what stands before its bound, and the bound.
fn policies(plan: &Plan) -> Value {
    let mut tree = Map::new();
    for policy in &plan.policies {
        let asserts = policy.asserts.iter().map(|text| match bound_of(text) {
            Some((before, bound)) => (before.to_owned(), Value::from(bound)),
            None => (text.clone(), Value::from(true)),
        });
        tree.insert(policy.name.clone(), Value::Object(asserts.collect()));
    }
    Value::Object(tree)
}

/// `path.approvals >=` and `2`
fn bound_of(text: &str) -> Option<(&str, &str)> {
    let (before, bound) = text.rsplit_once(' ')?;
    let compares = [" >=", " <=", " >", " <"].iter().any(|operator| before.ends_with(operator));
    // Of a condition with several parts, the last bound is not the whole of it.
    let is_one = ![" and ", " or ", "not "].iter().any(|word| before.contains(word));
    (compares && is_one && bound.starts_with(|first: char| first.is_ascii_digit())).then_some((before, bound))
}

fn saying(environment: &Environment) -> Value {
    let mut value = without(json!(environment), &["name", "description"]);
    let grants =
        environment.grants.iter().map(|grant| format!("{} {} ({})", grant.action, grant.resource, grant.because));
    value["grants"] = grants.collect();
    plain(value)
}

fn doing(pipeline: &Pipeline) -> Value {
    plain(without(json!(pipeline), &["name", "environment", "source"]))
}

/// An edge by what is done on it. An operation's title and command name the environment, and say nothing that its action does not.
fn way(edge: &Edge) -> Value {
    let mut operations = Map::new();
    let approvals = edge.operations.iter().filter(|operation| matches!(operation.action, Action::Approve { .. }));
    let one_approval = approvals.count() == 1;
    for operation in &edge.operations {
        let mut value = json!(operation.action);
        if let Value::Object(fields) = &mut value {
            fields.remove("measured_in");
        }
        if let Some(timeout) = operation.timeout {
            value["timeout"] = json!(timeout);
        }
        // The only approval of an edge is compared with the other edge's, whoever is asked.
        let is_the_approval = one_approval && matches!(operation.action, Action::Approve { .. });
        let id = if is_the_approval { ALONE.to_owned() } else { operation.id.clone() };
        operations.insert(id, value);
    }
    let on_failure = json!({
        "rollback": edge.on_failure.rollback.is_some(),
        "hold": edge.on_failure.hold,
        "notify": plain(json!(edge.on_failure.notices)),
    });
    json!({ "operations": operations, "on failure": on_failure })
}

/// Without what only restates: a constant is its value, a notice whom it tells, a form its arguments.
fn plain(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(mut fields) => {
            if fields.get("is").is_some_and(|is| is == "literal") {
                return plain(fields.remove("value").unwrap_or_default());
            }
            if let Some(notifier) = fields.remove("notifier") {
                return plain(notifier);
            }
            if fields.contains_key("form") {
                fields.remove("properties");
            }
            Value::Object(fields.into_iter().map(|(name, value)| (name, plain(value))).collect())
        }
        other => other,
    }
}

fn without(mut value: Value, fields: &[&str]) -> Value {
    if let Value::Object(object) = &mut value {
        object.retain(|field, _| !fields.contains(&field.as_str()));
    }
    value
}
