//! A task of a run, attempt by attempt: what it is started with, and what it leaves.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use super::cache::{self, Given};
use super::data::{self, Found};
use super::flow::Values;
use super::place::Place;
use super::word::Filling;
use crate::gate::decode;
use crate::machine::file;
use crate::machine::process::{self, Exit, Stop};
use crate::plan::{Retry, TaskOutput, Type, Word};

/// A task with everything that it is started with.
pub(super) struct Job {
    pub(super) name: String,
    pub(super) start: Start,
    /// Environment variables beside those of this machine.
    pub(super) env: Vec<(String, String)>,
    pub(super) outputs: Vec<TaskOutput>,
    pub(super) timeout: Option<f64>,
    pub(super) retry: Option<Retry>,
    /// How many calls to stop end it.
    pub(super) stops: usize,
    /// The number of its first attempt: those of a run that is gone on with count too.
    pub(super) first: u32,
    /// Whether rows that it wrote are held against their schema.
    pub(super) check_data: bool,
}

/// What a task starts.
pub(super) enum Start {
    /// The runner, with what it must know and the inputs that it is handed.
    Runner { python: PathBuf, step: String, inputs: Values },
    /// A program; its words are made when it is known where outputs are written.
    Program(Program),
    /// The same, listed instead of started: by the runner.
    Would { python: PathBuf, step: String, program: Program },
    /// An artifact that exists already.
    Found { uri: String, metadata: Json },
    /// What somebody would be asked elsewhere; here whoever started the run has it before them.
    Asked { question: String },
}

/// A program's words, and the inputs that stand in them.
pub(super) struct Program {
    pub(super) words: Vec<Word>,
    pub(super) inputs: Values,
}

impl Program {
    /// The words, once it is known where each output is to be written.
    fn words(&self, outputs: &IndexMap<String, PathBuf>) -> Result<Vec<String>, String> {
        Filling { inputs: &self.inputs, outputs }.words(&self.words)
    }
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq)]
pub enum How {
    /// It gave everything that it declares.
    Done(Box<Given>),
    /// It was not started: an earlier one stands for it.
    Cached(Box<Given>),
    /// It failed, and why.
    Failed(String),
    /// Its time was over.
    TimedOut(f64),
    /// The run was stopped.
    Stopped,
}

impl How {
    /// Why it gave nothing.
    pub fn failure(&self) -> Option<String> {
        match self {
            How::Done(_) | How::Cached(_) => None,
            How::Failed(why) => Some(why.clone()),
            How::TimedOut(seconds) => Some(format!("did not end within {}", crate::plan::duration_text(*seconds))),
            How::Stopped => Some("was stopped".to_owned()),
        }
    }
}

/// What happens to a task, an attempt after the other.
pub(super) enum Attempt {
    /// This one began.
    Began(u32),
    /// It ended, and whether another follows.
    Ended { attempt: u32, how: How, took: Duration, again: bool },
}

/// Runs a job until an attempt succeeds or none is left; `told` hears of each, the last by `again: false`.
pub(super) fn run(job: &Job, place: &Place, stop: &Stop, told: &dyn Fn(Attempt)) {
    let times = job.retry.as_ref().map_or(0, |retry| retry.times);
    let mut attempt = job.first;
    loop {
        told(Attempt::Began(attempt));
        let begun = Instant::now();
        let how = attempted(job, place, attempt, stop);
        let again = matches!(how, How::Failed(_) | How::TimedOut(_)) && attempt < job.first + times;
        told(Attempt::Ended { attempt, how, took: begun.elapsed(), again });
        if !again {
            return;
        }
        if !wait(job, attempt - job.first, stop) {
            return told(Attempt::Ended { attempt, how: How::Stopped, took: begun.elapsed(), again: false });
        }
        attempt += 1;
    }
}

/// Runs a command by itself, everything that it prints into a file, within a time; a sentence where it did not end well.
pub fn alone(command: &mut Command, log: &Path, time: Duration, stop: &Stop) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    printing_to(command, log).map_err(|error| cannot("write", log, &error))?;
    let exit = process::run(command, Some(Instant::now() + time), (stop, stop.asked() + 1));
    let seconds = time.as_secs_f64();
    match exit.map_err(|error| unstarted(&program, &error))? {
        Exit::Ended(status) if status.success() => Ok(()),
        Exit::Ended(status) => Err(said(status, log)),
        Exit::TimedOut => Err(How::TimedOut(seconds).failure().unwrap_or_default()),
        Exit::Stopped => Err(How::Stopped.failure().unwrap_or_default()),
    }
}

fn printing_to(command: &mut Command, log: &Path) -> io::Result<()> {
    let output = fs::File::options().create(true).append(true).open(log)?;
    command.stdout(output.try_clone()?).stderr(output);
    Ok(())
}

