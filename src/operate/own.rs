//! A project's own commands in place of an orchestrator's ways: `operations: { deploy: { run: "./deploy.sh" } }`.
//!
//! In: lines for the shell, which are told what is wanted by `MLP_…` variables. Out: what they wrote to the file that `MLP_OUTPUTS`
//! names, held against what is expected of it. It refuses to know what they do.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::orchestrator::{Checked, Live, Orchestrator, Ran, Release, pipelines, version};
use super::{Deadline, Done, Failure, program, secret};
use crate::emit::running::Event;
use crate::gate::decode;
use crate::plan::{Environment, OwnOperation, Pipeline, Plan, Type};

/// How long the way back from a deployment that failed may take.
const BACK: Duration = Duration::from_secs(120);

/// The commands that answer; what another writes there is not looked at.
const ANSWERING: [&str; 2] = ["live_version", "run"];

/// An environment in which some things are done by the project's own commands.
pub(super) struct Own<'p> {
    plan: &'p Plan,
    environment: &'p Environment,
    folder: PathBuf,
    /// Who does what no command does; a failure where it cannot be reached, which whoever needs it is told.
    otherwise: Done<Box<dyn Orchestrator + 'p>>,
}

/// What a command is told, and what it is given.
struct Call<'c> {
    name: &'c str,
    told: Vec<(&'c str, String)>,
}

impl<'p> Own<'p> {
    pub(super) fn new(
        plan: &'p Plan,
        environment: &'p Environment,
        folder: &Path,
        otherwise: Done<Box<dyn Orchestrator + 'p>>,
    ) -> Self {
        Self { plan, environment, folder: folder.to_owned(), otherwise }
    }

    fn otherwise(&self) -> Done<&dyn Orchestrator> {
        self.otherwise.as_deref().map_err(Clone::clone)
    }

    fn operation(&self, name: &str) -> Option<&'p OwnOperation> {
        self.environment.operations.get(name)
    }

    /// The version that a command says is live.
    fn version(&self, operation: &OwnOperation, deadline: &Deadline) -> Done<Option<String>> {
        let answer = self.call(operation, Call { name: "live_version", told: Vec::new() }, deadline)?.1;
        match answer.as_ref().map(|answer| answer.get("version")) {
            Some(Some(Json::Null)) => Ok(None),
            Some(Some(Json::String(version))) if !version.trim().is_empty() => Ok(Some(version.clone())),
            Some(_) => Err(Failure::new(format!(
                "`live_version` wrote {}, and {{\"version\": \"…\"}} or {{\"version\": null}} is wanted",
                answer.unwrap_or_default()
            ))),
            None => Err(Failure::new("`live_version` wrote nothing to the file that MLP_OUTPUTS names")),
        }
    }

    fn back(&self, operation: &OwnOperation, to: Option<&str>, deadline: &Deadline) -> Done<Vec<String>> {
        let told = vec![("MLP_VERSION", to.unwrap_or_default().to_owned())];
        let lines = self.call(operation, Call { name: "rollback", told }, deadline)?.0;
        match version(&self.live(deadline)?)? {
            live if live.as_deref() == to => Ok(lines),
            other => Err(Failure::new(format!(
                "`rollback` ended well, and `live_version` says that {} is live",
                other.as_deref().unwrap_or("nothing")
            ))),
        }
    }

    /// After a deployment that failed: what was live before is live, unless another deployment came between.
    fn taken_back(&self, failure: Failure, before: Option<&str>, tried: &str) -> Failure {
        let time = Deadline::after(BACK);
        let now = self.live(&time).and_then(|live| version(&live)).unwrap_or(None);
        if let Some(other) = now.as_deref().filter(|now| Some(*now) != before && *now != tried) {
            return failure.and(&format!("another deployment made {other} live meanwhile, and it is left as it is"));
        }
        match self.rollback(before, &time) {
            Ok(_) => failure.and(&format!("{} is live again", before.unwrap_or("nothing"))),
            Err(why) => failure.and(&format!("what was live before could not be brought back: {why}")),
        }
    }

    /// Runs a command to its end: what it printed, and what it answered.
    fn call(&self, operation: &OwnOperation, call: Call, deadline: &Deadline) -> Done<(Vec<String>, Option<Json>)> {
        let place = Place { project: &self.plan.project.name, environment: self.environment, folder: &self.folder };
        ask(operation, call.name, &call.told, &place, deadline)
    }
}

