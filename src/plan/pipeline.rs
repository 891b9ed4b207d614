//! A pipeline in one environment.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Construct, Expr, Field, InnerPredicate, Predicate, Type, Word};
use crate::source::Span;

/// A pipeline × environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pipeline {
    /// Its name.
    pub name: String,
    /// The environment that it is built for.
    pub environment: String,
    /// What it is called where it runs, where that is not its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called: Option<String>,
    /// What people see of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Its documentation.
    pub description: Option<String>,
    /// The file that declares it.
    pub source: String,
    /// What a run is started with.
    pub parameters: Vec<Parameter>,
    /// What a run gives.
    pub outputs: Vec<Output>,
    /// What it does; data and `after` give the order, not the place in the list (which is an order that works).
    pub body: Vec<Node>,
    /// What runs last, whatever happened: a task or a group. Its arguments are literals, parameters and [`super::ExprKind::Status`].
    pub finally: Option<Box<Node>>,
    /// A volume that every step of a run sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<Workspace>,
    /// When it runs by itself.
    pub schedule: Option<super::Schedule>,
    /// How many steps may run at once, by the environment's `limits`.
    pub parallel_steps: Option<u32>,
    /// Seconds after which the whole run has failed.
    pub timeout: Option<f64>,
    /// How long runs are kept once they have ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_runs: Option<super::KeepRuns>,
    /// Where it is declared.
    #[serde(skip)]
    pub span: Span,
}

/// A volume that every step of a run sees, claimed when the run begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Workspace {
    /// Bytes.
    pub size: i64,
    /// The claim's storage class; none: the cluster's default.
    pub storage_class: Option<String>,
    /// The claim's access modes; empty: the cluster's default.
    pub access_modes: Vec<String>,
    /// Further fields of the claim, as Kubernetes has them.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub patch: IndexMap<String, serde_json::Value>,
    /// Where it is asked for.
    #[serde(skip)]
    pub span: Span,
}

/// A parameter of a pipeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub description: Option<String>,
    /// Its type, without its refinements.
    #[serde(rename = "type")]
    pub ty: Type,
    /// What must hold of it (of the items of a list: [`Parameter::item_predicates`]).
    pub predicates: Vec<Predicate>,
    /// What must hold of every item where it is a list of a refined type.
    pub item_predicates: Vec<Predicate>,
    /// The values that it may have, encoded, where its type lists them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<serde_json::Value>,
    /// Whether it is expected to be given though it has a default.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub expected: bool,
    /// Encoded; without one a run must be given it, unless its type is optional.
    pub default: Option<serde_json::Value>,
    /// Where it is declared.
    #[serde(skip)]
    pub span: Span,
}

/// An output of a pipeline, a loop's turn or a branch's arm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// Its name; `value` where a block yields one value without a name.
    pub name: String,
    /// Its documentation.
    pub description: Option<String>,
    /// Where it comes from, and its type.
    pub value: Expr,
    /// Whether it is one value that is declared as a list of such, and given as it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub collected: bool,
    /// Where it is written.
    #[serde(skip)]
    pub span: Span,
}

/// A part of a pipeline. Ids are unique in the whole pipeline, `snake_case`, ASCII or not as the author named them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "node", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant)]
pub enum Node {
    /// A step that runs.
    Task(Task),
    /// A block that runs for every item.
    Loop(Loop),
    /// Blocks of which one runs, or none.
    Branch(Branch),
    /// A nested pipeline.
    Group(Group),
    /// A block, and what runs after it whatever becomes of it.
    Try(Try),
}

impl Node {
    /// Its id.
    pub fn id(&self) -> &str {
        match self {
            Node::Task(node) => &node.id,
            Node::Loop(node) => &node.id,
            Node::Branch(node) => &node.id,
            Node::Group(node) => &node.id,
            Node::Try(node) => &node.id,
        }
    }

    /// The ids of the nodes that it was told to wait for (what its data implies is not among them).
    pub fn after(&self) -> &[String] {
        match self {
            Node::Task(node) => &node.after,
            Node::Loop(node) => &node.after,
            Node::Branch(node) => &node.after,
            Node::Group(node) => &node.after,
            Node::Try(node) => &node.after,
        }
    }

