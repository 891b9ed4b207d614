//! The requests of Kubeflow's API v2beta1 that operations need; the names are the API's own.

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use crate::emit::running::Event;
use crate::operate::http::{Again, Body, Client, part};
use crate::operate::{Deadline, Done, Failure};
use crate::plan::{Pipeline, Schedule};

const ROOT: &str = "/apis/v2beta1";

/// A server, and the namespace in it.
pub(super) struct Api {
    client: Client,
    namespace: String,
}

/// What starts a pipeline by itself.
pub(super) struct RecurringRun {
    pub(super) id: String,
    pub(super) display_name: String,
    pub(super) description: String,
    pub(super) created_at: String,
    pub(super) pipeline_id: String,
    pub(super) version_id: String,
    pub(super) enabled: bool,
    /// All that the server says of it.
    told: Json,
}

/// What a run is started as.
pub(super) struct Under<'a> {
    /// The service account.
    pub(super) account: Option<&'a str>,
    /// The id of its experiment, by which a server with many namespaces knows the namespace.
    pub(super) experiment: String,
}

impl Under<'_> {
    fn write(&self, body: &mut Json) {
        body["experiment_id"] = json!(self.experiment);
        if let Some(account) = self.account {
            body["service_account"] = json!(account);
        }
    }
}

/// What of a recurring run is said when it is made; the rest is the server's.
const SAID: &[&str] = &[
    "display_name",
    "description",
    "pipeline_version_reference",
    "runtime_config",
    "service_account",
    "max_concurrency",
    "trigger",
    "no_catchup",
    "experiment_id",
];

/// The schedule of a pipeline that Kubeflow itself starts; one that waits for something else is started by `mlp announce`.
pub(super) fn by_the_clock(pipeline: &Pipeline) -> Option<&Schedule> {
    pipeline.schedule.as_ref().filter(|schedule| Event::of(schedule).is_none())
}

/// When a pipeline runs: the trigger and whether it is enabled.
pub(super) fn trigger(pipeline: &Pipeline) -> Done<(String, bool)> {
    let Some(schedule) = by_the_clock(pipeline) else {
        // A trigger is required; this one is of a recurring run that is disabled.
        return Ok(("0 0 0 1 1 *".to_owned(), false));
    };
    let expression = schedule.every.arguments.get("expression").and_then(Json::as_str);
    let expression = expression.filter(|_| schedule.every.form == "cron");
    let expression = expression.ok_or_else(|| {
        Failure::new(format!(
            "Kubeflow starts `{}` by a cron expression alone, not by `{}`",
            pipeline.name, schedule.every.form
        ))
    })?;
    // Seconds come first there: five fields would be read as other ones, in silence.
    Ok((format!("0 {expression}"), true))
}

impl RecurringRun {
    fn read(told: Json) -> Self {
        let text = |of: &Json, name: &str| of.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        let version = told.get("pipeline_version_reference").cloned().unwrap_or_default();
        Self {
            id: text(&told, "recurring_run_id"),
            display_name: text(&told, "display_name"),
            description: text(&told, "description"),
            created_at: text(&told, "created_at"),
            pipeline_id: text(&version, "pipeline_id"),
            version_id: text(&version, "pipeline_version_id"),
            // The mode is what was asked for when it was made; somebody may have stopped it since.
            enabled: match text(&told, "status").as_str() {
                "ENABLED" => true,
                "DISABLED" => false,
                _ => text(&told, "mode") == "ENABLE",
            },
            told,
        }
    }
}

impl Api {
    pub(super) fn new(client: Client, namespace: &str) -> Self {
        Self { client, namespace: namespace.to_owned() }
    }

    pub(super) fn name(&self) -> &str {
        self.client.name()
    }

    pub(super) fn namespace(&self) -> &str {
        &self.namespace
    }

    pub(super) fn health(&self, deadline: &Deadline) -> Done<()> {
        self.client.get(&format!("{ROOT}/healthz"), deadline).map(drop)
    }

    /// The id of a pipeline by its name.
    pub(super) fn find_pipeline(&self, name: &str, deadline: &Deadline) -> Done<Option<String>> {
        let way = format!("{ROOT}/pipelines/names/{}?namespace={}", part(name), part(&self.namespace));
        let found = self.client.find(&way, deadline)?;
        found.map(|found| self.text(&found, "pipeline_id")).transpose()
    }

