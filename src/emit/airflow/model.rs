//! A DAG file as Airflow's own words have it.
//!
//! In: nothing. Out: plain types. They refuse to know the plan and how Python is laid out.

use super::kubernetes::Quantities;
use super::version::Version;
use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use crate::text::jinja::Template;
use crate::text::python::{Expression, Statement};

/// A DAG file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Dag {
    /// Whose words it is written in.
    pub(super) version: Version,
    /// The comment at its head, a line each.
    pub(super) header: Vec<String>,
    /// What it is, in a line.
    pub(super) title: String,
    /// The function that makes it.
    pub(super) function: String,
    /// Its id.
    pub(super) id: String,
    /// What a person reads in Airflow, as Markdown.
    pub(super) doc: String,
    /// When it starts by itself.
    pub(super) schedule: Option<When>,
    /// How many of its tasks run at once.
    pub(super) max_active_tasks: Option<u32>,
    /// Seconds after which a run has failed.
    pub(super) timeout: Option<f64>,
    /// After how many failed runs in a row the schedule is paused.
    pub(super) max_consecutive_failures: Option<u32>,
    /// By which it is found.
    pub(super) tags: Vec<String>,
    /// Who owns it.
    pub(super) owner: String,
    /// What a run is started with.
    pub(super) params: Vec<Param>,
    /// Where artifacts are: as steps see them, and by their address.
    pub(super) artifacts: (String, String),
    /// The images, by the constants that hold them.
    pub(super) images: Vec<(String, String)>,
    /// What runs its steps.
    pub(super) runtime: Runtime,
    /// What happens when a run has failed.
    pub(super) on_failure: Vec<Callback>,
    /// What happens when a run has succeeded.
    pub(super) on_success: Vec<Callback>,
    /// What it does.
    pub(super) body: Block,
    /// The tasks that must have succeeded for the run to have succeeded, where the run's status is asked for.
    pub(super) status: Option<Status>,
}

/// When a DAG starts by itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum When {
    /// By the clock.
    Clock(Cron),
    /// Whenever an asset is said to be new.
    Asset(Asset),
}

/// `Asset("shop-prod-new-rows")`: it has a name and no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asset {
    /// Airflow's class of it.
    pub(super) class: &'static str,
    pub(super) name: String,
}

/// `CronTriggerTimetable("0 2 * * *", timezone="Europe/Berlin")`
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cron {
    pub(super) expression: String,
    pub(super) timezone: String,
    /// Since when missed runs are made up for.
    pub(super) catch_up_from: Option<DateTime<Utc>>,
}

/// A parameter of a run.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Param {
    pub(super) name: String,
    /// Without one a run must be given it.
    pub(super) default: Option<Json>,
    pub(super) description: Option<String>,
    /// JSON Schema.
    pub(super) schema: Vec<(String, Json)>,
}

/// What runs a DAG's steps.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Runtime {
    /// Pods, which share that.
    Pods(PodDefaults),
    /// Processes of the worker.
    Processes {
        /// The folder of the project, where they run.
        code: String,
        /// The Python that they are run by.
        python: String,
    },
}

/// What every pod shares.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct PodDefaults {
    pub(super) namespace: Option<String>,
    pub(super) service_account: Option<String>,
    pub(super) labels: Vec<(String, String)>,
    /// Where the artifacts are.
    pub(super) volume: Option<Volume>,
}

/// Where a pod finds the artifacts: mounted at [`MOUNT`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Volume {
    /// A bucket of Google Cloud Storage, by the driver of GKE.
    GcsBucket {
        bucket: String,
        /// The folder in it.
        folder: Option<String>,
    },
    /// A folder of the node.
    HostFolder(String),
}

/// Where artifacts are mounted in a pod.
pub(super) const MOUNT: &str = "/mlp/artifacts";

/// A function that Airflow calls when a run has ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Callback {
    pub(super) function: String,
    pub(super) docstring: String,
    pub(super) body: Vec<Statement>,
}

/// What the run's status is made of.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Status {
    pub(super) pipeline: String,
    /// Ids of tasks that succeed in every good run.
    pub(super) leaves: Vec<String>,
}

/// Nodes and what waits for what.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Block {
    pub(super) nodes: Vec<Node>,
    /// Variables: those before, and the one that waits for them.
    pub(super) edges: Vec<(Vec<String>, String)>,
}

/// A task or a group of tasks.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant)]
pub(super) enum Node {
    Step(Step),
    Function(Function),
    Empty(Empty),
    Group(Group),
    Mapped(Mapped),
}

/// A step.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) variable: String,
    pub(super) task_id: String,
    /// What people read instead of the id.
    pub(super) display: Option<String>,
    pub(super) doc: Option<String>,
    pub(super) by: By,
    pub(super) retry: Option<Retry>,
    pub(super) timeout: Option<f64>,
    pub(super) trigger_rule: Option<TriggerRule>,
    pub(super) push_result: bool,
    /// The pool that it waits for, the slots that it takes, and how soon it starts.
    pub(super) pool: Option<String>,
    pub(super) pool_slots: Option<u32>,
    pub(super) priority: Option<i32>,
    /// In a mapped group: how many at once.
    pub(super) at_once: Option<u32>,
    /// In a mapped group: what its turns are called.
    pub(super) turn_name: Option<Template>,
    /// Whether it runs at the end of every run, whatever happened.
    pub(super) teardown: bool,
}

