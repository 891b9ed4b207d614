//! The value of an expression where it stands in a run.

use serde_json::{Value as Json, json};

use super::scope::{Kind, State};
use super::{At, Flow, Values};
use crate::encode;
use crate::gate::{Found, Leaves, decode, evaluate, no_value};
use crate::model::Value;
use crate::plan::{Expr, ExprKind, Parameter, Type};

impl Flow<'_> {
    /// The value of an expression of a node, encoded.
    pub fn value(&self, at: At, expr: &Expr) -> Result<Json, String> {
        if let Some(found) = self.leaf_json(at, expr) {
            return found;
        }
        let found = evaluate(expr, &Here { flow: self, at }).map_err(|fault| fault.message)?;
        encode::json(&found).ok_or_else(|| format!("`{expr}` has no value"))
    }

    /// The same, where a parameter is an input of the step.
    pub fn value_with(&self, at: At, expr: &Expr, inputs: &Values) -> Result<Json, String> {
        let found = evaluate(expr, &Inside { here: Here { flow: self, at }, inputs }).map_err(|fault| fault.message)?;
        encode::json(&found).ok_or_else(|| format!("`{expr}` has no value"))
    }

    /// The value of a part that nothing is inside of; none where it is put together.
    fn leaf_json(&self, at: At, expr: &Expr) -> Option<Result<Json, String>> {
        Some(match &expr.kind {
            ExprKind::Literal { value } => Ok(value.clone()),
            ExprKind::Parameter { name } => self.parameter(at, name).ok_or_else(|| unknown("parameter", name)),
            ExprKind::Output { node, name } => self.output(at, node, name),
            ExprKind::Item { of } => self.item(at, of).ok_or_else(|| unknown("loop", of)),
            ExprKind::Status => self.status_at(at).ok_or_else(|| "the run has not ended".to_owned()),
            ExprKind::Context { name, .. } => self
                .context(at, name)
                .ok_or_else(|| format!("`{name}` is known to the orchestrator of a cluster alone")),
            _ => return None,
        })
    }

    fn parameter(&self, at: At, name: &str) -> Option<Json> {
        self.within(at.scope).find_map(|scope| match &scope.kind {
            Kind::Root(parameters) | Kind::Group(_, parameters) | Kind::Finally { parameters, .. } => {
                Some(parameters.get(name).cloned())
            }
            _ => None,
        })?
    }

    fn output(&self, at: At, node: &str, name: &str) -> Result<Json, String> {
        for scope in self.within(at.scope) {
            if let Some(place) = scope.nodes.iter().position(|other| other.id() == node) {
                return match &scope.states[place] {
                    State::Done(values) => Ok(values.get(name).cloned().unwrap_or(Json::Null)),
                    State::Failed | State::Passed => Ok(Json::Null),
                    State::Open | State::Looping(_) => Err(format!("`{node}` has not ended")),
                };
            }
            if matches!(scope.kind, Kind::Group(..)) {
                break;
            }
        }
        Err(unknown("step", node))
    }

    fn item(&self, at: At, of: &str) -> Option<Json> {
        self.within(at.scope).find_map(|scope| match &scope.kind {
            Kind::Turn(node, item, _) if node.id == of => Some(item.clone()),
            _ => None,
        })
    }

    fn status_at(&self, at: At) -> Option<Json> {
        self.within(at.scope).find_map(|scope| match &scope.kind {
            Kind::Last(_, status) | Kind::Finally { status, .. } => Some(status.clone()),
            _ => None,
        })
    }

    fn context(&self, at: At, name: &str) -> Option<Json> {
        let identity = &self.identity;
        Some(match name {
            "run_id" | "run_name" | "run_resource" => json!(identity.id),
            "run_root" => json!(identity.root),
            "task_name" | "task_id" => json!(self.name(at)),
            "created_at" | "scheduled_at" => json!(identity.created_at),
            _ => return None,
        })
    }
}

fn unknown(what: &str, name: &str) -> String {
    format!("there is no {what} `{name}`")
}

/// A node of a run, as the evaluator asks for what is known there.
struct Here<'a, 'p> {
    flow: &'a Flow<'p>,
    at: At,
}

impl Leaves for Here<'_, '_> {
    fn leaf(&self, expr: &Expr) -> Found {
        match self.flow.leaf_json(self.at, expr) {
            Some(Ok(Json::Null)) if !matches!(expr.ty, Type::Optional { .. } | Type::Json) => Ok(Value::None),
            Some(Ok(value)) => decode(&expr.to_string(), &expr.ty, &value),
            _ => Err(no_value(expr)),
        }
    }
}

/// The same inside a step, where a parameter is one of its inputs.
struct Inside<'a, 'p> {
    here: Here<'a, 'p>,
    inputs: &'a Values,
}

impl Leaves for Inside<'_, '_> {
    fn leaf(&self, expr: &Expr) -> Found {
        match &expr.kind {
            ExprKind::Parameter { name } => decode(name, &expr.ty, self.inputs.get(name).unwrap_or(&Json::Null)),
            _ => self.here.leaf(expr),
        }
    }
}

/// A value that a predicate speaks of.
pub(in crate::run) struct It<'a>(pub(in crate::run) &'a Value);

impl Leaves for It<'_> {
    fn leaf(&self, expr: &Expr) -> Found {
        match expr.kind {
            ExprKind::It => Ok(self.0.clone()),
            _ => Err(no_value(expr)),
        }
    }
}

/// A parameter's value, if it is of its type and everything holds that is said of it.
pub fn hold(parameter: &Parameter, value: Json) -> Result<Json, String> {
    let name = &parameter.name;
    let decoded = decode(name, &parameter.ty, &value).map_err(|fault| fault.message)?;
    if value.is_null() {
        return Ok(value);
    }
    let holds = |predicate: &crate::plan::Predicate, value: &Value, shown: &str, json: &Json| match evaluate(
        &predicate.condition,
        &It(value),
    ) {
        Ok(Value::Bool(true)) => Ok(()),
        Ok(_) => Err(format!("`{shown}` is {json}, and `{}` does not hold", predicate.text)),
        Err(fault) => Err(fault.message),
    };
    for predicate in &parameter.predicates {
        holds(predicate, &decoded, name, &value)?;
    }
    if let (Value::List(items), Json::Array(written)) = (&decoded, &value) {
        for (at, (item, json)) in items.iter().zip(written).enumerate() {
            for predicate in &parameter.item_predicates {
                holds(predicate, item, &format!("{name}[{at}]"), json)?;
            }
        }
    }
    if !parameter.allowed.is_empty() && !parameter.allowed.contains(&value) {
        let allowed: Vec<String> = parameter.allowed.iter().map(Json::to_string).collect();
        return Err(format!("`{name}` is {value}, and is one of {}", allowed.join(", ")));
    }
    Ok(value)
}
