//! `mlp run`: a pipeline on this machine.

mod progress;
mod report;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use indexmap::IndexMap;

use crate::diagnostics::did_you_mean;
use crate::plan::{Environment, Pipeline, Plan};
use crate::run::{self, Earlier, Outcome, Place, Request, Stop, flow::Ending};

use super::reports::{self, Reports};
use super::{Console, Status, plan, project};

use progress::Progress;

/// Run a pipeline on this machine: every step is a process
///
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

    /// Run every step, whatever earlier runs gave
    #[arg(long)]
    no_cache: bool,

    /// How many steps run at once; left out, what the environment's limits say, else the number of this machine's cores
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    parallel: Option<u32>,

    /// The Python that steps run in
    #[arg(long, value_name = "PROGRAM", default_value = "python3")]
    python: PathBuf,

    /// The project's folder
    #[arg(long, value_name = "PATH")]
    project: Option<PathBuf>,

    #[command(flatten)]
    reports: reports::Arguments,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> Status {
    let mut reports = Reports::default();
    let planned = plan::of(arguments.project.as_deref(), &IndexMap::new(), &mut reports);
    let status = reports.status(arguments.reports.deny);
    let Some(planned) = planned.filter(|_| status == Status::Fine) else {
        reports.say(&arguments.reports, console);
        return status.max(Status::Failed);
    };
    let folder = match project::locate(arguments.project.as_deref()) {
        Ok(located) => located.folder,
        Err(_) => return Status::Unreadable,
    };
    let (pipeline, environment) = match chosen(&planned.plan, arguments) {
        Ok(chosen) => chosen,
        Err(message) => {
            console.fail(message);
            return Status::Usage;
        }
    };
    let request = match request(arguments, &folder, pipeline, environment) {
        Ok(request) => request,
        Err((status, faults)) => {
            faults.iter().for_each(|fault| console.fail(fault));
            return status;
        }
    };
    start(&request, console)
}

fn start(request: &Request, console: &Console) -> Status {
    let stop = Arc::new(Stop::default());
    let asked = stop.clone();
    // Without it an interrupt would leave the steps' processes behind; it can be set once in a process.
    let _ = ctrlc::set_handler(move || asked.ask());
    let mut progress = Progress::new(console, request);
    let outcome = run::run(request, &stop, &mut |event| progress.tell(event));
    progress.finish();
    match outcome {
        Ok(outcome) => {
            console.print(&report::text(request, &outcome, console.colors_output()));
            ended(&outcome)
        }
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
            console.fail(format!("run {} goes on in another process", request.id));
            Status::Failed
        }
        Err(error) => {
            console.fail(format!("the run cannot be kept in {}: {error}", request.place.run.display()));
            Status::Unreadable
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

/// The pipeline in the environment.
fn chosen<'p>(plan: &'p Plan, arguments: &Arguments) -> Result<(&'p Pipeline, &'p Environment), String> {
    let near = |name: &str, known: &[&str]| {
        did_you_mean(name, known.iter().copied()).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
    };
    let environments: Vec<&str> = plan.environments.iter().map(|one| one.name.as_str()).collect();
    let environment = plan.environments.iter().find(|one| one.name == arguments.env).ok_or_else(|| {
        format!("the project has no environment `{}`{}", arguments.env, near(&arguments.env, &environments))
    })?;
    let there: Vec<&Pipeline> = plan.pipelines.iter().filter(|one| one.environment == environment.name).collect();
    let found = there.iter().find(|one| one.name == arguments.pipeline);
    let pipeline = found.copied().ok_or_else(|| {
        let names: Vec<&str> = there.iter().map(|one| one.name.as_str()).collect();
        let elsewhere = plan.pipelines.iter().any(|one| one.name == arguments.pipeline);
        match elsewhere {
            true => format!(
                "pipeline `{}` is not built for `{}`: schedule, promote or test it there, or list it in the environment's `pipelines`",
                arguments.pipeline, environment.name
            ),
            false => format!("`{}` has no pipeline `{}`{}", environment.name, arguments.pipeline, near(&arguments.pipeline, &names)),
        }
    })?;
    Ok((pipeline, environment))
}

type Refused = (Status, Vec<String>);

fn request<'p>(
    arguments: &Arguments,
    folder: &Path,
    pipeline: &'p Pipeline,
    environment: &Environment,
) -> Result<Request<'p>, Refused> {
    let refused = run::refused(pipeline, environment);
    if !refused.is_empty() {
        return Err((Status::Failed, refused));
    }
    let folder = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let store = run::store(environment, &folder).map_err(|fault| (Status::Failed, vec![fault]))?;
    let python = which(&arguments.python).ok_or_else(|| {
        let fault = format!("there is no `{}` on this machine: name one by --python", arguments.python.display());
        (Status::Failed, vec![fault])
    })?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let most = arguments.parallel.or(pipeline.parallel_steps).map_or(cores, |most| most as usize);
    let (id, earlier) = match &arguments.resume {
        None => (new_id(), Earlier::default()),
        Some(which) => resumed(&folder, which, pipeline)?,
    };
    let created_at = if earlier.at.is_empty() { run::moment(now()) } else { earlier.at.clone() };
    let parameters = match arguments.resume {
        Some(_) => earlier.parameters.clone(),
        None => run::parameters(pipeline, &arguments.set).map_err(|faults| (Status::Usage, faults))?,
    };
    Ok(Request {
        pipeline,
        parameters,
        place: Place::new(&folder, &store, &pipeline.name, &id),
        id,
        created_at,
        python,
        parallel: most,
        cache: !arguments.no_cache,
        earlier,
    })
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
            true => Ok((which.to_owned(), earlier)),
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
    last.ok_or_else(|| {
        (Status::Failed, vec![format!("there is no run of {} in {} yet", pipeline.name, pipeline.environment)])
    })
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Sorts by time; two runs that begin at once differ all the same.
fn new_id() -> String {
    let now = now();
    let digits: String = run::moment(now).chars().filter(char::is_ascii_digit).collect();
    let (date, time) = digits.split_at(8);
    format!("{date}-{time}-{:04x}", (u128::from(std::process::id()) ^ (now.as_nanos() >> 8)) & 0xffff)
}

/// A program by its path, or as it is found on the PATH.
fn which(program: &Path) -> Option<PathBuf> {
    if program.components().count() > 1 {
        return std::path::absolute(program).ok().filter(|program| program.is_file());
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|place| place.is_file())
}
