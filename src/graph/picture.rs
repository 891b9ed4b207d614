//! What a picture shows, before anything has a place.

/// A picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// What a file of it is called, without its ending: `training-production`, `promotion`.
    pub name: String,
    /// What it is a picture of: `training`.
    pub title: String,
    /// Which one of several with the same title: the environment.
    pub variant: Option<String>,
    /// A sentence or two below the title.
    pub about: Vec<String>,
    pub(super) block: Block,
    /// What runs last, whatever happened.
    pub(super) last: Option<Node>,
}

/// Boxes and the arrows between them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Block {
    pub(super) nodes: Vec<Node>,
    pub(super) links: Vec<Link>,
}

/// A box.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) title: String,
    /// Smaller, below the title.
    pub(super) details: Vec<String>,
    /// Shown when a person points at it.
    pub(super) tooltip: Option<String>,
    /// One below the other, each with its sign.
    pub(super) lines: Vec<Line>,
    /// Where arrows end. Of a box around others: the names of its [`Kind::Entry`] nodes, in their order.
    pub(super) inputs: Vec<Input>,
    /// Where arrows begin. Of a box around others: the names of its [`Kind::Exit`] nodes, in their order.
    pub(super) outputs: Vec<String>,
    pub(super) inner: Option<Block>,
    pub(super) dashed: bool,
}

/// What a box stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Task,
    Command,
    Import,
    Loop,
    Branch,
    Arm,
    Group,
    Finally,
    /// What a pipeline gives.
    Result,
    /// Where a value enters the box around.
    Entry,
    /// Where a value leaves the box around.
    Exit,
    Ci,
    Environment,
    Production,
    /// What is done on the way from an environment to the next.
    Edge,
}

/// A line of a box.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) sign: Sign,
    pub(super) text: String,
    /// Shares of a service's traffic, one after the other.
    pub(super) weights: Vec<f64>,
}

/// The sign before a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Check,
    Build,
    Person,
    Gate,
    Wait,
    Deploy,
    Run,
    Verify,
    Traffic,
    Notify,
    Failure,
    Fact,
}

/// An input of a box.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Input {
    pub(super) name: String,
    /// What is given, where no arrow says it.
    pub(super) value: Option<String>,
}

/// An arrow.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Link {
    pub(super) from: usize,
    /// Which output; none: the box itself.
    pub(super) output: Option<usize>,
    pub(super) to: usize,
    /// Which input; none: the box itself.
    pub(super) input: Option<usize>,
    /// Order alone, no data.
    pub(super) waits: bool,
}

impl Block {
    pub(super) fn add(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    pub(super) fn link(&mut self, link: Link) {
        if !self.links.contains(&link) {
            self.links.push(link);
        }
    }
}
