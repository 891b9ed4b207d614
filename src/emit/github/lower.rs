//! The plan to a workflow: the jobs in the order in which a change meets them.

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::limits::Host;
use super::model::{Concurrency, Defaults, Job, Permissions, ProtectedEnvironment, Protection, Workflow, expression};
use super::pins::Pins;
use super::{steps, write};
use crate::diagnostics::Diagnostic;
use crate::emit::delivery::{Delivery, Raw, RawKey, Task, unknown_secrets};
use crate::plan::Plan;
use crate::text::yaml::SpaceAfter;

/// The machine that jobs run on.
pub(super) const MACHINE: &str = "ubuntu-24.04";

/// Minutes that a job takes beside what its steps may take.
pub(super) const AROUND: u32 = 15;

/// Keys of a job that a project may add: where it runs, never whether, what or with which rights.
const RAW: &[&str] = &["container", "env", "services"];

/// Keys of a job that come from the project.
const WRITTEN: &[&str] = &[
    "concurrency",
    "environment",
    "if",
    "name",
    "needs",
    "outputs",
    "permissions",
    "runs-on",
    "steps",
    "timeout-minutes",
];

/// Everything that is written.
pub(super) struct Document {
    /// The project's name in the letters of a file's name.
    pub(super) project: String,
    pub(super) workflow: Workflow,
    pub(super) protection: Protection,
}

/// The document in the making.
pub(super) struct Lowering<'p> {
    pub(super) delivery: Delivery<'p>,
    pub(super) host: Host<'p>,
    pub(super) diagnostics: Vec<Diagnostic>,
    jobs: IndexMap<String, SpaceAfter<Job>>,
    protected: IndexMap<String, ProtectedEnvironment>,
}

/// The document of a plan, and what GitHub cannot do of it; nothing where there is nothing to deliver.
pub(super) fn lower(plan: &Plan) -> Option<(Document, Vec<Diagnostic>)> {
    let delivery = Delivery::of(plan);
    if delivery.is_empty() {
        return None;
    }
    let mut lowering = Lowering {
        host: Host::of(plan),
        delivery,
        diagnostics: Vec::new(),
        jobs: IndexMap::new(),
        protected: IndexMap::new(),
    };
    lowering.checks();
    lowering.ci_result();
    lowering.build();
    lowering.tell_developer();
    lowering.ways();
    lowering.check_limits();
    lowering.add_raw();
    Some(lowering.finish())
}

impl<'p> Lowering<'p> {
    /// Adds a job.
    pub(super) fn add(&mut self, id: String, mut job: Job) {
        if let Some(folder) = self.delivery.folder().filter(|_| steps::has_source(&job.steps)) {
            let run = IndexMap::from([("working-directory", folder.to_owned())]);
            job.defaults = Some(Defaults { run });
        }
        self.jobs.insert(id, SpaceAfter(job));
    }

    /// Adds the host's own keys that the project says.
    fn add_raw(&mut self) {
        let raw = Raw::of(self.delivery.plan, ("github", "GitHub"), RAW);
        let names: Vec<&str> = self.jobs.keys().map(String::as_str).collect();
        let (keys, faults) = raw.settle(&names, |_, key| WRITTEN.contains(&key));
        for RawKey { job, key, value } in keys {
            self.jobs[&job].0.raw.insert(key, value);
        }
        self.diagnostics.extend(faults);
    }

    /// Says what must hold of an environment of the repository.
    pub(super) fn protect(&mut self, name: &str, say: impl FnOnce(&mut ProtectedEnvironment)) {
        let rules = self
            .protected
            .entry(name.to_owned())
            .or_insert_with(|| ProtectedEnvironment { name: name.to_owned(), ..ProtectedEnvironment::default() });
        say(rules);
    }

    /// What must hold of an environment of the repository.
    pub(super) fn protected(&self, name: &str) -> Option<&ProtectedEnvironment> {
        self.protected.get(name)
    }

    /// The job that all checks are behind.
    pub(super) fn checked(&self) -> Vec<String> {
        if self.delivery.checks.is_empty() { Vec::new() } else { vec!["ci-result".to_owned()] }
    }

    /// The job after which everything is checked and built.
    pub(super) fn built(&self) -> Vec<String> {
        if self.delivery.build.is_some() { vec!["build".to_owned()] } else { self.checked() }
    }

    /// What lets only delivered commits through, where others start the workflow too.
    pub(super) fn only_delivered(&self) -> Option<String> {
        self.delivery.is_triggered_by("pull_request").then(|| expression("github.event_name == 'push'"))
    }

    /// The branches whose commits are delivered.
    pub(super) fn branches(&self) -> Vec<String> {
        self.delivery.branches().into_iter().map(str::to_owned).collect()
    }

    /// What GitHub calls the secrets of some tasks; one that it does not keep is said.
    pub(super) fn secrets(&mut self, tasks: &[Task<'p>]) -> Vec<String> {
        self.diagnostics.extend(unknown_secrets(tasks, "GitHub"));
        let names = tasks.iter().flat_map(|task| &task.secrets).filter_map(|secret| secret.host_name());
        names.fold(Vec::new(), |mut names, name| {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
            names
        })
    }

    fn finish(self) -> (Document, Vec<Diagnostic>) {
        let project = self.delivery.project.clone();
        let proposed = self.delivery.is_triggered_by("pull_request");
        let change = if proposed { "github.event.pull_request.number || github.sha" } else { "github.sha" };
        let cancel = if proposed { json!(expression("github.event_name == 'pull_request'")) } else { json!(false) };
        let mut workflow = Workflow {
            name: SpaceAfter(format!("Delivery of {project}")),
            on: SpaceAfter(triggers(&self.delivery)),
            permissions: SpaceAfter(Permissions::new()),
            concurrency: SpaceAfter(Concurrency {
                group: format!("{project}-{}", expression(change)),
                cancel_in_progress: cancel,
            }),
            defaults: SpaceAfter(Defaults { run: IndexMap::from([("shell", "bash".to_owned())]) }),
            jobs: self.jobs,
        };
        Pins::of(self.delivery.plan).overrule(&mut workflow);
        let protection = Protection {
            generated: crate::emit::header(self.delivery.plan, "main.mlp"),
            repository: self.host.repository.unwrap_or_default().to_owned(),
            environments: self.protected.into_values().collect(),
        };
        (Document { project, workflow, protection }, self.diagnostics)
    }
}

fn triggers(delivery: &Delivery) -> IndexMap<&'static str, Value> {
    let project = &delivery.project;
    let own = |folder| vec![format!("{folder}/**"), write::workflow(project), format!(".github/mlp/{project}-*")];
    let paths = delivery.folder().map(own);
    let mut on = IndexMap::new();
    if delivery.is_triggered_by("pull_request") {
        on.insert("pull_request", paths.as_ref().map_or(Value::Null, |paths| json!({ "paths": paths })));
    }
    let branches = delivery.branches();
    if !branches.is_empty() {
        let mut push = json!({ "branches": branches });
        paths.iter().for_each(|paths| push["paths"] = json!(paths));
        on.insert("push", push);
    }
    on
}