    /// The same; it is made where there is none.
    pub(super) fn pipeline(&self, name: &str, deadline: &Deadline) -> Done<String> {
        if let Some(id) = self.find_pipeline(name, deadline)? {
            return Ok(id);
        }
        let body = json!({"name": name, "display_name": name, "namespace": self.namespace});
        let way = format!("{ROOT}/pipelines");
        let made = self.client.ask("POST", &way, Body::Json(&body), Again::Never, deadline);
        self.made("pipeline_id", made, || self.find_pipeline(name, deadline))
    }

    fn find_experiment(&self, name: &str, deadline: &Deadline) -> Done<Option<String>> {
        let query = format!("namespace={}", part(&self.namespace));
        let known = self.pages(&format!("{ROOT}/experiments"), &query, "experiments", deadline)?;
        let named = |one: &&Json| one.get("display_name").and_then(Json::as_str) == Some(name);
        known.iter().find(named).map(|one| self.text(one, "experiment_id")).transpose()
    }

    /// The id of an experiment by its name; it is made where there is none.
    pub(super) fn experiment(&self, name: &str, deadline: &Deadline) -> Done<String> {
        if let Some(id) = self.find_experiment(name, deadline)? {
            return Ok(id);
        }
        let body = json!({"display_name": name, "namespace": self.namespace});
        let way = format!("{ROOT}/experiments");
        let made = self.client.ask("POST", &way, Body::Json(&body), Again::Never, deadline);
        self.made("experiment_id", made, || self.find_experiment(name, deadline))
    }

    /// The id of a version by its name.
    pub(super) fn version(&self, pipeline: &str, name: &str, deadline: &Deadline) -> Done<Option<String>> {
        let way = format!("{ROOT}/pipelines/{}/versions", part(pipeline));
        let versions = self.pages(&way, "", "pipeline_versions", deadline)?;
        let named = |version: &&Json| {
            ["display_name", "name"].iter().any(|key| version.get(key).and_then(Json::as_str) == Some(name))
        };
        versions.iter().find(named).map(|version| self.text(version, "pipeline_version_id")).transpose()
    }

    /// The name of a version; none where it is gone.
    pub(super) fn version_name(&self, pipeline: &str, version: &str, deadline: &Deadline) -> Done<Option<String>> {
        let way = format!("{ROOT}/pipelines/{}/versions/{}", part(pipeline), part(version));
        let found = self.client.find(&way, deadline)?;
        Ok(found.and_then(|found| {
            let name = found.get("display_name").or_else(|| found.get("name"))?;
            name.as_str().map(str::to_owned)
        }))
    }

    /// Uploads a version, unless one of that name is there: a commit's files are always the same.
    pub(super) fn upload(&self, pipeline: &str, name: &str, text: &str, deadline: &Deadline) -> Done<String> {
        if let Some(id) = self.version(pipeline, name, deadline)? {
            return Ok(id);
        }
        let way = format!("{ROOT}/pipelines/upload_version?name={}&pipelineid={}", part(name), part(pipeline));
        let file = Body::File("uploadfile", "pipeline.yaml", text);
        let made = self.client.ask("POST", &way, file, Again::Never, deadline);
        self.made("pipeline_version_id", made, || self.version(pipeline, name, deadline))
    }

    /// The id of what was made. Where that failed it may be there all the same: an answer was lost, or another deployment was first.
    fn made(&self, id: &str, made: Done<Json>, find: impl FnOnce() -> Done<Option<String>>) -> Done<String> {
        match made {
            Ok(made) => self.text(&made, id),
            Err(failure) => find().ok().flatten().ok_or(failure),
        }
    }

    /// Every recurring run of the namespace.
    pub(super) fn recurring_runs(&self, deadline: &Deadline) -> Done<Vec<RecurringRun>> {
        let query = format!("namespace={}", part(&self.namespace));
        let found = self.pages(&format!("{ROOT}/recurringruns"), &query, "recurringRuns", deadline)?;
        Ok(found.into_iter().map(RecurringRun::read).collect())
    }

