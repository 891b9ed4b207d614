//! Every example on three engines: the same values are returned and the same bytes are written.
//!
//! In: the examples, each with three environments more, which bind what its `local` binds. Kubeflow's runner, Airflow and this machine run the
//! steps by one Python, so that what differs comes from an engine.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Came, Trial};
use crate::cli::{mlp, write};
use crate::conformance::setup;
use crate::project::{Project, folders, repository};

/// What the examples run, with what, and which output is a time that was measured.
const RUNS: &[(&str, &str, &str, &str)] = &[
    ("minimal", "ice_cream", "{}", ""),
    ("process", "training", r#"{"rates": [0.3, 1.0], "iterations": 40}"#, "latency"),
    ("tumour", "training", r#"{"penalties": [0.1, 1.0]}"#, ""),
];

#[test]
fn every_example_has_one_meaning_on_three_engines() {
    let known: Vec<&str> = RUNS.iter().map(|(example, ..)| *example).collect();
    assert_eq!(folders("examples"), known, "an example is not run");
    for (example, pipeline, arguments, measured) in RUNS {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("engines-examples").join(example);
        let _ = fs::remove_dir_all(&folder);
        for (path, bytes) in Project::read(&repository("examples").join(example), &[]).files {
            write(&folder, &path, bytes);
        }
        let python = setup::python("kfp");
        environments(&folder, pipeline, &python);
        mlp(
            &folder,
            &[
                "build", "--env", "machine", "--env", "flow", "--env", "cluster", "--target", "airflow", "--target",
                "kubeflow",
            ],
        )
        .ends(0);
        let conf: Value = serde_json::from_str(arguments).expect("arguments are JSON");
        let run = json!({"pipeline": pipeline, "conf": conf, "state": "success"});
        let trial = Trial { folder: folder.clone(), runs: vec![run], python: Some(python) };
        let (here, airflow, kubeflow) = (trial.here(), trial.airflow(), trial.kubeflow());
        let names = artifacts(&mlp(&folder, &["plan", "--json"]).ends(0).out);
        let came = |came: &Came| (came.state.clone(), values(&came.outputs, &here[&0].outputs, measured));
        let own = (came(&here[&0]), written(&folder.join("artifacts/machine"), &names));
        assert_eq!(own.0.0, "success", "{example}");
        assert!(!own.1.is_empty() || names.is_empty(), "{example} writes nothing");
        let flow = (came(&airflow[&0]), written(&folder.join("artifacts/flow"), &names));
        assert_eq!(flow, own, "{example} on Airflow, and here");
        let cluster = (came(&kubeflow[&0]), written(&folder.join("kfp-0"), &names));
        assert_eq!(cluster, own, "{example} on Kubeflow, and here");
    }
}

/// Adds an environment an engine, like the example's own `local` where it has one.
fn environments(folder: &Path, pipeline: &str, python: &Path) {
    let path = ["environments.mlp", "main.mlp"].into_iter().find(|path| folder.join(path).is_file());
    let path = path.expect("a file with environments");
    let text = fs::read_to_string(folder.join(path)).expect("it is text");
    // The name is wanted for the environment that is added.
    let text = text.replace("environment cluster ", "environment shared ").replace("extends cluster", "extends shared");
    let local = text.find("environment local ").map(|at| {
        let end = text[at..].find("\n}").expect("it ends") + at;
        text[at..end]
            .lines()
            .skip(1)
            .filter(|line| !["orchestrator:", "artifacts:"].iter().any(|field| line.contains(field)))
    });
    let own = match local {
        Some(lines) => lines.map(|line| format!("{line}\n")).collect(),
        None => "  tier: development\n  effects: record\n".to_owned(),
    };
    let base = if text.contains("abstract environment base") { " extends base" } else { "" };
    let registry = if base.is_empty() { "  registry: \"registry.example.org\"\n" } else { "" };
    let places = [
        ("machine", "processes".to_owned(), "folder(\"artifacts/machine\")".to_owned(), String::new()),
        (
            "flow",
            format!("airflow(runtime: processes, python: {:?})", python.display().to_string()),
            "folder(\"artifacts/flow\")".to_owned(),
            String::new(),
        ),
        (
            "cluster",
            "kubeflow(endpoint: \"https://kubeflow.example.org\", namespace: \"examples\")".to_owned(),
            "bucket(\"gs://acme-examples\")".to_owned(),
            format!("  service_account: \"examples\"\n{registry}"),
        ),
    ];
    let added = places.map(|(name, orchestrator, artifacts, more)| {
        format!(
            "\nenvironment {name}{base} {{\n{own}  orchestrator: {orchestrator}\n  artifacts: {artifacts}\n  pipelines: \
             [{pipeline}]\n{more}}}\n"
        )
    });
    // The smallest example speaks of one engine alone.
    let text = text.replace("{ bucket, kubeflow }", "{ airflow, bucket, folder, kubeflow, processes }");
    let text = text.replace("target kubeflow { version: \"2.15\" }", "target kubeflow {}\n  target airflow {}");
    write(folder, path, format!("{text}{}", added.concat()));
}

/// The names of all artifacts that the plan's tasks write.
fn artifacts(plan: &str) -> BTreeSet<String> {
    fn find(part: &Value, names: &mut BTreeSet<String>) {
        match part {
            Value::Array(items) => items.iter().for_each(|item| find(item, names)),
            Value::Object(fields) => {
                for output in fields.get("outputs").and_then(Value::as_array).into_iter().flatten() {
                    if output["type"]["kind"] == "artifact" && part["node"] == "task" {
                        names.extend(output["name"].as_str().map(str::to_owned));
                    }
                }
                fields.values().for_each(|field| find(field, names));
            }
            _ => {}
        }
    }
    let mut names = BTreeSet::new();
    find(&serde_json::from_str(plan).expect("a plan is JSON"), &mut names);
    names
}

/// What is returned but artifacts, whose addresses differ, and what was measured.
fn values(outputs: &Value, here: &Value, measured: &str) -> Value {
    let fields = outputs.as_object().into_iter().flatten();
    fields
        .filter(|(name, _)| *name != measured && !here[name.as_str()].is_object())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// What files of those names hold, wherever below a folder.
fn written(folder: &Path, names: &BTreeSet<String>) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if path.is_dir() {
                open.push(path);
            } else if names.contains(&name) {
                let bytes = fs::read(&path).expect("it can be read");
                let hash = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
                found.entry(name).or_default().insert(hash);
            }
        }
    }
    found
}
