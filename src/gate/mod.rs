//! Gates: a condition of the plan, decided on what was measured, and the values that decided it.
//!
//! In: a condition that the checker let into a gate, and an environment's measurements. Out: whether it is met, not met or
//! cannot be told, with the value of every part. It refuses to know where measurements are kept and who asks.
//!
//! Values are those of the compiler, and so is the arithmetic: what it computes when compiling comes out the same here.

mod decode;
mod drawing;
mod evaluate;
mod measured;
mod moment;
pub mod window;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::Value;
use crate::plan::{Action, Edge, Expr, ExprKind, Operation};

pub(crate) use decode::decode;
pub(crate) use drawing::{short, under, visible};
pub(crate) use evaluate::{Found, Leaves, evaluate, no_value};
pub use measured::Measured;

/// The version of what is printed for machines.
pub const SCHEMA: &str = "mlp.gate/1";

/// How a gate is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It holds.
    Met,
    /// It does not hold.
    NotMet,
    /// What it speaks of was not measured, or is no value of its type: it lets nobody through.
    NoData,
}

/// The gates of an edge, decided.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Decision {
    /// `mlp.gate/1`
    pub schema: String,
    /// The environments that the edge leaves; none: it comes from CI.
    pub from: Vec<String>,
    /// The environment that it enters.
    pub to: String,
    /// The worst of the gates' results: no data, not met, met.
    pub result: Outcome,
    /// In the order of the edge.
    pub gates: Vec<Gate>,
}

/// One gate, decided.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Gate {
    /// The operation's id in the plan: `require`, `require-2`.
    pub id: String,
    /// The condition as it is written.
    pub condition: String,
    /// The environment whose measurements decide.
    pub measured_in: String,
    /// How it is decided.
    pub result: Outcome,
    /// The condition with its constants computed: what the parts' columns count in.
    pub computed: String,
    /// Every part of it that is no constant, from left to right.
    pub parts: Vec<Part>,
    /// Why it cannot be told; empty otherwise.
    pub problems: Vec<String>,
}

/// A part of a condition with its value.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Part {
    /// The part: `training.auc`, `training.auc >= 0.95`.
    pub text: String,
    /// Where its value is shown: under its name, or under its operator. Characters of `computed`, from 0.
    pub column: usize,
    /// Its value; `null` also where there is none.
    pub value: serde_json::Value,
    /// The value as one would write it: `97.5%`, `30min`, `no data`.
    pub shown: String,
    /// Why it has no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// Why a part has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// In a word or two: `no data`, `NaN`.
    pub(crate) shown: String,
    /// In a sentence.
    pub(crate) message: String,
}

impl Fault {
    fn new(shown: impl Into<String>, message: impl Into<String>) -> Self {
        Self { shown: shown.into(), message: message.into() }
    }
}

/// The gates of an edge, in order.
pub fn gates(edge: &Edge) -> impl Iterator<Item = &Operation> {
    edge.operations.iter().filter(|operation| matches!(operation.action, Action::Require { .. }))
}

/// Decides gates of an edge; `measured` gives an environment's measurements.
pub fn decide<'m>(edge: &Edge, gates: &[&Operation], measured: impl Fn(&str) -> &'m Measured) -> Decision {
    let decided = gates.iter().filter_map(|operation| match &operation.action {
        Action::Require { condition, text, measured_in } => {
            Some(gate(&operation.id, condition, text, measured_in, measured(measured_in)))
        }
        _ => None,
    });
    let gates: Vec<Gate> = decided.collect();
    Decision {
        schema: SCHEMA.to_owned(),
        from: edge.from.clone(),
        to: edge.to.clone(),
        result: gates.iter().map(|gate| gate.result).max().unwrap_or(Outcome::Met),
        gates,
    }
}

/// One gate, or what is watched, decided.
pub(crate) fn gate(id: &str, condition: &Expr, text: &str, measured_in: &str, measured: &Measured) -> Gate {
    let found = evaluate(condition, measured);
    let result = match &found {
        Ok(Value::Bool(true)) => Outcome::Met,
        Ok(Value::Bool(false)) => Outcome::NotMet,
        _ => Outcome::NoData,
    };
    let mut problems = Vec::new();
    if let Err(fault) = found {
        let mut faults = vec![fault];
        measures(condition, &mut |part| faults.extend(evaluate(part, measured).err()));
        for fault in faults {
            if !problems.contains(&fault.message) {
                problems.push(fault.message);
            }
        }
    }
    let (computed, parts) = drawing::draw(condition, measured);
    Gate {
        id: id.to_owned(),
        condition: text.split_whitespace().collect::<Vec<_>>().join(" "),
        measured_in: measured_in.to_owned(),
        result,
        computed,
        parts,
        problems,
    }
}

/// Calls `visit` with everything measured that a condition speaks of.
fn measures<'e>(expr: &'e Expr, visit: &mut impl FnMut(&'e Expr)) {
    if matches!(expr.kind, ExprKind::Measure { .. }) {
        visit(expr);
    }
    expr.parts().into_iter().for_each(|part| measures(part, visit));
}

impl Gate {
    /// The condition with the value under each part.
    pub fn drawing(&self) -> String {
        drawing::under(&self.computed, &self.parts)
    }
}

#[cfg(test)]
mod tests;
