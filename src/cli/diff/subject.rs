//! What of a plan is compared: everything that has a meaning, by names that a person knows.

use serde_json::{Map, Value, json};

use crate::plan::{Action, Edge, Environment, Pipeline, Plan};

use super::changes::{self, Change};
use super::gates;

/// Two environments: what they say, the pipelines in them, and the ways into them.
pub(super) fn of_environments(plan: &Plan, before: &str, after: &str) -> Vec<Change> {
    judged(environment(plan, before), environment(plan, after))
}

/// Two whole plans.
pub(super) fn of_plans(before: &Plan, after: &Plan) -> Vec<Change> {
    judged(whole(before), whole(after))
}

fn judged(before: Value, after: Value) -> Vec<Change> {
    let mut changes = changes::compare(&before, &after);
    gates::judge(&mut changes);
    // A gate's condition says what its text says.
    changes
        .retain(|change| !matches!(&change.path[..], [_, list, _, field] if list == "operations" && field == "text"));
    changes.sort_by_key(|change| change.effect);
    changes
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
    for promotion in &plan.delivery.promotions {
        let name = promotion.pipelines.join(", ");
        for edge in &promotion.edges {
            let from = if edge.from.is_empty() { "ci".to_owned() } else { edge.from.join(", ") };
            tree.insert(format!("{name}: {from} -> {}", edge.to), way(edge));
        }
    }
    Value::Object(tree)
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
        let id = if is_the_approval { "approve".to_owned() } else { operation.id.clone() };
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
