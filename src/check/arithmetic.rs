//! What operators do with values. A fault is a sentence; an unknown value absorbs.

use std::cmp::Ordering;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{formats, literal};
use crate::ast::BinaryOperator as Op;
use crate::model::Value;

type Outcome = Result<Value, String>;

/// A binary operator on two values.
pub(crate) fn apply(operator: Op, left: &Value, right: &Value) -> Outcome {
    if matches!(left, Value::Unknown) || matches!(right, Value::Unknown) {
        return Ok(Value::Unknown);
    }
    Ok(match operator {
        Op::And | Op::Or => right.clone(),
        Op::Coalesce => left.clone(),
        Op::Equal => Value::Bool(equal(left, right)),
        Op::NotEqual => Value::Bool(!equal(left, right)),
        Op::Less => compared(left, right, |order| order == Ordering::Less),
        Op::LessOrEqual => compared(left, right, |order| order != Ordering::Greater),
        Op::Greater => compared(left, right, |order| order == Ordering::Greater),
        Op::GreaterOrEqual => compared(left, right, |order| order != Ordering::Less),
        Op::In => contains(right, left),
        Op::Matches => match (left.as_text(), right.as_text()) {
            (Some(text), Some(pattern)) => {
                formats::whole_match(pattern).map_or(Value::Unknown, |pattern| Value::Bool(pattern.is_match(text)))
            }
            _ => Value::Unknown,
        },
        Op::Add | Op::Subtract | Op::Multiply | Op::Divide => return compute(operator, left, right),
    })
}

fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        (Value::Record(left), Value::Record(right)) => {
            let same = |(name, value): (&String, &Value)| right.get(name).is_some_and(|other| equal(value, other));
            left.len() == right.len() && left.iter().all(same)
        }
        _ => compare(left, right).map_or_else(|| left == right, |order| order == Ordering::Equal),
    }
}

fn compared(left: &Value, right: &Value, holds: impl Fn(Ordering) -> bool) -> Value {
    compare(left, right).map_or(Value::Unknown, |order| Value::Bool(holds(order)))
}

/// The order of two values of one kind; none where they have none.
pub(crate) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            left.as_float()?.partial_cmp(&right.as_float()?)
        }
        (Value::Duration(left), Value::Duration(right)) | (Value::Size(left), Value::Size(right)) => {
            Some(left.cmp(right))
        }
        (Value::Percent(left), Value::Percent(right)) => Some(left.cmp(right)),
        (Value::Money(left, a), Value::Money(right, b)) if a == b => Some(left.cmp(right)),
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

fn contains(set: &Value, value: &Value) -> Value {
    match set {
        Value::List(items) => Value::Bool(items.iter().any(|item| equal(item, value))),
        Value::Range(low, high, inclusive) => {
            let (low, high) = (compare(low, value), compare(value, high));
            match (low, high) {
                (Some(low), Some(high)) => Value::Bool(
                    low != Ordering::Greater && (high == Ordering::Less || (*inclusive && high == Ordering::Equal)),
                ),
                _ => Value::Unknown,
            }
        }
        _ => Value::Unknown,
    }
}

fn compute(operator: Op, left: &Value, right: &Value) -> Outcome {
    if operator == Op::Divide && is_zero(right) {
        return Err("something is divided by zero".into());
    }
    match (left, right) {
        (Value::Int(a), Value::Int(b)) if operator != Op::Divide => {
            let result = match operator {
                Op::Add => a.checked_add(*b),
                Op::Subtract => a.checked_sub(*b),
                _ => a.checked_mul(*b),
            };
            whole(result).map(Value::Int)
        }
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            let (Some(a), Some(b)) = (left.as_float(), right.as_float()) else { return Ok(Value::Unknown) };
            finite(match operator {
                Op::Add => a + b,
                Op::Subtract => a - b,
                Op::Multiply => a * b,
                _ => a / b,
            })
        }
        (Value::List(a), Value::List(b)) if operator == Op::Add => {
            Ok(Value::List(a.iter().chain(b).cloned().collect()))
        }
        (Value::Duration(a), Value::Duration(b)) => same_kind(operator, *a, *b, Value::Duration),
        (Value::Size(a), Value::Size(b)) => same_kind(operator, *a, *b, Value::Size),
        (Value::Percent(a), Value::Percent(b)) => decimals(operator, *a, *b, Value::Percent),
        (Value::Money(a, x), Value::Money(b, y)) if x == y => {
            decimals(operator, *a, *b, |amount| Value::Money(amount, x.clone()))
        }
        (Value::Money(_, x), Value::Money(_, y)) => Err(format!("{x} and {y} are different currencies")),
        (Value::Duration(a), by) => scale(operator, *a, by).map(Value::Duration),
        (by, Value::Duration(a)) => scale(operator, *a, by).map(Value::Duration),
        (Value::Size(a), by) => scale(operator, *a, by).map(Value::Size),
        (by, Value::Size(a)) => scale(operator, *a, by).map(Value::Size),
        (Value::Percent(a), by) => scale_decimal(operator, *a, by).map(Value::Percent),
        (by, Value::Percent(a)) => scale_decimal(operator, *a, by).map(Value::Percent),
        (Value::Money(a, currency), by) | (by, Value::Money(a, currency)) => {
            scale_decimal(operator, *a, by).map(|amount| Value::Money(amount, currency.clone()))
        }
        _ => Ok(Value::Unknown),
    }
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Int(value) | Value::Duration(value) | Value::Size(value) => *value == 0,
        Value::Float(value) => *value == 0.0,
        Value::Percent(value) | Value::Money(value, _) => value.is_zero(),
        _ => false,
    }
}

