//! Steps that a tool of the library runs: papermill and MLflow for real, what any tool is told, and what is refused. Spark and Ray have files of
//! their own.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::{below, command, told};
use crate::cli::{folder, mlp, write};
use crate::conformance::setup;
use crate::project::{Project, repository};

#[test]
fn a_notebook_is_run_and_its_model_is_registered() {
    let place = below("run-tools");
    for (path, bytes) in &Project::read(&repository("tests/run/tools"), &[]).files {
        write(&place, path, bytes);
    }
    let programs = setup::program("notebooks", "papermill").parent().expect("it lies in a folder").to_owned();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let run = || {
        let mut run = command(&place, &["run", "training", "--env", "local"]);
        told(run.env("PATH", &path).env("JUPYTER_PLATFORM_DIRS", "1").env("HOME", &place))
    };
    let (found, ran) = run();
    assert_eq!(found["outputs"]["auc"], 0.75, "{found:#}\n{}", ran.err);
    assert_eq!(found["outputs"]["version"], 1, "{}", ran.err);

    // What it was given came through as it is, and the notebook as it was run is kept.
    let read = |name: &str| {
        let runs = fs::read_dir(place.join("store/training")).expect("the store is there").flatten();
        let mut files = runs.map(|run| run.path().join("fit/0").join(name)).filter(|path| path.is_file());
        fs::read_to_string(files.next().expect("it was written")).expect("it is text")
    };
    let given: Value = serde_json::from_str(&read("model")).expect("it is JSON");
    assert_eq!(given, serde_json::json!([3, 0.5, "1", ["a b", "é'\"$(x)"], true]));
    assert!(read("executed").contains("injected-parameters"));

    // The registry says so itself.
    let asked = "import mlflow; client = mlflow.MlflowClient(); \
                 print(client.get_model_version_by_alias('tumour', 'challenger').version)";
    let registry = || {
        let mut python = Command::new(setup::python("notebooks"));
        python.args(["-c", asked]).current_dir(&place).env("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db");
        setup::run(&mut python).unwrap_or_else(|why| panic!("{why}")).trim().to_owned()
    };
    assert_eq!(registry(), "1");

    // A second run takes the notebook from the cache, a changed one does not.
    let (again, _) = run();
    assert_eq!((&again["tasks"]["fit"], registry().as_str()), (&Value::from("cached"), "2"));
    let notebook = fs::read_to_string(place.join("notebooks/train.ipynb")).expect("it is there");
    write(&place, "notebooks/train.ipynb", notebook.replace("penalty + 0.25", "penalty + 0.125"));
    assert_eq!(run().0["outputs"]["auc"], 0.625);
}

const MAIN: &str = r#"import std.environment { folder, processes }
import std.tools { query, ray, spark }

project tools { language: 1 }

step features(since: timestamp, least: float, only: string) {
  run:     query("features.sql", into: "acme.shop.features", project: "acme-billing", location: "EU")
  effects: external
}

step join(rows: Dataset, share: percent) -> (rows: Dataset, count: int) {
  run: spark("jobs/join.py", master: "local[2]", packages: ["a:b:1", "c:d:2"], conf: { "spark.sql.shuffle.partitions": "8" })
}

step tune(rows: Dataset) -> (best: float) { run: ray("jobs/tune.py", address: "http://ray:8265") }

pipeline all(rows: Dataset) -> (best: float) {
  features(since: "2026-01-01T00:00:00Z", least: 0.5, only: "it's \"1\"")
  joined = join(rows, share: 10%)
  best   = tune(rows: joined.rows)
  return (best: best)
}

environment here {
  tier: development, orchestrator: processes, artifacts: folder("store"), effects: allow, pipelines: [all]
}
"#;

const SQL: &str = "SELECT '@no' FROM t -- @neither\nWHERE day >= @since AND x > @LEAST AND y = @only\n";

