//! Kubeflow Pipelines, by its REST API v2beta1.
//!
//! A version of a pipeline is a pipeline version named after the commit; the one that is live is the one that the pipeline's
//! recurring run names. A pipeline without a schedule has a recurring run too, which is disabled: so what is live is said in one
//! way. Earlier versions stay on the server. <https://www.kubeflow.org/docs/components/pipelines/reference/api/>

mod api;
mod change;

use std::ops::ControlFlow;
use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Value as Json;

use self::api::{Api, RecurringRun, Under};
use self::change::{Wanted, go_over};
use super::http::Client;
use super::login;
use super::orchestrator::{Checked, Live, Orchestrator, Ran, Release, pipelines};
use super::{Deadline, Done, Failure};
use crate::emit::running::{Event, registered_name};
use crate::plan::{Environment, Pipeline, Plan};

/// How often a server is asked while a run is waited for.
const LOOK: Duration = Duration::from_secs(5);

/// An environment on Kubeflow.
pub struct Kubeflow<'p> {
    plan: &'p Plan,
    environment: &'p Environment,
    api: Api,
    address: String,
}

impl<'p> Kubeflow<'p> {
    pub(super) fn connect(plan: &'p Plan, environment: &'p Environment) -> Done<Self> {
        let text = |name: &str| environment.orchestrator.arguments.get(name).and_then(Json::as_str).unwrap_or_default();
        let client = Client::new("Kubeflow", text("endpoint"), login::token(environment)?);
        let api = Api::new(client, text("namespace"));
        Ok(Self { plan, environment, api, address: text("endpoint").trim_end_matches('/').to_owned() })
    }

    fn pipelines(&self) -> Vec<&'p Pipeline> {
        pipelines(self.plan, &self.environment.name)
    }

    fn name(&self, pipeline: &Pipeline) -> String {
        registered_name(self.plan, pipeline)
    }

    /// The recurring runs of a pipeline, the newest first.
    fn recurring(&self, pipeline: &Pipeline, deadline: &Deadline) -> Done<Vec<RecurringRun>> {
        change::recurring(&self.api, &self.name(pipeline), deadline)
    }

    fn live_of(&self, pipeline: &Pipeline, deadline: &Deadline) -> Done<Live> {
        let runs = self.recurring(pipeline, deadline)?;
        let version = match runs.first() {
            None => None,
            Some(run) => self.api.version_name(&run.pipeline_id, &run.version_id, deadline)?,
        };
        Ok(Live {
            pipeline: pipeline.name.clone(),
            version,
            scheduled: runs.first().is_some_and(|run| run.enabled && api::by_the_clock(pipeline).is_some()),
        })
    }

    fn wanted(&self, pipeline: &'p Pipeline, version: Option<(String, String)>) -> Wanted<'p> {
        Wanted { pipeline, name: self.name(pipeline), version }
    }

    /// The project's runs are of one experiment.
    fn under(&self, deadline: &Deadline) -> Done<Under<'p>> {
        let experiment = self.api.experiment(&self.plan.project.name, deadline)?;
        Ok(Under { account: self.environment.service_account.as_deref(), experiment })
    }

    fn go_over(&self, wanted: &[Wanted], deadline: &Deadline) -> Done<()> {
        if wanted.is_empty() {
            return Ok(());
        }
        go_over(&self.api, &self.under(deadline)?, wanted, deadline)
    }

    /// A version of a pipeline on the server; none where the pipeline has none of that name.
    fn find(&self, pipeline: &Pipeline, version: &str, deadline: &Deadline) -> Done<Option<(String, String)>> {
        let Some(id) = self.api.find_pipeline(&self.name(pipeline), deadline)? else { return Ok(None) };
        Ok(self.api.version(&id, version, deadline)?.map(|version| (id, version)))
    }

    /// Starts the live version of a pipeline; the run's id.
    fn start(&self, pipeline: &Pipeline, arguments: &IndexMap<String, Json>, deadline: &Deadline) -> Done<String> {
        let runs = self.recurring(pipeline, deadline)?;
        let Some(live) = runs.first() else {
            return Err(Failure::new(format!(
                "no version of `{}` is live on {}: deploy one",
                pipeline.name,
                self.api.name()
            )));
        };
        self.api.start(&self.name(pipeline), live, &self.under(deadline)?, arguments, deadline)
    }

    /// Where a run is to be seen.
    fn seen(&self, run: &str) -> String {
        format!("{}/#/runs/details/{run}", self.address)
    }

    /// Looks at a run until it has ended, and says why where it did not end well.
    fn end_of(&self, run: &str, address: &str, deadline: &Deadline) -> Done<()> {
        deadline.wait_for_run(run, address, LOOK, || {
            let (state, error) = self.api.run(run, deadline)?;
            Ok(match state.as_str() {
                "SUCCEEDED" => ControlFlow::Break(Ok(())),
                "FAILED" | "CANCELED" | "SKIPPED" => {
                    let ended = state.to_lowercase();
                    let why = error.map_or_else(String::new, |error| format!(": {error}"));
                    ControlFlow::Break(Err(Failure::new(format!("run {run} ended as {ended}{why} ({address})"))))
                }
                _ => ControlFlow::Continue(()),
            })
        })
    }
}

