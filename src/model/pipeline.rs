//! Pipelines: typed data flow.

use indexmap::IndexMap;

use super::{Expr, Field, NodeId, Type, Value};
use crate::resolve::DeclId;
use crate::source::Span;

/// `pipeline training(…) -> (…) { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Pipeline {
    /// What a run is started with.
    pub parameters: Vec<Field>,
    /// What a run gives.
    pub outputs: Vec<Field>,
    /// What it does.
    pub body: Block,
    /// What it returns: a value for each output that it could find one for, in their order.
    pub returns: Vec<(String, Expr)>,
    /// What is said of the whole of it: constants, by the field's name.
    pub with: IndexMap<String, Expr>,
    /// What runs last: the call of a step or pipeline.
    pub finally: Option<Call>,
    /// Every name that it binds with the node or value that it stands for, nested ones under `outer.inner`.
    pub bindings: IndexMap<String, Expr>,
}

/// Statements in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// In the order of the text.
    pub nodes: Vec<Node>,
    /// What its `yield` gives, by name; `value` where it has none.
    pub yields: Vec<(String, Expr)>,
    /// From `{` to `}`.
    pub span: Span,
}

/// A part of a pipeline.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A step or a pipeline is called.
    Call(Call),
    /// `for`
    For(For),
    /// `if`
    If(If),
    /// `try`
    Try(Try),
    /// `require`
    Require(Require),
}

/// A call of a step or a pipeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Itself.
    pub id: NodeId,
    /// What it is bound to.
    pub binding: Option<String>,
    /// The step or pipeline.
    pub callee: DeclId,
    /// Whether it is a pipeline.
    pub is_pipeline: bool,
    /// What is given, by name; what is left out is not here.
    pub arguments: IndexMap<String, Expr>,
    /// Nodes to wait for.
    pub after: Vec<NodeId>,
    /// What holds for it alone: constants, by the field's name.
    pub with: IndexMap<String, Expr>,
    /// All of it.
    pub span: Span,
}

/// `for penalty in penalties parallel: 2 { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct For {
    /// Itself.
    pub id: NodeId,
    /// What it is bound to.
    pub binding: Option<String>,
    /// The item's name.
    pub item: String,
    /// The item's type.
    pub item_type: Type,
    /// What is gone through.
    pub source: Expr,
    /// How many at a time.
    pub parallel: Option<Value>,
    /// What is done for each.
    pub body: Block,
    /// All of it.
    pub span: Span,
}

/// `if … { … } else { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct If {
    /// Itself.
    pub id: NodeId,
    /// What it is bound to.
    pub binding: Option<String>,
    /// In the order of the text; the last may have no condition.
    pub arms: Vec<(Option<Expr>, Block)>,
    /// What it gives, by name; empty where it is no value.
    pub outputs: Vec<(String, Type)>,
    /// All of it.
    pub span: Span,
}

/// `try { … } finally status { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Try {
    /// Itself.
    pub id: NodeId,
    /// What is tried.
    pub body: Block,
    /// What runs afterwards, whatever happened; none where it is wrong already.
    pub last: Option<Call>,
    /// All of it.
    pub span: Span,
}

/// `require report.auc >= 0.95`: what stands after it in its block begins once it is met.
#[derive(Clone, Debug, PartialEq)]
pub struct Require {
    /// Itself.
    pub id: NodeId,
    /// What must hold of the run.
    pub condition: Expr,
    /// The condition as it is written.
    pub text: String,
    /// Its `///` lines.
    pub docs: Option<String>,
    /// All of it.
    pub span: Span,
}

impl Node {
    /// Its id.
    pub fn id(&self) -> NodeId {
        match self {
            Node::Call(node) => node.id,
            Node::For(node) => node.id,
            Node::If(node) => node.id,
            Node::Try(node) => node.id,
            Node::Require(node) => node.id,
        }
    }

    /// What a person points at.
    pub fn span(&self) -> Span {
        match self {
            Node::Call(node) => node.span,
            Node::For(node) => node.span,
            Node::If(node) => node.span,
            Node::Try(node) => node.span,
            Node::Require(node) => node.span,
        }
    }

    /// Its blocks.
    pub fn blocks(&self) -> Vec<&Block> {
        match self {
            Node::Call(_) | Node::Require(_) => Vec::new(),
            Node::For(node) => vec![&node.body],
            Node::If(node) => node.arms.iter().map(|(_, block)| block).collect(),
            Node::Try(node) => vec![&node.body],
        }
    }
}

impl Block {
    /// Every call in it, nested ones included, in the order of the text.
    pub fn calls(&self) -> Vec<&Call> {
        let mut calls = Vec::new();
        self.collect_calls(&mut calls);
        calls
    }

    fn collect_calls<'a>(&'a self, calls: &mut Vec<&'a Call>) {
        for node in &self.nodes {
            if let Node::Call(call) = node {
                calls.push(call);
            }
            node.blocks().into_iter().for_each(|block| block.collect_calls(calls));
            if let Node::Try(Try { last: Some(call), .. }) = node {
                calls.push(call);
            }
        }
    }
}

impl Pipeline {
    /// Every call, that of `finally` included.
    pub fn calls(&self) -> Vec<&Call> {
        let mut calls = self.body.calls();
        calls.extend(&self.finally);
        calls
    }
}
