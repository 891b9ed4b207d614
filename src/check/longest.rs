//! How long a run may take, by its timeouts: the steps that wait for each other, with retries, waits between them and loops' turns.

use super::checker::Checker;
use super::eval::Evaluator;
use super::{limits, order};
use crate::diagnostics::report;
use crate::model::{Block, Call, Model, Node, Pipeline, Value};
use crate::resolve::DeclId;
use crate::source::Span;

/// So many steps of a path are pointed at.
const MOST_SHOWN: usize = 8;

/// The longest way through something.
#[derive(Clone, Debug, Default)]
pub(crate) struct Longest {
    /// Seconds, of what has a bound.
    pub(crate) seconds: f64,
    /// One after the other: the call, and its part of the time in words.
    chain: Vec<(Span, String)>,
    /// Something without a bound: a step without a timeout, a loop of nobody knows how many turns.
    pub(crate) unbounded: Option<Span>,
}

impl Longest {
    fn then(mut self, next: Longest) -> Longest {
        self.seconds += next.seconds;
        self.chain.extend(next.chain);
        self.unbounded = self.unbounded.or(next.unbounded);
        self
    }

    /// The longer one; what has no bound in either has none.
    fn or(self, other: Longest) -> Longest {
        let unbounded = self.unbounded.or(other.unbounded);
        let longer = if other.seconds > self.seconds { other } else { self };
        Longest { unbounded, ..longer }
    }

    fn times(mut self, count: f64, why: &str) -> Longest {
        self.seconds *= count;
        if count > 1.0 {
            self.chain.iter_mut().for_each(|(_, text)| text.push_str(&format!(", {count} {why}")));
        }
        self
    }
}

impl Checker<'_> {
    /// What the steps may take one after the other, held against when a whole run has failed.
    pub(super) fn check_deadline(&mut self, environment: DeclId, pipeline: DeclId) {
        let found = &self.model.environments[&environment];
        let Some(deadline) = found.field("deadline").and_then(Value::as_seconds) else { return };
        let at = found.said.get("deadline").copied().unwrap_or(self.model.span(environment));
        let longest = of_pipeline(&self.model, environment, pipeline);
        if longest.seconds <= deadline {
            return;
        }
        let (name, place) = (self.name(pipeline), self.name(environment));
        let message = format!(
            "steps of `{name}` that wait for each other may take {}, and in environment `{place}` a run has failed after {}",
            shown(longest.seconds),
            shown(deadline)
        );
        let mut diagnostic = report::beyond_deadline(at, message).here(format!("a run of `{name}` is stopped here"));
        for (span, text) in longest.chain.iter().take(MOST_SHOWN) {
            diagnostic = diagnostic.label(*span, text.clone());
        }
        if let Some(more) = longest.chain.len().checked_sub(MOST_SHOWN).filter(|more| *more > 0) {
            diagnostic = diagnostic.note(format!("{more} more steps follow on this path"));
        }
        self.report(diagnostic.help("raise the `deadline`, or shorten timeouts, retries or loops on this path"));
    }
}

fn shown(seconds: f64) -> String {
    super::literal::show_duration((seconds * 1000.0).round() as i64)
}

/// The longest way through a run of a pipeline, what runs last included.
pub(crate) fn of_pipeline(model: &Model, environment: DeclId, pipeline: DeclId) -> Longest {
    let Some(found) = model.pipelines.get(&pipeline) else { return Longest::default() };
    let last = found.finally.as_ref().map(|call| of_call(model, environment, call)).unwrap_or_default();
    of_block(model, environment, found, &found.body).then(last)
}

