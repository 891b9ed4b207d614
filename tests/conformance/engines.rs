//! Three engines, one meaning: small pipelines, a construct or a nesting each, run by Kubeflow's local runner, by Airflow and by this
//! machine. The same steps run on the same values, the same bytes come out, and so does the same end.
//!
//! In: `engines/`; each step writes down what it was given and what it wrote. What is expected is written by hand in `engines/runs.json`, so
//! that three engines that are wrong alike are noticed. What an environment does not list, its engine refuses when compiling.

mod examples;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::kubeflow::{run, script_of};
use super::{airflow, setup};
use crate::cli::{mlp, write};
use crate::project::{Project, repository};

/// How many pipelines there are at least, and how many that every engine runs.
const PIPELINES: usize = 48;
const BY_ALL: usize = 45;

/// What became of a run on one engine.
#[derive(Debug, PartialEq)]
struct Came {
    state: String,
    outputs: Value,
    /// What every step wrote down, sorted: turns run side by side.
    told: Vec<String>,
}

struct Trial {
    folder: PathBuf,
    runs: Vec<Value>,
    /// What runs steps on this machine, where it is not the first `python3`.
    python: Option<PathBuf>,
}

impl Trial {
    fn told(&self, engine: &str, at: usize) -> PathBuf {
        self.folder.join(format!("told-{engine}-{at}"))
    }

    fn came(&self, engine: &str, at: usize, state: &Value, outputs: &Value) -> Came {
        let told = fs::read_to_string(self.told(engine, at)).unwrap_or_default();
        let mut told: Vec<String> = told.lines().map(str::to_owned).collect();
        told.sort();
        let state = state.as_str().unwrap_or_default().replace("succeeded", "success");
        let outputs = if state == "success" { outputs.clone() } else { Value::Null };
        Came { state, outputs, told }
    }

    fn file(&self, path: &str, at: usize) -> Option<PathBuf> {
        let name = self.runs[at]["pipeline"].as_str().expect("a name");
        Some(self.folder.join(path.replace('*', name))).filter(|file| file.is_file())
    }

    fn here(&self) -> BTreeMap<usize, Came> {
        let one = |at: usize| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_mlp"));
            command.current_dir(&self.folder).env("TOLD", self.told("here", at));
            command.args(["run", self.runs[at]["pipeline"].as_str().expect("a name"), "--env", "machine"]);
            command.args(["--no-cache", "--format", "json"]);
            if let Some(python) = &self.python {
                command.arg("--python").arg(python);
            }
            for (name, value) in self.runs[at]["conf"].as_object().into_iter().flatten() {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                command.arg("--set").arg(format!("{name}={value}"));
            }
            let output = command.output().expect("the program starts");
            let found: Value = serde_json::from_slice(&output.stdout)
                .unwrap_or_else(|why| panic!("{why}: {}", String::from_utf8_lossy(&output.stderr)));
            (at, self.came("here", at, &found["ending"], &found["outputs"]))
        };
        (0..self.runs.len()).map(one).collect()
    }

    fn kubeflow(&self) -> BTreeMap<usize, Came> {
        let known: Vec<(usize, PathBuf)> =
            (0..self.runs.len()).filter_map(|at| Some((at, self.file("kubeflow/cluster/*.yaml", at)?))).collect();
        let request = |(at, file): &(usize, PathBuf)| {
            let conf = self.runs[*at].get("conf").cloned().unwrap_or_else(|| json!({}));
            let root = self.folder.join(format!("kfp-{at}"));
            json!({"file": file, "conf": conf, "told": self.told("kubeflow", *at), "root": root})
        };
        let requests: Vec<Value> = known.iter().map(request).collect();
        write(&self.folder, "kubeflow.json", json!(requests).to_string());
        let mut python = script_of("kfp", "../engines/kubeflow.py");
        let said = run(python.arg(self.folder.join("kubeflow.json")).current_dir(&self.folder));
        let ended: Vec<Value> = serde_json::from_str(said.lines().last().expect("a line")).expect("a list of runs");
        let came = |((at, _), one): (&(usize, PathBuf), &Value)| {
            (*at, self.came("kubeflow", *at, &one["state"], &one["outputs"]))
        };
        known.iter().zip(&ended).map(came).collect()
    }

    fn airflow(&self) -> BTreeMap<usize, Came> {
        let known: Vec<(usize, PathBuf)> =
            (0..self.runs.len()).filter_map(|at| Some((at, self.file("airflow/flow/*.py", at)?))).collect();
        let request = |(at, file): &(usize, PathBuf)| {
            json!({"file": file, "code": self.folder, "conf": self.runs[*at]["conf"],
                   "environment": {"TOLD": self.told("airflow", *at)}})
        };
        let requests: Vec<Value> = known.iter().map(request).collect();
        let ended = airflow::ran(airflow::NEWEST, &self.folder, &requests, &[]);
        let came = |((at, _), one): (&(usize, PathBuf), &Value)| {
            (*at, self.came("airflow", *at, &one["state"], &one["outputs"]))
        };
        known.iter().zip(&ended).map(came).collect()
    }
}