    /// The same, to be added to.
    pub(super) fn after_mut(&mut self) -> &mut Vec<String> {
        match self {
            Node::Task(node) => &mut node.after,
            Node::Loop(node) => &mut node.after,
            Node::Branch(node) => &mut node.after,
            Node::Group(node) => &mut node.after,
            Node::Try(node) => &mut node.after,
        }
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Node::Task(node) => node.span,
            Node::Loop(node) => node.span,
            Node::Branch(node) => node.span,
            Node::Group(node) => node.span,
            Node::Try(node) => node.span,
        }
    }
}

/// A step that runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Task {
    /// The name that it was bound to, or its step's; made unique by `_2`, `_3`.
    pub id: String,
    /// The same, unique in the pipeline that calls it, whatever nested ones hold.
    pub name: String,
    /// What people see of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The step.
    pub step: String,
    /// The step's documentation.
    pub description: Option<String>,
    /// The file that declares the step.
    pub source: String,
    /// Every input of the step in the order of its declaration, defaults filled in.
    pub inputs: IndexMap<String, Input>,
    /// Every output of the step in the order of its declaration.
    pub outputs: Vec<TaskOutput>,
    /// Ids of nodes to wait for beside those that it takes data from.
    pub after: Vec<String>,
    /// Whether it runs when something before it failed.
    pub tolerates_failure: bool,
    /// What is started.
    pub run: Run,
    /// The image, with digest or tag; none where the environment runs processes.
    pub image: Option<String>,
    /// What it runs in instead, where that is known only when the pipeline runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_of_run: Option<Word>,
    /// What it may use.
    pub resources: Resources,
    /// Seconds after which it has failed.
    pub timeout: Option<f64>,
    /// What happens when it failed.
    pub retry: Option<Retry>,
    /// Whether an earlier result may stand for it.
    pub cache: Cache,
    /// What an earlier result is found by; none: by what runs and what it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_key: Option<String>,
    /// Whether it changes the world outside the run.
    pub external: bool,
    /// Whether it is listed instead of started (`effects: record`); with outputs it then gives its stub's values.
    pub recorded: bool,
    /// What a recorded step gives instead, by output: a value encoded, of an artifact its content (text as it is, else JSON).
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub stub: IndexMap<String, serde_json::Value>,
    /// Environment variables.
    pub env: IndexMap<String, Word>,
    /// Settings of the task that its input of type [`Type::TaskConfig`] tells of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub task_config: Vec<Passthrough>,
    /// Secrets as environment variables: variable, and where the secret's value is.
    pub secrets: IndexMap<String, super::SecretSource>,
    /// Where it is called.
    #[serde(skip)]
    pub span: Span,
}

/// A setting of a task that it is told of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Passthrough {
    /// `resources`, `env`, `affinity`, `tolerations`, `node_selector`, `volumes`
    pub setting: String,
    /// Whether it holds for the task itself too.
    pub apply: bool,
}

/// An input of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Input {
    /// The step's documentation of it.
    pub description: Option<String>,
    /// The type that the step declares, without its refinements.
    #[serde(rename = "type")]
    pub ty: Type,
    /// What the runner must check before the function is called: empty where the compiler has shown it.
    pub predicates: Vec<Predicate>,
    /// The values that the step takes, encoded, where its type lists them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<serde_json::Value>,
    /// Whether it is expected to be given though it has a default.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub expected: bool,
    /// What is given.
    pub value: Expr,
    /// Whether the call gives it; else the value is the step's own default, or `none`.
    pub given: bool,
    /// The step's own default, encoded.
    pub default: Option<serde_json::Value>,
    /// The step's own default, where only the orchestrator knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_of_run: Option<Expr>,
    /// Where it is given.
    #[serde(skip)]
    pub span: Span,
}

/// An output of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TaskOutput {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub description: Option<String>,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: Type,
    /// What its rows are like, of an artifact that is claimed to have one schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<Contract>,
}

/// What rows are like. There may be more columns, in any order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contract {
    /// The schema's name.
    pub schema: String,
    /// Its columns.
    pub columns: Vec<Column>,
}

