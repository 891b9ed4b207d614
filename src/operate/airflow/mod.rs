//! Airflow, by its REST API and the place that its DAG files are in.
//!
//! A version is a tag of the DAG, `mlp-version:COMMIT`, so what is live is what the scheduler has read, and not what lies in a
//! folder.

mod api;
mod branch;
mod bundle;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use self::api::Api;
use self::bundle::Bundle;
use super::http::{Again, Body, Client, part};
use super::login;
use super::orchestrator::{Checked, Live, Orchestrator, Ran, Release, pipelines};
use super::secrecy::Secret;
use super::{Deadline, Done, Failure};
use crate::emit::airflow::{VERSION_TAG, dag_id};
use crate::emit::running::Event;
use crate::plan::{Environment, Pipeline, Plan};

/// Where Airflow listens unless it is told otherwise.
const ENDPOINT: &str = "http://localhost:8080";
/// How often a server is asked while something is waited for.
const LOOK: Duration = Duration::from_secs(2);

/// An environment on Airflow.
pub struct Airflow<'p> {
    plan: &'p Plan,
    environment: &'p Environment,
    api: Api,
    client: Client,
    address: String,
    bundle: Done<Bundle>,
}

impl<'p> Airflow<'p> {
    pub(super) fn connect(
        plan: &'p Plan,
        environment: &'p Environment,
        folder: &Path,
        deadline: &Deadline,
    ) -> Done<Self> {
        let endpoint = environment.orchestrator.arguments.get("endpoint").and_then(Json::as_str).unwrap_or(ENDPOINT);
        let mut client = Client::new("Airflow", endpoint, login::token(environment)?);
        let api = Api::of(plan);
        let password = login::password(environment)?;
        if let (Api::V1, Some((user, password))) = (api, &password) {
            client = client.with_password(user, password.clone());
        } else if let Some((user, password)) = password {
            let body = json!({"username": user, "password": password.reveal()});
            let answer = client.ask("POST", "/auth/token", Body::Json(&body), Again::Safe, deadline);
            let answer = answer.map_err(|failure| Failure::new(password.mask(failure.reason())))?;
            let token = answer.get("access_token").and_then(Json::as_str);
            let token = token.ok_or_else(|| Failure::new(format!("{} gave no token to `{user}`", client.name())))?;
            client = client.with_token(Secret::new(token));
        }
        let address = endpoint.trim_end_matches('/').to_owned();
        let bundle = Bundle::of(plan, environment, folder);
        Ok(Self { plan, environment, api, client, address, bundle })
    }

    fn pipelines(&self) -> Vec<&'p Pipeline> {
        pipelines(self.plan, &self.environment.name)
    }

    fn bundle(&self) -> Done<&Bundle> {
        self.bundle.as_ref().map_err(Clone::clone)
    }

    fn dag(&self, pipeline: &Pipeline, deadline: &Deadline) -> Done<Option<Json>> {
        self.client.find(&self.api.way(&format!("dags/{}", part(&dag_id(self.plan, pipeline)))), deadline)
    }

    fn version_of(&self, pipeline: &Pipeline, deadline: &Deadline) -> Done<Option<String>> {
        Ok(self.dag(pipeline, deadline)?.as_ref().filter(|dag| !self.api.is_gone(dag)).and_then(version))
    }

    /// Waits until the scheduler has read that version of each pipeline (none: it is gone), or has failed to.
    fn wait_for(&self, wanted: &[Option<&str>], before: &ImportErrors, deadline: &Deadline) -> Done<()> {
        loop {
            let is_last = deadline.is_nearly_over(LOOK);
            let mut open = Vec::new();
            for (pipeline, wanted) in self.pipelines().into_iter().zip(wanted) {
                if self.version_of(pipeline, deadline)?.as_deref() != *wanted {
                    open.push((pipeline, wanted));
                }
            }
            if open.is_empty() {
                return Ok(());
            }
            // A file that was removed while Airflow read it is an error for a moment, until its DAG is gone.
            let errors = self.import_errors(deadline)?;
            for (pipeline, _) in open.iter().filter(|(_, wanted)| wanted.is_some()) {
                // What stood there before is of the file that was there before.
                if let Some(error) =
                    errors.get(&pipeline.name).filter(|error| before.get(&pipeline.name) != Some(error))
                {
                    let fault = error.in_a_line();
                    return Err(Failure::new(format!("Airflow cannot read the DAG of `{}`: {fault}", pipeline.name)));
                }
            }
            if is_last {
                let names: Vec<&str> = open.iter().map(|(pipeline, _)| pipeline.name.as_str()).collect();
                return Err(deadline.over(&format!("Airflow did not read the new DAG of {}", names.join(", "))));
            }
            deadline.sleep(LOOK);
        }
    }

    /// A connection or a pool, which somebody has added to Airflow.
    fn is_there(&self, kind: &str, name: &str, deadline: &Deadline) -> Done<()> {
        let found = self.client.find(&self.api.way(&format!("{kind}s/{}", part(name))), deadline)?;
        found.map(drop).ok_or_else(|| Failure::new(format!("add the {kind} `{name}` in Airflow")))
    }

    /// The DAG files that Airflow could not read, by pipeline.
    fn import_errors(&self, deadline: &Deadline) -> Done<ImportErrors> {
        let answer = self.client.get(&self.api.way("importErrors?limit=100"), deadline)?;
        let errors = answer.get("import_errors").and_then(Json::as_array).cloned().unwrap_or_default();
        let text = |error: &Json, name: &str| error.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        let of = |pipeline: &Pipeline| {
            let file = bundle::file_name(self.plan, pipeline);
            let error = errors.iter().find(|error| {
                let name = text(error, "filename");
                name == file || name.ends_with(&format!("/{file}"))
            })?;
            let error = ImportError { read_at: text(error, "timestamp"), trace: text(error, "stack_trace") };
            Some((pipeline.name.clone(), error))
        };
        Ok(self.pipelines().into_iter().filter_map(of).collect())
    }

    fn outputs(&self, pipeline: &Pipeline, run: &str, deadline: &Deadline) -> Done<Option<IndexMap<String, Json>>> {
        if pipeline.outputs.is_empty() {
            return Ok(Some(IndexMap::new()));
        }
        let dag = part(&dag_id(self.plan, pipeline));
        let entry = format!("dags/{dag}/dagRuns/{}/taskInstances/run-outputs/xcomEntries/return_value", part(run));
        let way = self.api.way(&format!("{entry}?{}", self.api.as_value()));
        let Some(entry) = self.client.find(&way, deadline)? else { return Ok(None) };
        let value = match entry.get("value") {
            // Where a server does not turn it into an object, it is its JSON.
            Some(Json::String(text)) => serde_json::from_str(text).unwrap_or(Json::Null),
            Some(other) => other.clone(),
            None => Json::Null,
        };
        match value {
            Json::Object(fields) => Ok(Some(fields.into_iter().collect())),
            other => Err(Failure::new(format!("the outputs of run {run} are {other}, and an object was expected"))),
        }
    }
}

