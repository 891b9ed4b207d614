//! Airflow itself reads and runs what is emitted: its bag of DAGs, its linter, its own runs with processes in place of pods.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use mlp::diagnostics::render;
use mlp::emit::Target;
use mlp::emit::airflow::Airflow;
use mlp::plan::Plan;
use serde_json::{Value, json};

use super::setup;
use crate::project::{Project, folders, repository};

const SCRIPTS: &str = "tests/conformance/airflow";

/// A release of Airflow that files are held against.
#[derive(Clone, Copy)]
pub(crate) struct Release {
    /// Its Python environment.
    pub(crate) tools: &'static str,
    /// What a project names.
    pub(crate) version: &'static str,
}

pub(crate) const NEWEST: Release = Release { tools: "airflow", version: "3.3" };
pub(crate) const OLDEST: Release = Release { tools: "airflow-2", version: "2.11" };

impl Release {
    /// The project, written for this release.
    pub(crate) fn named_in(self, mut project: Project) -> Project {
        let versions = regex::Regex::new(r#"(target airflow\s*\{ version: )"[^"]*""#).expect("a pattern");
        for (path, bytes) in project.files.iter_mut().filter(|(path, _)| path.ends_with(".mlp")) {
            let text = std::str::from_utf8(bytes).unwrap_or_else(|why| panic!("{path}: {why}"));
            *bytes = versions.replace_all(text, format!("$1\"{}\"", self.version)).into_owned().into_bytes();
        }
        project
    }

    /// Every construct, as far as this release has it.
    fn constructs(self) -> Project {
        let mut project = Project::read(&repository(SCRIPTS).join("constructs"), &[]);
        if self.version == OLDEST.version {
            let main = String::from_utf8(project.files["main.mlp"].clone()).expect("sources are UTF-8");
            project.add("main.mlp", &main.replace("branch_in_loop, ", ""));
        }
        self.named_in(project)
    }
}

/// A project's plan, and its DAGs below a folder of the test's own.
fn compiled(name: &str, project: &Project) -> (Plan, PathBuf, Vec<PathBuf>) {
    let checked = project.check();
    let said = render::plain(&checked.model.sources, &checked.diagnostics);
    assert!(!mlp::diagnostics::any_error(&checked.diagnostics), "{name}:\n{said}");
    let plan = mlp::plan::lower(&checked.model, &IndexMap::new());
    let (files, diagnostics) = Airflow.emit(&plan);
    let said = render::plain(&checked.model.sources, &diagnostics);
    assert!(!mlp::diagnostics::any_error(&diagnostics), "{name}:\n{said}");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("airflow").join(name);
    let _ = fs::remove_dir_all(&folder);
    let write = |(path, file): (&str, &mlp::emit::Generated)| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder can be made");
        fs::write(&path, &file.text).expect("a file can be written");
        path
    };
    let files = files.iter().map(write).collect();
    (plan, folder, files)
}

fn examples(release: Release) -> Vec<(String, Project)> {
    let read = |name: &String| release.named_in(Project::read(&repository("examples").join(name), &[]));
    let mut all: Vec<_> = folders("examples").into_iter().map(|name| (name.clone(), read(&name))).collect();
    all.push(("constructs".to_owned(), release.constructs()));
    all
}

/// A script under an Airflow that has a database.
fn script(release: Release, name: &str, folder: &Path) -> Command {
    if !folder.join("home/airflow.db").exists() {
        let mut migrate = Command::new(setup::program(release.tools, "airflow"));
        run(placed(migrate.args(["db", "migrate"]), folder));
    }
    reader(release, name, folder)
}

/// A script under an Airflow that reads, and needs no database.
fn reader(release: Release, name: &str, folder: &Path) -> Command {
    let mut python = Command::new(setup::python(release.tools));
    placed(python.arg(repository(SCRIPTS).join(name)), folder);
    python
}

