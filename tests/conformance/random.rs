//! Random pipelines of every construct: they build for Kubeflow and both Airflows, which load them, and a run on this machine comes to
//! what an evaluator of the plan says.
//!
//! `MLP_RANDOM_SEEDS=100..400` tries other seeds; a failure names its own. The project of a seed stays below `target/tmp/random`.

mod author;
mod evaluator;
mod expression;
mod kind;
mod meaning;
mod reached;
mod seed;
mod values;

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

use indexmap::IndexMap;
use mlp::compile::{Checked, Texts};
use mlp::diagnostics::{any_error, render};
use mlp::plan::Construct;
use serde_json::{Map, Value};

use super::{airflow, kubeflow, setup};
use crate::cli::{mlp, write};
use crate::project::{Project, repository};
use author::{Author, For};
use evaluator::Came;
use kind::STEPS;

const SEEDS: Range<u64> = 0..24;

/// How many runs on this machine there are at least.
const RUNS: usize = 36;

/// How many files a target takes at least.
const FILES: usize = 16;

const ENVIRONMENTS: [&str; 3] = ["flow", "kubes", "machine"];

/// The pipelines of a seed.
struct Trial {
    seed: u64,
    pipelines: Vec<Author>,
    project: Project,
}

impl Trial {
    fn of(seed: u64) -> Self {
        let author =
            |(at, audience): (usize, For)| Author::new(seed * 8 + at as u64, audience, &format!("p{at}")).write();
        let audiences = [For::Airflow, For::Kubeflow, For::Here];
        let pipelines: Vec<Author> = audiences.into_iter().enumerate().map(author).collect();
        let mut project = Project::read(&repository("tests/conformance/random/project"), &[]);
        let mut steps: Vec<&str> =
            STEPS.iter().map(|step| step.name).chain(["flaky", "known", "label", "tell", "rescue"]).collect();
        steps.dedup();
        let import = format!("import \"steps.mlp\" {{ Colour, Pair, {} }}\n\n", steps.join(", "));
        for one in &pipelines {
            project.add(&format!("{}.mlp", one.name), &format!("{import}{}", one.text));
        }
        Self { seed, pipelines, project }
    }

    /// The project, with every pipeline in each environment of those.
    fn listed(&self, environments: &[&str]) -> Project {
        let names: Vec<&str> = self.pipelines.iter().map(|one| one.name.as_str()).collect();
        let mut project = self.project.clone();
        let mut text: String = names.iter().map(|name| format!("import \"{name}.mlp\" {{ {name} }}\n")).collect();
        text.push_str(std::str::from_utf8(&project.files["main.mlp"]).expect("it is text"));
        for environment in ENVIRONMENTS {
            let listed = if environments.contains(&environment) { names.join(", ") } else { String::new() };
            text = text.replace(&format!("of_{environment}"), &listed);
        }
        project.add("main.mlp", &text);
        project
    }

    fn checked(&self) -> Checked {
        let project = self.listed(&ENVIRONMENTS);
        let mut texts = Texts::default();
        for (path, bytes) in project.files.iter().filter(|(path, _)| path.ends_with(".mlp")) {
            texts.add(path, bytes.clone());
        }
        let checked = texts.parse().check(&project.files);
        let said = render::plain(&checked.model.sources, &checked.diagnostics);
        assert!(!any_error(&checked.diagnostics), "seed {}:\n{said}", self.seed);
        checked
    }

    fn parameters(&self, plan: &Value, at: usize) -> Map<String, Value> {
        let mut found = Map::new();
        for parameter in plan["parameters"].as_array().expect("a list") {
            let name = parameter["name"].as_str().expect("a name");
            let start = format!("{name}=");
            let set = self.pipelines[at].settings.iter().find_map(|one| one.strip_prefix(&start));
            let value = set.map(|set| match parameter["type"]["kind"].as_str() {
                Some("percent") => {
                    set.trim_end_matches('%').parse::<f64>().map(|share| Value::from(share / 100.0)).unwrap()
                }
                _ => serde_json::from_str(set).unwrap_or_else(|_| Value::from(set)),
            });
            found.insert(name.to_owned(), value.unwrap_or_else(|| parameter["default"].clone()));
        }
        found
    }