fn of_block(model: &Model, environment: DeclId, pipeline: &Pipeline, block: &Block) -> Longest {
    let before = order::before(block);
    let own: Vec<Longest> = block.nodes.iter().map(|node| of_node(model, environment, pipeline, node)).collect();
    // Until when each may last, and the one before it that lasts longest: the way there is put together once, at the end.
    let mut until: Vec<(f64, Option<usize>)> = Vec::new();
    for (at, node) in own.iter().enumerate() {
        let earlier = (0..at).filter(|earlier| before[at][*earlier]);
        let last = earlier.max_by(|one, other| until[*one].0.total_cmp(&until[*other].0).then(other.cmp(one)));
        until.push((last.map_or(0.0, |last| until[last].0) + node.seconds, last));
    }
    let mut way = Vec::new();
    let mut next = (0..own.len()).max_by(|one, other| until[*one].0.total_cmp(&until[*other].0).then(other.cmp(one)));
    while let Some(at) = next {
        way.push(at);
        next = until[at].1;
    }
    let unbounded = own.iter().find_map(|node| node.unbounded);
    let whole = way.into_iter().rev().fold(Longest::default(), |whole, at| whole.then(own[at].clone()));
    Longest { unbounded, ..whole }
}

fn of_node(model: &Model, environment: DeclId, pipeline: &Pipeline, node: &Node) -> Longest {
    let of_block = |block: &Block| of_block(model, environment, pipeline, block);
    match node {
        Node::Call(call) => of_call(model, environment, call),
        // It compares a few values.
        Node::Require(_) => Longest::default(),
        Node::If(node) => node.arms.iter().map(|(_, block)| of_block(block)).fold(Longest::default(), Longest::or),
        Node::Try(node) => {
            let last = node.last.as_ref().map(|call| of_call(model, environment, call)).unwrap_or_default();
            of_block(&node.body).then(last)
        }
        Node::For(node) => {
            let body = of_block(&node.body);
            let Some(parallel) = node.parallel.as_ref().and_then(Value::as_float) else { return body };
            match limits::turns(model, &node.source) {
                Some(turns) => body.times((turns / parallel).ceil(), "turns after each other"),
                None => Longest { unbounded: body.unbounded.or(Some(node.span)), ..body },
            }
        }
    }
}

fn of_call(model: &Model, environment: DeclId, call: &Call) -> Longest {
    if call.is_pipeline {
        let attempts = 1.0 + retries(&setting(model, environment, call, "retry"));
        return of_pipeline(model, environment, call.callee).times(attempts, "times");
    }
    let retry = setting(model, environment, call, "retry");
    let Some(timeout) = setting(model, environment, call, "timeout").as_seconds() else {
        return Longest { unbounded: Some(call.span), ..Longest::default() };
    };
    let seconds = timeout * (1.0 + retries(&retry)) + waits(&retry);
    let text = match retries(&retry) {
        0.0 => format!("up to {}", shown(seconds)),
        times => format!("up to {}: {} and {times} retries", shown(seconds), shown(timeout)),
    };
    Longest { seconds, chain: vec![(call.span, text)], unbounded: None }
}

/// How often something is tried again.
pub(super) fn retries(retry: &Value) -> f64 {
    retry.field("times").and_then(Value::as_float).unwrap_or(0.0)
}

/// What passes between the tries.
fn waits(retry: &Value) -> f64 {
    let seconds = |name: &str| retry.field(name).and_then(Value::as_seconds);
    let factor = retry.field("factor").and_then(Value::as_float).unwrap_or(1.0);
    let most = seconds("max_backoff").unwrap_or(f64::INFINITY);
    let first = seconds("backoff").unwrap_or(0.0);
    (0..retries(retry) as i32).map(|again| (first * factor.powi(again)).min(most)).sum()
}

/// What holds of a call: said there, by its step, or by the environment's defaults.
pub(super) fn setting(model: &Model, environment: DeclId, call: &Call, name: &str) -> Value {
    let of_step = || model.steps.get(&call.callee)?.fields.get(name);
    let said = call.with.get(name).or_else(of_step);
    let said = said.and_then(|expr| Evaluator::new(model).in_environment(environment).evaluate(expr).ok());
    match said.unwrap_or(Value::None) {
        Value::None | Value::Unknown if !call.is_pipeline => {
            let defaults = model.environments.get(&environment).and_then(|found| found.field("defaults"));
            defaults.and_then(|defaults| defaults.field(name)).cloned().unwrap_or(Value::None)
        }
        value => value,
    }
}
