//! What a test expects of what runs made, decided with the compiler's own values, and the values that decided it.
//!
//! In: a checked project, one of its `test` items, and whoever runs a pipeline. Out: whether each expectation is met, with the
//! value under each part. It refuses to know how a pipeline is run and how a verdict is shown.

mod draw;
mod table;
mod value;

use indexmap::IndexMap;

pub use table::{Looked, looked_at};

use super::{Outcome, flow::Values};
use crate::check::eval::Evaluator;
use crate::encode;
use crate::model::{Expr, Model, Proposition, Test, Type, Value};
use crate::resolve::DeclId;

/// How an expectation is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// It holds.
    Met,
    /// It does not hold.
    NotMet,
    /// What it speaks of has no value: it is not met either.
    NoData,
}

/// An expectation that was decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// As it is written.
    pub text: String,
    /// How it is decided.
    pub decided: Decided,
    /// The condition with the value under each part.
    pub drawing: String,
    /// Where a loop speaks of many: `loss 3 of 4`.
    pub turn: Option<String>,
}

/// A test that was run.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Its title.
    pub title: String,
    /// In order.
    pub expectations: Vec<Expectation>,
    /// Why a run of it gave nothing; the expectations after it are not decided.
    pub faults: Vec<String>,
}

impl Verdict {
    /// Whether everything that is expected holds.
    pub fn passes(&self) -> bool {
        self.faults.is_empty() && self.expectations.iter().all(|one| one.decided == Decided::Met)
    }
}

/// A run that a test asks for.
pub struct Wanted {
    /// What the test calls it.
    pub name: String,
    /// The pipeline.
    pub pipeline: String,
    /// The environment.
    pub environment: String,
    /// What the test gives, encoded.
    pub arguments: Values,
}

/// Runs a test: `run` runs a pipeline, or says why it cannot be.
pub fn verdict(model: &Model, test: &Test, run: &mut dyn FnMut(&Wanted) -> Result<Outcome, Vec<String>>) -> Verdict {
    let mut trial = Trial {
        model,
        run,
        locals: Vec::new(),
        turns: Vec::new(),
        asks_success: false,
        found: Verdict { title: test.title.clone(), expectations: Vec::new(), faults: Vec::new() },
    };
    trial.asks_success = asks_success(&test.propositions);
    trial.all(&test.propositions);
    trial.found
}

/// Whether a test speaks of `run.succeeded`: then a run that fails is no fault by itself.
fn asks_success(propositions: &[Proposition]) -> bool {
    propositions.iter().any(|proposition| match proposition {
        Proposition::Expect(expr, _) => {
            let mut asks = false;
            expr.walk(&mut |part| {
                asks |= matches!(&part.kind, crate::model::ExprKind::Field(of, name)
                    if name == "succeeded" && matches!(of.ty, Type::RunOf(_)));
            });
            asks
        }
        Proposition::For { body, .. } => asks_success(body),
        Proposition::Run { .. } => false,
    })
}

struct Trial<'a> {
    model: &'a Model,
    run: &'a mut dyn FnMut(&Wanted) -> Result<Outcome, Vec<String>>,
    locals: Vec<(String, Value)>,
    turns: Vec<String>,
    asks_success: bool,
    found: Verdict,
}

impl Trial<'_> {
    fn all(&mut self, propositions: &[Proposition]) {
        for proposition in propositions {
            if !self.found.faults.is_empty() {
                return;
            }
            match proposition {
                Proposition::Run { name, pipeline, arguments, environment } => {
                    self.run(name, *pipeline, arguments, *environment);
                }
                Proposition::Expect(expr, text) => self.expect(expr, text),
                Proposition::For { name, source, condition, body } => {
                    self.each(name, source, condition.as_ref(), body);
                }
            }
        }
    }

    fn run(&mut self, name: &str, pipeline: DeclId, arguments: &IndexMap<String, Value>, environment: DeclId) {
        let encoded = arguments.iter().filter_map(|(name, value)| Some((name.clone(), encode::json(value)?)));
        let wanted = Wanted {
            name: name.to_owned(),
            pipeline: self.model.name(pipeline).to_owned(),
            environment: self.model.name(environment).to_owned(),
            arguments: encoded.collect(),
        };
        match (self.run)(&wanted) {
            Err(faults) => self.found.faults.extend(faults),
            Ok(outcome) => {
                let failed = outcome.ending != super::flow::Ending::Succeeded;
                if failed && !self.asks_success {
                    let why = outcome.faults.first().map_or("it was stopped", String::as_str);
                    self.found.faults.push(format!("{name} = {} in {}: {why}", wanted.pipeline, wanted.environment));
                    return;
                }
                self.locals.push((name.to_owned(), value::of_run(&outcome)));
            }
        }
    }

    fn expect(&mut self, expr: &Expr, text: &str) {
        let decided = match self.value(expr) {
            Some(Value::Bool(true)) => Decided::Met,
            Some(Value::Bool(false)) => Decided::NotMet,
            _ => Decided::NoData,
        };
        let drawing =
            draw::draw(self.model.sources.text(expr.span), expr, &|part| self.value(part), &|_| false, &|_| false);
        let turn = (!self.turns.is_empty()).then(|| self.turns.join(", "));
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.found.expectations.push(Expectation { text, decided, drawing, turn });
    }

    fn each(&mut self, name: &str, source: &Expr, condition: Option<&Expr>, body: &[Proposition]) {
        let items = match self.value(source) {
            Some(Value::List(items)) => items,
            _ => {
                let written = self.model.sources.text(source.span);
                self.found.faults.push(format!("`{written}` has no value, so nothing was looked at"));
                return;
            }
        };
        let count = items.len();
        for (at, item) in items.into_iter().enumerate() {
            self.locals.push((name.to_owned(), item));
            self.turns.push(format!("{name} {} of {count}", at + 1));
            if condition.is_none_or(|condition| self.value(condition) == Some(Value::Bool(true))) {
                self.all(body);
            }
            self.turns.pop();
            self.locals.pop();
        }
    }

    /// The value of an expression, if it has one.
    fn value(&self, expr: &Expr) -> Option<Value> {
        let world = value::Runs;
        let mut evaluator = Evaluator::new(self.model).with_world(&world);
        for (name, value) in &self.locals {
            evaluator = evaluator.with_local(name, value.clone());
        }
        let value = evaluator.evaluate(expr).ok()?;
        (value != Value::Unknown).then_some(value)
    }
}