/// By what a step is done.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum By {
    Pod(Box<Pod>),
    Process(Process),
    People(Approval),
}

/// What a step starts, and the variables that it finds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Started {
    pub(super) start: Start,
    pub(super) env: Vec<(String, Template)>,
}

/// What is started.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Start {
    /// A program with what always follows it, and its arguments.
    Program { words: Vec<Template>, arguments: Vec<Template> },
    /// The runner, which the file holds, by that Python: what it is told, each by an option, and what stands after that.
    Runner { python: Template, told: Vec<(&'static str, Template)>, rest: Vec<Template> },
}

/// A step that is an answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Approval {
    pub(super) question: String,
    /// What is known when they are asked, as Markdown.
    pub(super) known: Template,
    /// By their ids.
    pub(super) users: Vec<String>,
    /// What the operator calls the time within which it is answered.
    pub(super) response_timeout: &'static str,
}

/// A step in a pod.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pod {
    pub(super) started: Started,
    /// The pod's name, before Kubernetes' suffix.
    pub(super) name: String,
    /// The constant that holds the image.
    pub(super) image: String,
    pub(super) secrets: Vec<Secret>,
    /// What is kept for it, and what it may use.
    pub(super) resources: (Quantities, Quantities),
    /// What else its profile says.
    pub(super) cluster: PodArguments,
    pub(super) node_selector: Vec<(String, String)>,
}

/// A step that is a process.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Process {
    pub(super) started: Started,
    /// Its variables, and those of the worker that hold their values.
    pub(super) secrets: Vec<(String, String)>,
    /// Its variables, and the connections whose passwords are their values.
    pub(super) connections: Vec<(String, String)>,
    /// The file with what it gives to Airflow.
    pub(super) result: Option<Template>,
}

/// What a compute profile says of a pod beside amounts and a node selector.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct PodArguments {
    /// Variables that the cluster fills, and from what.
    pub(super) variables: Vec<(String, Expression)>,
    /// Arguments of the operator, by name.
    pub(super) others: Vec<(&'static str, Expression)>,
}

/// A secret of Kubernetes as an environment variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Secret {
    pub(super) variable: String,
    pub(super) name: String,
    pub(super) key: String,
}

/// How often again.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Retry {
    pub(super) times: u32,
    pub(super) delay: f64,
    /// By what waits grow; none: they do not.
    pub(super) factor: Option<f64>,
    pub(super) max_delay: Option<f64>,
}

/// When a task runs, other than when all before it succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TriggerRule {
    AllDone,
    NoneFailedMinOneSuccess,
}

/// A function that runs in a worker.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Function {
    pub(super) variable: String,
    pub(super) task_id: String,
    /// Whether what it returns are the tasks to follow.
    pub(super) branch: bool,
    /// Whether what it returns is an object that is pushed as one.
    pub(super) gives_object: bool,
    pub(super) trigger_rule: Option<TriggerRule>,
    pub(super) name: String,
    pub(super) docstring: String,
    /// What it takes of Airflow's context.
    pub(super) context: Vec<&'static str>,
    pub(super) body: Vec<Statement>,
}

/// A task that does nothing.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Empty {
    pub(super) variable: String,
    pub(super) task_id: String,
    pub(super) doc: Option<String>,
    pub(super) trigger_rule: Option<TriggerRule>,
    /// The asset that is new once it has succeeded.
    pub(super) outlet: Option<Asset>,
}

/// Tasks that belong together.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    pub(super) variable: String,
    pub(super) group_id: String,
    pub(super) tooltip: Option<String>,
    pub(super) body: Block,
}

/// Tasks that run for every item.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mapped {
    pub(super) variable: String,
    pub(super) group_id: String,
    pub(super) function: String,
    pub(super) docstring: String,
    /// The item's name.
    pub(super) item: String,
    /// The items: a list, or the task that gives them.
    pub(super) items: Expression,
    pub(super) body: Block,
}

impl Node {
    /// The name by which the file speaks of it.
    pub(super) fn variable(&self) -> &str {
        match self {
            Node::Step(node) => &node.variable,
            Node::Function(node) => &node.variable,
            Node::Empty(node) => &node.variable,
            Node::Group(node) => &node.variable,
            Node::Mapped(node) => &node.variable,
        }
    }
}

impl Step {
    /// What it starts; none where people do it.
    pub(super) fn started(&self) -> Option<&Started> {
        match &self.by {
            By::Pod(pod) => Some(&pod.started),
            By::Process(process) => Some(&process.started),
            By::People(_) => None,
        }
    }

    /// Whether the runner starts it.
    pub(super) fn has_runner(&self) -> bool {
        matches!(self.started().map(|started| &started.start), Some(Start::Runner { .. }))
    }

    /// Every template in it.
    pub(super) fn templates(&self) -> Vec<&Template> {
        let mut found: Vec<&Template> = self.turn_name.iter().collect();
        if let By::People(approval) = &self.by {
            found.push(&approval.known);
        }
        let Some(started) = self.started() else { return found };
        found.extend(started.env.iter().map(|(_, value)| value));
        match &started.start {
            Start::Program { words, arguments } => found.extend(words.iter().chain(arguments)),
            Start::Runner { told, rest, .. } => found.extend(told.iter().map(|(_, value)| value).chain(rest)),
        }
        found
    }
}