    /// Makes a recurring run of a version; its description is what it is known by should the answer be lost.
    pub(super) fn make_recurring_run(
        &self,
        (name, description): (&str, &str),
        (pipeline, version): (&str, &str),
        under: &Under,
        (cron, enabled): (String, bool),
        deadline: &Deadline,
    ) -> Done<()> {
        let mut body = json!({
            "display_name": name,
            "description": description,
            "pipeline_version_reference": {"pipeline_id": pipeline, "pipeline_version_id": version},
            "max_concurrency": "1",
            "no_catchup": true,
            "trigger": {"cron_schedule": {"cron": cron}},
            "mode": if enabled { "ENABLE" } else { "DISABLE" },
        });
        under.write(&mut body);
        self.client.ask("POST", &format!("{ROOT}/recurringruns"), Body::Json(&body), Again::Never, deadline).map(drop)
    }

    /// Makes one that was removed once more, with the schedule that it had.
    pub(super) fn make_again(&self, run: &RecurringRun, deadline: &Deadline) -> Done<()> {
        let said = SAID.iter().filter_map(|name| Some(((*name).to_owned(), run.told.get(name)?.clone())));
        let mut body = Json::Object(said.collect());
        body["mode"] = json!(if run.enabled { "ENABLE" } else { "DISABLE" });
        self.client.ask("POST", &format!("{ROOT}/recurringruns"), Body::Json(&body), Again::Never, deadline).map(drop)
    }

    /// Removes a recurring run; one that is gone is no fault.
    pub(super) fn remove_recurring_run(&self, id: &str, deadline: &Deadline) -> Done<()> {
        let way = format!("{ROOT}/recurringruns/{}", part(id));
        match self.client.send("DELETE", &way, Body::None, Again::Safe, deadline)?.status {
            200..=299 | 404 => Ok(()),
            status => Err(Failure::new(format!("{} answered {status} to the removal of a recurring run", self.name()))),
        }
    }

    /// Starts a run of the version that a recurring run names, and gives its id.
    pub(super) fn start(
        &self,
        name: &str,
        live: &RecurringRun,
        under: &Under,
        arguments: &IndexMap<String, Json>,
        deadline: &Deadline,
    ) -> Done<String> {
        let mut body = json!({
            "display_name": name,
            "pipeline_version_reference": {"pipeline_id": live.pipeline_id, "pipeline_version_id": live.version_id},
            "runtime_config": {"parameters": arguments},
        });
        under.write(&mut body);
        // Sent once: a second would be a second run.
        let made = self.client.ask("POST", &format!("{ROOT}/runs"), Body::Json(&body), Again::Never, deadline)?;
        self.text(&made, "run_id")
    }

    /// The state of a run, and what is said of its failure.
    pub(super) fn run(&self, id: &str, deadline: &Deadline) -> Done<(String, Option<String>)> {
        let found = self.client.get(&format!("{ROOT}/runs/{}", part(id)), deadline)?;
        let error = found.get("error").and_then(|error| error.get("message")?.as_str());
        Ok((self.text(&found, "state").unwrap_or_default(), error.map(str::to_owned)))
    }

    /// Every item of a list that comes in pages.
    fn pages(&self, way: &str, query: &str, items: &str, deadline: &Deadline) -> Done<Vec<Json>> {
        let (mut found, mut token) = (Vec::new(), String::new());
        loop {
            let page = format!("{way}?page_size=100&{query}&page_token={}", part(&token));
            let mut answer = self.client.get(&page, deadline)?;
            if !answer.is_object() {
                return Err(Failure::new(format!("{} answered with no list of {items}", self.name())));
            }
            let next = answer.get("next_page_token").and_then(Json::as_str).unwrap_or_default().to_owned();
            if let Some(Json::Array(more)) = answer.get_mut(items).map(Json::take) {
                found.extend(more);
            }
            if next.is_empty() || next == token {
                return Ok(found);
            }
            token = next;
        }
    }

    fn text(&self, of: &Json, name: &str) -> Done<String> {
        let found = of.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
        found.map(str::to_owned).ok_or_else(|| Failure::new(format!("{} answered without `{name}`", self.name())))
    }
}