    /// A run on this machine.
    fn ran(&self, folder: &Path, at: usize) -> Came {
        let name = &self.pipelines[at].name;
        let told = folder.join(format!("told-{name}"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_mlp"));
        command.current_dir(folder).env("TOLD", &told).args(["run", name, "--env", "machine", "--no-cache"]);
        command.args(["--format", "json", "--parallel", "4", "--python"]).arg(setup::python("kfp"));
        command.args(self.pipelines[at].settings.iter().flat_map(|set| ["--set", set]));
        let output = command.output().expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let found: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|why| panic!("seed {}, {name}: {why}: {said}", self.seed));
        let told = fs::read_to_string(told).unwrap_or_default();
        let again = |line: &str| serde_json::from_str::<Value>(line).expect("a line of JSON").to_string();
        let mut told: Vec<String> = told.lines().map(again).collect();
        told.sort();
        let tasks = serde_json::from_value(found["tasks"].clone()).expect("words by name");
        let ending = found["ending"].as_str().unwrap_or_default().to_owned();
        Came { ending, outputs: contents(&found["outputs"]), tasks, told }
    }
}

/// Values, with what is in an artifact in its place.
fn contents(value: &Value) -> Value {
    match value {
        Value::Object(fields) if fields.contains_key("path") && fields.contains_key("uri") => {
            let path = fields["path"].as_str().expect("a path");
            fs::read_to_string(path).unwrap_or_else(|why| panic!("{path}: {why}")).into()
        }
        Value::Object(fields) => fields.iter().map(|(name, field)| (name.clone(), contents(field))).collect(),
        Value::Array(items) => items.iter().map(contents).collect(),
        other => other.clone(),
    }
}

fn seeds() -> Range<u64> {
    let Ok(text) = std::env::var("MLP_RANDOM_SEEDS") else { return SEEDS };
    let ends = text.split_once("..").and_then(|(from, to)| Some(from.parse().ok()?..to.parse().ok()?));
    ends.unwrap_or_else(|| panic!("MLP_RANDOM_SEEDS is `{text}`, and is to be like `100..400`"))
}

/// What a target was given of all seeds.
struct Built {
    target: &'static str,
    version: &'static str,
    /// Its environment.
    environment: &'static str,
    /// Whose pipelines it must take.
    audience: For,
    /// Each with the pipeline of the plan that it was made of.
    files: Vec<(PathBuf, Value)>,
    constructs: BTreeSet<Construct>,
}

impl Built {
    fn new(target: &'static str, version: &'static str, environment: &'static str, audience: For) -> Self {
        let (files, constructs) = Default::default();
        Self { target, version, environment, audience, files, constructs }
    }

