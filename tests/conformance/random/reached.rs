//! What there is to be reached: every kind of node, of expression, of thing that runs, every operator, and what a target can do.

use std::collections::BTreeSet;

use mlp::plan::Construct;
use serde_json::Value;

/// The fields by whose value the plan tells one thing from another.
const TAGS: [&str; 4] = ["node", "is", "run", "operator"];

/// What no random pipeline has: who asks for it is no pipeline, or a cluster or people alone answer.
const ELSEWHERE: [&str; 5] = ["is measure", "is context", "run approval", "run claim", "run form"];

/// What is in a plan's pipelines, as `node loop`, `operator less`.
pub(super) fn tags(part: &Value, found: &mut BTreeSet<String>) {
    match part {
        Value::Array(items) => items.iter().for_each(|item| tags(item, found)),
        Value::Object(fields) => {
            for (name, field) in fields {
                let is_tag = TAGS.contains(&name.as_str()) && !(name == "node" && fields.contains_key("is"));
                found.extend(field.as_str().filter(|_| is_tag).map(|value| format!("{name} {value}")));
                tags(field, found);
            }
        }
        _ => {}
    }
}

/// The same of whatever a plan may hold, by its schema.
pub(super) fn known(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Array(items) => items.iter().for_each(|item| known(item, found)),
        Value::Object(fields) => {
            for tag in TAGS {
                found.extend(
                    fields
                        .get("properties")
                        .and_then(|all| all[tag]["const"].as_str())
                        .map(|value| format!("{tag} {value}")),
                );
            }
            fields.values().for_each(|field| known(field, found));
        }
        _ => {}
    }
    found.retain(|one| !ELSEWHERE.contains(&one.as_str()));
}

/// What `docs/targets/` says that a target refuses, as the first words of what it says then.
pub(super) const REFUSALS: [&str; 12] = [
    "Airflow cannot do ",
    "Airflow would run ",
    "Airflow makes no keys of values of the run",
    "Airflow does not fill in the default",
    "Airflow cannot tell ",
    "Kubeflow cannot run ",
    "Kubeflow gives on only what a step inside this block makes",
    "Kubeflow loops over a constant, a parameter, a step's output",
    "Kubeflow cannot give ",
    "Kubeflow has nothing to give where no block of this `if` has run",
    "a step on Kubeflow cannot give a value that may be absent",
    "a task on Kubeflow cannot take ",
];

/// What pipelines ask of a version of a target.
pub(super) fn constructs(version: &str) -> BTreeSet<Construct> {
    use Construct::{
        ArtifactList, Branch, BranchInLoop, BranchMaybeValue, BranchValue, Cache, Finally, FinallyGroup, Group,
        GroupInLoop, GroupRetry, Importer, LoopOverConstant, LoopOverOutput, LoopOverParameter, LoopParallelism,
        NestedLoop, Recorded, Retry, TaskTimeout, ToleratesFailure, Try, Workspace,
    };
    let mut found: BTreeSet<Construct> = [
        ArtifactList,
        Branch,
        BranchValue,
        Finally,
        Group,
        GroupInLoop,
        LoopOverConstant,
        LoopOverOutput,
        LoopOverParameter,
        LoopParallelism,
        Recorded,
        Retry,
        TaskTimeout,
        ToleratesFailure,
    ]
    .into();
    found.extend((version != "2.11").then_some(BranchInLoop));
    if version == "2.17" {
        found.extend([BranchMaybeValue, Cache, FinallyGroup, GroupRetry, Importer, NestedLoop, Try, Workspace]);
    }
    found
}
