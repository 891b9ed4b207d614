//! Where Airflow finds its DAG files: a folder, a bucket, or a branch of a repository.
//!
//! Each release is kept beside the environment's artifacts, so that the way back needs nothing but its name.

use std::path::Path;

use super::branch::Branch;
use crate::emit::airflow::dag_id;
use crate::operate::orchestrator::Release;
use crate::operate::store::Store;
use crate::operate::{Deadline, Done, Failure};
use crate::plan::{Environment, Form, Pipeline, Plan};

/// The bytes of each pipeline's file; none where it has none.
type Files = [Option<Vec<u8>>];

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
            Place::Store(store) => self.lying(store, deadline),
            Place::Branch(branch) => branch.look(|folder| self.lying(folder, deadline), deadline),
        }
    }

    fn lying(&self, store: &Store, deadline: &Deadline) -> Done<Vec<Option<Vec<u8>>>> {
        self.files.iter().map(|file| store.read(file, deadline)).collect()
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

    /// Puts a release there, if what lies there is still what was seen; whether it was.
    pub(super) fn put(&self, release: &Release, seen: &Files, deadline: &Deadline) -> Done<bool> {
        let is_seen = |now: &Files| now == seen;
        self.write(&of(release), &is_seen, &format!("deploy {}", release.version), deadline)
    }

    /// Puts there what lay there before, if the release is still what lies there.
    pub(super) fn put_back(&self, release: &Release, before: &Files, deadline: &Deadline) -> Done<()> {
        let ours = of(release);
        let is_ours =
            |now: &Files| now.iter().zip(&ours).zip(before).all(|((now, ours), before)| now == ours || now == before);
        match self.write(before, &is_ours, &format!("take back {}", release.version), deadline)? {
            true => Ok(()),
            false => Err(Failure::new("another deployment came between, and is left as it is")),
        }
    }

    /// Puts a kept release there; none: nothing. Which of the pipelines it has: the others came to the project later.
    pub(super) fn back_to(&self, version: Option<&str>, deadline: &Deadline) -> Done<Vec<bool>> {
        let kept = |file: &String| match version {
            Some(version) => self.kept.read(&format!("{version}/{file}"), deadline),
            None => Ok(None),
        };
        let files = self.files.iter().map(kept).collect::<Done<Vec<_>>>()?;
        if let (Some(version), true) = (version, !files.is_empty() && files.iter().all(Option::is_none)) {
            return Err(self.unknown(version, deadline));
        }
        let what = version.map_or("take back to nothing".to_owned(), |version| format!("back to {version}"));
        self.write(&files, &|_| true, &what, deadline)?;
        Ok(files.iter().map(Option::is_some).collect())
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

    /// Writes the files if what lies there is as it should be; whether it was.
    fn write(&self, files: &Files, is_well: &dyn Fn(&Files) -> bool, what: &str, deadline: &Deadline) -> Done<bool> {
        let write = |store: &Store| -> Done<bool> {
            if !is_well(&self.lying(store, deadline)?) {
                return Ok(false);
            }
            for (file, bytes) in self.files.iter().zip(files) {
                match bytes {
                    Some(bytes) => store.write(file, bytes, deadline)?,
                    None => store.remove(file, deadline)?,
                }
            }
            Ok(true)
        };
        match &self.place {
            Place::Store(store) => write(store),
            Place::Branch(branch) => branch.change(write, what, deadline),
        }
    }
}

/// The files of a release, as they lie there.
fn of(release: &Release) -> Vec<Option<Vec<u8>>> {
    release.pipelines.iter().map(|(_, text)| Some(text.clone().into_bytes())).collect()
}
