//! A specification as pipelines, as a person would say them.
//!
//! In: a specification. Out: a [`Flow`] for the root and for every pipeline that is called, with control flow as blocks and every value
//! followed to what makes it. What leads nowhere is a [`Problem`]. It refuses to know names and text of the language.

mod build;
mod condition;
mod order;
mod source;
mod value;

use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::emit::kubeflow::model::*;

pub(super) use build::build;
pub(super) use condition::{Cel, Sign};
pub(super) use value::{Part, pieces, quoted};

/// A node of a flow.
pub(super) type NodeId = usize;

/// Something that cannot be said, and where it stands in the specification.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    /// A path: `components.comp-train.dag.tasks.load`.
    pub(super) path: String,
    /// A sentence without a full stop.
    pub(super) message: String,
}

/// A pipeline.
#[derive(Debug)]
pub(super) struct Flow<'a> {
    /// Its component's name; none for the root.
    pub(super) component: Option<&'a str>,
    pub(super) interface: &'a ComponentSpec,
    /// Every node, by id.
    pub(super) nodes: Vec<Node<'a>>,
    /// What stands at the top, in the order of the text.
    pub(super) body: Vec<NodeId>,
    /// What it gives, by name.
    pub(super) outputs: IndexMap<&'a str, Value<'a>>,
}

/// A part of a pipeline.
#[derive(Debug)]
pub(super) struct Node<'a> {
    /// The task's key in its DAG.
    pub(super) key: &'a str,
    pub(super) task: &'a TaskSpec,
    /// The block that it stands in: a node of several blocks has arms.
    pub(super) parent: Option<NodeId>,
    pub(super) kind: Kind<'a>,
    /// What it waits for beside what its data implies.
    pub(super) after: Vec<NodeId>,
    /// Outputs that something outside takes, by their keys in the specification; of a call always empty.
    pub(super) yields: IndexMap<&'a str, Vec<Value<'a>>>,
    /// Whether something waits for it by name.
    pub(super) awaited: bool,
}

/// What a node is.
#[derive(Debug)]
pub(super) enum Kind<'a> {
    /// A container, an importer, or a pipeline.
    Call(Call<'a>),
    /// A block with a condition.
    If { condition: Cel<'a>, body: Vec<NodeId> },
    /// Blocks of which one runs: each arm is an `If` of its own, the last perhaps without a condition of its own.
    Branches { arms: Vec<NodeId> },
    /// One arm of them; none: `else`.
    Arm { condition: Option<Cel<'a>>, body: Vec<NodeId> },
    /// A block for each item.
    For { items: Items<'a>, parallel: Option<i32>, body: Vec<NodeId> },
    /// A block that something follows, whatever becomes of it.
    Try { body: Vec<NodeId>, exit: Option<NodeId> },
}

/// What is called.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) component: &'a str,
    pub(super) spec: &'a ComponentSpec,
    /// What it is given, by the names of its component.
    pub(super) inputs: IndexMap<&'a str, Value<'a>>,
    /// Values that stand in texts of the task or of its executor, by the channels' names.
    pub(super) channels: IndexMap<&'a str, Value<'a>>,
    /// Inputs that its component does not declare, and which only repeat what its executor says.
    pub(super) repeated: Vec<&'a str>,
    /// What the cluster is told of it that comes from elsewhere, by the path in its configuration.
    pub(super) cluster: Vec<(Vec<String>, Value<'a>)>,
    /// Whether it runs whatever became of what it waits for.
    pub(super) tolerant: bool,
}

/// What a loop goes through.
#[derive(Debug)]
pub(super) enum Items<'a> {
    Constant(Json),
    Of(Value<'a>),
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Constant(&'a Json),
    /// Of the pipeline.
    Input(&'a str),
    /// Of a call, or of a block.
    Output {
        node: NodeId,
        key: &'a str,
    },
    /// Of a loop.
    Item(NodeId),
    /// How a block or a task ended.
    Status(NodeId),
    /// A part of a value.
    Select {
        of: Box<Value<'a>>,
        path: Vec<Step>,
    },
}

/// A step on the way into a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

impl<'a> Value<'a> {
    /// The node that it waits for.
    pub(super) fn producer(&self) -> Option<NodeId> {
        match self {
            Value::Output { node, .. } | Value::Status(node) => Some(*node),
            Value::Select { of, .. } => of.producer(),
            Value::Constant(_) | Value::Input(_) | Value::Item(_) => None,
        }
    }
}

impl<'a> Node<'a> {
    /// The call, if it is one.
    pub(super) fn call(&self) -> Option<&Call<'a>> {
        match &self.kind {
            Kind::Call(call) => Some(call),
            _ => None,
        }
    }

    /// What stands inside, in the order of the text.
    pub(super) fn children(&self) -> &[NodeId] {
        match &self.kind {
            Kind::Call(_) => &[],
            Kind::Branches { arms } => arms,
            Kind::If { body, .. } | Kind::Arm { body, .. } | Kind::For { body, .. } | Kind::Try { body, .. } => body,
        }
    }
}