/// The words of the tools, as their own pages have them.
#[test]
fn other_tools_are_started_by_their_own_words() {
    let place = folder(&[
        ("main.mlp", MAIN),
        ("features.sql", SQL),
        ("jobs/join.py", "import keys\nimport lib.more"),
        ("jobs/keys.py", ""),
        ("lib/more.py", ""),
        ("jobs/tune.py", "x = 1"),
    ]);
    mlp(place.path(), &["check", "--deny", "warnings"]).ends(0);
    let plan: Value = serde_json::from_str(&mlp(place.path(), &["plan", "--json"]).ends(0).out).expect("it is JSON");
    let words = |at: usize| {
        let words = plan["pipelines"][0]["body"][at]["run"]["words"].as_array().expect("it is a command");
        let part = |part: &Value| match part["part"].as_str() {
            Some("text") => part["text"].as_str().unwrap_or_default().to_owned(),
            Some(kind) => format!("<{kind} {}>", part["name"].as_str().unwrap_or_default()),
            None => part.to_string(),
        };
        let one = |word: &Value| word["parts"].as_array().into_iter().flatten().map(part).collect::<String>();
        words.iter().map(one).collect::<Vec<_>>()
    };
    let query = words(0);
    assert_eq!(
        query[..query.len() - 1],
        [
            "bq",
            "query",
            "--use_legacy_sql=false",
            "--format=none",
            "--project_id=acme-billing",
            "--location=EU",
            "--destination_table=acme:shop.features",
            "--replace",
            "--parameter=since:TIMESTAMP:<input since>",
            "--parameter=least:FLOAT64:<input least>",
            "--parameter=only:STRING:<input only>",
        ]
    );
    assert_eq!(query.last().map(String::as_str), Some(format!("\n{SQL}").as_str()), "its first line is no option");
    assert_eq!(
        words(1),
        [
            "spark-submit",
            "--master",
            "local[2]",
            "--packages",
            "a:b:1,c:d:2",
            "--py-files",
            "jobs/keys.py",
            "--conf",
            "spark.sql.shuffle.partitions=8",
            "jobs/join.py",
            "--rows=<input_path rows>",
            "--share=<input share>",
            "--out_rows=<output_path rows>",
            "--count=<output_path count>",
        ]
    );
    assert_eq!(
        words(2),
        [
            "ray",
            "job",
            "submit",
            "--address",
            "http://ray:8265",
            "--working-dir",
            ".",
            "--runtime-env-json",
            r#"{"excludes":["/.mlp"],"env_vars":{"PYTHONPATH":"jobs"}}"#,
            "--",
            "python",
            "jobs/tune.py",
            "--rows=<input_path rows>",
            "--best=<output_path best>",
        ]
    );
}

