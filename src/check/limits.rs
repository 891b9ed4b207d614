//! Quotas: what runs at once, held against what an environment allows. A sum without a bound is never a pass.

use std::borrow::Cow;

use indexmap::IndexMap;

use super::checker::Checker;
use super::eval::Evaluator;
use super::{antichain, order};
use crate::ast::NeedKind;
use crate::diagnostics::report;
use crate::model::{Block, Call, Expr, ExprKind, Model, Node, Pipeline, RecordPart, Run, Type, Value};
use crate::resolve::DeclId;
use crate::source::Span;

/// What a step asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Demand {
    pub(crate) cpu: f64,
    pub(crate) memory: f64,
    pub(crate) gpu: f64,
}

/// What decides a gate inside a run asks for.
pub(crate) const OF_GATE: Demand = Demand { cpu: 0.25, memory: (256 << 20) as f64, gpu: 0.0 };

impl Demand {
    fn most(self, other: Demand) -> Demand {
        Demand { cpu: self.cpu.max(other.cpu), memory: self.memory.max(other.memory), gpu: self.gpu.max(other.gpu) }
    }

    fn times(self, count: f64) -> Demand {
        Demand { cpu: self.cpu * count, memory: self.memory * count, gpu: self.gpu * count }
    }
}

/// The most that a block asks for at once; how many of it may run at once is not known where `unbounded` names a loop.
#[derive(Clone, Debug, Default)]
struct Peak {
    demand: Demand,
    unbounded: Option<Span>,
}