/// Waits as long as a retry says; whether the run was not stopped meanwhile.
fn wait(job: &Job, attempt: u32, stop: &Stop) -> bool {
    let Some(retry) = &job.retry else { return true };
    let seconds = retry.backoff * retry.factor.powi(attempt as i32);
    let seconds = seconds.min(retry.max_backoff.unwrap_or(f64::MAX)).clamp(0.0, 1e9);
    let until = Instant::now() + Duration::from_secs_f64(seconds);
    while Instant::now() < until && stop.asked() < job.stops {
        std::thread::sleep(Duration::from_millis(20).min(until - Instant::now()));
    }
    stop.asked() < job.stops
}

fn attempted(job: &Job, place: &Place, attempt: u32, stop: &Stop) -> How {
    let work = place.work(&job.name, attempt);
    let found = prepared(job, place, attempt, &work).and_then(|(command, outputs)| {
        if let Some(mut command) = command {
            let log = place.log(&job.name, attempt);
            let deadline = job.timeout.map(|seconds| Instant::now() + Duration::from_secs_f64(seconds));
            let words = command.get_program().to_string_lossy().into_owned();
            printing_to(&mut command, &log).map_err(|error| cannot("write", &log, &error))?;
            match process::run(&mut command, deadline, (stop, job.stops)).map_err(|error| unstarted(&words, &error))? {
                Exit::TimedOut => return Ok(How::TimedOut(job.timeout.unwrap_or_default())),
                Exit::Stopped => return Ok(How::Stopped),
                Exit::Ended(status) if !status.success() => return Ok(How::Failed(said(status, &log))),
                Exit::Ended(_) => {}
            }
        }
        collected(job, &work, outputs).map(|given| How::Done(Box::new(given)))
    });
    let _ = fs::remove_dir_all(&work);
    found.unwrap_or_else(How::Failed)
}

/// The command, and where each output is to be written.
fn prepared(
    job: &Job,
    place: &Place,
    attempt: u32,
    work: &Path,
) -> Result<(Option<Command>, IndexMap<String, PathBuf>), String> {
    let mut outputs = IndexMap::new();
    for output in &job.outputs {
        let path = match is_artifact(&output.ty) {
            true => place.artifact(&job.name, attempt, &output.name),
            false => work.join("values").join(&output.name),
        };
        if !matches!(job.start, Start::Found { .. }) {
            let folder = path.parent().unwrap_or(work);
            fs::create_dir_all(folder).map_err(|error| cannot("make the folder", folder, &error))?;
        }
        outputs.insert(output.name.clone(), path);
    }
    fs::create_dir_all(work).map_err(|error| cannot("make the folder", work, &error))?;
    let command = match &job.start {
        Start::Runner { python, step, inputs } => {
            let mut command = runner(python, step, work)?;
            let inputs = write(work, "inputs.json", &json!(inputs).to_string())?;
            let paths: IndexMap<&String, &PathBuf> = job
                .outputs
                .iter()
                .filter(|output| is_artifact(&output.ty))
                .map(|output| (&output.name, &outputs[&output.name]))
                .collect();
            command.args(["--inputs", &inputs, "--outputs", &json!(paths).to_string()]).arg("--result");
            command.arg(work.join("result.json"));
            command
        }
        Start::Would { python, step, program } => {
            let words = program.words(&outputs)?;
            let mut command = runner(python, step, work)?;
            let paths: IndexMap<&String, &PathBuf> = outputs.iter().collect();
            command.args(["--outputs", &json!(paths).to_string()]).arg("--result").arg(work.join("result.json"));
            command.arg("--would").args(words);
            command
        }
        Start::Program(program) => {
            let words = program.words(&outputs)?;
            let (program, arguments) = words.split_first().ok_or("there is no program to start")?;
            let mut command = Command::new(program);
            command.args(arguments);
            command
        }
        Start::Found { .. } => return Ok((None, outputs)),
        Start::Asked { question } => {
            let log = place.log(&job.name, attempt);
            let said = format!("nobody is asked on this machine: {question}\n");
            fs::write(&log, said).map_err(|error| cannot("write", &log, &error))?;
            return Ok((None, outputs));
        }
    };
    let mut command = command;
    command.current_dir(&place.project).env("PYTHONUNBUFFERED", "1").envs(job.env.iter().cloned());
    Ok((Some(command), outputs))
}

fn runner(python: &Path, step: &str, work: &Path) -> Result<Command, String> {
    let step = write(work, "step.json", step)?;
    let mut command = Command::new(python);
    command.args(["-c", crate::emit::step::RUNNER, "--step", &step]);
    Ok(command)
}

/// Writes a file, and names it as the runner wants it.
fn write(work: &Path, name: &str, text: &str) -> Result<String, String> {
    let path = work.join(name);
    fs::write(&path, text).map_err(|error| cannot("write", &path, &error))?;
    Ok(format!("@{}", path.display()))
}