/// A step that does not fit its file is an error at the line that shows it, all of them at once.
#[test]
fn a_step_is_held_against_what_its_tool_runs() {
    let steps = "import std.tools { mlflow_register, notebook, query, spark }\n\nproject p { language: 1 }\n\n\
                 step a(x: int, y: int?) -> (executed: Artifact, m: Model) { run: notebook(\"a.ipynb\") }\n\n\
                 step b() { run: notebook(\"b.ipynb\") }\n\n\
                 step c() { run: notebook(\"c.ipynb\") }\n\n\
                 step d(x: list<int>) -> (n: int) { run: query(\"d.sql\") }\n\n\
                 step e(n: int) -> (version: string) { run: mlflow_register(name: \"m\") }\n\n\
                 step f() { run: notebook(\"nowhere.ipynb\") }\n\n\
                 step g(m: Model?) { run: mlflow_register(name: \"m\") }\n\n\
                 step h(all: list<Model>) { run: spark(\"h.py\") }\n";
    let cell = |source: &str, tags: &str| {
        format!(r#"{{"cells": [{{"metadata": {{"tags": [{tags}]}}, "source": [{source}]}}]}}"#)
    };
    let place = folder(&[
        ("main.mlp", steps),
        ("a.ipynb", &cell(r#""x = 1\n", "other = 2""#, r#""parameters""#)),
        ("b.ipynb", &cell(r#""x = 1""#, "")),
        ("c.ipynb", "no notebook"),
        ("d.sql", "SELECT @day"),
        ("h.py", ""),
    ]);
    let said = mlp(place.path(), &["check", "--format", "short"]).ends(1).out;
    for line in [
        "the notebook `a.ipynb` has no parameter `y`",
        "the notebook `a.ipynb` has no parameter `m`",
        "the notebook `a.ipynb` has a parameter `other` that the step does not give",
        "`b.ipynb` has no cell with the tag `parameters`",
        "`c.ipynb` is no notebook: expected",
        "a query cannot be given `x`, which is a `list<int>`",
        "`d.sql` asks for `@day`, which the step does not give",
        "a query writes no file, so nothing writes the output `n`",
        "what is registered is one model",
        "there is no file `nowhere.ipynb` in the project",
        "nothing is registered where `m` is absent",
        "`spark` is given an artifact as its path, and `all` is a list of them",
    ] {
        assert!(said.contains(line), "{line}\n\n{said}");
    }
}

const OPTIONAL: &str = r#"import std.environment { ORCHESTRATOR, bucket }
import std.tools { notebook, query, ray, spark }

project tools {
  language: 1
  target ORCHESTRATOR { version: "VERSION" }
}

image jobs { context: "." }

defaults step { image: jobs }

step load(least: int?) {
  run:     query("load.sql")
  effects: external
}

step join(rows: Dataset?, share: percent?, note: string) -> (joined: Dataset) { run: spark("jobs/join.py") }

step tune(rows: Dataset, least: float?) -> (best: Artifact) { run: ray("jobs/tune.py") }

step show(rows: Dataset, title: string?, least: float?) { run: notebook("notebooks/show.ipynb") }

pipeline all(LEAST) {
  load(least)
  joined = join(rows: none, share: none, note: "x")
  tune(rows: joined, least: 0.5)
  show(rows: joined, title: none, least: 0.5)
}

environment here {
  tier:            development
  orchestrator:    ORCHESTRATOR(endpoint: "https://example.org", namespace: "ml")
  artifacts:       bucket("gs://example")
  registry:        "registry.example.org"
  service_account: "runner"
  effects:         allow
  pipelines:       [all]
}
"#;

fn optional(orchestrator: &str, version: &str, least: &str) -> tempfile::TempDir {
    let main = OPTIONAL.replace("ORCHESTRATOR", orchestrator).replace("VERSION", version).replace("LEAST", least);
    let notebook = r##"{"nbformat": 4, "cells": [
        {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": "rows = title = least = None"},
        {"cell_type": "markdown", "metadata": {}, "source": "import never"},
        {"cell_type": "code", "metadata": {}, "source": ["%matplotlib inline\n", "from lib import plots"]}]}"##;
    folder(&[
        ("main.mlp", &main),
        ("load.sql", "SELECT @least"),
        ("jobs/join.py", "import keys"),
        ("jobs/keys.py", "from lib.more import more"),
        ("jobs/tune.py", "import json"),
        ("jobs/never.py", ""),
        ("lib/more.py", "more = 1"),
        ("lib/plots.py", ""),
        ("lib/__init__.py", ""),
        ("never.py", ""),
        ("notebooks/show.ipynb", notebook),
        ("Dockerfile", "FROM python"),
    ])
}

/// An input that may be absent takes its words along, a query's parameter is then `NULL`.
#[test]
fn an_input_may_be_absent() {
    let place = optional("kubeflow", "2.16", "least: int?");
    mlp(place.path(), &["build", "--target", "kubeflow", "--out", "out"]).ends(0);
    let written = generated(&place.path().join("out"));
    for words in [
        r#"{"IfPresent": {"InputName": "least", "Then": ["--parameter=least:INT64:{{$.inputs.parameters[''least'']}}"], "Else": "--parameter=least:INT64:NULL"}}"#,
        r#"{"IfPresent": {"InputName": "rows", "Then": ["--rows={{$.inputs.artifacts[''rows''].path}}"]}}"#,
        r#"{"IfPresent": {"InputName": "share", "Then": ["--share={{$.inputs.parameters[''share'']}}"]}}"#,
        r#"{"IfPresent": {"InputName": "title", "Then": ["-r", "title", "{{$.inputs.parameters[''title'']}}"]}}"#,
    ] {
        assert!(written.contains(words), "{words}\n{written}");
    }

    // Airflow knows when compiling whether an input is there, or says that it does not, on the line that asks.
    let place = optional("airflow", "3.0", "least: int = 3");
    mlp(place.path(), &["build", "--target", "airflow", "--out", "out"]).ends(0);
    let written = generated(&place.path().join("out"));
    assert!(written.contains("--parameter=least:INT64:") && written.contains("--least="), "{written}");
    assert!(!written.contains("--share=") && !written.contains("NULL"), "{written}");
    let place = optional("airflow", "3.0", "least: int?");
    let said = mlp(place.path(), &["build", "--target", "airflow", "--out", "out", "--format", "short"]).ends(1).err;
    assert!(said.contains("main.mlp:13:") && said.contains("cannot ask whether `least` is given"), "{said}");
}

/// Every file below a folder, one after the other.
fn generated(folder: &std::path::Path) -> String {
    let files = Project::read(folder, &[]).files;
    files.values().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect()
}

#[test]
fn what_a_program_imports_is_copied_into_its_image() {
    let place = optional("kubeflow", "2.16", "least: int?");
    let plan: Value = serde_json::from_str(&mlp(place.path(), &["plan", "--json"]).ends(0).out).expect("it is JSON");
    let wanted = [
        "jobs/join.py",
        "jobs/keys.py",
        "jobs/tune.py",
        "lib/__init__.py",
        "lib/more.py",
        "lib/plots.py",
        "notebooks/show.ipynb",
    ];
    assert_eq!(plan["images"][0]["sources"], serde_json::json!(wanted));
}
