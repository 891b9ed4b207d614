//! A block of the plan that has been opened: its nodes, how each of them stands, and what waits for what.

use serde_json::Value as Json;

use super::{At, Values};
use crate::plan::{Arm, Group, Loop, Node, Output, Try, depends};

/// Why a block was opened.
#[derive(Clone)]
pub(super) enum Kind<'p> {
    /// The pipeline's own, with its parameters.
    Root(Values),
    /// A nested pipeline, with its parameters.
    Group(&'p Group, Values),
    /// A turn of a loop, with its item and its number.
    Turn(&'p Loop, Json, usize),
    /// An arm of a branch.
    Arm(&'p Arm),
    /// What is tried.
    Tried(&'p Try),
    /// What runs after it, whether it had failed, and how it ended.
    Last(bool, Json),
    /// What runs at the end of the run: with the pipeline's parameters, how it ended, and whether it failed.
    Finally { parameters: Values, status: Json, lost: bool },
}

/// How a node stands.
pub(super) enum State {
    /// Something before it has not ended, or it runs.
    Open,
    /// It is a loop, and turns of it run.
    Looping(Turns),
    /// It has ended, and gives this.
    Done(Values),
    /// It has failed.
    Failed,
    /// It never ran, because something before it failed or the run was stopped.
    Passed,
}

impl State {
    /// Whether it gives nothing.
    pub(super) fn is_lost(&self) -> bool {
        matches!(self, State::Failed | State::Passed)
    }
}

/// An opened block.
pub(super) struct Scope<'p> {
    pub(super) kind: Kind<'p>,
    /// The node that it was opened for.
    pub(super) parent: Option<At>,
    pub(super) nodes: Vec<&'p Node>,
    /// For each node, those that it waits for.
    pub(super) waits: Vec<Vec<usize>>,
    pub(super) states: Vec<State>,
    /// How often each has been tried again.
    pub(super) tries: Vec<u32>,
    /// How many nodes have not ended.
    pub(super) open: usize,
    waiting: Vec<Vec<usize>>,
    left: Vec<usize>,
}

impl<'p> Scope<'p> {
    pub(super) fn new(kind: Kind<'p>, parent: Option<At>, nodes: &'p [Node]) -> Self {
        let waits = depends::edges(nodes);
        let mut waiting = vec![Vec::new(); nodes.len()];
        for (node, others) in waits.iter().enumerate() {
            others.iter().for_each(|other| waiting[*other].push(node));
        }
        Self {
            kind,
            parent,
            nodes: nodes.iter().collect(),
            left: waits.iter().map(Vec::len).collect(),
            waits,
            waiting,
            states: nodes.iter().map(|_| State::Open).collect(),
            tries: vec![0; nodes.len()],
            open: nodes.len(),
        }
    }

    /// The nodes that wait for nothing.
    pub(super) fn roots(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|node| self.left[*node] == 0).collect()
    }

    /// A node has ended: those that waited for it alone.
    pub(super) fn settle(&mut self, node: usize, state: State) -> Vec<usize> {
        self.states[node] = state;
        self.open -= 1;
        let waiting = std::mem::take(&mut self.waiting[node]);
        let mut ready = Vec::new();
        for other in waiting {
            self.left[other] -= 1;
            if self.left[other] == 0 {
                ready.push(other);
            }
        }
        ready
    }

    /// Whether something in it failed, or never ran.
    pub(super) fn is_lost(&self) -> bool {
        self.states.iter().any(State::is_lost)
    }
}

/// The turns of a loop.
pub(super) struct Turns {
    items: std::vec::IntoIter<Json>,
    begun: usize,
    pub(super) running: usize,
    /// Whether a turn has failed.
    lost: bool,
    results: Vec<Option<Values>>,
}

impl Turns {
    pub(super) fn new(items: Vec<Json>) -> Self {
        let results = vec![None; items.len()];
        Self { items: items.into_iter(), begun: 0, running: 0, lost: false, results }
    }

    /// The next item and its number, where fewer than `most` turns run.
    pub(super) fn next(&mut self, most: usize) -> Option<(usize, Json)> {
        if self.running >= most {
            return None;
        }
        let item = self.items.next()?;
        (self.running, self.begun) = (self.running + 1, self.begun + 1);
        Some((self.begun - 1, item))
    }

    /// How the loop ends, once no turn runs.
    pub(super) fn end(&mut self, stopped: bool, yields: &[Output]) -> State {
        match (self.lost, stopped && self.items.len() > 0) {
            (true, _) => State::Failed,
            (false, true) => State::Passed,
            (false, false) => State::Done(lists(yields, &std::mem::take(&mut self.results))),
        }
    }

    /// A turn has ended.
    pub(super) fn ended(&mut self, number: usize, result: Option<Values>) {
        self.running -= 1;
        self.lost |= result.is_none();
        self.results[number] = result;
    }
}

/// What the turns of a loop yielded, each output as a list in the order of the items.
fn lists(yields: &[Output], results: &[Option<Values>]) -> Values {
    let list = |output: &Output| {
        let one = |turn: &Option<Values>| turn.as_ref().and_then(|turn| turn.get(&output.name)).cloned();
        let items = results.iter().map(|turn| one(turn).unwrap_or(Json::Null)).collect();
        (output.name.clone(), Json::Array(items))
    };
    yields.iter().map(list).collect()
}
