//! Kubeflow itself reads and runs what is emitted: strict protobuf, the SDK's loader, its local runner on real data.

mod cluster;
mod rows;
mod runs;
mod startups;
mod versions;
mod words;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use indexmap::IndexMap;
use mlp::diagnostics::render;
use mlp::emit::Target;
use mlp::emit::kubeflow::Kubeflow;
use serde_json::{Value, json};

use super::setup;
use crate::project::{Project, folders, repository};

const EXAMPLES: &str = "examples";

/// The compiled pipelines of a project, written into a folder of the test's own.
pub(super) fn compiled(name: &str, project: &Project) -> Vec<PathBuf> {
    let checked = project.check();
    let said = render::plain(&checked.model.sources, &checked.diagnostics);
    assert!(!mlp::diagnostics::any_error(&checked.diagnostics), "{name}:\n{said}");
    let plan = mlp::plan::lower(&checked.model, &IndexMap::new());
    let (files, diagnostics) = Kubeflow.emit(&plan);
    assert!(diagnostics.is_empty(), "{name}:\n{}", render::plain(&checked.model.sources, &diagnostics));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kubeflow").join(name);
    let _ = fs::remove_dir_all(&folder);
    let write = |(path, file): (&str, &mlp::emit::Generated)| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder can be made");
        fs::write(&path, &file.text).expect("a file can be written");
        path
    };
    files.iter().map(write).collect()
}

fn script(name: &str) -> Command {
    script_of("kfp", name)
}

/// A script of this folder, by the Python of an environment.
pub(super) fn script_of(environment: &str, name: &str) -> Command {
    let mut python = Command::new(setup::python(environment));
    python.arg(repository("tests/conformance/kubeflow").join(name));
    python
}

pub(super) fn run(command: &mut Command) -> String {
    setup::run(command).unwrap_or_else(|why| panic!("{why}"))
}

#[test]
fn the_sdk_reads_every_example() {
    let mut files = Vec::new();
    for name in folders(EXAMPLES) {
        let project = Project::read(&repository(EXAMPLES).join(&name), &[]);
        files.extend(compiled(&format!("read-{name}"), &project));
    }
    assert!(!files.is_empty(), "an example is built for Kubeflow");
    run(script("read.py").args(files));
}

/// What a run by the local runner started, gave, and printed.
struct Ran {
    started: Vec<String>,
    outputs: Value,
    said: String,
}

impl Ran {
    fn times(&self, task: &str) -> usize {
        self.started.iter().filter(|started| *started == task).count()
    }
}

fn ran(file: &Path, code: &Path, arguments: &Value) -> Ran {
    let root = file.with_extension("runs");
    let mut python = script("run.py");
    let said = run(python.arg(file).arg(arguments.to_string()).arg(root).current_dir(code));
    let last: Value = said.lines().last().and_then(|line| serde_json::from_str(line).ok()).expect("a line of JSON");
    let started = serde_json::from_value(last["started"].clone()).expect("a list of names");
    Ran { started, outputs: last["outputs"].clone(), said }
}

