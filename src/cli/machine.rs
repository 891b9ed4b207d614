//! This machine as a place where pipelines run: its Python, its cores, and an interrupt that ends what runs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use indexmap::IndexMap;

use crate::diagnostics::did_you_mean;
use crate::emit::secret_manager::SecretManager;
use crate::machine::process::Stop;
use crate::machine::secrecy::Secret;
use crate::operate::{Deadline, secret};
use crate::plan::{Environment, Pipeline, Plan};
use crate::run::{self, Earlier, Event, Outcome, Place, Request, flow::Values};

use super::Status;

/// What a command that runs pipelines takes.
#[derive(Debug, clap::Args)]
pub(super) struct Machinery {
    /// Run every step, whatever earlier runs gave
    #[arg(long)]
    no_cache: bool,

    /// How many steps run at once; left out, what the environment's limits say, else the number of this machine's cores
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    parallel: Option<u32>,

    /// The Python that steps run in
    #[arg(long, value_name = "PROGRAM", default_value = "python3")]
    python: PathBuf,
}

/// Why nothing was started, and the exit status that says so.
pub(super) type Refused = (Status, Vec<String>);

/// Where and how pipelines run.
pub(super) struct Machine {
    /// The project's folder.
    pub(super) folder: PathBuf,
    python: PathBuf,
    parallel: Option<u32>,
    cache: bool,
    check_data: bool,
}

impl Machine {
    /// `check_data`: whether rows that a step wrote are held against their schema.
    pub(super) fn new(folder: &Path, arguments: &Machinery, check_data: bool) -> Result<Self, Refused> {
        let python = which(&arguments.python).ok_or_else(|| {
            let fault = format!("there is no `{}` on this machine: name one by --python", arguments.python.display());
            (Status::Failed, vec![fault])
        })?;
        let folder = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        Ok(Self { folder, python, parallel: arguments.parallel, cache: !arguments.no_cache, check_data })
    }

    /// A new run; `parameters` has every parameter.
    pub(super) fn request<'p>(
        &self,
        pipeline: &'p Pipeline,
        environment: &Environment,
        parameters: Values,
    ) -> Result<Request<'p>, Refused> {
        let earlier = Earlier { parameters, at: run::moment(now()), ..Earlier::default() };
        self.resume(pipeline, environment, new_id(), earlier)
    }

    /// A run that is gone on with.
    pub(super) fn resume<'p>(
        &self,
        pipeline: &'p Pipeline,
        environment: &Environment,
        id: String,
        earlier: Earlier,
    ) -> Result<Request<'p>, Refused> {
        let refused = run::refused(pipeline, environment);
        if !refused.is_empty() {
            return Err((Status::Failed, refused));
        }
        let store = run::store(environment, &self.folder).map_err(|fault| (Status::Failed, vec![fault]))?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Request {
            pipeline,
            parameters: earlier.parameters.clone(),
            place: Place::new(&self.folder, &store, &pipeline.name, &id),
            id,
            created_at: earlier.at.clone(),
            python: self.python.clone(),
            parallel: self.parallel.or(pipeline.parallel_steps).map_or(cores, |most| most as usize),
            cache: self.cache,
            check_data: self.check_data,
            secrets: secrets(pipeline)?,
            earlier,
        })
    }
}

/// The secrets of a pipeline's steps that managers of secrets keep, each read once, before anything is started.
fn secrets(pipeline: &Pipeline) -> Result<IndexMap<String, Secret>, Refused> {
    let (mut found, mut faults) = (IndexMap::new(), Vec::new());
    let sources = pipeline.tasks().into_iter().flat_map(|task| task.secrets.values());
    let mut seen = BTreeSet::new();
    for source in sources.filter(|source| seen.insert(&source.secret)) {
        let Some(manager) = SecretManager::of(&source.home) else { continue };
        match secret::fetch(&manager, &Deadline::after(secret::AT_MOST)) {
            Ok(secret) => drop(found.insert(source.secret.clone(), secret)),
            Err(why) => faults.push(format!("the secret `{}` cannot be read: {why}", source.secret)),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err((Status::Failed, faults)) }
}

/// Runs it to its end, or to an interrupt.
pub(super) fn run(request: &Request, watch: &mut dyn FnMut(&Event)) -> Result<Outcome, Refused> {
    run::run(request, stop(), watch).map_err(|error| match error.kind() {
        std::io::ErrorKind::WouldBlock => {
            (Status::Failed, vec![format!("run {} goes on in another process", request.id)])
        }
        _ => {
            let place = request.place.run.display();
            (Status::Unreadable, vec![format!("the run cannot be kept in {place}: {error}")])
        }
    })
}

/// What an interrupt asks; without it one would leave the steps' processes behind.
pub(super) fn stop() -> &'static Arc<Stop> {
    static STOP: OnceLock<Arc<Stop>> = OnceLock::new();
    STOP.get_or_init(|| {
        let stop = Arc::new(Stop::default());
        let asked = stop.clone();
        // It can be set once in a process, and is.
        let _ = ctrlc::set_handler(move || asked.ask());
        stop
    })
}

/// The pipeline in the environment.
pub(super) fn chosen<'p>(
    plan: &'p Plan,
    pipeline: &str,
    environment: &str,
) -> Result<(&'p Pipeline, &'p Environment), Refused> {
    let usage = |fault: String| (Status::Usage, vec![fault]);
    let near = |name: &str, known: &[&str]| {
        did_you_mean(name, known.iter().copied()).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
    };
    let environments: Vec<&str> = plan.environments.iter().map(|one| one.name.as_str()).collect();
    let place = plan.environments.iter().find(|one| one.name == environment).ok_or_else(|| {
        usage(format!("the project has no environment `{environment}`{}", near(environment, &environments)))
    })?;
    let there: Vec<&Pipeline> = plan.pipelines.iter().filter(|one| one.environment == place.name).collect();
    let found = there.iter().find(|one| one.name == pipeline);
    let found = found.copied().ok_or_else(|| {
        let names: Vec<&str> = there.iter().map(|one| one.name.as_str()).collect();
        let elsewhere = plan.pipelines.iter().any(|one| one.name == pipeline);
        usage(match elsewhere {
            true => format!(
                "pipeline `{pipeline}` is not built for `{environment}`: schedule, promote or test it there, or list it in \
                 the environment's `pipelines`"
            ),
            false => format!("`{environment}` has no pipeline `{pipeline}`{}", near(pipeline, &names)),
        })
    })?;
    Ok((found, place))
}

/// The moment.
pub(super) fn now_utc() -> DateTime<Utc> {
    let now = i64::try_from(now().as_secs()).unwrap_or(i64::MAX);
    DateTime::from_timestamp(now, 0).unwrap_or_default()
}

#[allow(clippy::disallowed_types, reason = "a run is told apart from others by when it began")]
fn now() -> Duration {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default()
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