/// With Airflow's home and its folder of DAGs below a folder of the test's own.
fn placed<'c>(command: &'c mut Command, folder: &Path) -> &'c mut Command {
    let (home, dags) = (folder.join("home"), folder.join("airflow"));
    fs::create_dir_all(&home).expect("a folder can be made");
    fs::create_dir_all(&dags).expect("a folder can be made");
    command.env("AIRFLOW_HOME", &home).env("AIRFLOW__CORE__DAGS_FOLDER", &dags);
    command.env("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
}

fn run(command: &mut Command) -> String {
    setup::run(command).unwrap_or_else(|why| panic!("{why}"))
}

fn last_line(said: &str) -> Value {
    said.lines().last().and_then(|line| serde_json::from_str(line).ok()).unwrap_or_else(|| panic!("no JSON:\n{said}"))
}

#[test]
fn airflow_reads_every_example_with_the_plans_tasks_and_edges() {
    reads_every_example(NEWEST);
}

#[test]
fn airflow_2_reads_every_example_with_the_plans_tasks_and_edges() {
    reads_every_example(OLDEST);
}

fn reads_every_example(release: Release) {
    for (name, project) in examples(release) {
        let (plan, folder, files) = compiled(&format!("read-{}-{name}", release.version), &project);
        if files.is_empty() {
            continue;
        }
        let found = last_line(&run(script(release, "read.py", &folder).args(&files)));
        let plan = serde_json::to_value(&plan).expect("a plan is JSON");
        for pipeline in plan["pipelines"].as_array().expect("a list of pipelines") {
            let path = format!("airflow/{}/{}.py", text(&pipeline["environment"]), text(&pipeline["name"]));
            let Some(dag) = found.get(folder.join(&path).to_string_lossy().as_ref()) else { continue };
            holds(dag, pipeline, &format!("{name}: {path}"));
        }
    }
}

/// Whether a DAG has the tasks of a pipeline of the plan, and the order between them.
fn holds(dag: &Value, pipeline: &Value, name: &str) {
    let expected = Expected::of(pipeline);
    let steps: BTreeSet<String> = dag["steps"].as_array().unwrap().iter().map(text).collect();
    assert_eq!(steps, expected.tasks, "{name}: the tasks");
    assert_eq!(reached(dag, &steps), expected.order, "{name}: what waits for what");
}

/// Reads DAGs in one process, each with the pipeline of the plan that it was made of.
pub(super) fn read(release: Release, folder: &Path, dags: &[(PathBuf, Value)]) {
    let files = dags.iter().map(|(file, _)| file);
    let found = last_line(&run(reader(release, "read.py", folder).args(files)));
    for (file, pipeline) in dags {
        let file = file.display().to_string();
        holds(&found[&file], pipeline, &file);
    }
}

/// A schedule makes up for what it missed where that is asked for, and for nothing else.
#[test]
fn what_was_missed_is_made_up_for() {
    for release in [NEWEST, OLDEST] {
        let project = release.named_in(Project::read(&repository(SCRIPTS).join("missed"), &[]));
        let (_, folder, files) = compiled(&format!("missed-{}", release.version), &project);
        let found = last_line(&run(reader(release, "read.py", &folder).args(&files)));
        let of = |name: &str| {
            let dag = &found[folder.join(format!("airflow/worker/{name}.py")).to_string_lossy().as_ref()];
            (dag["catches_up"].clone(), dag["start"].clone())
        };
        assert_eq!(of("made_up_for"), (json!(true), json!("2026-01-31T22:30:00+00:00")));
        assert_eq!(of("left_out"), (json!(false), json!("2024-01-01T00:00:00+00:00")));
    }
}

#[test]
fn linter_and_formatter_have_nothing_to_say() {
    lints_every_example(NEWEST, "AIR,E9,F,I");
}

/// Rules from 300 on say what to change for Airflow 3, of which 2.11 has not yet what they ask for.
#[test]
fn linter_and_formatter_have_nothing_to_say_of_files_for_airflow_2() {
    lints_every_example(OLDEST, "AIR0,AIR2,E9,F,I");
}

