//! `mlp run`: a pipeline on this machine.

mod progress;
mod remote;
mod report;

use std::path::{Path, PathBuf};

use crate::diagnostics::render::Format;
use crate::operate::measured;
use crate::plan::{Environment, Pipeline};
use crate::run::{self, Earlier, Outcome, Request, flow::Ending};

use super::machine::{self, Machine, Refused};
use super::reports;
use super::{Console, Status, expected, plan};

use progress::Progress;

/// Run a pipeline: on this machine, where every step is a process, or where it is deployed
///
/// In an environment with an orchestrator the live version is started there and waited for; what it returns is printed.
/// Steps that wait for nothing of each other run side by side. What a step printed is kept in a file, what it gave is remembered:
/// as long as its code, its inputs and its parameters are the same it is not run again. Exit status: 0 the run succeeded, 1 it
/// failed or the project has faults, 2 usage, 3 a file could not be read or written, 130 it was interrupted.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mlp run training --env local
  mlp run training --env local --set penalties='[0.1, 1.0]' --set seed=7
  mlp run training --env local --resume          go on with the last run, which failed
  mlp run training --env local --no-cache")]
pub(super) struct Arguments {
    /// The pipeline
    #[arg(value_name = "PIPELINE")]
    pipeline: String,

    /// The environment that it runs in
    #[arg(long, value_name = "ENV")]
    env: String,

    /// A parameter of the pipeline; quantities as in the language, lists and records as JSON
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,

    /// Go on with a run that failed or was stopped: the last one of this pipeline, or the one that is named
    #[arg(long, value_name = "RUN", num_args = 0..=1, default_missing_value = "last", conflicts_with = "set")]
    resume: Option<String>,

    /// Write what the pipeline returns into this folder, `ENV.json`, where gates read it
    #[arg(long, value_name = "FOLDER")]
    outputs: Option<PathBuf>,

    /// After how many seconds a run elsewhere is given up; left out, the environment's deadline
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    timeout: Option<u64>,

    /// Hold the rows that a step writes against their schema, as `mlp test` does; only on this machine
    #[arg(long)]
    check_data: bool,

    #[command(flatten)]
    machine: machine::Machinery,

    /// The project's folder
    #[arg(long, value_name = "PATH")]
    project: Option<PathBuf>,

    #[command(flatten)]
    reports: reports::Arguments,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> Status {
    let ready = match plan::ready(arguments.project.as_deref(), None, &arguments.reports, console) {
        Ok(ready) => ready,
        Err(status) => return status,
    };
    let started =
        machine::chosen(&ready.planned.plan, &arguments.pipeline, &arguments.env).and_then(|(pipeline, place)| {
            let is_elsewhere = place.orchestrator.form != "processes" || place.operations.contains_key("run");
            if is_elsewhere && arguments.check_data {
                let fault =
                    format!("--check-data reads what steps wrote on this machine, and `{}` runs elsewhere", place.name);
                return Err((Status::Usage, vec![fault]));
            }
            if is_elsewhere {
                return Ok(remote::start(arguments, (&ready.planned.plan, &ready.folder), (pipeline, place), console));
            }
            expected::meets(&ready, pipeline, &mut |line| console.say(&format!("{line}\n")))?;
            prepared(arguments, &ready.folder, pipeline, place).map(|request| start(&request, arguments, console))
        });
    started.unwrap_or_else(|(status, faults)| {
        faults.iter().for_each(|fault| console.fail(fault));
        status
    })
}

fn prepared<'p>(
    arguments: &Arguments,
    folder: &Path,
    pipeline: &'p Pipeline,
    environment: &Environment,
) -> Result<Request<'p>, Refused> {
    let machine = Machine::new(folder, &arguments.machine, arguments.check_data)?;
    match &arguments.resume {
        Some(which) => {
            let (id, earlier) = resumed(&machine.folder, which, pipeline)?;
            machine.resume(pipeline, environment, id, earlier)
        }
        None => {
            let parameters = run::parameters(pipeline, &arguments.set).map_err(|faults| (Status::Usage, faults))?;
            machine.request(pipeline, environment, parameters)
        }
    }
}

fn start(request: &Request, arguments: &Arguments, console: &Console) -> Status {
    let mut progress = Progress::new(console, request);
    let outcome = machine::run(request, &mut |event| progress.tell(event));
    progress.finish();
    match outcome {
        Ok(outcome) => {
            let page = request.place.run.join("report.html");
            match std::fs::write(&page, run::report::html(request, &outcome)) {
                Ok(()) => console.say(&format!("the whole of it: {}\n", page.display())),
                Err(error) => console.fail(format!("{} cannot be written: {error}", page.display())),
            }
            console.print(&match arguments.reports.format {
                Format::Json => report::json(request, &outcome),
                _ => report::text(request, &outcome, console.colors_output()),
            });
            let measured = arguments.outputs.as_ref().filter(|_| outcome.ending == Ending::Succeeded);
            let written = measured.map(|place| {
                let outputs = remote::measured(&outcome.outputs);
                measured::merge(place, &request.pipeline.environment, &request.pipeline.name, &outputs)
            });
            match written {
                Some(Err(fault)) => {
                    console.fail(fault);
                    Status::Unreadable
                }
                _ => ended(&outcome),
            }
        }
        Err((status, faults)) => {
            faults.iter().for_each(|fault| console.fail(fault));
            status
        }
    }
}

fn ended(outcome: &Outcome) -> Status {
    match outcome.ending {
        Ending::Succeeded => Status::Fine,
        Ending::Failed => Status::Failed,
        Ending::Cancelled => Status::Interrupted,
    }
}

/// The run that is gone on with, and what it has left.
fn resumed(folder: &Path, which: &str, pipeline: &Pipeline) -> Result<(String, Earlier), Refused> {
    let runs = folder.join(".mlp").join("runs");
    let of = |earlier: &Earlier| earlier.of == Some((pipeline.name.clone(), pipeline.environment.clone()));
    let read = |id: &str| Earlier::read(&runs.join(id).join("journal.jsonl"));
    if which != "last" {
        let earlier = read(which).map_err(|error| {
            (Status::Unreadable, vec![format!("run {which} cannot be read from {}: {error}", runs.display())])
        })?;
        return match of(&earlier) {
            true => unfinished(which.to_owned(), earlier),
            false => {
                let of = earlier.of.map_or("nothing".to_owned(), |(pipeline, place)| format!("{pipeline} in {place}"));
                Err((Status::Usage, vec![format!("run {which} is of {of}")]))
            }
        };
    }
    let mut ids: Vec<String> = std::fs::read_dir(&runs)
        .map(|entries| entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
        .unwrap_or_default();
    ids.sort();
    let last = ids.into_iter().rev().find_map(|id| read(&id).ok().filter(of).map(|earlier| (id, earlier)));
    let last = last.ok_or_else(|| {
        (Status::Failed, vec![format!("there is no run of {} in {} yet", pipeline.name, pipeline.environment)])
    });
    last.and_then(|(id, earlier)| unfinished(id, earlier))
}

/// A run that there is something left of.
fn unfinished(id: String, earlier: Earlier) -> Result<(String, Earlier), Refused> {
    match earlier.ending {
        Some(Ending::Succeeded) => {
            Err((Status::Failed, vec![format!("run {id} has succeeded, so there is nothing to go on with")]))
        }
        _ => Ok((id, earlier)),
    }
}
