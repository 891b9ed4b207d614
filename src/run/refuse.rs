//! What this machine cannot run, before anything is started.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::DateTime;

use super::start::variable_of;
use crate::emit::secret_manager::SecretManager;
use crate::plan::{Environment, Pipeline, Run};

/// Why a pipeline cannot be run here in that environment; nothing: it can.
pub fn refused(pipeline: &Pipeline, environment: &Environment) -> Vec<String> {
    let orchestrator = &environment.orchestrator.form;
    if orchestrator != "processes" {
        return vec![format!(
            "`{}` runs its steps on {orchestrator}; this machine runs those of an environment with `orchestrator: processes`",
            environment.name
        )];
    }
    let mut found = Vec::new();
    for task in pipeline.tasks() {
        let name = &task.id;
        match &task.run {
            Run::Claim { .. } => found.push(format!("`{name}` claims a volume, which a cluster alone has")),
            Run::Form { form, .. } => {
                found.push(format!("`{name}` runs by `{}`, which a cluster alone can", form.form));
            }
            Run::Python { .. }
            | Run::Gate { .. }
            | Run::Command { .. }
            | Run::Importer { .. }
            | Run::Approval { .. } => {}
        }
        for source in task.secrets.values() {
            match variable_of(source) {
                None if SecretManager::of(&source.home).is_some() => {}
                None => found.push(format!(
                    "`{name}` needs the secret {}, whose home `{}` is not this machine",
                    source.secret, source.home.form
                )),
                Some(variable) if std::env::var_os(variable).is_none() => {
                    found.push(format!("`{name}` needs the secret {}: set the variable {variable}", source.secret))
                }
                Some(_) => {}
            }
        }
    }
    found.dedup();
    found
}

/// The folder in which an environment keeps its artifacts.
pub fn store(environment: &Environment, project: &Path) -> Result<PathBuf, String> {
    match &environment.artifacts {
        None => Ok(project.join(".mlp").join("artifacts")),
        Some(form) if form.form == "folder" => {
            let path = form.arguments.get("path").and_then(|path| path.as_str()).unwrap_or_default();
            Ok(project.join(path))
        }
        Some(form) => Err(format!(
            "`{}` keeps its artifacts by `{}`, and a run on this machine keeps them in a `folder(…)`",
            environment.name, form.form
        )),
    }
}

/// A moment as RFC 3339 in UTC, from the time since 1970.
pub fn moment(since: Duration) -> String {
    let at = i64::try_from(since.as_secs()).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    at.unwrap_or_default().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