fn lints_every_example(release: Release, rules: &str) {
    for (name, project) in examples(release) {
        let (_, _, files) = compiled(&format!("lint-{}-{name}", release.version), &project);
        if files.is_empty() {
            continue;
        }
        let ruff = || Command::new(setup::program("airflow", "ruff"));
        run(ruff().args(["format", "--isolated", "--diff"]).args(&files));
        run(ruff().args(["check", "--isolated", "--preview", "--select", rules]).args(&files));
        run(Command::new(setup::python(release.tools)).args(["-m", "py_compile"]).args(&files));
    }
}

/// What a compute profile says of a pod reaches Kubernetes.
#[test]
fn a_profile_is_what_kubernetes_is_given() {
    let project = Project::read(&repository(SCRIPTS).join("cluster"), &[]);
    let (_, folder, files) = compiled("cluster", &project);
    let ruff = || Command::new(setup::program("airflow", "ruff"));
    run(ruff().args(["format", "--isolated", "--diff"]).args(&files));
    let found = last_line(&run(script(NEWEST, "pods.py", &folder).args(&files)));
    let pod = &found["train"];
    let (spec, container) = (&pod["spec"], &pod["spec"]["containers"][0]);
    let requests = json!({"cpu": "500m", "memory": "16Gi", "nvidia.com/gpu": "1"});
    assert_eq!(container["resources"]["requests"], requests);
    assert_eq!(container["securityContext"], json!({"runAsGroup": 0, "runAsNonRoot": true, "runAsUser": 1000}));
    assert_eq!(container["imagePullPolicy"], "Always");
    let variables: Vec<String> = container["env"].as_array().unwrap().iter().map(|one| text(&one["name"])).collect();
    assert_eq!(variables, ["PLAIN", "TOKEN", "VAR", "VAR2", "VAR3"]);
    let token = json!({"name": "TOKEN", "valueFrom": {"secretKeyRef": {"key": "k", "name": "t", "optional": true}}});
    assert_eq!(container["env"][1], token);
    let mounts: Vec<String> =
        container["volumeMounts"].as_array().unwrap().iter().map(|one| text(&one["mountPath"])).collect();
    assert_eq!(mounts, ["/mlp/artifacts", "/x", "/y", "/data", "/tmp", "/cache"]);
    let empty = json!({"name": "own-w", "emptyDir": {"medium": "Memory", "sizeLimit": "512M"}});
    assert_eq!(spec["volumes"].as_array().unwrap().last(), Some(&empty));
    let mounted = json!([{"mountPath": "/data", "name": "own-w"}]);
    assert_eq!(spec["initContainers"][0]["volumeMounts"], mounted);
    assert_eq!(spec["initContainers"][0]["restartPolicy"], "Always");
    assert_eq!(spec["tolerations"][0]["tolerationSeconds"], 10);
    assert_eq!(spec["imagePullSecrets"], json!([{"name": "regcred"}]));
    let affinity = &spec["affinity"]["nodeAffinity"];
    assert_eq!(affinity["preferredDuringSchedulingIgnoredDuringExecution"][0]["weight"], 50);
    assert_eq!((&pod["labels"]["team"], &pod["labels"]["mlp/pipeline"]), (&json!("x"), &json!("training")));
    assert_eq!(pod["annotations"], json!({"gke-gcsfuse/volumes": "true", "note": "any text"}));
}

/// Pairs of steps of which the second waits for the first, by way of whatever stands between.
fn reached(dag: &Value, steps: &BTreeSet<String>) -> BTreeSet<(String, String)> {
    let mut order = BTreeSet::new();
    for step in steps {
        let mut seen = BTreeSet::new();
        let mut open = vec![step.clone()];
        while let Some(task) = open.pop() {
            for next in dag["tasks"][&task].as_array().into_iter().flatten().map(text) {
                if seen.insert(next.clone()) {
                    open.push(next);
                }
            }
        }
        order.extend(seen.into_iter().filter(|task| steps.contains(task)).map(|task| (step.clone(), task)));
    }
    order
}