/// By pipeline.
type ImportErrors = BTreeMap<String, ImportError>;

/// Why Airflow could not read a file, and when it tried.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ImportError {
    read_at: String,
    trace: String,
}

impl ImportError {
    /// The last line of the trace, which says what was wrong.
    fn in_a_line(&self) -> &str {
        self.trace.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or(&self.trace).trim()
    }
}

/// The version that a DAG says it is.
fn version(dag: &Json) -> Option<String> {
    let tags = dag.get("tags")?.as_array()?.iter();
    let mut names = tags.filter_map(|tag| tag.get("name").unwrap_or(tag).as_str());
    names.find_map(|name| name.strip_prefix(VERSION_TAG)).map(str::to_owned)
}

impl Orchestrator for Airflow<'_> {
    fn live(&self, deadline: &Deadline) -> Done<Vec<Live>> {
        let live = |pipeline: &Pipeline| {
            let dag = self.dag(pipeline, deadline)?.filter(|dag| !self.api.is_gone(dag));
            Ok(Live {
                pipeline: pipeline.name.clone(),
                version: dag.as_ref().and_then(version),
                scheduled: pipeline.schedule.is_some()
                    && dag.is_some_and(|dag| dag.get("is_paused").and_then(Json::as_bool) == Some(false)),
            })
        };
        self.pipelines().into_iter().map(live).collect()
    }

    fn deploy(&self, release: &Release, deadline: &Deadline) -> Done<Vec<String>> {
        let bundle = self.bundle()?;
        let errors = self.import_errors(deadline)?;
        let wanted = vec![Some(release.version.as_str()); release.pipelines.len()];
        let before = bundle.read(deadline)?;
        if before.iter().zip(&release.pipelines).all(|(before, (_, text))| before.as_deref() == Some(text.as_bytes())) {
            // An error is of this very file.
            self.wait_for(&wanted, &ImportErrors::new(), deadline)?;
            return Ok(vec![format!("{} is live already", release.version)]);
        }
        let is_new = bundle.keep(release, deadline)?;
        let put = bundle.put(release, &before, deadline);
        if put == Ok(false) {
            if is_new {
                bundle.forget(release, deadline);
            }
            return Err(Failure::new(
                "another deployment came between: nothing was changed; look at `mlp status`, then try again",
            ));
        }
        let done = put.and_then(|_| self.wait_for(&wanted, &errors, deadline));
        if let Err(failure) = done {
            // What was waited for may have used up the time; the way back has its own.
            let time = Deadline::after(Duration::from_secs(120));
            let back = bundle.put_back(release, &before, &time);
            if is_new && back.is_ok() {
                bundle.forget(release, &time);
            }
            return Err(match back {
                Ok(()) => failure.and("the earlier files are back"),
                Err(why) => failure.and(&format!("the earlier files could not be put back: {why}")),
            });
        }
        Ok(vec![format!("{} is live on {}", release.version, self.client.name())])
    }

    fn rollback(&self, version: Option<&str>, deadline: &Deadline) -> Done<Vec<String>> {
        let bundle = self.bundle()?;
        let errors = self.import_errors(deadline)?;
        let there = bundle.back_to(version, deadline)?;
        let wanted: Vec<_> = there.into_iter().map(|is_there| version.filter(|_| is_there)).collect();
        self.wait_for(&wanted, &errors, deadline)?;
        Ok(vec![match version {
            Some(version) => format!("{version} is live again on {}", self.client.name()),
            None => format!("nothing is live on {}, as before", self.client.name()),
        }])
    }

    fn run(&self, pipeline: &Pipeline, arguments: &IndexMap<String, Json>, deadline: &Deadline) -> Done<Ran> {
        let dag = part(&dag_id(self.plan, pipeline));
        let runs = self.api.way(&format!("dags/{dag}/dagRuns"));
        let body = self.api.new_run(arguments);
        // Sent once: a second would be a second run.
        let started = self.client.ask("POST", &runs, Body::Json(&body), Again::Never, deadline)?;
        let run = started.get("dag_run_id").and_then(Json::as_str);
        let run =
            run.ok_or_else(|| Failure::new(format!("{} did not say which run it started", self.client.name())))?;
        let address = self.api.page(&self.address, &dag, run);
        deadline.wait_for_run(run, &address, LOOK, || {
            let found = self.client.get(&format!("{runs}/{}", part(run)), deadline)?;
            Ok(match found.get("state").and_then(Json::as_str) {
                Some("success") => ControlFlow::Break(Ok(())),
                Some("failed") => ControlFlow::Break(Err(Failure::new(format!("run {run} failed: {address}")))),
                _ => ControlFlow::Continue(()),
            })
        })?;
        let outputs = self.outputs(pipeline, run, deadline)?;
        Ok(Ran { run: run.to_owned(), address, outputs })
    }

    fn announce(&self, event: Event, deadline: &Deadline) -> Done<Vec<String>> {
        let name = event.name(self.plan, &self.environment.name);
        let (way, body) = self.news(&name, deadline)?;
        // Sent once: a second would set everything off twice.
        self.client.ask("POST", &way, Body::Json(&body), Again::Never, deadline)?;
        let waiting = event.awaited_by(self.plan, &self.environment.name);
        Ok(waiting.iter().map(|pipeline| format!("{} is set off by `{name}`", pipeline.name)).collect())
    }

    fn preflight(&self, deadline: &Deadline) -> Vec<Checked> {
        let mut found = vec![Checked::of(
            format!("{} answers and knows who asks", self.client.name()),
            self.client.get(&self.api.way("dags?limit=1"), deadline).map(drop),
        )];
        found.push(Checked::of("its scheduler and its DAG processor are healthy", self.health(deadline)));
        found
            .push(Checked::of("its DAG files can be reached", self.bundle().and_then(|bundle| bundle.reach(deadline))));
        for (name, home) in self.environment.secrets.iter().filter(|(_, home)| home.form == "airflow_connection") {
            let connection = home.arguments.get("connection").and_then(Json::as_str).unwrap_or_default();
            let what = format!("the connection `{connection}` of the secret {name} is there");
            found.push(Checked::of(what, self.is_there("connection", connection, deadline)));
        }
        let tasks = self.pipelines().into_iter().flat_map(|pipeline| pipeline.tasks());
        let pools: BTreeSet<&str> = tasks.filter_map(|task| task.resources.pool.as_deref()).collect();
        for pool in pools {
            found.push(Checked::of(format!("the pool `{pool}` is there"), self.is_there("pool", pool, deadline)));
        }
        found
    }
}

