//! Kubeflow Pipelines, by its REST API v2beta1.
//!
//! A version of a pipeline is a pipeline version named after the commit; the one that is live is the one that the pipeline's
//! recurring run names. A pipeline without a schedule has a recurring run too, which is disabled: so what is live is said in one
//! way. Earlier versions stay on the server. <https://www.kubeflow.org/docs/components/pipelines/reference/api/>

mod api;

use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Value as Json;

use self::api::{Api, RecurringRun};
use super::http::Client;
use super::login;
use super::orchestrator::{Checked, Live, Orchestrator, Ran, Release, pipelines};
use super::{Deadline, Done, Failure};
use crate::emit::running::registered_name;
use crate::plan::{Environment, Pipeline, Plan};

/// How often a server is asked while a run is waited for.
const LOOK: Duration = Duration::from_secs(5);

/// How long the way back may take.
const BACK: Duration = Duration::from_secs(120);

/// A version that is to be live, by the ids of the server.
struct Wanted<'p> {
    pipeline: &'p Pipeline,
    id: String,
    version: String,
}

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
        let name = self.name(pipeline);
        let mut found: Vec<RecurringRun> =
            self.api.recurring_runs(deadline)?.into_iter().filter(|run| run.display_name == name).collect();
        found.sort_by(|one, other| other.created_at.cmp(&one.created_at));
        Ok(found)
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
            scheduled: runs.first().is_some_and(|run| run.enabled && pipeline.schedule.is_some()),
        })
    }

    /// Makes each of these live, or leaves all as they were.
    fn name_all_live(&self, wanted: &[Wanted], deadline: &Deadline) -> Done<()> {
        let mut before = Vec::new();
        for one in wanted {
            before.push(self.recurring(one.pipeline, deadline)?);
        }
        for (at, one) in wanted.iter().enumerate() {
            let Err(failure) = self.name_live(one.pipeline, (&one.id, &one.version), deadline) else { continue };
            // What was tried may have used up the time; the way back has its own.
            let time = Deadline::after(BACK);
            let back = wanted[..at]
                .iter()
                .zip(&before)
                .try_for_each(|(one, before)| self.put_back(one.pipeline, before, &time));
            return Err(match (at, back) {
                (0, _) => failure,
                (_, Ok(())) => failure.and(&format!("the {at} that went before are back")),
                (_, Err(why)) => failure.and(&format!("the {at} that went before could not be put back: {why}")),
            });
        }
        Ok(())
    }

    /// Makes live what was live before.
    fn put_back(&self, pipeline: &Pipeline, before: &[RecurringRun], deadline: &Deadline) -> Done<()> {
        match before.first() {
            Some(run) => self.name_live(pipeline, (&run.pipeline_id, &run.version_id), deadline),
            None => self.clear(pipeline, deadline),
        }
    }

    fn clear(&self, pipeline: &Pipeline, deadline: &Deadline) -> Done<()> {
        let runs = self.recurring(pipeline, deadline)?;
        runs.iter().try_for_each(|run| self.api.remove_recurring_run(&run.id, deadline))
    }

    fn name_nothing_live(&self, deadline: &Deadline) -> Done<Vec<String>> {
        let clear = |pipeline: &Pipeline| {
            self.clear(pipeline, deadline)?;
            Ok(format!("nothing of {} is live, as before", pipeline.name))
        };
        self.pipelines().into_iter().map(clear).collect()
    }

    /// Makes a version live: a recurring run that names it takes the place of those before.
    fn name_live(&self, pipeline: &Pipeline, version: (&str, &str), deadline: &Deadline) -> Done<()> {
        let before = self.recurring(pipeline, deadline)?;
        let made = self.api.make_recurring_run(
            &self.name(pipeline),
            version,
            self.environment.service_account.as_deref(),
            api::trigger(pipeline)?,
            deadline,
        )?;
        let now = self.recurring(pipeline, deadline)?;
        let strange = now.iter().find(|run| run.id != made && before.iter().all(|known| known.id != run.id));
        if strange.is_some() {
            self.api.remove_recurring_run(&made, deadline)?;
            return Err(Failure::new(format!(
                "another deployment of `{}` came between, and is left as it is; look at `mlp status`, then try again",
                pipeline.name
            )));
        }
        before.iter().try_for_each(|run| self.api.remove_recurring_run(&run.id, deadline))
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
                [run] if run.version_id == version && run.enabled == pipeline.schedule.is_some() => {
                    said.push(format!("{} {} is live already", pipeline.name, release.version));
                }
                _ => wanted.push(Wanted { pipeline, id, version }),
            }
        }
        self.name_all_live(&wanted, deadline)?;
        let live = |one: &Wanted| format!("{} {} is live on {}", one.pipeline.name, release.version, self.api.name());
        said.extend(wanted.iter().map(live));
        Ok(said)
    }

    fn rollback(&self, version: Option<&str>, deadline: &Deadline) -> Done<Vec<String>> {
        let Some(version) = version else { return self.name_nothing_live(deadline) };
        let mut wanted = Vec::new();
        for pipeline in self.pipelines() {
            let id = self.api.find_pipeline(&self.name(pipeline), deadline)?;
            let found = id.map(|id| Ok((self.api.version(&id, version, deadline)?, id))).transpose()?;
            let Some((Some(found), id)) = found else {
                let (server, name) = (self.api.name(), &pipeline.name);
                return Err(Failure::new(format!(
                    "{server} has no version {version} of `{name}`: nothing was changed"
                )));
            };
            wanted.push(Wanted { pipeline, id, version: found });
        }
        self.name_all_live(&wanted, deadline)?;
        let live = |one: &Wanted| format!("{} {version} is live again on {}", one.pipeline.name, self.api.name());
        Ok(wanted.iter().map(live).collect())
    }

    fn run(&self, pipeline: &Pipeline, arguments: &IndexMap<String, Json>, deadline: &Deadline) -> Done<Ran> {
        let runs = self.recurring(pipeline, deadline)?;
        let Some(live) = runs.first() else {
            return Err(Failure::new(format!(
                "no version of `{}` is live on {}: deploy one",
                pipeline.name,
                self.api.name()
            )));
        };
        let account = self.environment.service_account.as_deref();
        let run = self.api.start(&self.name(pipeline), live, account, arguments, deadline)?;
        let address = format!("{}/#/runs/details/{run}", self.address);
        loop {
            let is_last = deadline.is_nearly_over(LOOK);
            let (state, error) = self.api.run(&run, deadline)?;
            match state.as_str() {
                "SUCCEEDED" => return Ok(Ran { run, address, outputs: None }),
                "FAILED" | "CANCELED" | "SKIPPED" => {
                    let ended = state.to_lowercase();
                    let why = error.map_or_else(String::new, |error| format!(": {error}"));
                    return Err(Failure::new(format!("run {run} ended as {ended}{why} ({address})")));
                }
                _ if is_last => {
                    return Err(deadline.over(&format!("run {run} did not end ({address})")));
                }
                _ => deadline.sleep(LOOK),
            }
        }
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
