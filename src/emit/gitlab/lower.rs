//! The plan to a pipeline: the jobs in the order in which a change meets them.

use indexmap::IndexMap;

use super::limits::Host;
use super::model::{
    AutoCancel, Defaults, Job, Pipeline, ProtectedEnvironment, Protection, Rule, Start, Trigger, Variable, Workflow,
};
use super::script::{self, FOLDER};
use super::write;
use crate::diagnostics::Diagnostic;
use crate::emit::delivery::{Delivery, Names, Raw, RawKey};
use crate::plan::{HostValue, Plan};
use crate::text::yaml::{FlowSeq, SpaceAfter};

/// Minutes that a job takes beside what its commands may take.
pub(super) const AROUND: u32 = 30;

/// Keys of a job that a project may add: where it runs and what it keeps, never whether, what or with which rights.
const RAW: &[&str] = &["cache", "coverage", "hooks", "services", "tags"];

/// Keys of a job that come from the project.
const WRITTEN: &[&str] = &[
    "after_script",
    "artifacts",
    "environment",
    "id_tokens",
    "image",
    "interruptible",
    "manual_confirmation",
    "needs",
    "resource_group",
    "retry",
    "rules",
    "script",
    "secrets",
    "stage",
    "timeout",
    "variables",
];

/// Everything that is written.
pub(super) struct Document {
    /// The project's name in the letters of a file's name.
    pub(super) project: String,
    pub(super) pipeline: Pipeline,
    /// What starts it, where the repository holds other projects too.
    pub(super) start: Option<Start>,
    pub(super) protection: Protection,
}

/// The document in the making.
pub(super) struct Lowering<'p> {
    pub(super) delivery: Delivery<'p>,
    pub(super) host: Host<'p>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The jobs after which everything is built.
    pub(super) built: Vec<String>,
    /// What must hold of the live environments.
    pub(super) protected: Vec<ProtectedEnvironment>,
    jobs: IndexMap<String, SpaceAfter<Job>>,
    stages: IndexMap<String, String>,
    taken: Names,
}

/// The document of a plan, and what GitLab cannot do of it; nothing where there is nothing to deliver.
pub(super) fn lower(plan: &Plan) -> Option<(Document, Vec<Diagnostic>)> {
    let delivery = Delivery::of(plan);
    if delivery.is_empty() {
        return None;
    }
    let mut lowering = Lowering {
        host: Host::of(plan),
        delivery,
        diagnostics: Vec::new(),
        built: Vec::new(),
        protected: Vec::new(),
        jobs: IndexMap::new(),
        stages: IndexMap::new(),
        taken: Names::with(["check", "build", "notify"]),
    };
    lowering.checks();
    lowering.build();
    lowering.tell_developer();
    lowering.ways();
    lowering.check_limits();
    lowering.add_raw();
    Some(lowering.finish())
}

impl<'p> Lowering<'p> {
    /// Adds a job.
    pub(super) fn add(&mut self, id: String, job: Job) {
        self.jobs.insert(id, SpaceAfter(job));
    }

    /// Adds the host's own keys that the project says.
    fn add_raw(&mut self) {
        let raw = Raw::of(self.delivery.plan, ("gitlab", "GitLab"), RAW);
        let names: Vec<&str> = self.jobs.keys().map(String::as_str).collect();
        let has_services = |job: &str| !self.jobs[job].0.services.is_empty();
        let (keys, faults) =
            raw.settle(&names, |job, key| WRITTEN.contains(&key) || key == "services" && has_services(job));
        for RawKey { job, key, value } in keys {
            self.jobs[&job].0.raw.insert(key, value);
        }
        self.diagnostics.extend(faults);
    }

    /// The stage of what leads to an environment.
    pub(super) fn stage(&mut self, environment: &str) -> String {
        let taken = &mut self.taken;
        self.stages.entry(environment.to_owned()).or_insert_with(|| taken.claim(environment)).clone()
    }

    /// What a job waits for that begins a delivery.
    pub(super) fn checked(&self) -> Vec<String> {
        if self.built.is_empty() {
            return self.delivery.checks.iter().map(|check| check.id.clone()).collect();
        }
        self.built.clone()
    }