impl Checker<'_> {
    pub(super) fn check_limits(&mut self) {
        let environments: Vec<DeclId> = self.model.concrete_environments().map(|(decl, _)| decl).collect();
        for environment in environments {
            let limits = self.model.environments[&environment].field("limits").cloned();
            self.check_profiles(environment);
            let pipelines = self.model.environments[&environment].pipelines.clone();
            for pipeline in pipelines {
                if self.broken.contains(&environment) || self.is_broken_within(pipeline) {
                    continue;
                }
                self.check_laid_over(environment, pipeline);
                self.check_deadline(environment, pipeline);
                let Some(limits) = &limits else { continue };
                let alone = self.check_each_step(environment, pipeline, limits);
                if alone {
                    self.check_together(environment, pipeline, limits);
                }
            }
        }
    }

    /// Profiles as they are once all that they are made of is known.
    fn check_profiles(&mut self, environment: DeclId) {
        if self.broken.contains(&environment) {
            return;
        }
        let found = &self.model.environments[&environment];
        let is_compute = |need: &DeclId| self.model.needs.get(need).is_some_and(|need| need.kind == NeedKind::Compute);
        let mut profiles: Vec<(Value, Span)> =
            found.bindings.iter().filter(|(need, _)| is_compute(need)).map(|(_, bound)| bound.clone()).collect();
        let default = found.field("defaults").and_then(|defaults| defaults.field("compute")).cloned();
        profiles.extend(default.zip(found.said.get("defaults").copied()));
        for (profile, span) in profiles {
            self.check_laid(&profile, span, environment);
        }
    }

    /// What a call says fits the profile that it is laid over.
    fn check_laid_over(&mut self, environment: DeclId, pipeline: DeclId) {
        for call in super::whole::calls_of(&self.model, pipeline) {
            let Some(Expr { kind: ExprKind::Record(_), span, .. }) = call.with.get("compute") else { continue };
            let Some(compute) = compute_of(&self.model, environment, &call).map(Cow::into_owned) else { continue };
            self.check_laid(&compute, *span, environment);
        }
    }

    /// Whether a pipeline, or a step or pipeline that it calls, has an error inside.
    fn is_broken_within(&self, pipeline: DeclId) -> bool {
        let calls = super::whole::calls_of(&self.model, pipeline);
        self.broken.contains(&pipeline) || calls.iter().any(|call| self.broken.contains(&call.callee))
    }

    /// Every step by itself; whether all are within the limits.
    fn check_each_step(&mut self, environment: DeclId, pipeline: DeclId, limits: &Value) -> bool {
        let mut good = true;
        let mut seen: Vec<DeclId> = Vec::new();
        for call in super::whole::calls_of(&self.model, pipeline) {
            if call.is_pipeline || (seen.contains(&call.callee) && !call.with.contains_key("compute")) {
                continue;
            }
            seen.push(call.callee);
            let demand = demand_of(&self.model, environment, &call);
            good &= self.is_known(environment, &call, limits);
            for (name, asked, shown) in parts(demand) {
                let Some(limit) = limit_of(limits, name) else { continue };
                if asked <= limit {
                    continue;
                }
                good = false;
                let (step, place) = (self.name(call.callee), self.name(environment));
                let at = self.compute_span(environment, call.callee);
                let limits_at = self.model.environments[&environment].said.get("limits").copied();
                let mut diagnostic = if name == "gpu" && limit == 0.0 {
                    report::no_accelerator(
                        at,
                        format!("step `{step}` wants an accelerator, and environment `{place}` has none"),
                    )
                    .help("give it a compute without `gpu` there, or raise `limits.gpu`")
                } else {
                    let message =
                        format!("step `{step}` asks for {shown} of {name}, more than environment `{place}` allows");
                    report::beyond_limits(at, message).help("ask for less, or raise the limit")
                };
                if let Some(span) = limits_at {
                    diagnostic = diagnostic.label(span, format!("`{place}` allows {} of {name}", show(name, limit)));
                }
                self.report(diagnostic.label(self.model.span(call.callee), "the step"));
            }
        }
        good
    }

    /// Whether all that a call asks for is known when compiling, where it is limited.
    fn is_known(&mut self, environment: DeclId, call: &Call, limits: &Value) -> bool {
        let Some(Expr { kind: ExprKind::Record(parts), .. }) = call.with.get("compute") else { return true };
        let unknown = parts.iter().find_map(|part| match part {
            RecordPart::Field(name, value) if limit_of(limits, name).is_some() => {
                Some((name.clone(), value.run_time_part()?.span))
            }
            _ => None,
        });
        let Some((name, span)) = unknown else { return true };
        let place = self.name(environment);
        let message = format!("that this stays within the {name} of environment `{place}` cannot be shown");
        self.report(
            report::limit_cannot_be_shown(span, message)
                .here("known only when the pipeline runs")
                .help("say how much when compiling, or leave the limit out there"),
        );
        false
    }

    /// Where what a step asks for is said.
    fn compute_span(&self, environment: DeclId, step: DeclId) -> Span {
        let compute = self.model.steps.get(&step).and_then(|step| step.fields.get("compute"));
        match compute.map(|compute| (&compute.kind, compute.span)) {
            Some((ExprKind::Decl(need), span)) => {
                let bound = self.model.environments[&environment].bindings.get(need);
                bound.map_or(span, |(_, span)| *span)
            }
            Some((_, span)) => span,
            None => self.model.span(step),
        }
    }

    fn check_together(&mut self, environment: DeclId, pipeline: DeclId, limits: &Value) {
        let Some(found) = self.model.pipelines.get(&pipeline).cloned() else { return };
        let at_once = limit_of(limits, "parallel_steps");
        let whole = peak(&self.model, environment, &found, &found.body);
        let bounded = match at_once {
            Some(count) => largest(&self.model, environment, pipeline).times(count),
            None => Demand { cpu: f64::INFINITY, memory: f64::INFINITY, gpu: f64::INFINITY },
        };
        let (name, place) = (self.name(pipeline), self.name(environment));
        for ((what, sum, _), (_, cap, _)) in parts(whole.demand).into_iter().zip(parts(bounded)) {
            let Some(limit) = limit_of(limits, what) else { continue };
            let limits_at = self.model.environments[&environment].said.get("limits").copied();
            let worst = if whole.unbounded.is_some() { cap } else { sum.min(cap) };
            if worst <= limit {
                continue;
            }
            let diagnostic = match whole.unbounded.filter(|_| !worst.is_finite()) {
                Some(span) => {
                    let message =
                        format!("that `{name}` stays within the {what} of environment `{place}` cannot be shown");
                    report::limit_cannot_be_shown(span, message)
                        .here("nothing bounds how many of these run at once")
                        .help("say how many at a time: `for … parallel: 4 { … }`, or bound the list: `where it.length <= 16`")
                }
                None => {
                    let message = format!(
                        "steps of `{name}` that can run at once ask for {} of {what}, more than environment `{place}` allows",
                        show(what, worst)
                    );
                    report::beyond_limits(self.model.span(pipeline), message)
                        .help("let fewer run at once (`parallel: N`, `limits.parallel_steps`), ask for less, or raise the limit")
                }
            };
            let diagnostic = match limits_at {
                Some(span) => diagnostic.label(span, format!("`{place}` allows {} of {what}", show(what, limit))),
                None => diagnostic,
            };
            self.report(diagnostic);
            return;
        }
    }
}