/// The whole of the tumour project's training, on the real data, gives what its steps give when they are called directly.
#[test]
fn training_runs_to_its_end() {
    let folder = repository(EXAMPLES).join("tumour");
    let mut project = Project::read(&folder, &[]);
    let environments = String::from_utf8(project.files["environments.mlp"].clone()).expect("sources are UTF-8");
    let real = r#"bigquery("acme-test.clinic.aspirates", sample: 5%, "#;
    assert!(environments.contains(real), "environments.mlp binds the aspirates of `test` otherwise");
    project.add("environments.mlp", &environments.replace(real, r#"csv("data/aspirates.csv", "#));
    let files = compiled("run-tumour", &project);
    let training = files.iter().find(|file| file.ends_with("test/training.yaml")).expect("training is built for test");
    let ran = ran(training, &folder, &json!({"penalties": [0.1, 1.0]}));
    let mut direct = Command::new(setup::python("kfp"));
    let direct = run(direct.arg(folder.join("tests/direct.py")).args(["--penalties", "0.1", "1.0"]));
    let direct: Value = serde_json::from_str(&direct).expect("outputs are JSON");
    assert_eq!(ran.outputs["auc"], direct["auc"]);
    assert_eq!(ran.outputs["model"]["metadata"], direct["best"]);
    assert_eq!(ran.times("fit"), 2);
    assert_eq!(ran.started.last().map(String::as_str), Some("report-status"));
}

/// Pipelines whose results are known, run to their ends.
#[test]
fn everything_that_the_language_can_ask_is_carried_out() {
    let folder = repository("tests/conformance/kubeflow/everything");
    let files = compiled("everything", &Project::read(&folder, &[]));
    run(script("read.py").args(&files));
    let ran = |name: &str, arguments: Value| {
        let file = files.iter().find(|file| file.file_stem().is_some_and(|stem| stem == name));
        ran(file.expect("the pipeline is compiled"), &folder, &arguments)
    };

    let loops = ran("loops", json!({}));
    assert_eq!(loops.outputs, json!({"sum": 51, "text": "1 of 51 + 2 of 51"}));
    assert_eq!((loops.times("made"), loops.times("both"), loops.times("of-point")), (2, 6, 3));

    let hostile = "it's {{ a \\ \"name\" }}";
    let branches = ran("branches", json!({"name": hostile}));
    let shape = format!("3 «{hostile}» 2.5 false nothing green");
    assert_eq!(branches.outputs, json!({"size": "many fast", "text": hostile, "shape": shape}));
    let started: BTreeSet<&str> = branches.started.iter().map(String::as_str).collect();
    assert_eq!(started, BTreeSet::from(["three", "known", "many", "same", "text", "shape"]));
    let branches = ran("branches", json!({"name": "b", "limit": 3.5, "extra": "more", "colour": "red"}));
    let shape = "3 «b» 3.5 false more green";
    assert_eq!(branches.outputs, json!({"size": "few fast", "text": "other", "shape": shape}));
    assert!(branches.said.contains("TOLD OF never!"), "{}", branches.said);

    let groups = ran("groups", json!({}));
    let third = "none + you!you! fast";
    let first = "hello you, 7?";
    assert_eq!(
        groups.outputs,
        json!({"first": first, "second": format!("{first}, 2!"), "third": third, "id": "nothing"})
    );
    assert_eq!(groups.started.last().map(String::as_str), Some("tell"));
    assert!(groups.said.contains("TOLD you SUCCEEDED groups True"), "{}", groups.said);
    let refused = ran("groups", json!({"count": 10}));
    assert_eq!(refused.started, ["check-parameters", "tell"]);
    assert!(refused.said.contains("input count is 10, and `it in 1..=9` does not hold"), "{}", refused.said);

    let attempts = ran("attempts", json!({}));
    assert_eq!(attempts.outputs["known"], 3, "{}", attempts.said);
    let started: Vec<&str> = attempts.started.iter().map(String::as_str).collect();
    assert_eq!(attempts.times("number"), 2);
    assert!(started.contains(&"tell") && started.contains(&"state") && !started.contains(&"tell-2"), "{started:?}");
    assert!(attempts.said.contains("TOLD inner you SUCCEEDED attempts True"), "{}", attempts.said);
    let attempts = ran("attempts", json!({"name": "stranger", "at_most": 5}));
    assert_eq!(attempts.outputs["known"], 5, "{}", attempts.said);

    let gated = ran("gated", json!({}));
    assert_eq!(gated.outputs, json!({"text": "kept"}), "{}", gated.said);
    assert_eq!(
        (gated.times("require"), gated.times("require-3"), gated.times("note")),
        (1, 3, 3),
        "{:?}",
        gated.started
    );
    let gated = ran("gated", json!({"at_most": 0.2}));
    // Gates are decided side by side.
    let started: BTreeSet<&str> = gated.started.iter().map(String::as_str).collect();
    assert_eq!(started, BTreeSet::from(["facts", "require", "require-2", "tell"]), "{}", gated.said);
    let why = "not met: facts.share <= at_most and not facts.big, where facts.share is 0.25, at_most is 0.2";
    assert!(gated.said.contains(why), "{}", gated.said);

    let failing = ran("failing", json!({}));
    assert_eq!(failing.started, ["value", "tell"]);
    assert!(failing.said.contains("TOLD failing FAILED failing True"), "{}", failing.said);
}