/// What the plan says, read from its JSON without the emitter.
#[derive(Default)]
struct Expected {
    tasks: BTreeSet<String>,
    order: BTreeSet<(String, String)>,
}

impl Expected {
    fn of(pipeline: &Value) -> Self {
        let mut expected = Self::default();
        let all = expected.block(&pipeline["body"], "");
        if let Some(last) = pipeline["finally"].as_object() {
            let last = text(&last["id"]);
            expected.order.extend(all.into_iter().map(|task| (task, last.clone())));
            expected.tasks.insert(last);
        }
        expected
    }

    /// The tasks of a block, those of blocks within included.
    fn block(&mut self, nodes: &Value, prefix: &str) -> BTreeSet<String> {
        let nodes: Vec<&Value> = nodes.as_array().into_iter().flatten().collect();
        let mut tasks: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for node in &nodes {
            tasks.insert(text(&node["id"]), self.node(node, prefix));
        }
        let needs = |node: &Value| {
            let mut needed = BTreeSet::new();
            references(node, &mut needed);
            needed.retain(|other| tasks.contains_key(other) && *other != text(&node["id"]));
            needed
        };
        let needed: BTreeMap<String, BTreeSet<String>> =
            nodes.iter().map(|node| (text(&node["id"]), needs(node))).collect();
        for (id, own) in &tasks {
            let mut before = BTreeSet::new();
            let mut open: Vec<&String> = needed[id].iter().collect();
            while let Some(other) = open.pop() {
                if before.insert(other) {
                    open.extend(&needed[other]);
                }
            }
            for first in before.into_iter().flat_map(|other| &tasks[other]) {
                self.order.extend(own.iter().map(|second| (first.clone(), second.clone())));
            }
        }
        tasks.into_values().flatten().collect()
    }

    fn node(&mut self, node: &Value, prefix: &str) -> BTreeSet<String> {
        let id = ascii(&text(&node["id"]));
        match node["node"].as_str() {
            Some("task") => {
                self.tasks.insert(format!("{prefix}{id}"));
                [format!("{prefix}{id}")].into()
            }
            Some("branch") => {
                let arms = node["arms"].as_array().into_iter().flatten();
                arms.flat_map(|arm| self.block(&arm["body"], prefix)).collect()
            }
            _ => self.block(&node["body"], &format!("{prefix}{id}.")),
        }
    }
}

/// The ids of the nodes that anything below speaks of.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Object(entries) => {
            if entries.get("is").and_then(Value::as_str) == Some("output") {
                found.insert(text(&entries["node"]));
            }
            found.extend(entries.get("after").and_then(Value::as_array).into_iter().flatten().map(text));
            entries.values().for_each(|entry| references(entry, found));
        }
        _ => {}
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// Letters that Airflow's addresses cannot hold are written as numbers.
fn ascii(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii() { c.to_string() } else { format!("u{:x}", c as u32) }).collect()
}

/// Runs, one after the other in one Airflow.
pub(super) fn ran(release: Release, folder: &Path, requests: &[Value], environment: &[(&str, &Path)]) -> Vec<Value> {
    let file = folder.join("requests.json");
    fs::write(&file, json!(requests).to_string()).expect("a file can be written");
    let mut python = script(release, "run.py", folder);
    python.arg(file).envs(environment.iter().map(|(name, path)| (*name, *path)));
    last_line(&run(&mut python)).as_array().expect("a list of runs").clone()
}

#[test]
fn every_construct_runs_as_it_is_meant() {
    runs_every_construct(NEWEST, "here");
}

#[test]
fn every_construct_that_airflow_2_has_runs_as_it_is_meant() {
    runs_every_construct(OLDEST, "here");
}

#[test]
fn every_construct_runs_as_a_process() {
    runs_every_construct(NEWEST, "worker");
}

#[test]
fn every_construct_that_airflow_2_has_runs_as_a_process() {
    runs_every_construct(OLDEST, "worker");
}

