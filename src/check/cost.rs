//! What a run may cost at most: what each step asks for, as long as it may take, at the environment's prices.

use rust_decimal::Decimal;

use super::{limits, longest};
use crate::model::{Block, Call, Model, Node, Run, Value};
use crate::resolve::DeclId;
use crate::source::Span;

/// A price has so many decimals.
const DECIMALS: u32 = 4;
const GIB: f64 = (1u64 << 30) as f64;
const HOUR: f64 = 3600.0;

/// Why a cost has no bound, and where.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unbounded {
    pub(crate) span: Span,
    pub(crate) reason: String,
}

/// An environment's prices of an hour.
struct Prices<'m> {
    model: &'m Model,
    environment: DeclId,
    currency: String,
    cpu: Option<f64>,
    memory: Option<f64>,
    gpu: Option<f64>,
}

/// What one run of a pipeline may cost in an environment.
pub(crate) fn of_run(model: &Model, environment: DeclId, pipeline: DeclId) -> Result<Value, Unbounded> {
    let (name, place) = (model.name(pipeline), model.name(environment));
    if !model.environments.get(&environment).is_some_and(|found| found.pipelines.contains(&pipeline)) {
        let reason = format!("`{name}` is not built for `{place}`");
        return Err(Unbounded { span: model.span(pipeline), reason });
    }
    let prices = Prices::of(model, environment)?;
    let amount = prices.of_pipeline(pipeline)?;
    let amount = Decimal::try_from(amount).unwrap_or(Decimal::MAX).round_dp(DECIMALS).normalize();
    Ok(Value::Money(amount, prices.currency))
}

impl<'m> Prices<'m> {
    fn of(model: &'m Model, environment: DeclId) -> Result<Self, Unbounded> {
        let place = model.name(environment);
        let found = &model.environments[&environment];
        let span = found.said.get("prices").copied().unwrap_or(model.span(environment));
        let unbounded = |reason: String| Unbounded { span, reason };
        let said = found.field("prices").filter(|prices| matches!(prices, Value::Record(_)));
        let said = said.ok_or_else(|| unbounded(format!("environment `{place}` says no `prices`")))?;
        let mut currency: Option<String> = None;
        let mut price = |name: &str| match said.field(name) {
            Some(Value::Money(amount, unit)) => {
                if currency.get_or_insert_with(|| unit.clone()) != unit {
                    return Err(unbounded(format!("the prices of `{place}` are in several currencies")));
                }
                Ok(f64::try_from(*amount).ok())
            }
            _ => Ok(None),
        };
        let (cpu, memory, gpu) = (price("cpu_hour")?, price("gib_hour")?, price("gpu_hour")?);
        let currency = currency.ok_or_else(|| unbounded(format!("environment `{place}` says no price")))?;
        Ok(Self { model, environment, currency, cpu, memory, gpu })
    }

    fn of_pipeline(&self, pipeline: DeclId) -> Result<f64, Unbounded> {
        let Some(found) = self.model.pipelines.get(&pipeline) else { return Ok(0.0) };
        let last = found.finally.as_ref().map_or(Ok(0.0), |call| self.of_call(call))?;
        Ok(self.of_block(&found.body)? + last)
    }

    fn of_block(&self, block: &Block) -> Result<f64, Unbounded> {
        block.nodes.iter().map(|node| self.of_node(node)).sum()
    }

    fn of_node(&self, node: &Node) -> Result<f64, Unbounded> {
        match node {
            Node::Call(call) => self.of_call(call),
            // It compares a few values.
            Node::Require(_) => Ok(0.0),
            Node::If(node) => {
                let arms: Result<Vec<f64>, Unbounded> =
                    node.arms.iter().map(|(_, block)| self.of_block(block)).collect();
                Ok(arms?.into_iter().fold(0.0, f64::max))
            }
            Node::Try(node) => {
                let last = node.last.as_ref().map_or(Ok(0.0), |call| self.of_call(call))?;
                Ok(self.of_block(&node.body)? + last)
            }
            Node::For(node) => {
                let body = self.of_block(&node.body)?;
                let turns = limits::turns(self.model, &node.source).filter(|_| body > 0.0);
                match turns {
                    Some(turns) => Ok(body * turns),
                    None if body == 0.0 => Ok(0.0),
                    None => {
                        Err(Unbounded { span: node.span, reason: "nothing bounds how often this loop turns".into() })
                    }
                }
            }
        }
    }

    fn of_call(&self, call: &Call) -> Result<f64, Unbounded> {
        let setting = |name: &str| longest::setting(self.model, self.environment, call, name);
        let attempts = 1.0 + longest::retries(&setting("retry"));
        if call.is_pipeline {
            return Ok(self.of_pipeline(call.callee)? * attempts);
        }
        if self.model.steps.get(&call.callee).is_some_and(|step| matches!(step.run, Run::Approval { .. })) {
            return Ok(0.0);
        }
        let rate = self.of_hour(call)?;
        let name = self.model.name(call.callee);
        let without = || Unbounded { span: call.span, reason: format!("step `{name}` has no timeout") };
        let timeout = setting("timeout").as_seconds().ok_or_else(without)?;
        Ok(rate * timeout * attempts / HOUR)
    }

    fn of_hour(&self, call: &Call) -> Result<f64, Unbounded> {
        let demand = limits::demand_of(self.model, self.environment, call);
        let parts = [
            ("cpu", demand.cpu, self.cpu),
            ("memory", demand.memory / GIB, self.memory),
            ("gpu", demand.gpu, self.gpu),
        ];
        let mut sum = 0.0;
        for (what, amount, price) in parts {
            let name = self.model.name(call.callee);
            match price {
                Some(_) if amount == 0.0 && what != "gpu" => {
                    let reason = format!("step `{name}` does not say how much {what} it uses at most");
                    return Err(Unbounded { span: call.span, reason });
                }
                None if amount > 0.0 && what == "gpu" => {
                    let reason = format!("step `{name}` uses an accelerator, which has no price");
                    return Err(Unbounded { span: call.span, reason });
                }
                price => sum += amount * price.unwrap_or(0.0),
            }
        }
        Ok(sum)
    }
}
