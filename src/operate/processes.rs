//! This machine: nothing is deployed, so a version is only noted.

use std::path::Path;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::orchestrator::{Checked, Live, Orchestrator, Ran, Release, pipelines};
use super::store::Store;
use super::{Deadline, Done, Failure};
use crate::emit::running::Event;
use crate::plan::{Environment, Pipeline, Plan};

/// An environment whose steps are processes.
pub struct Processes<'p> {
    pipelines: Vec<&'p Pipeline>,
    store: Store,
}

const NOTE: &str = "live";

impl<'p> Processes<'p> {
    pub(super) fn new(plan: &'p Plan, environment: &'p Environment, folder: &Path) -> Done<Self> {
        let store = Store::of(environment, folder, &plan.project.name)?.below(&environment.name);
        Ok(Self { pipelines: pipelines(plan, &environment.name), store })
    }
}

impl Orchestrator for Processes<'_> {
    fn live(&self, deadline: &Deadline) -> Done<Vec<Live>> {
        let noted = self.store.read(NOTE, deadline)?;
        let version =
            noted.map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned()).filter(|noted| !noted.is_empty());
        let live =
            |pipeline: &&Pipeline| Live { pipeline: pipeline.name.clone(), version: version.clone(), scheduled: false };
        Ok(self.pipelines.iter().map(live).collect())
    }

    fn deploy(&self, release: &Release, deadline: &Deadline) -> Done<Vec<String>> {
        self.store.write(NOTE, release.version.as_bytes(), deadline)?;
        Ok(vec![format!("noted that {} is live", release.version)])
    }

    fn rollback(&self, version: Option<&str>, deadline: &Deadline) -> Done<Vec<String>> {
        match version {
            Some(version) => self.store.write(NOTE, version.as_bytes(), deadline)?,
            None => self.store.remove(NOTE, deadline)?,
        }
        Ok(vec![format!("noted that {} is live", version.unwrap_or("nothing"))])
    }

    fn run(&self, pipeline: &Pipeline, _: &IndexMap<String, Json>, _: &Deadline) -> Done<Ran> {
        Err(Failure::new(format!("`{}` runs on this machine: it is not started elsewhere", pipeline.name)))
    }

    fn announce(&self, _: Event, _: &Deadline) -> Done<Vec<String>> {
        Err(Failure::new("nothing runs by itself on this machine: start it by `mlp run`"))
    }

    fn preflight(&self, deadline: &Deadline) -> Vec<Checked> {
        vec![Checked::of("the store can be listed", self.store.names(deadline).map(drop))]
    }
}