fn parts(demand: Demand) -> [(&'static str, f64, String); 3] {
    [
        ("cpu", demand.cpu, show("cpu", demand.cpu)),
        ("memory", demand.memory, show("memory", demand.memory)),
        ("gpu", demand.gpu, show("gpu", demand.gpu)),
    ]
}

fn show(what: &str, amount: f64) -> String {
    match what {
        "memory" => super::literal::show_size(amount as i64),
        _ => format!("{amount}"),
    }
}

fn limit_of(limits: &Value, name: &str) -> Option<f64> {
    match limits.field(name)? {
        Value::Size(bytes) => Some(*bytes as f64),
        other => other.as_float(),
    }
}

/// The compute of a call in an environment: its step's or the environment's default, with what the call lays over it.
pub(crate) fn compute_of<'m>(model: &'m Model, environment: DeclId, call: &Call) -> Option<Cow<'m, Value>> {
    let step = model.steps.get(&call.callee)?;
    if matches!(step.run, Run::Approval { .. }) {
        return None;
    }
    let (said, laid) = match call.with.get("compute") {
        Some(Expr { kind: ExprKind::Record(parts), .. }) => (step.fields.get("compute"), Some(parts)),
        Some(said) => (Some(said), None),
        None => (step.fields.get("compute"), None),
    };
    let own = said.and_then(|expr| profile(model, environment, expr));
    let default = || model.environments.get(&environment)?.field("defaults")?.field("compute").map(Cow::Borrowed);
    let base = own.or_else(default).filter(|value| matches!(**value, Value::Record(_)));
    match laid {
        Some(parts) => Some(Cow::Owned(laid_over(model, environment, base, parts))),
        None => base,
    }
}

/// The profile that an expression means; what is bound is not copied.
fn profile<'m>(model: &'m Model, environment: DeclId, expr: &Expr) -> Option<Cow<'m, Value>> {
    let bound = match &expr.kind {
        ExprKind::Decl(need) => model.environments.get(&environment).and_then(|found| found.bindings.get(need)),
        _ => None,
    };
    let value = match bound {
        Some((value, _)) => Cow::Borrowed(value),
        None => Cow::Owned(Evaluator::new(model).in_environment(environment).evaluate(expr).ok()?),
    };
    Some(value).filter(|value| matches!(**value, Value::Record(_)))
}

/// A profile with parts of it said again; what is known only at run time is unknown.
fn laid_over(model: &Model, environment: DeclId, base: Option<Cow<'_, Value>>, parts: &[RecordPart]) -> Value {
    let mut fields = match base.map(Cow::into_owned) {
        Some(Value::Record(fields)) => fields,
        _ => IndexMap::new(),
    };
    let value = |expr: &Expr| Evaluator::new(model).in_environment(environment).evaluate(expr).unwrap_or_default();
    for part in parts {
        match part {
            RecordPart::Field(name, expr) => drop(fields.insert(name.clone(), value(expr))),
            RecordPart::Keyed(..) => {}
            RecordPart::Spread(expr) => {
                if let Value::Record(spread) = value(expr) {
                    fields.extend(spread);
                }
            }
        }
    }
    Value::Record(fields)
}

pub(super) fn demand_of(model: &Model, environment: DeclId, call: &Call) -> Demand {
    let Some(compute) = compute_of(model, environment, call) else { return Demand::default() };
    let number = |name: &str| match compute.field(name) {
        Some(Value::Size(bytes)) => *bytes as f64,
        Some(other) => other.as_float().unwrap_or(0.0),
        None => 0.0,
    };
    Demand { cpu: number("cpu"), memory: number("memory"), gpu: number("gpu") }
}

/// The largest single step of a pipeline, part by part.
fn largest(model: &Model, environment: DeclId, pipeline: DeclId) -> Demand {
    let calls = super::whole::calls_of(model, pipeline);
    let demands = calls.iter().filter(|call| !call.is_pipeline).map(|call| demand_of(model, environment, call));
    demands.fold(Demand::default(), Demand::most)
}