impl Orchestrator for Kubeflow<'_> {
    fn live(&self, deadline: &Deadline) -> Done<Vec<Live>> {
        self.pipelines().into_iter().map(|pipeline| self.live_of(pipeline, deadline)).collect()
    }

    fn deploy(&self, release: &Release, deadline: &Deadline) -> Done<Vec<String>> {
        let mut said = Vec::new();
        // Everything is uploaded before anything is made live.
        let mut versions = Vec::new();
        for (pipeline, text) in &release.pipelines {
            let name = self.name(pipeline);
            let id = self.api.pipeline(&name, deadline)?;
            versions.push((id.clone(), self.api.upload(&id, &release.version, text, deadline)?));
        }
        let mut wanted = Vec::new();
        for ((pipeline, _), (id, version)) in release.pipelines.iter().zip(versions) {
            match self.recurring(pipeline, deadline)?.as_slice() {
                [run] if run.version_id == version && run.enabled == api::by_the_clock(pipeline).is_some() => {
                    said.push(format!("{} {} is live already", pipeline.name, release.version));
                }
                _ => wanted.push(self.wanted(pipeline, Some((id, version)))),
            }
        }
        self.go_over(&wanted, deadline)?;
        let live = |one: &Wanted| format!("{} {} is live on {}", one.pipeline.name, release.version, self.api.name());
        said.extend(wanted.iter().map(live));
        Ok(said)
    }

    fn rollback(&self, version: Option<&str>, deadline: &Deadline) -> Done<Vec<String>> {
        let mut wanted = Vec::new();
        for pipeline in self.pipelines() {
            let found = version.map(|version| self.find(pipeline, version, deadline)).transpose()?.flatten();
            wanted.push(self.wanted(pipeline, found));
        }
        let is_unknown = !wanted.is_empty() && wanted.iter().all(|one| one.version.is_none());
        if let (Some(version), true) = (version, is_unknown) {
            return Err(Failure::new(format!("{} has no version {version}: nothing was changed", self.api.name())));
        }
        self.go_over(&wanted, deadline)?;
        let said = |one: &Wanted| match (&one.version, version) {
            (Some(_), Some(version)) => {
                format!("{} {version} is live again on {}", one.pipeline.name, self.api.name())
            }
            // It came with a later version.
            _ => format!("nothing of {} is live, as before", one.pipeline.name),
        };
        Ok(wanted.iter().map(said).collect())
    }

    fn run(&self, pipeline: &Pipeline, arguments: &IndexMap<String, Json>, deadline: &Deadline) -> Done<Ran> {
        let run = self.start(pipeline, arguments, deadline)?;
        let address = self.seen(&run);
        self.end_of(&run, &address, deadline)?;
        Ok(Ran { run, address, outputs: None })
    }

    fn announce(&self, event: Event, deadline: &Deadline) -> Done<Vec<String>> {
        let mut said = Vec::new();
        for pipeline in event.awaited_by(self.plan, &self.environment.name) {
            let run = self.start(pipeline, &IndexMap::new(), deadline);
            let run = run.map_err(|failure| match said.is_empty() {
                true => failure,
                false => failure.and(&format!("before it: {}", said.join(", "))),
            })?;
            said.push(format!("run {run} of {} has begun: {}", pipeline.name, self.seen(&run)));
        }
        Ok(said)
    }

    fn preflight(&self, deadline: &Deadline) -> Vec<Checked> {
        vec![
            Checked::of(format!("{} answers", self.api.name()), self.api.health(deadline)),
            Checked::of(
                format!("it knows who asks, who may look into `{}`", self.api.namespace()),
                self.api.recurring_runs(deadline).map(drop),
            ),
        ]
    }
}