    /// Commits that are delivered.
    pub(super) fn delivered(&self) -> Vec<Rule> {
        let rules = self.delivery.branches().into_iter().map(|branch| Rule {
            condition: Some(format!("$CI_COMMIT_BRANCH == {}", in_condition(branch))),
            ..Rule::default()
        });
        rules.collect()
    }

    fn finish(mut self) -> (Document, Vec<Diagnostic>) {
        let project = self.delivery.project.clone();
        let mut rules = Vec::new();
        if self.delivery.is_triggered_by("pull_request") {
            let condition = Some("$CI_PIPELINE_SOURCE == \"merge_request_event\"".to_owned());
            rules.push(Rule { condition, ..Rule::default() });
        }
        rules.extend(self.delivered());
        let start = self
            .delivery
            .folder()
            .map(|folder| Start::of(folder, &project, !self.protected.is_empty(), std::mem::take(&mut rules)));
        if start.is_some() {
            // Whether it runs has been decided by whoever started it.
            let condition = Some("$CI_PIPELINE_SOURCE == \"parent_pipeline\"".to_owned());
            rules.push(Rule { condition, ..Rule::default() });
        }
        let stages = std::mem::take(&mut self.stages);
        let mut names = Vec::new();
        let has = |stage: &str, jobs: &IndexMap<String, SpaceAfter<Job>>| jobs.values().any(|job| job.0.stage == stage);
        names
            .extend(["check", "build", "notify"].into_iter().filter(|stage| has(stage, &self.jobs)).map(str::to_owned));
        names.extend(stages.into_values());
        let pipeline = Pipeline {
            workflow: SpaceAfter(Workflow {
                name: format!("Delivery of {project}"),
                auto_cancel: AutoCancel { on_new_commit: "interruptible" },
                rules,
            }),
            stages: SpaceAfter(FlowSeq(names)),
            default: SpaceAfter(Defaults {
                image: self.host.image.to_owned(),
                interruptible: true,
                timeout: minutes_text(AROUND),
                before_script: script::enter(&self.delivery).into_iter().collect(),
            }),
            variables: SpaceAfter(variables()),
            jobs: self.jobs,
        };
        let protection = Protection {
            generated: crate::emit::header(self.delivery.plan, "main.mlp"),
            project: self.host.project.unwrap_or_default().to_owned(),
            environments: self.protected,
        };
        (Document { project, pipeline, start, protection }, self.diagnostics)
    }
}

impl Start {
    /// What starts a project's pipeline: what would have started it at the repository's root, where something of the project changed.
    fn of(folder: &str, project: &str, is_protected: bool, rules: Vec<Rule>) -> Self {
        let mut changes = vec![format!("{folder}/**/*"), write::pipeline(project)];
        changes.extend(is_protected.then(|| write::rules(project)));
        Self {
            trigger: Trigger { include: write::pipeline(project), strategy: "depend" },
            rules: rules.into_iter().map(|rule| Rule { changes: changes.clone(), ..rule }).collect(),
        }
    }
}

/// What GitLab knows, by the names that operations read.
fn variables() -> IndexMap<String, Variable> {
    let known = [
        (HostValue::Version, "$CI_COMMIT_SHA".to_owned()),
        (HostValue::ImagesFile, format!("$CI_PROJECT_DIR/{FOLDER}/images.json")),
        (HostValue::ValuesFolder, format!("$CI_PROJECT_DIR/{FOLDER}/values")),
        (HostValue::RunUrl, "$CI_PIPELINE_URL".to_owned()),
        (HostValue::Actor, "$GITLAB_USER_LOGIN".to_owned()),
    ];
    known.into_iter().map(|(value, text)| (value.variable().to_owned(), Variable::Expanded(text))).collect()
}

/// `90 minutes`
pub(super) fn minutes_text(minutes: u32) -> String {
    format!("{minutes} minutes")
}

/// A text in a rule's condition: a quote has no escape there, so a text with one kind stands in the other.
fn in_condition(text: &str) -> String {
    if text.contains('"') { format!("'{text}'") } else { format!("\"{text}\"") }
}
