//! The value of an expression of the plan, once everything in it is known.

use std::cmp::Ordering;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::{Fault, Measured, decode, moment};
use crate::ast::BinaryOperator as Op;
use crate::check::{arithmetic, eval};
use crate::encode;
use crate::model::Value;
use crate::plan::{Expr, ExprKind, Operator, Type, value_text};

/// A value, or why there is none.
pub(crate) type Found = Result<Value, Fault>;

/// Who knows what a run or a measurement gave.
pub(crate) trait Leaves {
    /// The value of a part that nothing is inside of.
    fn leaf(&self, expr: &Expr) -> Found;
}

impl Leaves for Measured {
    fn leaf(&self, expr: &Expr) -> Found {
        match &expr.kind {
            ExprKind::Measure { of, name } => self.get(of, name, &expr.ty),
            // No gate holds the others: they are of a pipeline's run, or of a predicate.
            _ => Err(no_value(expr)),
        }
    }
}

/// The value; whatever has none is a fault with its reason. `and`, `or` and `??` look at their right side only where their
/// left side leaves it open.
pub(crate) fn evaluate(expr: &Expr, leaves: &dyn Leaves) -> Found {
    let of = |part: &Expr| evaluate(part, leaves);
    match &expr.kind {
        ExprKind::Literal { value } => decode::decode("it", &expr.ty, value).or_else(|_| decode::any("it", value)),
        ExprKind::Field { of: whole, name } => field(expr, &of(whole)?, name),
        ExprKind::Length { of: whole } => known(expr, eval::length(&of(whole)?)),
        ExprKind::Text { parts } => {
            let mut text = String::new();
            for part in parts {
                text.push_str(&arithmetic::show(&of(part)?).ok_or_else(|| no_value(part))?);
            }
            Ok(Value::Text(text))
        }
        ExprKind::List { items } => Ok(Value::List(items.iter().map(of).collect::<Result<_, _>>()?)),
        ExprKind::Record { entries } => {
            let entries = entries.iter().map(|(name, entry)| Ok((name.clone(), of(entry)?)));
            Ok(Value::Record(entries.collect::<Result<_, Fault>>()?))
        }
        ExprKind::Keyed { entries } => {
            let mut record = IndexMap::new();
            for entry in entries {
                let key = of(&entry.key)?;
                let key = key.as_text().ok_or_else(|| no_value(&entry.key))?.to_owned();
                record.insert(key, of(&entry.value)?);
            }
            Ok(Value::Record(record))
        }
        ExprKind::Not { operand } => Ok(Value::Bool(!truth(operand, leaves)?)),
        ExprKind::Binary { operator: Operator::And, left, right } => {
            Ok(Value::Bool(truth(left, leaves)? && truth(right, leaves)?))
        }
        ExprKind::Binary { operator: Operator::Or, left, right } => {
            Ok(Value::Bool(truth(left, leaves)? || truth(right, leaves)?))
        }
        ExprKind::Binary { operator: Operator::Coalesce, left, right } => match of(left)? {
            Value::None => of(right),
            there => Ok(there),
        },
        ExprKind::Binary { operator, left, right } => binary(expr, *operator, (left, of(left)?), (right, of(right)?)),
        ExprKind::Between { operand, low, high, inclusive } => {
            let value = of(operand)?;
            let above = order(expr, (low, of(low)?), (operand, value.clone()))? != Ordering::Greater;
            let below = order(expr, (operand, value), (high, of(high)?))?;
            Ok(Value::Bool(above && (below == Ordering::Less || (*inclusive && below == Ordering::Equal))))
        }
        ExprKind::Measure { .. }
        | ExprKind::Parameter { .. }
        | ExprKind::Output { .. }
        | ExprKind::Item { .. }
        | ExprKind::Status
        | ExprKind::Context { .. }
        | ExprKind::It => leaves.leaf(expr),
    }
}

fn truth(expr: &Expr, leaves: &dyn Leaves) -> Result<bool, Fault> {
    evaluate(expr, leaves)?.as_bool().ok_or_else(|| no_value(expr))
}

