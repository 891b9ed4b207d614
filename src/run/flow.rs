//! What is due in a run: the plan's control flow, without a process, a file or a clock.
//!
//! In: a pipeline, its parameters, and how each task ended. Out: the tasks that are due, with what they are given, until the
//! run is over. A block of the plan is opened as a scope as often as it runs; what waits for what is decided in a scope alone.

mod scope;
pub(super) mod value;

use std::collections::VecDeque;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::emit::step;
use crate::plan::{Expr, ExprKind, Group, Loop, Node, Output, Pipeline, Task, Type};

use scope::{Kind, Scope, State, Turns};

/// Values by name.
pub type Values = IndexMap<String, Json>;

/// What a name is bound to: each output by its name, with its type.
pub type Bound = IndexMap<String, (Json, Type)>;

/// What is known of a run before anything has run.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// Unique among the runs of this machine.
    pub id: String,
    /// When it was made, `2026-01-31T02:00:00Z`.
    pub created_at: String,
    /// The folder that it keeps its artifacts in.
    pub root: String,
}

/// A node of an opened block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    scope: usize,
    node: usize,
}

/// A task that is due.
#[derive(Clone, Debug)]
pub struct Due<'p> {
    /// Where it stands.
    pub at: At,
    /// The task.
    pub task: &'p Task,
    /// Unique in the run: `fit[1]`, `nested.load`.
    pub name: String,
    /// What it is given, by name; an artifact is `{"path", "uri"}`.
    pub inputs: Values,
    /// What is delivered to it, and what the runner puts together from that.
    pub delivery: step::Delivery,
}

/// What happened beside the tasks that are due.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// Something before it failed, or the run was stopped: it does not run.
    Passed {
        /// The task's name, or that of a block.
        name: String,
    },
    /// A condition, a list or an argument has no value.
    Fault {
        /// The node's name.
        name: String,
        /// Why.
        message: String,
    },
    /// An arm of a branch was taken, or none.
    Took {
        /// The branch's name.
        name: String,
        /// Which, from 0.
        arm: Option<usize>,
    },
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Everything that ran succeeded.
    Succeeded,
    /// Something failed.
    Failed,
    /// It was stopped.
    Cancelled,
}

/// A thing to be done.
enum Work {
    /// What a node waits for has ended.
    Begin(At),
    /// A loop may go on.
    Turn(At),
    /// A node has ended.
    Settle(At, State),
    /// Every node of a block has ended.
    Close(usize),
}

/// A run that goes on.
pub struct Flow<'p> {
    pipeline: &'p Pipeline,
    identity: Identity,
    scopes: Vec<Option<Scope<'p>>>,
    free: Vec<usize>,
    due: VecDeque<At>,
    /// What is to be done before anything else is asked: a queue, so that no chain and no loop is too long for the stack.
    work: VecDeque<Work>,
    notes: Vec<Note>,
    /// Sentences of what went wrong, in order.
    faults: Vec<String>,
    stopped: bool,
    outputs: Values,
    ending: Option<Ending>,
}

impl<'p> Flow<'p> {
    /// Begins a run; `parameters` has every parameter of the pipeline.
    pub fn new(pipeline: &'p Pipeline, parameters: Values, identity: Identity) -> Self {
        let mut flow = Self {
            pipeline,
            identity,
            scopes: Vec::new(),
            free: Vec::new(),
            due: VecDeque::new(),
            work: VecDeque::new(),
            notes: Vec::new(),
            faults: Vec::new(),
            stopped: false,
            outputs: Values::new(),
            ending: None,
        };
        flow.open(Scope::new(Kind::Root(parameters), None, &pipeline.body));
        flow.work();
        flow
    }