#[test]
fn one_pipeline_has_one_meaning_on_three_engines() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("engines");
    let _ = fs::remove_dir_all(&folder);
    for (path, bytes) in &Project::read(&repository("tests/conformance/engines"), &["kubeflow.py", "runs.json"]).files {
        write(&folder, path, bytes);
    }
    mlp(&folder, &["build"]).ends(0);
    let runs = serde_json::from_str(include_str!("engines/runs.json")).expect("a list of runs");
    let trial = Trial { folder, runs, python: None };
    // The tools are made before two of them run side by side.
    setup::python("kfp");
    setup::python("airflow");
    let (here, kubeflow, airflow) = std::thread::scope(|scope| {
        let airflow = scope.spawn(|| trial.airflow());
        let kubeflow = scope.spawn(|| trial.kubeflow());
        (trial.here(), kubeflow.join().expect("kfp runs"), airflow.join().expect("Airflow runs"))
    });
    let mut by_all = std::collections::BTreeSet::new();
    let mut pipelines = by_all.clone();
    for (at, wanted) in trial.runs.iter().enumerate() {
        let name = format!("{} {}", wanted["pipeline"], wanted.get("conf").unwrap_or(&Value::Null));
        let own = &here[&at];
        assert_eq!(
            (own.state.as_str(), &own.outputs),
            (wanted["state"].as_str().unwrap(), &wanted["outputs"]),
            "{name}"
        );
        assert_eq!(json!(steps(own)), wanted["steps"], "{name}: {:?}", own.told);
        pipelines.insert(wanted["pipeline"].to_string());
        if let Some(found) = airflow.get(&at) {
            assert_eq!(found, own, "{name} on Airflow, and here");
            by_all.extend(kubeflow.contains_key(&at).then(|| wanted["pipeline"].to_string()));
        }
        match (kubeflow.get(&at), wanted.get("kubeflow_cannot_run")) {
            (Some(found), None) => assert_eq!(found, own, "{name} on Kubeflow, and here"),
            // What this runner cannot do is written down with its reason, until it can.
            (Some(found), Some(why)) => assert_ne!(found, own, "{name}: Kubeflow's runner can, so take out: {why}"),
            (None, _) => {}
        }
    }
    assert!(pipelines.len() >= PIPELINES && by_all.len() >= BY_ALL, "{} and {}", pipelines.len(), by_all.len());
}

/// How often each step ran.
fn steps(came: &Came) -> BTreeMap<String, usize> {
    let mut steps = BTreeMap::new();
    for line in &came.told {
        let told: Value = serde_json::from_str(line).expect("a line of JSON");
        *steps.entry(told[0].as_str().expect("a step's name").to_owned()).or_default() += 1;
    }
    steps
}

/// What an environment leaves out, its engine refuses, at the line that asks for it.
#[test]
fn what_an_engine_does_not_run_is_refused_when_compiling() {
    let project = Project::read(&repository("tests/conformance/engines"), &["kubeflow.py", "runs.json"]);
    let main = String::from_utf8(project.files["environments.mlp"].clone()).expect("it is text");
    for (pipeline, environment) in
        [("constant_in_arm", "cluster"), ("outside_in_arm", "cluster"), ("loop_in_loop", "flow")]
    {
        let (head, tail) = main.split_once(&format!("environment {environment} ")).expect("the environment is there");
        let tail = tail.replacen("pipelines: [", &format!("pipelines: [\n    {pipeline},"), 1);
        let mut changed = project.clone();
        changed.add("environments.mlp", &format!("{head}environment {environment} {tail}"));
        let errors: Vec<String> = changed.check().diagnostics.iter().map(|one| one.message.clone()).collect();
        assert!(!errors.is_empty(), "`{pipeline}` is not refused in `{environment}`");
    }
}