fn field(expr: &Expr, of: &Value, name: &str) -> Found {
    let found = match of {
        Value::Record(fields) => fields.get(name),
        Value::List(items) => name.parse::<usize>().ok().and_then(|at| items.get(at)),
        _ => None,
    };
    match found {
        Some(value) => Ok(value.clone()),
        None if matches!(expr.ty, Type::Optional { .. }) => Ok(Value::None),
        None => Err(Fault::new("no data", format!("`{expr}` has no value: there is no such entry"))),
    }
}

fn binary(expr: &Expr, operator: Operator, left: (&Expr, Value), right: (&Expr, Value)) -> Found {
    let told = format!("{} does not go with {}", shown(&left.0.ty, &left.1), shown(&right.0.ty, &right.1));
    let (operator, (one, other)) = match operator {
        Operator::Equal => (Op::Equal, alike(left, right)),
        Operator::NotEqual => (Op::NotEqual, alike(left, right)),
        Operator::Less => (Op::Less, alike(left, right)),
        Operator::LessOrEqual => (Op::LessOrEqual, alike(left, right)),
        Operator::Greater => (Op::Greater, alike(left, right)),
        Operator::GreaterOrEqual => (Op::GreaterOrEqual, alike(left, right)),
        Operator::In => (Op::In, alike(left, right)),
        Operator::Matches => (Op::Matches, (left.1, right.1)),
        Operator::Add => (Op::Add, (left.1, right.1)),
        Operator::Subtract => (Op::Subtract, (left.1, right.1)),
        Operator::Multiply => (Op::Multiply, (left.1, right.1)),
        Operator::Divide => (Op::Divide, (left.1, right.1)),
        Operator::And | Operator::Or | Operator::Coalesce => return Err(no_value(expr)),
    };
    match arithmetic::apply(operator, &one, &other) {
        Ok(Value::Unknown) => Err(Fault::new("no value", format!("`{expr}` has no value: {told}"))),
        Ok(value) => Ok(value),
        Err(message) => Err(Fault::new("no value", format!("`{expr}` has no value: {message}"))),
    }
}

fn order(expr: &Expr, left: (&Expr, Value), right: (&Expr, Value)) -> Result<Ordering, Fault> {
    let (one, other) = alike(left, right);
    arithmetic::compare(&one, &other).ok_or_else(|| no_value(expr))
}

/// Both sides of a comparison in one form: beside JSON everything is JSON, and moments are compared as such.
fn alike(left: (&Expr, Value), right: (&Expr, Value)) -> (Value, Value) {
    let (types, one, other) = ([&left.0.ty, &right.0.ty], left.1, right.1);
    if types.iter().any(|ty| holds(ty, &|ty| *ty == Type::Json)) {
        return (plain(one), plain(other));
    }
    if types.iter().any(|ty| holds(ty, &|ty| *ty == Type::Timestamp)) {
        return (moments(one), moments(other));
    }
    (one, other)
}

fn holds(ty: &Type, is: &dyn Fn(&Type) -> bool) -> bool {
    is(ty)
        || match ty {
            Type::List { of } | Type::Map { of } | Type::Optional { of } => holds(of, is),
            _ => false,
        }
}

fn plain(value: Value) -> Value {
    encode::json(&value).and_then(|json| decode::any("it", &json).ok()).unwrap_or(value)
}

fn moments(value: Value) -> Value {
    match value {
        Value::Text(text) => moment::seconds(&text).map_or(Value::Text(text), Value::Percent),
        Value::List(items) => Value::List(items.into_iter().map(moments).collect()),
        other => other,
    }
}

/// A value as one would write it, exactly.
pub(super) fn shown(ty: &Type, value: &Value) -> String {
    match (ty.required(), value) {
        (Type::Percent, Value::Percent(share)) => format!("{}%", share.normalize()),
        (ty, value) => value_text(ty, &encode::json(value).unwrap_or(Json::Null)),
    }
}

fn known(expr: &Expr, value: Value) -> Found {
    match value {
        Value::Unknown => Err(no_value(expr)),
        value => Ok(value),
    }
}

pub(crate) fn no_value(expr: &Expr) -> Fault {
    Fault::new("no value", format!("`{expr}` has no value: what it is made of does not fit together"))
}