/// Where a command is run, and on what.
pub struct Place<'a> {
    pub(super) project: &'a str,
    pub(super) environment: &'a Environment,
    pub(super) folder: &'a Path,
}

/// Runs a command to its end: what it printed, and what it answered; no secret is in either.
pub(super) fn ask(
    operation: &OwnOperation,
    name: &str,
    told: &[(&str, String)],
    place: &Place,
    deadline: &Deadline,
) -> Done<(Vec<String>, Option<Json>)> {
    let folder = tempfile::tempdir().map_err(|error| Failure::new(format!("there is no room for a file: {error}")))?;
    let answer = folder.path().join("outputs.json");
    let endpoint = place.environment.orchestrator.arguments.get("endpoint").and_then(Json::as_str).unwrap_or_default();
    let mut command = Command::new("bash");
    command.args(["-eo", "pipefail", "-c", &operation.run]).current_dir(place.folder);
    command.env("MLP_PROJECT", place.project).env("MLP_ENVIRONMENT", &place.environment.name);
    command.env("MLP_ENDPOINT", endpoint).env("MLP_OUTPUTS", &answer);
    command.envs(told.iter().map(|(name, value)| (name, value)));
    // The job has the secrets of all commands; each is given its own.
    let others = place.environment.operations.values().flat_map(|other| other.secrets.keys());
    for variable in others.map(String::as_str).chain(["MLP_TOKEN"]) {
        command.env_remove(variable);
    }
    let mut secrets = Vec::new();
    for (variable, source) in &operation.secrets {
        let what = format!("the secret `{}`", source.secret);
        let secret = secret::read(variable, &what, Some(&source.home), deadline)?;
        command.env(variable, secret.reveal());
        secrets.push(secret);
    }
    let mask = |text: &str| secrets.iter().fold(text.to_owned(), |text, secret| secret.mask(&text));
    let own = Deadline::after(Duration::from_secs_f64(operation.timeout.min(1e9)));
    let shorter = if deadline.left() < own.left() { *deadline } else { own };
    let printed = program::run(&mut command, &shorter).map_err(|failure| match failure {
        Failure::Failed(reason) => Failure::Failed(format!("`{name}`: {}", mask(&reason))),
        Failure::TimedOut(reason) => Failure::TimedOut(format!("`{name}`: {}", mask(&reason))),
    })?;
    let lines = mask(&String::from_utf8_lossy(&printed)).lines().map(str::to_owned).collect();
    let text = match std::fs::read_to_string(&answer) {
        Ok(text) if ANSWERING.contains(&name) => text,
        _ => return Ok((lines, None)),
    };
    let answer = serde_json::from_str(&text)
        .map_err(|error| Failure::new(format!("what `{name}` wrote to MLP_OUTPUTS is no JSON: {error}")))?;
    Ok((lines, Some(masked(answer, &mask))))
}

/// An answer without secrets: it is kept as a measured value, and its words come into reasons.
fn masked(answer: Json, mask: &dyn Fn(&str) -> String) -> Json {
    match answer {
        Json::String(text) => Json::String(mask(&text)),
        Json::Array(items) => items.into_iter().map(|item| masked(item, mask)).collect(),
        Json::Object(fields) => fields.into_iter().map(|(name, value)| (mask(&name), masked(value, mask))).collect(),
        Json::Number(number) => match mask(&number.to_string()) {
            same if same == number.to_string() => Json::Number(number),
            hidden => Json::String(hidden),
        },
        other => other,
    }
}

