//! The environment that an operation is on: its plan, its project's folder, and who runs its pipelines.

use std::path::{Path, PathBuf};
use std::time::Duration;

use indexmap::IndexMap;

use crate::compile::Planned;
use crate::diagnostics::{Diagnostic, Severity, did_you_mean};
use crate::emit::{airflow, kubeflow};
use crate::operate::Deadline;
use crate::operate::orchestrator::Release;
use crate::plan::{Environment, Plan};

use crate::cli::reports::{self, Reports};
use crate::cli::{Console, Status, images, plan, project};

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
        let mut reports = Reports::default();
        let images = match from.map(images::read).transpose() {
            Ok(images) => images.unwrap_or_default(),
            Err(diagnostic) => {
                reports.add_one(*diagnostic);
                IndexMap::new()
            }
        };
        let located = project::locate(self.project.as_deref());
        let checked = plan::checked(self.project.as_deref(), &images, &mut reports);
        if let (true, Some((checked, planned)), Ok(located)) = (from.is_some(), &checked, &located) {
            let unpinned = images::unpinned(&planned.plan, &images);
            reports.add(&located.prefix, &checked.model.sources, unpinned);
        }
        let status = reports.status(None);
        let (Some((_, planned)), Ok(located), Status::Fine) = (checked, located, status) else {
            reports.say(&reports::Arguments::plain(), console);
            return Err(status.max(Status::Failed));
        };
        let names = planned.plan.environments.iter().map(|one| one.name.as_str());
        match planned.plan.environments.iter().position(|one| one.name == self.env) {
            Some(at) => Ok(Chosen { planned, folder: located.folder, at }),
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

    /// Whether its steps are processes of this machine, for which no file is made.
    fn runs_here(&self) -> bool {
        self.environment().orchestrator.form == "processes"
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
        let mut pipelines = Vec::new();
        for pipeline in self.plan().pipelines.iter().filter(|pipeline| pipeline.environment == *place) {
            let paths = [airflow::path(pipeline), kubeflow::path(pipeline)];
            let text = paths.iter().find_map(|path| files.get(path)).map(|file| file.text.clone());
            let text = text.ok_or_else(|| {
                let runs = &self.environment().orchestrator.form;
                format!("the project has no `target {runs}`, so nothing is made for `{place}`")
            });
            pipelines.push((pipeline, if self.runs_here() { String::new() } else { text? }));
        }
        match pipelines.is_empty() {
            true => {
                Err(format!("`{place}` has no pipelines: nothing is scheduled in it, promoted to it or tested in it"))
            }
            false => Ok(Release { version, pipelines }),
        }
    }
}