/// The most that a block asks for at once: of the nodes that need not wait for each other, part by part.
fn peak(model: &Model, environment: DeclId, pipeline: &Pipeline, block: &Block) -> Peak {
    let peaks: Vec<Peak> = block.nodes.iter().map(|node| node_peak(model, environment, pipeline, node)).collect();
    let before = order::before(block);
    let at_once = |part: fn(&Demand) -> f64| {
        let weights: Vec<f64> = peaks.iter().map(|peak| part(&peak.demand)).collect();
        if weights.len() > antichain::MOST {
            in_chains(&weights, &before)
        } else {
            antichain::heaviest(&weights, &before)
        }
    };
    let demand = Demand {
        cpu: at_once(|demand| demand.cpu),
        memory: at_once(|demand| demand.memory),
        gpu: at_once(|demand| demand.gpu),
    };
    Peak { demand, unbounded: peaks.iter().find_map(|peak| peak.unbounded) }
}

/// An upper bound: the nodes are laid into chains of which only one runs at a time.
fn in_chains(weights: &[f64], before: &[Vec<bool>]) -> f64 {
    let mut chains: Vec<(usize, f64)> = Vec::new();
    for (at, weight) in weights.iter().enumerate() {
        match chains.iter_mut().find(|(last, _)| before[at][*last]) {
            Some(chain) => *chain = (at, chain.1.max(*weight)),
            None => chains.push((at, *weight)),
        }
    }
    chains.into_iter().map(|(_, weight)| weight).sum()
}

fn node_peak(model: &Model, environment: DeclId, pipeline: &Pipeline, node: &Node) -> Peak {
    match node {
        Node::Call(call) if call.is_pipeline => match model.pipelines.get(&call.callee) {
            Some(nested) => peak(model, environment, nested, &nested.body),
            None => Peak::default(),
        },
        Node::Call(call) => Peak { demand: demand_of(model, environment, call), unbounded: None },
        Node::Require(_) => Peak { demand: OF_GATE, unbounded: None },
        Node::Try(node) => {
            let body = peak(model, environment, pipeline, &node.body);
            let last = node.last.clone().map(|call| node_peak(model, environment, pipeline, &Node::Call(call)));
            let last = last.unwrap_or_default();
            Peak { demand: body.demand.most(last.demand), unbounded: body.unbounded.or(last.unbounded) }
        }
        Node::If(node) => node.arms.iter().fold(Peak::default(), |most, (_, block)| {
            let own = peak(model, environment, pipeline, block);
            Peak { demand: most.demand.most(own.demand), unbounded: most.unbounded.or(own.unbounded) }
        }),
        Node::For(node) => {
            let body = peak(model, environment, pipeline, &node.body);
            let parallel = node.parallel.as_ref().and_then(Value::as_float);
            let turns = turns(model, &node.source);
            let count = match (parallel, turns) {
                (Some(parallel), Some(turns)) => Some(parallel.min(turns)),
                (found, other) => found.or(other),
            };
            match count {
                Some(count) => Peak { demand: body.demand.times(count), unbounded: body.unbounded },
                None => Peak { demand: body.demand, unbounded: body.unbounded.or(Some(node.span)) },
            }
        }
    }
}

/// How many items a list has at most, where that is known.
pub(super) fn turns(model: &Model, source: &crate::model::Expr) -> Option<f64> {
    if let Ok(Value::List(items)) = Evaluator::new(model).evaluate(source) {
        return Some(items.len() as f64);
    }
    let Type::Refined { predicates, .. } = &source.ty else { return None };
    predicates.iter().filter_map(|id| length_bound(model, &model.predicates[id.0 as usize].condition)).reduce(f64::min)
}

/// N of `it.length <= N` (also inside `and`).
fn length_bound(model: &Model, condition: &crate::model::Expr) -> Option<f64> {
    use crate::ast::BinaryOperator::{And, Equal, In, Less, LessOrEqual};
    let ExprKind::Binary(operator, left, right) = &condition.kind else { return None };
    if *operator == And {
        let (a, b) = (length_bound(model, left), length_bound(model, right));
        return match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }
    if !matches!(&left.kind, ExprKind::Length(of) if matches!(of.kind, ExprKind::It)) {
        return None;
    }
    let bound = Evaluator::new(model).evaluate(right).ok()?;
    match (operator, bound) {
        (LessOrEqual | Equal, bound) => bound.as_float(),
        (Less, bound) => bound.as_float().map(|bound| bound - 1.0),
        (In, Value::Range(_, high, inclusive)) => high.as_float().map(|high| if inclusive { high } else { high - 1.0 }),
        _ => None,
    }
}