impl Airflow<'_> {
    /// Where it is said that an asset is new, and how.
    fn news(&self, name: &str, deadline: &Deadline) -> Done<(String, Json)> {
        let unknown = || Failure::new(format!("{} knows no `{name}`: deploy first", self.client.name()));
        let extra = json!({"by": "mlp"});
        match self.api {
            Api::V1 => {
                let known = self.client.find(&self.api.way(&format!("datasets/{}", part(name))), deadline)?;
                known.ok_or_else(unknown)?;
                Ok((self.api.way("datasets/events"), json!({"dataset_uri": name, "extra": extra})))
            }
            Api::V2 => {
                let way = self.api.way(&format!("assets?limit=100&name_pattern={}", part(name)));
                let found = self.client.get(&way, deadline)?;
                let assets = found.get("assets").and_then(Json::as_array).into_iter().flatten();
                let mut asset = assets.filter(|one| one.get("name").and_then(Json::as_str) == Some(name));
                let id = asset.find_map(|one| one.get("id")).ok_or_else(unknown)?;
                Ok((self.api.way("assets/events"), json!({"asset_id": id, "extra": extra})))
            }
        }
    }

    fn health(&self, deadline: &Deadline) -> Done<()> {
        let health = self.client.get(&self.api.health(), deadline)?;
        let parts = ["metadatabase", "scheduler", "dag_processor"].into_iter();
        let ill: Vec<String> = parts
            .filter_map(|name| {
                let status = health.get(name)?.get("status")?.as_str()?;
                (status != "healthy").then(|| format!("{name} is {status}"))
            })
            .collect();
        if ill.is_empty() { Ok(()) } else { Err(Failure::new(ill.join(", "))) }
    }
}