impl Orchestrator for Own<'_> {
    fn live(&self, deadline: &Deadline) -> Done<Vec<Live>> {
        let Some(operation) = self.operation("live_version") else { return self.otherwise()?.live(deadline) };
        let version = self.version(operation, deadline)?;
        let live = |pipeline: &Pipeline| Live {
            pipeline: pipeline.name.clone(),
            version: version.clone(),
            scheduled: version.is_some() && pipeline.schedule.is_some(),
        };
        Ok(pipelines(self.plan, &self.environment.name).into_iter().map(live).collect())
    }

    fn deploy(&self, release: &Release, deadline: &Deadline) -> Done<Vec<String>> {
        let Some(operation) = self.operation("deploy") else { return self.otherwise()?.deploy(release, deadline) };
        let before = version(&self.live(deadline)?).unwrap_or(None);
        if before.as_ref() == Some(&release.version) {
            return Ok(vec![format!("{} is live already", release.version)]);
        }
        let files = written(release, self.environment)?;
        let told = vec![
            ("MLP_VERSION", release.version.clone()),
            ("MLP_PREVIOUS", before.clone().unwrap_or_default()),
            ("MLP_FILES", files.path().to_string_lossy().into_owned()),
        ];
        let done = self.call(operation, Call { name: "deploy", told }, deadline);
        let live = done.and_then(|(lines, _)| match version(&self.live(deadline)?)? {
            Some(live) if live == release.version => Ok(lines),
            other => Err(Failure::new(format!(
                "`deploy` ended well, and `live_version` says that {} is live",
                other.as_deref().unwrap_or("nothing")
            ))),
        });
        live.map(|mut lines| {
            lines.push(format!("{} is live", release.version));
            lines
        })
        .map_err(|failure| self.taken_back(failure, before.as_deref(), &release.version))
    }

    fn rollback(&self, version: Option<&str>, deadline: &Deadline) -> Done<Vec<String>> {
        match self.operation("rollback") {
            None => self.otherwise()?.rollback(version, deadline),
            Some(operation) => {
                let mut lines = self.back(operation, version, deadline)?;
                lines.push(format!("{} is live again", version.unwrap_or("nothing")));
                Ok(lines)
            }
        }
    }

    fn run(&self, pipeline: &Pipeline, arguments: &IndexMap<String, Json>, deadline: &Deadline) -> Done<Ran> {
        let Some(operation) = self.operation("run") else {
            return self.otherwise()?.run(pipeline, arguments, deadline);
        };
        let told = vec![
            ("MLP_PIPELINE", pipeline.name.clone()),
            ("MLP_ARGUMENTS", Json::from_iter(arguments.clone()).to_string()),
        ];
        let (lines, answer) = self.call(operation, Call { name: "run", told }, deadline)?;
        let run = lines.last().cloned().unwrap_or_else(|| "of the project's own".to_owned());
        let answer = answer.unwrap_or_else(|| Json::Object(Default::default()));
        let mut outputs = IndexMap::new();
        for output in &pipeline.outputs {
            let value = answer.get(&output.name).cloned().unwrap_or_default();
            let path = format!("{}.{}", pipeline.name, output.name);
            if value.is_null() && !matches!(output.value.ty, Type::Optional { .. }) {
                return Err(Failure::new(format!("`run` gave no `{path}`")));
            }
            decode(&path, &output.value.ty, &value)
                .map_err(|fault| Failure::new(format!("`run`: {}", fault.message)))?;
            outputs.insert(output.name.clone(), value);
        }
        Ok(Ran { run, address: self.environment.name.clone(), outputs: Some(outputs) })
    }

    fn announce(&self, event: Event, deadline: &Deadline) -> Done<Vec<String>> {
        self.otherwise()?.announce(event, deadline)
    }

    fn preflight(&self, deadline: &Deadline) -> Vec<Checked> {
        let Some(operation) = self.operation("preflight") else {
            return match self.otherwise() {
                Ok(there) => there.preflight(deadline),
                Err(failure) => vec![Checked::of("its orchestrator can be reached", Err(failure))],
            };
        };
        let done = self.call(operation, Call { name: "preflight", told: Vec::new() }, deadline);
        vec![Checked::of("the project's own checks pass", done.map(drop))]
    }
}

/// The files of a release, in a folder that goes when it is done.
fn written(release: &Release, environment: &Environment) -> Done<tempfile::TempDir> {
    let no_room = |error| Failure::new(format!("there is no room for the files of the release: {error}"));
    let folder = tempfile::tempdir().map_err(no_room)?;
    let ending = if environment.orchestrator.form == "airflow" { "py" } else { "yaml" };
    for (pipeline, text) in &release.pipelines {
        std::fs::write(folder.path().join(format!("{}.{ending}", pipeline.name)), text).map_err(no_room)?;
    }
    Ok(folder)
}