/// A column and what holds of its values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Column {
    /// Its name, type and marks.
    #[serde(flatten)]
    pub field: Field,
    /// What must hold of a value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub predicates: Vec<Predicate>,
    /// What must hold of parts of a value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inner_predicates: Vec<InnerPredicate>,
}

/// What a task starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "run", rename_all = "snake_case")]
pub enum Run {
    /// A function in a file of the project, started by the runner.
    Python {
        /// Relative to the project's folder.
        file: String,
        /// The function.
        function: String,
        /// SHA-256 of the file, in hexadecimal.
        sha256: String,
    },
    /// A program with its arguments.
    Command {
        /// The program, in place of the image's own; none: the image's own.
        words: Vec<Word>,
        /// Its arguments, in place of the image's own.
        args: Vec<Word>,
    },
    /// A volume is claimed of the cluster, as the task's inputs say, or given up.
    Claim {
        /// Whether it is given up.
        delete: bool,
    },
    /// Its one input is held to be true: a gate inside the run. Its values are shown; it is met, not met, or has no data, and lets
    /// nobody through but when it is met.
    Gate {
        /// The condition as it is written.
        text: String,
    },
    /// Somebody says yes before it has succeeded; who is asked is shown the task's inputs.
    Approval {
        /// The team.
        team: String,
        /// Its people, by their users' ids where pipelines run.
        users: Vec<String>,
        /// What they are asked.
        question: String,
    },
    /// Another form of the library, which a target knows by its name.
    Form {
        /// The form and its arguments.
        form: super::Form,
        /// What the file holds that its argument `file` names, if it names one.
        source: Option<String>,
    },
    /// An artifact that exists already, at that address: its one output.
    Importer {
        /// Where it is; a parameter in it is an input of the step.
        uri: Expr,
        /// What is known of it; a parameter in it is an input of the step.
        metadata: Expr,
        /// Whether it is taken in again though it is known.
        reimport: bool,
        /// Whether its files are fetched into the workspace.
        download: bool,
    },
}

/// What a task may use, and the pod that it runs in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Resources {
    /// Cores.
    pub cpu: Option<f64>,
    /// Cores that are kept for it; none: as many as it may use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_request: Option<f64>,
    /// Bytes.
    pub memory: Option<i64>,
    /// Bytes that are kept for it; none: as many as it may use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_request: Option<i64>,
    /// Accelerators.
    pub gpu: u32,
    /// The accelerator's resource name: `nvidia.com/gpu`.
    pub accelerator: Option<String>,
    /// Node labels that it must run on.
    pub node_selector: IndexMap<String, String>,
    /// Amounts that are known only at run time, in place of the constant ones: `cpu`, `cpu_request`, `memory`,
    /// `memory_request`, `gpu`, `accelerator`; a number, or a text as Kubernetes writes it.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub run_time: IndexMap<String, Expr>,
    /// What else is asked of the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<Box<super::Pod>>,
    /// The orchestrator's pool that it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// Slots of the pool that it takes; none: one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool_slots: Option<u32>,
    /// How soon it starts where not everything can; the higher, the sooner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<i32>,
    /// Where the profile was chosen.
    #[serde(skip)]
    pub span: Span,
}

impl Resources {
    /// What it asks of the order in which steps start.
    pub fn queueing(&self) -> Vec<Construct> {
        let pool = (self.pool.is_some() || self.pool_slots.is_some()).then_some(Construct::Pool);
        pool.into_iter().chain(self.priority.map(|_| Construct::Priority)).collect()
    }
}

/// `retry: { times: 2, backoff: 30s, factor: 2.0 }`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Retry {
    /// How often again, at most.
    pub times: u32,
    /// Seconds before the first time.
    pub backoff: f64,
    /// What the wait is multiplied by each time.
    pub factor: f64,
    /// Seconds that a wait never exceeds.
    pub max_backoff: Option<f64>,
    /// Where it is asked for.
    #[serde(skip)]
    pub span: Span,
}

/// Whether an earlier result may stand for a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cache {
    /// Never.
    Off,
    /// It must: an orchestrator without a cache is an error.
    On,
    /// Where the orchestrator has one.
    #[default]
    Auto,
}

