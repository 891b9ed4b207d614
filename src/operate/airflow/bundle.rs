//! Where Airflow finds its DAG files: a folder, a bucket, or a branch of a repository.
//!
//! Each release is kept beside the environment's artifacts, so that the way back needs nothing but its name.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::emit::airflow::dag_id;
use crate::operate::orchestrator::Release;
use crate::operate::store::Store;
use crate::operate::{Deadline, Done, Failure, program};
use crate::plan::{Environment, Form, Pipeline, Plan};

/// The DAG files of an environment, and its earlier releases.
pub(super) struct Bundle {
    place: Place,
    kept: Store,
    files: Vec<String>,
}

enum Place {
    Store(Store),
    Branch(Branch),
}

/// A branch of a repository.
struct Branch {
    repository: String,
    branch: String,
    path: String,
    message: String,
}

/// The file of a pipeline's DAG.
pub(super) fn file_name(plan: &Plan, pipeline: &Pipeline) -> String {
    format!("{}.py", dag_id(plan, pipeline))
}

impl Bundle {
    pub(super) fn of(plan: &Plan, environment: &Environment, folder: &Path) -> Done<Self> {
        let name = &environment.name;
        let dags = environment.orchestrator.arguments.get("dags").filter(|dags| !dags.is_null());
        let dags = dags.ok_or_else(|| {
            Failure::new(format!(
                "`{name}` does not say where Airflow finds its DAG files: add `dags: dag_bucket(\"gs://…\")` to its `airflow(…)`, \
                 or `dag_folder(…)`, or `dag_git(…)`"
            ))
        })?;
        let form: Form = serde_json::from_value(dags.clone())
            .map_err(|error| Failure::new(format!("the `dags` of `{name}` cannot be read: {error}")))?;
        let text = |argument: &str| {
            form.arguments.get(argument).and_then(|value| value.as_str()).unwrap_or_default().to_owned()
        };
        let place = match Store::at(&form, folder)? {
            Some(store) => Place::Store(store),
            None => Place::Branch(Branch {
                repository: text("repository"),
                branch: text("branch"),
                path: text("path"),
                message: format!("{} in {name}", plan.project.name),
            }),
        };
        let kept = Store::of(environment, folder, &plan.project.name)?.below(&format!("{name}/releases"));
        let pipelines = plan.pipelines.iter().filter(|pipeline| pipeline.environment == *name);
        Ok(Self { place, kept, files: pipelines.map(|pipeline| file_name(plan, pipeline)).collect() })
    }

    /// What lies there now for each pipeline.
    pub(super) fn read(&self, deadline: &Deadline) -> Done<Vec<Option<Vec<u8>>>> {
        match &self.place {
            Place::Store(store) => self.files.iter().map(|file| store.read(file, deadline)).collect(),
            Place::Branch(branch) => {
                let clone = branch.cloned(deadline)?;
                let folder = Store::Folder(clone.path().join(&branch.path));
                self.files.iter().map(|file| folder.read(file, deadline)).collect()
            }
        }
    }

    /// Keeps a release for a way back to it; whether it was not kept before.
    pub(super) fn keep(&self, release: &Release, deadline: &Deadline) -> Done<bool> {
        let first = self.files.first().map(|file| format!("{}/{file}", release.version));
        let is_new = first.map(|name| self.kept.read(&name, deadline)).transpose()?.flatten().is_none();
        for (file, (_, text)) in self.files.iter().zip(&release.pipelines) {
            self.kept.write(&format!("{}/{file}", release.version), text.as_bytes(), deadline)?;
        }
        Ok(is_new)
    }

    /// Forgets a release that never went live.
    pub(super) fn forget(&self, release: &Release, deadline: &Deadline) {
        for file in &self.files {
            // What stays is a version that somebody may go back to, and no harm.
            let _ = self.kept.remove(&format!("{}/{file}", release.version), deadline);
        }
    }

    /// Puts a release there, if what lies there is still what was seen.
    pub(super) fn put(&self, release: &Release, seen: &[Option<Vec<u8>>], deadline: &Deadline) -> Done<()> {
        if self.read(deadline)? != seen {
            return Err(Failure::new(
                "another deployment came between: nothing was changed; look at `mlp status`, then try again",
            ));
        }
        let files: Vec<_> = release.pipelines.iter().map(|(_, text)| Some(text.clone().into_bytes())).collect();
        self.write(&files, &format!("deploy {}", release.version), deadline)
    }

