//! The environment that an operation is on: its plan, its project's folder, and who runs its pipelines.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::compile::{Checked, Planned};
use crate::diagnostics::{Diagnostic, Severity, did_you_mean};
use crate::emit::{airflow, kubeflow};
use crate::operate::Deadline;
use crate::operate::orchestrator::{self, Release};
use crate::plan::{Environment, Plan, Service};

use crate::cli::{Console, Status, plan, reports};

/// What every operation takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Common {
    /// The environment
    #[arg(value_name = "ENV")]
    pub(in crate::cli) env: String,

    /// After how many seconds it is given up
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    timeout: Option<u64>,

    /// The project's folder
    #[arg(long, value_name = "PATH")]
    project: Option<PathBuf>,
}

/// The environment, and what it is of.
pub(in crate::cli) struct Chosen {
    checked: Checked,
    planned: Planned,
    pub(in crate::cli) folder: PathBuf,
    at: usize,
}

impl Common {
    /// So long, or as long as was said.
    pub(in crate::cli) fn deadline(&self, usually: u64) -> Deadline {
        Deadline::after(Duration::from_secs(self.timeout.unwrap_or(usually)))
    }

    /// The environment of the project; what is wrong is said.
    pub(in crate::cli) fn chosen(&self, from: Option<&Path>, console: &Console) -> Result<Chosen, Status> {
        let ready = plan::ready(self.project.as_deref(), from, &reports::Arguments::plain(), console)?;
        let plan::Ready { checked, planned, folder } = ready;
        let names = planned.plan.environments.iter().map(|one| one.name.as_str());
        match planned.plan.environments.iter().position(|one| one.name == self.env) {
            Some(at) => Ok(Chosen { checked, planned, folder, at }),
            None => {
                let near =
                    did_you_mean(&self.env, names).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                console.fail(format!("the project has no environment `{}`{near}", self.env));
                Err(Status::Usage)
            }
        }
    }
}

impl Chosen {
    /// The plan.
    pub(in crate::cli) fn plan(&self) -> &Plan {
        &self.planned.plan
    }

    /// The project as it was checked.
    pub(in crate::cli) fn checked(&self) -> &Checked {
        &self.checked
    }

    /// The environment itself.
    pub(in crate::cli) fn environment(&self) -> &Environment {
        &self.plan().environments[self.at]
    }

    /// From now on its files are those of a version.
    pub(in crate::cli) fn deployed_as(&mut self, version: &str) {
        self.planned.plan.version = Some(version.to_owned());
    }

    /// Whether a pipeline of it runs an image, of which the digest must be known.
    pub(in crate::cli) fn runs_images(&self) -> bool {
        let own = self.plan().pipelines.iter().filter(|pipeline| pipeline.environment == self.environment().name);
        own.flat_map(|pipeline| pipeline.tasks()).any(|task| task.image.is_some())
    }

    /// A service of the project; where there is none, that is said.
    pub(in crate::cli) fn service(&self, name: &str, console: &Console) -> Option<&Service> {
        let services = &self.plan().services;
        let found = services.iter().find(|service| service.name == name);
        if found.is_none() {
            let near = did_you_mean(name, services.iter().map(|service| service.name.as_str()));
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            console.fail(format!("the project has no service `{name}`{near}"));
        }
        found
    }

    /// The files that the environment's orchestrator runs.
    pub(in crate::cli) fn release(&self) -> Result<Release<'_>, String> {
        let place = &self.environment().name;
        let version = self.plan().version.clone().unwrap_or_default();
        let (files, refused) = self.planned.emit(|target| matches!(target, "airflow" | "kubeflow"));
        let refused: Vec<&Diagnostic> = refused.iter().filter(|one| one.severity == Severity::Error).collect();
        if let Some(first) = refused.first() {
            let more = if refused.len() > 1 { format!(", and {} more", refused.len() - 1) } else { String::new() };
            return Err(format!("{}{more}: `mlp check` says where", first.message));
        }
        let here = orchestrator::pipelines(self.plan(), place);
        if here.is_empty() {
            return Err(format!(
                "`{place}` has no pipelines: nothing is scheduled in it, promoted to it or tested in it"
            ));
        }
        let runs_on = &self.environment().orchestrator.form;
        let text = |pipeline| {
            let paths = [airflow::path(pipeline), kubeflow::path(pipeline)];
            paths.iter().find_map(|path| files.get(path)).map(|file| (pipeline, file.text.clone()))
        };
        let pipelines: Vec<_> = here.iter().copied().filter_map(text).collect();
        match pipelines.len() == here.len() || runs_on == "processes" {
            true => Ok(Release { version, pipelines }),
            false => Err(format!("the project has no `target {runs_on}`, so nothing is made for `{place}`")),
        }
    }
}