/// In `here` a process is put in place of every pod; in `worker` nothing of Airflow is replaced.
fn runs_every_construct(release: Release, environment: &str) {
    let code = repository(SCRIPTS).join("constructs");
    let (plan, folder, _) =
        compiled(&format!("run-constructs-{}-{environment}", release.version), &release.constructs());
    let mut wanted: Vec<Value> =
        serde_json::from_str(include_str!("airflow/runs.json")).expect("runs.json is a list of runs");
    wanted.retain(|one| plan.pipelines.iter().any(|pipeline| one["pipeline"] == pipeline.name.as_str()));
    let code = copied(&code, &folder.join("code"));
    let (told, words) = (folder.join("told"), folder.join("words"));
    let request = |one: &Value| {
        let file = folder.join(format!("airflow/{environment}/{}.py", text(&one["pipeline"])));
        let mut request = json!({"file": file, "code": code, "conf": one["conf"]});
        if environment == "here" {
            request["artifacts"] = json!(folder.join("artifacts"));
        } else {
            let connection = json!({"conn_type": "generic", "password": "a \"key\" {{ ds }}"}).to_string();
            let path = format!("{}:{}", code.display(), std::env::var("PATH").expect("there is a PATH"));
            request["environment"] =
                json!({"CONSTRUCTS_TOKEN": "a $(token)", "AIRFLOW_CONN_CONSTRUCTS": connection, "PATH": path});
        }
        request
    };
    let requests: Vec<Value> = wanted.iter().map(request).collect();
    let runs = ran(release, &folder, &requests, &[("TOLD", &told), ("WORDS", &words)]);
    for (wanted, found) in wanted.iter().zip(&runs) {
        let name = format!("{} {}: {found:#}", wanted["pipeline"], wanted["conf"]);
        assert_eq!(found["state"], wanted["state"], "{name}");
        for (task, states) in wanted["tasks"].as_object().into_iter().flatten() {
            assert_eq!(&found["tasks"][task], states, "{task} of {name}");
        }
        if let Some(outputs) = wanted.get("outputs") {
            assert_eq!(&found["outputs"], outputs, "{name}");
        }
    }
    statuses(&told);
    let secrets = hostile(&runs[0], &words);
    let meant = if environment == "here" { json!([null, null]) } else { json!(["a $(token)", "a \"key\" {{ ds }}"]) };
    assert_eq!(secrets, meant, "what the variables of secrets hold");
}

/// A project's files in a folder of the test's own, which steps may write to.
fn copied(from: &Path, to: &Path) -> PathBuf {
    for (path, bytes) in Project::read(from, &[]).files {
        crate::cli::write(to, &path, bytes);
        let _ = fs::set_permissions(to.join(&path), fs::metadata(from.join(&path)).expect("it is there").permissions());
    }
    to.to_owned()
}

/// What a process is ended with: its group, so that nothing that it has started is left behind.
#[test]
fn a_process_over_its_time_leaves_nothing_behind() {
    for release in [NEWEST, OLDEST] {
        let project = release.named_in(Project::read(&repository(SCRIPTS).join("late"), &[]));
        let (_, folder, _) = compiled(&format!("late-{}", release.version), &project);
        let pid = folder.join("pid");
        let request = json!({"file": folder.join("airflow/worker/late.py"), "code": folder});
        let found = ran(release, &folder, &[request], &[("PID_FILE", &pid)]).remove(0);
        assert_eq!((&found["state"], &found["tasks"]["wait"]), (&json!("failed"), &json!(["failed"])), "{found:#}");
        let pid = fs::read_to_string(&pid).expect("the step has said which process it started");
        let until = Instant::now() + Duration::from_secs(20);
        while goes_on(pid.trim()) {
            assert!(Instant::now() < until, "process {pid} goes on under {}", release.version);
            thread::sleep(Duration::from_millis(100));
        }
    }
}