fn whole(result: Option<i64>) -> Result<i64, String> {
    result
        .filter(|value| value.abs() <= literal::LARGEST)
        .ok_or_else(|| "the result is beyond ±(2⁵³ − 1), the integers that survive JSON".into())
}

fn finite(value: f64) -> Outcome {
    if value.is_finite() { Ok(Value::Float(value)) } else { Err("the result is no finite number".into()) }
}

fn same_kind(operator: Op, a: i64, b: i64, make: impl Fn(i64) -> Value) -> Outcome {
    match operator {
        Op::Add => whole(a.checked_add(b)).map(make),
        Op::Subtract => whole(a.checked_sub(b)).map(make),
        Op::Divide => finite(a as f64 / b as f64),
        _ => Ok(Value::Unknown),
    }
}

fn decimals(operator: Op, a: Decimal, b: Decimal, make: impl Fn(Decimal) -> Value) -> Outcome {
    let too_large = || "the result is too large".to_owned();
    match operator {
        Op::Add => a.checked_add(b).map(make).ok_or_else(too_large),
        Op::Subtract => a.checked_sub(b).map(make).ok_or_else(too_large),
        Op::Divide => a.checked_div(b).and_then(|value| value.to_f64()).map(Value::Float).ok_or_else(too_large),
        _ => Ok(Value::Unknown),
    }
}

fn scale(operator: Op, amount: i64, by: &Value) -> Result<i64, String> {
    let exact = match (operator, by) {
        (Op::Multiply, Value::Int(by)) => return whole(amount.checked_mul(*by)),
        (Op::Multiply, Value::Float(by)) => amount as f64 * by,
        (Op::Divide, Value::Int(_) | Value::Float(_)) => amount as f64 / by.as_float().unwrap_or(1.0),
        _ => return Err("quantities scale by numbers alone".into()),
    };
    whole(exact.round().to_i64())
}

fn scale_decimal(operator: Op, amount: Decimal, by: &Value) -> Result<Decimal, String> {
    let factor = match by {
        Value::Int(by) => Some(Decimal::from(*by)),
        Value::Float(by) => Decimal::try_from(*by).ok(),
        _ => None,
    };
    let factor = factor.ok_or_else(|| "quantities scale by numbers alone".to_owned())?;
    let result = match operator {
        Op::Multiply => amount.checked_mul(factor),
        _ => amount.checked_div(factor),
    };
    result.map(|value| value.normalize()).ok_or_else(|| "the result is too large".into())
}

/// `-a`
pub(super) fn negate(value: Value) -> Outcome {
    Ok(match value {
        Value::Int(value) => Value::Int(-value),
        Value::Float(value) => Value::Float(-value),
        Value::Duration(value) => Value::Duration(-value),
        Value::Size(value) => Value::Size(-value),
        Value::Percent(value) => Value::Percent(-value),
        Value::Money(value, currency) => Value::Money(-value, currency),
        _ => Value::Unknown,
    })
}

/// 25% as 0.25.
pub(super) fn ratio(percent: Decimal) -> Outcome {
    let ratio = percent.checked_div(Decimal::from(100)).and_then(|ratio| ratio.to_f64());
    ratio.map(Value::Float).ok_or_else(|| "the result is too large".into())
}

/// A value as text: canonical JSON without quotes around a text; none where it has no text form.
pub(crate) fn show(value: &Value) -> Option<String> {
    Some(match value {
        Value::None => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => format!("{value:?}"),
        Value::Text(text) | Value::Variant(text) => text.clone(),
        Value::Duration(value) => format!("{:?}", *value as f64 / 1000.0),
        Value::Size(value) => value.to_string(),
        Value::Percent(value) => format!("{:?}", value.checked_div(Decimal::from(100))?.to_f64()?),
        Value::Money(amount, currency) => format!("{amount}{currency}"),
        Value::List(_) | Value::Record(_) => crate::encode::json(value)?.to_string(),
        _ => return None,
    })
}

/// A value as it is written in the language, for messages.
pub(crate) fn written(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("{text:?}"),
        Value::None => "none".into(),
        Value::Duration(value) => literal::show_duration(*value),
        Value::Size(value) => literal::show_size(*value),
        Value::Percent(value) => format!("{value}%"),
        Value::Mark(name) => format!("@{name}"),
        Value::List(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
        Value::Record(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("{name}: {}", written(value))).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        Value::Range(low, high, inclusive) => {
            format!("{}{}{}", written(low), if *inclusive { "..=" } else { ".." }, written(high))
        }
        Value::Form(form) => format!("{}(…)", form.name),
        other => show(other).unwrap_or_else(|| "…".into()),
    }
}