/// A block that runs for every item of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Loop {
    /// The name that it was bound to, or `for_` and its item's name.
    pub id: String,
    /// The item's name.
    pub item: String,
    /// A literal, a parameter or an output: a list.
    pub items: Expr,
    /// How many at a time; none: as many as the environment allows.
    pub parallel: Option<u32>,
    /// What runs for each.
    pub body: Vec<Node>,
    /// What each turn yields; seen outside as lists.
    pub yields: Vec<Output>,
    /// Ids of nodes to wait for.
    pub after: Vec<String>,
    /// Where it stands.
    #[serde(skip)]
    pub span: Span,
}

/// Blocks of which the first runs whose condition holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Branch {
    /// The name that it was bound to, or `if_` and a number.
    pub id: String,
    /// In the order of the text; each yields the same names and types.
    pub arms: Vec<Arm>,
    /// What an arm yields, by name and type; empty where the branch is no value.
    pub outputs: Vec<TaskOutput>,
    /// Ids of nodes to wait for.
    pub after: Vec<String>,
    /// Where it stands.
    #[serde(skip)]
    pub span: Span,
}

/// One block of a branch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Arm {
    /// When it runs, if no arm before it does; none: an `else`.
    pub condition: Option<Expr>,
    /// What runs.
    pub body: Vec<Node>,
    /// What it yields.
    pub yields: Vec<Output>,
    /// Where it stands.
    #[serde(skip)]
    pub span: Span,
}

/// A block, and what runs after it whatever becomes of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Try {
    /// `try_` and a number.
    pub id: String,
    /// What is tried.
    pub body: Vec<Node>,
    /// What runs afterwards: a task or a group. Its arguments are literals, parameters, items of loops around and
    /// [`super::ExprKind::Status`], which is how the block ended.
    pub last: Box<Node>,
    /// Ids of nodes to wait for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
    /// Where it stands.
    #[serde(skip)]
    pub span: Span,
}

/// A nested pipeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Group {
    /// The name that it was bound to, or its pipeline's.
    pub id: String,
    /// The same, unique in the pipeline that calls it.
    pub name: String,
    /// What people see of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Whether an earlier result may stand for it.
    pub cache: Cache,
    /// What an earlier result is found by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_key: Option<String>,
    /// What happens when it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// Whether it runs when something before it failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tolerates_failure: bool,
    /// The pipeline.
    pub pipeline: String,
    /// Its documentation.
    pub description: Option<String>,
    /// Its parameters; inside the body [`super::ExprKind::Parameter`] means these.
    pub parameters: Vec<Parameter>,
    /// What is given for them, in their order, defaults filled in.
    pub arguments: IndexMap<String, Expr>,
    /// Those that the call gives.
    pub given: Vec<String>,
    /// What runs.
    pub body: Vec<Node>,
    /// What it gives.
    pub outputs: Vec<Output>,
    /// Ids of nodes to wait for.
    pub after: Vec<String>,
    /// Where it is called.
    #[serde(skip)]
    pub span: Span,
}

impl Pipeline {
    /// Every task of the pipeline, those of nested blocks and of `finally` included, in the order of the text.
    pub fn tasks(&self) -> Vec<&Task> {
        let mut tasks = Vec::new();
        collect_tasks(&self.body, &mut tasks);
        collect_tasks(self.finally.as_deref().map_or(&[], std::slice::from_ref), &mut tasks);
        tasks
    }

    /// What a target must be able to do for this pipeline, and where it is asked.
    pub fn constructs(&self) -> Vec<(Construct, Span)> {
        super::construct::constructs(self)
    }
}

fn collect_tasks<'a>(nodes: &'a [Node], tasks: &mut Vec<&'a Task>) {
    for node in nodes {
        match node {
            Node::Task(task) => tasks.push(task),
            Node::Loop(node) => collect_tasks(&node.body, tasks),
            Node::Branch(node) => node.arms.iter().for_each(|arm| collect_tasks(&arm.body, tasks)),
            Node::Group(node) => collect_tasks(&node.body, tasks),
            Node::Try(node) => {
                collect_tasks(&node.body, tasks);
                collect_tasks(std::slice::from_ref(&*node.last), tasks);
            }
        }
    }
}