/// A megabyte and more, which no word of a command holds.
#[test]
fn a_value_of_any_size_reaches_a_process() {
    let (project, code) = (Project::read(&repository(SCRIPTS).join("late"), &[]), repository(SCRIPTS).join("late"));
    let (_, folder, _) = compiled("large", &NEWEST.named_in(project));
    let code = copied(&code, &folder.join("code"));
    let request = json!({"file": folder.join("airflow/worker/large.py"), "code": code});
    let found = ran(NEWEST, &folder, &[request], &[]).remove(0);
    assert_eq!((&found["state"], &found["outputs"]), (&json!("success"), &json!({"length": 100_000})), "{found:#}");
}

/// Whether there is such a process; one that has ended and that nobody has asked about yet is none.
fn goes_on(pid: &str) -> bool {
    let said = Command::new("ps").args(["-o", "stat=", "-p", pid]).output().expect("`ps` starts");
    let state = String::from_utf8_lossy(&said.stdout).trim().to_owned();
    !(state.is_empty() || state.starts_with('Z'))
}

/// What `finally` was told: of three runs of `failing` and one of `turn_fails`.
fn statuses(told: &Path) {
    let told = fs::read_to_string(told).expect("`finally` was told how runs ended");
    let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let states: Vec<String> = told.iter().map(|status| text(&status["state"])).collect();
    assert_eq!(states, ["SUCCEEDED", "FAILED", "SUCCEEDED", "FAILED"]);
    assert_eq!(text(&told[1]["error"]), "failed: a");
}

/// Text that means something to everybody on its way arrives as it is; what secrets hold is given back.
fn hostile(found: &Value, words: &Path) -> Value {
    let meant = "it's \"quoted\" {{ ds }} {% raw %} {# c #} $(HOME) $$ $x \\ back\r\nnew é 🎉 ${A} {";
    let expected = json!({
        "constant": meant, "parameter": meant, "output": meant, "joined": format!("x={meant} {{{{ y }}}}"),
        "counts": {"b": 1, "a": 2}, "maybe": null,
    });
    assert_eq!(found["outputs"], expected);
    let words: Value = serde_json::from_str(&fs::read_to_string(words).expect("words were written")).expect("JSON");
    let given = ["given a \"literal\"", "a \"literal\"", "maybe "];
    let words_of_run =
        [meant, meant, "n=1.0", "true", &format!("{{{meant}}}"), "[1,2]", r#"["it's <b> & $(HOME)","é"]"#];
    let expected = [&words_of_run[..], &given].concat();
    assert_eq!(words["words"], json!(expected));
    assert_eq!(words["variable"], meant);
    words["secrets"].clone()
}

/// The whole of the tumour project's training, on the real data.
#[test]
fn training_runs_to_its_end() {
    let code = repository("examples/tumour");
    let mut project = Project::read(&code, &[]);
    let environments = String::from_utf8(project.files["environments.mlp"].clone()).expect("sources are UTF-8");
    let real = r#"bigquery("acme-staging.clinic.aspirates", "#;
    assert!(environments.contains(real), "environments.mlp binds the aspirates of `staging` otherwise");
    project.add("environments.mlp", &environments.replace(real, r#"csv("data/aspirates.csv", "#));
    let (_, folder, _) = compiled("run-tumour", &project);
    let request = json!({
        "file": folder.join("airflow/staging/training.py"), "code": code, "artifacts": folder.join("artifacts"),
        "conf": {"penalties": [0.1, 1.0]}, "programs": setup::python("kfp").parent(), "pretend": ["registry-push"],
    });
    let found = ran(NEWEST, &folder, &[request], &[]).remove(0);
    assert_eq!(found["state"], "success", "{found:#}");
    let auc = found["outputs"]["auc"].as_f64().expect("an AUC");
    assert!(auc > 0.9, "{found:#}");
    assert!(text(&found["outputs"]["model"]).starts_with("gs://acme-staging-tumour/"), "{found:#}");
    assert_eq!(found["tasks"]["trials.fit"], json!(["success", "success"]), "{found:#}");
}