    fn build(&mut self, trial: &Trial, checked: &Checked, folder: &Path) {
        let mut planned = checked.plan(&IndexMap::new()).expect("a project without an error has a plan");
        for target in planned.plan.targets.iter_mut().filter(|target| target.name == self.target) {
            target.options.insert("version".to_owned(), self.version.into());
        }
        let (_, diagnostics) = planned.emit(|name| name == self.target);
        for error in diagnostics.iter().filter(|one| any_error(std::slice::from_ref(*one))) {
            let text = render::plain(&checked.model.sources, std::slice::from_ref(error));
            let author = trial.pipelines.iter().find(|one| text.contains(&format!(" {}.mlp:", one.name)));
            let author = author.unwrap_or_else(|| panic!("seed {}: no pipeline asks for it: {text}", trial.seed));
            let is_too_new = self.version == "2.11" && error.message.contains("`if` inside a loop");
            let allowed = author.audience != self.audience || is_too_new;
            assert!(allowed, "seed {}, {} {}: {text}", trial.seed, self.target, self.version);
            let is_said = reached::REFUSALS.iter().any(|words| error.message.starts_with(words));
            assert!(is_said, "seed {}, and docs/targets does not say so: {text}", trial.seed);
            planned.plan.pipelines.retain(|one| one.name != author.name || one.environment != self.environment);
        }
        let (files, diagnostics) = planned.emit(|name| name == self.target);
        let said = render::plain(&checked.model.sources, &diagnostics);
        assert!(!any_error(&diagnostics), "seed {}: {said}", trial.seed);
        for pipeline in planned.plan.pipelines.iter().filter(|one| one.environment == self.environment) {
            self.constructs.extend(pipeline.constructs().into_iter().map(|(construct, _)| construct));
            let is_of = |(path, _): &(&str, _)| path.contains(&format!("/{}.", pipeline.name));
            let (path, file) = files.iter().find(is_of).expect("every pipeline has a file");
            let path = format!("{}/{path}", self.version);
            write(folder, &path, &file.text);
            self.files.push((folder.join(path), serde_json::to_value(pipeline).expect("a plan is JSON")));
        }
    }
}

impl Built {
    fn reaches_all(&self) {
        let wanted = reached::constructs(self.version);
        let missing: Vec<_> = wanted.difference(&self.constructs).collect();
        let (name, version, files) = (self.target, self.version, self.files.len());
        assert!(
            missing.is_empty() && files >= FILES,
            "{name} {version}: {files} files, and nobody asks for {missing:?}"
        );
    }
}

/// What runs on this machine came to.
#[derive(Default)]
struct Ran {
    runs: usize,
    reached: BTreeSet<String>,
    wrong: Vec<String>,
}

impl Ran {
    /// Against the evaluator's.
    fn run(&mut self, trial: &Trial, folder: &Path) {
        let plan: Value = serde_json::from_str(&mlp(folder, &["plan", "--json"]).ends(0).out).expect("a plan is JSON");
        for (at, one) in trial.pipelines.iter().enumerate() {
            let pipelines = plan["pipelines"].as_array().expect("a list of pipelines");
            let pipeline = pipelines.iter().find(|pipeline| pipeline["name"] == *one.name).expect("it is planned");
            let meant = evaluator::came(pipeline, trial.parameters(pipeline, at));
            let found = trial.ran(folder, at);
            if found != meant {
                let name = format!("seed {} {}", trial.seed, one.name);
                self.wrong.push(format!("{name}:\nrun:  {found:?}\nplan: {meant:?}\n{}", one.text));
            }
            self.runs += 1;
            reached::tags(pipeline, &mut self.reached);
            self.reached.extend(meant.tasks.values().map(|how| format!("end {how}")));
            self.reached
                .extend(meant.told.iter().map(|told| format!("told {}", told.split('"').nth(1).unwrap_or_default())));
        }
    }
}

#[test]
fn random_pipelines_build_load_and_run_as_the_plan_says() {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("random");
    let _ = fs::remove_dir_all(&root);
    let trials: Vec<(PathBuf, Trial)> = seeds().map(|seed| (root.join(seed.to_string()), Trial::of(seed))).collect();
    let mut built = [
        Built::new("kubeflow", "2.17", "kubes", For::Kubeflow),
        Built::new("airflow", "3.3", "flow", For::Airflow),
        Built::new("airflow", "2.11", "flow", For::Airflow),
    ];
    for (folder, trial) in &trials {
        let checked = trial.checked();
        built.iter_mut().for_each(|one| one.build(trial, &checked, folder));
        for (path, bytes) in &trial.listed(&["machine"]).files {
            write(folder, path, bytes);
        }
    }
    if seeds() == SEEDS {
        built.iter().for_each(Built::reaches_all);
    }
    // The tools are made before two of them run side by side.
    ["kfp", "airflow", "airflow-2"].into_iter().for_each(|name| drop(setup::python(name)));
    let run = |trials: &[(PathBuf, Trial)]| {
        let mut ran = Ran::default();
        trials.iter().for_each(|(folder, trial)| ran.run(trial, folder));
        ran
    };
    // A run takes as long as its steps, so not every pipeline has one.
    let quarter = trials.len().div_ceil(4);
    let (first, second) = trials[..2 * quarter].split_at(quarter);
    let ran = std::thread::scope(|scope| {
        let load = scope.spawn(|| load(&root, &built));
        let first = scope.spawn(|| run(first));
        let second = run(second);
        load.join().expect("the orchestrators load all");
        [first.join().expect("runs end"), second]
    });
    let wrong: Vec<&str> = ran.iter().flat_map(|ran| &ran.wrong).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    if seeds() == SEEDS {
        everything_is_reached(&ran);
    }
}

fn load(root: &Path, [kubeflow, newest, oldest]: &[Built; 3]) {
    let files = kubeflow.files.iter().map(|(file, _)| file);
    kubeflow::run(kubeflow::script_of("kfp", "read.py").args(files));
    airflow::read(airflow::NEWEST, &root.join("airflow"), &newest.files);
    airflow::read(airflow::OLDEST, &root.join("airflow-2"), &oldest.files);
}

fn everything_is_reached(ran: &[Ran; 2]) {
    let mut wanted = BTreeSet::new();
    let schema = mlp(Path::new("."), &["plan", "--schema"]).ends(0).out;
    reached::known(&serde_json::from_str(&schema).expect("a schema is JSON"), &mut wanted);
    wanted.extend(["succeeded", "failed", "not_run", "recorded"].map(|how| format!("end {how}")));
    let steps = STEPS.iter().map(|step| step.name).filter(|name| !["shout", "publish"].contains(name));
    wanted.extend(steps.chain(["flaky", "tell", "rescue"]).map(|step| format!("told {step}")));
    let all = ran.iter().flat_map(|ran| ran.reached.clone()).collect();
    assert_eq!(wanted.difference(&all).collect::<Vec<_>>(), Vec::<&String>::new(), "nobody asks for it");
    assert!(ran.iter().map(|ran| ran.runs).sum::<usize>() >= RUNS);
}