/// What a task gave, once it has ended well.
fn collected(job: &Job, work: &Path, paths: IndexMap<String, PathBuf>) -> Result<Given, String> {
    let returned: Values = match &job.start {
        Start::Runner { .. } | Start::Would { .. } => match fs::read(work.join("result.json")) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| format!("its result is no JSON: {error}"))?,
            Err(_) => Values::new(),
        },
        _ => Values::new(),
    };
    let mut given = Given::default();
    for output in &job.outputs {
        let name = &output.name;
        let path = &paths[name];
        let value = match (&job.start, is_artifact(&output.ty)) {
            (Start::Found { uri, metadata }, _) => found(uri, metadata, &mut given)?,
            (_, true) => written(name, path, &mut given)?,
            (_, false) => match returned.get(name) {
                Some(value) => value.clone(),
                None => read_value(name, &output.ty, path)?,
            },
        };
        if !is_artifact(&output.ty) {
            decode(&format!("output {name}"), &output.ty, &value).map_err(|fault| fault.message)?;
        }
        if job.check_data {
            given.unchecked.extend(checked(output, &value)?);
        }
        given.outputs.insert(name.clone(), value);
    }
    Ok(given)
}

/// Holds the rows of an output against their schema; why that cannot be done, if it cannot.
fn checked(output: &TaskOutput, value: &Json) -> Result<Option<String>, String> {
    let path = value.get("path").and_then(Json::as_str).map(Path::new);
    let (Some(contract), Some(path)) = (&output.contract, path) else { return Ok(None) };
    match data::check(contract, path).map_err(|error| cannot("read", path, &error))? {
        Found::Holds => Ok(None),
        Found::Unreadable(why) => {
            Ok(Some(format!("output {} is not checked against schema {}: {why}", output.name, contract.schema)))
        }
        Found::Broken(faults) => {
            Err(format!("output {} breaks schema {}, in {}: {faults}", output.name, contract.schema, path.display()))
        }
    }
}

fn written(name: &str, path: &Path, given: &mut Given) -> Result<Json, String> {
    if !path.exists() {
        return Err(format!("the output {name} was not written to {}", path.display()));
    }
    for path in [path, &cache::metadata_file(path)] {
        if path.exists() {
            let content = cache::content(path).map_err(|error| cannot("read", path, &error))?;
            given.contents.insert(path.display().to_string(), content);
        }
    }
    Ok(json!({"path": path, "uri": path}))
}

fn found(uri: &str, metadata: &Json, given: &mut Given) -> Result<Json, String> {
    let path = uri.strip_prefix("file://").unwrap_or(uri);
    if path.contains("://") {
        return Err(format!("`{uri}` is not on this machine, and only a cluster fetches it"));
    }
    let path = fs::canonicalize(path).map_err(|error| cannot("read", Path::new(path), &error))?;
    let content = cache::content(&path).map_err(|error| cannot("read", &path, &error))?;
    given.contents.insert(path.display().to_string(), content);
    Ok(json!({"path": path, "uri": uri, "metadata": metadata}))
}

/// A value that a program wrote: a text as it is, anything else as JSON.
fn read_value(name: &str, ty: &Type, path: &Path) -> Result<Json, String> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(_) if matches!(ty, Type::Optional { .. }) => return Ok(Json::Null),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(format!("the output {name} was not written to {}", path.display()));
        }
        Err(error) => return Err(cannot("read", path, &error)),
    };
    let text = String::from_utf8(bytes).map_err(|_| format!("the output {name} is not UTF-8 text"))?;
    match ty.required() {
        Type::String | Type::Uri | Type::Cron | Type::Timestamp | Type::Enum { .. } => Ok(Json::String(text)),
        _ => serde_json::from_str(&text).map_err(|error| format!("the output {name} is no JSON: {error}")),
    }
}

/// Whether a value of that type is kept in a file.
pub(super) fn is_artifact(ty: &Type) -> bool {
    matches!(ty.required(), Type::Artifact { .. })
}

/// Why a process failed: the last line that it printed, which says most.
fn said(status: std::process::ExitStatus, log: &Path) -> String {
    let ended = match status.code() {
        Some(code) => format!("ended with {code}"),
        None => format!("was ended by {status}"),
    };
    let text = file::end_of(log, 4096).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    match text.lines().rev().find(|line| !line.trim().is_empty()) {
        Some(line) => format!("{ended}: {}", line.trim().strip_prefix("mlp: ").unwrap_or(line.trim())),
        None => ended,
    }
}

fn unstarted(program: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!("there is no program `{program}` on this machine"),
        _ => format!("`{program}` cannot be run: {error}"),
    }
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> String {
    format!("cannot {what} {}: {error}", path.display())
}