    /// Puts there what lay there before, if the release is still what lies there.
    pub(super) fn put_back(&self, release: &Release, before: &[Option<Vec<u8>>], deadline: &Deadline) -> Done<()> {
        let ours: Vec<_> = release.pipelines.iter().map(|(_, text)| Some(text.clone().into_bytes())).collect();
        let now = self.read(deadline)?;
        let is_ours = now.iter().zip(&ours).zip(before).all(|((now, ours), before)| now == ours || now == before);
        match is_ours {
            true => self.write(before, &format!("take back {}", release.version), deadline),
            false => Err(Failure::new("another deployment came between, and is left as it is")),
        }
    }

    /// Puts a kept release there; none: nothing.
    pub(super) fn back_to(&self, version: Option<&str>, deadline: &Deadline) -> Done<()> {
        let Some(version) = version else {
            return self.write(&vec![None; self.files.len()], "take back to nothing", deadline);
        };
        let mut files = Vec::new();
        for file in &self.files {
            let kept = self.kept.read(&format!("{version}/{file}"), deadline)?;
            files.push(Some(kept.ok_or_else(|| self.unknown(version, deadline))?));
        }
        self.write(&files, &format!("back to {version}"), deadline)
    }

    fn unknown(&self, version: &str, deadline: &Deadline) -> Failure {
        let mut known: Vec<String> = self
            .kept
            .names(deadline)
            .unwrap_or_default()
            .iter()
            .filter_map(|name| name.split_once('/').map(|(version, _)| version.to_owned()))
            .collect();
        known.dedup();
        let known = if known.is_empty() { "none is".to_owned() } else { format!("there are {}", known.join(", ")) };
        Failure::new(format!("version {version} is not kept at {}: {known}", self.kept.place("")))
    }

    /// Whether it can be reached at all.
    pub(super) fn reach(&self, deadline: &Deadline) -> Done<()> {
        self.read(deadline).map(drop)
    }

    fn write(&self, files: &[Option<Vec<u8>>], what: &str, deadline: &Deadline) -> Done<()> {
        let write = |store: &Store| -> Done<()> {
            for (file, bytes) in self.files.iter().zip(files) {
                match bytes {
                    Some(bytes) => store.write(file, bytes, deadline)?,
                    None => store.remove(file, deadline)?,
                }
            }
            Ok(())
        };
        match &self.place {
            Place::Store(store) => write(store),
            Place::Branch(branch) => {
                let clone = branch.cloned(deadline)?;
                write(&Store::Folder(clone.path().join(&branch.path)))?;
                branch.push(clone.path(), what, deadline)
            }
        }
    }
}

impl Branch {
    fn cloned(&self, deadline: &Deadline) -> Done<tempfile::TempDir> {
        let folder =
            tempfile::tempdir().map_err(|error| Failure::new(format!("there is no room for a clone: {error}")))?;
        let mut git = git(&PathBuf::from("."));
        git.args(["clone", "--quiet", "--depth", "1", "--branch", &self.branch, "--", &self.repository])
            .arg(folder.path());
        program::run(&mut git, deadline)?;
        Ok(folder)
    }

    fn push(&self, clone: &Path, what: &str, deadline: &Deadline) -> Done<()> {
        program::run(git(clone).args(["add", "--all"]), deadline)?;
        if program::says_yes(git(clone).args(["diff", "--cached", "--quiet"]), deadline)? {
            return Ok(());
        }
        let message = format!("{}: {what}", self.message);
        program::run(git(clone).args(["commit", "--quiet", "--message", &message]), deadline)?;
        // Not forced: a commit that came between is refused by the server.
        let pushed =
            program::run(git(clone).args(["push", "--quiet", "origin", &format!("HEAD:{}", self.branch)]), deadline);
        pushed
            .map(drop)
            .map_err(|why| why.while_doing("another deployment may have come between, and nothing was changed"))
    }
}

fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args([
        "-c",
        "user.name=mlp",
        "-c",
        "user.email=mlp@localhost",
        "-c",
        "commit.gpgsign=false",
    ]);
    // Nobody is there to be asked for a password.
    command.env("GIT_TERMINAL_PROMPT", "0");
    command
}