    /// The next task that is due, if there is one now.
    pub fn next_due(&mut self) -> Option<Due<'p>> {
        while let Some(at) = self.due.pop_front() {
            let Node::Task(task) = self.node(at) else { continue };
            match self.given(at, task) {
                _ if self.is_stopped(at) => self.settle(at, State::Passed),
                Ok((inputs, delivery)) => {
                    return Some(Due { at, task, name: self.name(at), inputs, delivery });
                }
                Err(message) => self.fault(at, message),
            }
            self.work();
        }
        None
    }

    fn work(&mut self) {
        while let Some(work) = self.work.pop_front() {
            match work {
                Work::Begin(at) => self.begin(at),
                Work::Turn(at) => self.turn(at),
                Work::Settle(at, state) => self.settled(at, state),
                Work::Close(scope) => self.close(scope),
            }
        }
    }

    /// A task has succeeded.
    pub fn succeeded(&mut self, at: At, outputs: Values) {
        self.settle(at, State::Done(outputs));
        self.work();
    }

    /// A task has failed.
    pub fn failed(&mut self, at: At, why: &str) {
        let name = self.name(at);
        self.faults.push(format!("{name}: {why}"));
        self.settle(at, State::Failed);
        self.work();
    }

    /// Starts nothing more but what runs whatever happened.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// What has happened since this was asked last.
    pub fn notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }

    /// How it ended, if it is over.
    pub fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// What the run gives; empty before its end, and where it failed.
    pub fn outputs(&self) -> &Values {
        &self.outputs
    }

    /// What went wrong, in order.
    pub fn faults(&self) -> &[String] {
        &self.faults
    }

    /// What the nodes of the pipeline's own block gave: each output by its name, with its type.
    pub fn bindings(&self) -> IndexMap<String, Bound> {
        let Some(Some(root)) = self.scopes.first() else { return IndexMap::new() };
        let bound = root.nodes.iter().zip(&root.states).filter_map(|(node, state)| match state {
            State::Done(values) => Some((node.id().to_owned(), bound(node, values))),
            _ => None,
        });
        bound.collect()
    }

    fn given(&self, at: At, task: &Task) -> Result<(Values, step::Delivery), String> {
        let delivery = step::deliver(task, &|expr: &Expr| {
            use ExprKind::{Context, Item, Keyed, Output, Parameter, Status};
            matches!(expr.kind, Parameter { .. } | Output { .. } | Item { .. } | Status | Context { .. } | Keyed { .. })
        });
        let mut inputs = Values::new();
        for (name, expr) in &delivery.delivered {
            inputs.insert(name.clone(), self.value(at, expr).map_err(|why| format!("input {name}: {why}"))?);
        }
        for (name, input) in task.inputs.iter().filter(|(_, input)| task.tolerates_failure && !input.given) {
            if input.ty == Type::RunStatus {
                inputs.insert(name.clone(), self.status(self.is_after_loss(at)));
            }
        }
        Ok((inputs, delivery))
    }

    /// Whether something that a node waits for failed, or never ran.
    fn is_after_loss(&self, at: At) -> bool {
        let scope = self.scope(at.scope);
        scope.waits[at.node].iter().any(|other| scope.states[*other].is_lost())
    }

    fn open(&mut self, scope: Scope<'p>) {
        let roots = scope.roots();
        let index = match self.free.pop() {
            Some(index) => {
                self.scopes[index] = Some(scope);
                index
            }
            None => {
                self.scopes.push(Some(scope));
                self.scopes.len() - 1
            }
        };
        if roots.is_empty() {
            self.work.push_back(Work::Close(index));
        }
        self.work.extend(roots.into_iter().map(|node| Work::Begin(At { scope: index, node })));
    }

    /// What a node waits for is settled.
    fn begin(&mut self, at: At) {
        let lost = self.is_after_loss(at);
        let tolerates = match self.node(at) {
            Node::Task(task) => task.tolerates_failure,
            Node::Group(group) => group.tolerates_failure,
            _ => false,
        };
        if self.is_stopped(at) || (lost && !tolerates) {
            return self.settle(at, State::Passed);
        }
        match self.node(at) {
            Node::Task(_) => self.due.push_back(at),
            Node::Group(group) => self.begin_group(at, group),
            Node::Loop(node) => self.begin_loop(at, node),
            Node::Branch(branch) => {
                for (number, arm) in branch.arms.iter().enumerate() {
                    let taken = match &arm.condition {
                        None => Ok(true),
                        Some(condition) => self.value(at, condition).map(|value| value == Json::Bool(true)),
                    };
                    match taken {
                        Ok(false) => {}
                        Ok(true) => {
                            self.notes.push(Note::Took { name: self.name(at), arm: Some(number) });
                            self.open(Scope::new(Kind::Arm(arm), Some(at), &arm.body));
                            return;
                        }
                        Err(message) => return self.fault(at, message),
                    }
                }
                self.notes.push(Note::Took { name: self.name(at), arm: None });
                self.settle(at, State::Done(Values::new()));
            }
            Node::Try(node) => {
                self.open(Scope::new(Kind::Tried(node), Some(at), &node.body));
            }
        }
    }

    fn begin_group(&mut self, at: At, group: &'p Group) {
        let mut parameters = Values::new();
        for parameter in &group.parameters {
            let value = match group.arguments.get(&parameter.name) {
                Some(argument) => self.value(at, argument),
                None => Ok(parameter.default.clone().unwrap_or(Json::Null)),
            };
            let held = value.and_then(|value| value::hold(parameter, value));
            match held {
                Ok(value) => parameters.insert(parameter.name.clone(), value),
                Err(message) => return self.fault(at, message),
            };
        }
        self.open(Scope::new(Kind::Group(group, parameters), Some(at), &group.body));
    }

    fn begin_loop(&mut self, at: At, node: &'p Loop) {
        let items = match self.value(at, &node.items) {
            Ok(Json::Array(items)) => items,
            Ok(other) => return self.fault(at, format!("a loop goes over a list, and this is {other}")),
            Err(message) => return self.fault(at, message),
        };
        let turns = Turns::new(items);
        self.scope_mut(at.scope).states[at.node] = State::Looping(turns);
        self.work.push_back(Work::Turn(at));
    }

    /// Begins as many turns of a loop as may run, and ends it when none is left.
    fn turn(&mut self, at: At) {
        let Node::Loop(node) = self.node(at) else { return };
        let (stopped, most) = (self.is_stopped(at), node.parallel.map_or(usize::MAX, |most| most.max(1) as usize));
        let State::Looping(turns) = &mut self.scope_mut(at.scope).states[at.node] else { return };
        let mut begun = Vec::new();
        while let Some(turn) = turns.next(most).filter(|_| !stopped) {
            begun.push(turn);
        }
        if begun.is_empty() && turns.running == 0 {
            let end = turns.end(stopped, &node.yields);
            // Turns that end at once each ask to go on; the loop ends once.
            self.scope_mut(at.scope).states[at.node] = State::Open;
            return self.settle(at, end);
        }
        for (number, item) in begun {
            self.open(Scope::new(Kind::Turn(node, item, number), Some(at), &node.body));
        }
    }

    fn settle(&mut self, at: At, state: State) {
        self.work.push_back(Work::Settle(at, state));
    }

    /// A node has ended; what waited for it may begin.
    fn settled(&mut self, at: At, state: State) {
        if matches!(state, State::Passed) {
            self.notes.push(Note::Passed { name: self.name(at) });
        }
        let scope = self.scope_mut(at.scope);
        let ready = scope.settle(at.node, state);
        if scope.open == 0 {
            self.work.push_back(Work::Close(at.scope));
        }
        self.work.extend(ready.into_iter().map(|node| Work::Begin(At { scope: at.scope, node })));
    }

    /// Every node of a block has ended.
    fn close(&mut self, index: usize) {
        let scope = self.scope(index);
        let (lost, parent) = (scope.is_lost(), scope.parent);
        match (scope.kind.clone(), parent) {
            (Kind::Root(_), _) => self.close_root(index, lost),
            (Kind::Finally { lost: before, .. }, _) => self.end(lost || before),
            (Kind::Turn(node, _, number), Some(at)) => {
                let result = if lost { None } else { self.outcome(index, &node.yields, at) };
                self.free(index);
                let State::Looping(turns) = &mut self.scope_mut(at.scope).states[at.node] else { return };
                turns.ended(number, result);
                self.work.push_back(Work::Turn(at));
            }
            (Kind::Arm(arm), Some(at)) => self.close_block(index, lost, &arm.yields, at),
            (Kind::Group(group, _), Some(at)) => {
                let again = group.retry.as_ref().map_or(0, |retry| retry.times);
                let scope = self.scope_mut(at.scope);
                if lost && scope.tries[at.node] < again {
                    scope.tries[at.node] += 1;
                    self.free(index);
                    return self.begin_group(at, group);
                }
                self.close_block(index, lost, &group.outputs, at);
            }
            (Kind::Tried(node), Some(at)) => {
                let status = self.status(lost);
                self.free(index);
                self.open(Scope::new(Kind::Last(lost, status), Some(at), std::slice::from_ref(&*node.last)));
            }
            (Kind::Last(failed, _), Some(at)) => {
                self.free(index);
                self.settle(at, if lost || failed { State::Failed } else { State::Done(Values::new()) });
            }
            (_, None) => unreachable!("only the pipeline's own block and `finally` stand in nothing"),
        }
    }

    fn close_block(&mut self, index: usize, lost: bool, outputs: &'p [Output], at: At) {
        let found = if lost { None } else { self.outcome(index, outputs, at) };
        self.free(index);
        self.settle(at, found.map_or(State::Failed, State::Done));
    }

    fn close_root(&mut self, index: usize, lost: bool) {
        let at = At { scope: index, node: 0 };
        let outputs = if lost { None } else { self.outcome(index, &self.pipeline.outputs, at) };
        let lost = outputs.is_none();
        self.outputs = outputs.unwrap_or_default();
        match self.pipeline.finally.as_deref() {
            None => self.end(lost),
            Some(last) => {
                let status = self.status(lost);
                let Kind::Root(parameters) = self.scope(index).kind.clone() else { return };
                let kind = Kind::Finally { parameters, status, lost };
                self.open(Scope::new(kind, None, std::slice::from_ref(last)));
            }
        }
    }

    fn end(&mut self, lost: bool) {
        if lost {
            self.outputs = Values::new();
        }
        self.ending = Some(match (self.stopped, lost) {
            (true, _) => Ending::Cancelled,
            (false, true) => Ending::Failed,
            (false, false) => Ending::Succeeded,
        });
    }

    /// What a block gives at its end; none where a part of it has no value, which is then said.
    fn outcome(&mut self, index: usize, outputs: &[Output], parent: At) -> Option<Values> {
        let at = At { scope: index, node: 0 };
        let mut found = Values::new();
        for output in outputs {
            match self.value(at, &output.value) {
                Ok(value) => {
                    found.insert(output.name.clone(), value);
                }
                Err(message) => {
                    let name = self.name(parent);
                    let message = format!("output {}: {message}", output.name);
                    self.faults.push(format!("{name}: {message}"));
                    self.notes.push(Note::Fault { name, message });
                    return None;
                }
            }
        }
        Some(found)
    }

    fn status(&self, lost: bool) -> Json {
        let state = match (self.stopped, lost) {
            (true, _) => "CANCELLED",
            (false, true) => "FAILED",
            (false, false) => "SUCCEEDED",
        };
        let error = self.faults.first().filter(|_| lost);
        json!({"state": state, "error": error, "pipeline": self.pipeline.name, "run": self.identity.id})
    }

    fn fault(&mut self, at: At, message: String) {
        let name = self.name(at);
        self.faults.push(format!("{name}: {message}"));
        self.notes.push(Note::Fault { name, message });
        self.settle(at, State::Failed);
    }

    /// Whether a node is not begun any more; what runs whatever happened is.
    fn is_stopped(&self, at: At) -> bool {
        self.stopped && !self.within(at.scope).any(|scope| matches!(scope.kind, Kind::Finally { .. } | Kind::Last(..)))
    }

    /// A block and those around it.
    fn within(&self, scope: usize) -> impl Iterator<Item = &Scope<'p>> {
        let mut next = Some(scope);
        std::iter::from_fn(move || {
            let scope = self.scope(next?);
            next = scope.parent.map(|at| at.scope);
            Some(scope)
        })
    }

    /// What a node is called in this run.
    pub fn name(&self, at: At) -> String {
        let mut groups = Vec::new();
        let mut turns = Vec::new();
        for scope in self.within(at.scope) {
            match &scope.kind {
                Kind::Turn(_, _, number) => turns.push(number.to_string()),
                Kind::Group(group, _) => groups.push(group.id.as_str()),
                _ => {}
            }
        }
        let mut name: String = groups.iter().rev().map(|group| format!("{group}.")).collect();
        name.push_str(self.scope(at.scope).nodes.get(at.node).map_or("", |node| node.id()));
        if !turns.is_empty() {
            turns.reverse();
            name.push_str(&format!("[{}]", turns.join(",")));
        }
        name
    }

    fn node(&self, at: At) -> &'p Node {
        self.scope(at.scope).nodes[at.node]
    }

    fn scope(&self, index: usize) -> &Scope<'p> {
        self.scopes[index].as_ref().expect("a block is asked for while it is open")
    }

    fn scope_mut(&mut self, index: usize) -> &mut Scope<'p> {
        self.scopes[index].as_mut().expect("a block is asked for while it is open")
    }

    fn free(&mut self, index: usize) {
        self.scopes[index] = None;
        self.free.push(index);
    }
}

/// The outputs of a node, with the types that they have outside of it.
fn bound(node: &Node, values: &Values) -> Bound {
    let types: Vec<(&String, Type)> = match node {
        Node::Task(task) => task.outputs.iter().map(|output| (&output.name, output.ty.clone())).collect(),
        Node::Branch(branch) => branch.outputs.iter().map(|output| (&output.name, output.ty.clone())).collect(),
        Node::Group(group) => group.outputs.iter().map(|output| (&output.name, output.value.ty.clone())).collect(),
        Node::Loop(node) => {
            let list = |output: &Output| Type::List { of: Box::new(output.value.ty.clone()) };
            node.yields.iter().map(|output| (&output.name, list(output))).collect()
        }
        Node::Try(_) => Vec::new(),
    };
    let value = |name: &String| values.get(name).cloned().unwrap_or(Json::Null);
    types.into_iter().map(|(name, ty)| (name.clone(), (value(name), ty))).collect()
}
