//! Predicates as conditions of Terraform.
//!
//! Terraform 1.11 evaluates both sides of `&&` and `||`; only a conditional spares a side that would be an error.

use serde_json::Value;

use super::types::{and, matches};
use crate::plan::{Expr as Planned, ExprKind, Operator as Op, Type};
use crate::text::hcl::{Expr, Operator};

/// Why a predicate cannot be said.
pub(super) type Unsayable = &'static str;

/// The predicate as a condition on `it`; one that cannot be decided does not hold.
pub(super) fn condition(predicate: &Planned, it: &Expr) -> Result<Expr, Unsayable> {
    let said = expr(predicate, it)?;
    Ok(if may_fail(predicate) { Expr::call("try", [said, Expr::Bool(false)]) } else { said })
}

/// Whether the predicate itself looks at `none`.
pub(super) fn speaks_of_none(predicate: &Planned) -> bool {
    let here = matches!(predicate.kind, ExprKind::It) && matches!(predicate.ty, Type::Optional { .. });
    here || parts(predicate).into_iter().any(speaks_of_none)
}

fn parts(of: &Planned) -> Vec<&Planned> {
    match &of.kind {
        ExprKind::Field { of, .. } | ExprKind::Length { of } => vec![of],
        ExprKind::Not { operand } => vec![operand],
        ExprKind::Binary { left, right, .. } => vec![left, right],
        ExprKind::Between { operand, low, high, .. } => vec![operand, low, high],
        ExprKind::Text { parts } => parts.iter().collect(),
        ExprKind::List { items } => items.iter().collect(),
        ExprKind::Record { entries } => entries.values().collect(),
        _ => Vec::new(),
    }
}

/// Whether evaluating it may be an error: a missing entry, a null where a value is due, a division by zero.
fn may_fail(of: &Planned) -> bool {
    let optional = |operand: &Planned| matches!(operand.ty, Type::Optional { .. });
    let here = match &of.kind {
        ExprKind::Field { of, .. } => !matches!(of.ty, Type::Struct { .. } | Type::Money),
        ExprKind::Length { of } => optional(of),
        ExprKind::Binary { operator: Op::Divide, .. } => true,
        ExprKind::Binary { operator: Op::Equal | Op::NotEqual | Op::And | Op::Or | Op::Coalesce, .. } => false,
        ExprKind::Binary { left, right, .. } => optional(left) || optional(right),
        ExprKind::Between { operand, .. } => optional(operand),
        _ => false,
    };
    here || parts(of).into_iter().any(may_fail)
}

fn expr(of: &Planned, it: &Expr) -> Result<Expr, Unsayable> {
    match &of.kind {
        ExprKind::Literal { value } => Ok(Expr::json(value)),
        ExprKind::It => Ok(it.clone()),
        ExprKind::Field { of, name } => field(of, name, it),
        ExprKind::Length { of } => length(of, it),
        ExprKind::Not { operand } => Ok(Expr::negate(expr(operand, it)?)),
        ExprKind::List { items } => Ok(Expr::List(items.iter().map(|item| expr(item, it)).collect::<Result<_, _>>()?)),
        ExprKind::Record { entries } => {
            let entries = entries.iter().map(|(name, value)| Ok::<_, Unsayable>((name.clone(), expr(value, it)?)));
            Ok(Expr::Object(entries.collect::<Result<_, _>>()?))
        }
        ExprKind::Keyed { .. } => Err("it makes keys of values"),
        ExprKind::Text { parts } => text(parts, it),
        ExprKind::Between { operand, low, high, inclusive } => {
            let below = if *inclusive { Op::LessOrEqual } else { Op::Less };
            Ok(and(binary(Op::LessOrEqual, low, operand, it)?, binary(below, operand, high, it)?))
        }
        ExprKind::Binary { operator, left, right } => binary(*operator, left, right, it),
        ExprKind::Parameter { .. }
        | ExprKind::Output { .. }
        | ExprKind::Item { .. }
        | ExprKind::Status
        | ExprKind::Context { .. }
        | ExprKind::Measure { .. } => Err("it speaks of something that is known only when a pipeline runs"),
    }
}

fn field(of: &Planned, name: &str, it: &Expr) -> Result<Expr, Unsayable> {
    let value = expr(of, it)?;
    Ok(match of.ty.required() {
        Type::Map { .. } => Expr::Index(Box::new(value), Box::new(Expr::text(name))),
        Type::List { .. } => Expr::Index(Box::new(value), Box::new(Expr::Number(name.to_owned()))),
        _ => value.dot(name),
    })
}

/// Terraform's `length` of a text counts what a reader sees as one; we count characters.
fn length(of: &Planned, it: &Expr) -> Result<Expr, Unsayable> {
    let value = expr(of, it)?;
    let counted = if is_text(&of.ty) { Expr::call("split", [Expr::text(""), value]) } else { value };
    Ok(Expr::call("length", [counted]))
}

fn text(parts: &[Planned], it: &Expr) -> Result<Expr, Unsayable> {
    let parts = parts.iter().map(|part| match part.ty {
        Type::Int | Type::Size | Type::Bool => expr(part, it),
        _ if is_text(&part.ty) => expr(part, it),
        _ => Err("Terraform writes numbers with a fraction, lists and records into a text in another way"),
    });
    Ok(Expr::Template(parts.collect::<Result<_, _>>()?))
}

fn is_text(ty: &Type) -> bool {
    matches!(ty.required(), Type::String | Type::Uri | Type::Cron | Type::Enum { .. } | Type::Timestamp)
}

fn binary(operator: Op, left: &Planned, right: &Planned, it: &Expr) -> Result<Expr, Unsayable> {
    match operator {
        Op::And | Op::Or => junction(operator, left, right, it),
        Op::Equal => equal(left, right, it),
        Op::NotEqual => equal(left, right, it).map(|same| match same {
            Expr::Binary(Operator::Equal, left, right) => Expr::Binary(Operator::NotEqual, left, right),
            same => Expr::negate(same),
        }),
        Op::Less => ordered(Operator::Less, left, right, it),
        Op::LessOrEqual => ordered(Operator::LessOrEqual, left, right, it),
        Op::Greater => ordered(Operator::Greater, left, right, it),
        Op::GreaterOrEqual => ordered(Operator::GreaterOrEqual, left, right, it),
        Op::In => contained(left, right, it),
        Op::Matches => match right.as_literal() {
            Some(Value::String(pattern)) => Ok(matches(pattern, expr(left, it)?)),
            _ => Err("its pattern is not constant"),
        },
        Op::Coalesce => {
            let value = expr(left, it)?;
            let missing = Expr::binary(Operator::Equal, value.clone(), Expr::Null);
            Ok(Expr::choose(missing, expr(right, it)?, value))
        }
        Op::Add => arithmetic(Operator::Add, left, right, it),
        Op::Subtract => arithmetic(Operator::Subtract, left, right, it),
        Op::Multiply => arithmetic(Operator::Multiply, left, right, it),
        Op::Divide => arithmetic(Operator::Divide, left, right, it),
    }
}

fn junction(operator: Op, left: &Planned, right: &Planned, it: &Expr) -> Result<Expr, Unsayable> {
    let spared = may_fail(right);
    let (left, right) = (expr(left, it)?, expr(right, it)?);
    Ok(match (operator, spared) {
        (Op::And, true) => Expr::choose(left, right, Expr::Bool(false)),
        (Op::And, false) => and(left, right),
        (_, true) => Expr::choose(left, Expr::Bool(true), right),
        (_, false) => Expr::binary(Operator::Or, left, right),
    })
}

fn equal(left: &Planned, right: &Planned, it: &Expr) -> Result<Expr, Unsayable> {
    let is_none = |side: &Planned| side.as_literal() == Some(&Value::Null);
    let (a, b) = (expr(left, it)?, expr(right, it)?);
    if is_none(left) || is_none(right) {
        return Ok(Expr::binary(Operator::Equal, a, b));
    }
    match left.ty.required() {
        Type::Money => money(Operator::Equal, a, b),
        // A list of Terraform never equals a tuple: compare what they are written as.
        Type::List { .. } | Type::Map { .. } | Type::Struct { .. } | Type::Json => {
            let written = |value: Expr, ty: &Type| Expr::call("jsonencode", [complete(value, ty)]);
            Ok(Expr::binary(Operator::Equal, written(a, &left.ty), written(b, &left.ty)))
        }
        _ => Ok(Expr::binary(Operator::Equal, a, b)),
    }
}

/// A written record with every field that its struct has: Terraform fills in null for those left out.
fn complete(value: Expr, ty: &Type) -> Expr {
    match (value, ty.required()) {
        (Expr::Object(entries), Type::Struct { fields, .. }) => {
            let field = |field: &crate::plan::Field| {
                let given = entries.iter().find(|(name, _)| *name == field.name).map(|(_, value)| value.clone());
                (field.name.clone(), complete(given.unwrap_or(Expr::Null), &field.ty))
            };
            Expr::Object(fields.iter().map(field).collect())
        }
        (Expr::List(items), Type::List { of }) => {
            Expr::List(items.into_iter().map(|item| complete(item, of)).collect())
        }
        (value, _) => value,
    }
}

fn ordered(operator: Operator, left: &Planned, right: &Planned, it: &Expr) -> Result<Expr, Unsayable> {
    let (a, b) = (expr(left, it)?, expr(right, it)?);
    match left.ty.required() {
        Type::Money => money(operator, a, b),
        Type::Timestamp => {
            let order = Expr::call("timecmp", [a, b]);
            Ok(Expr::binary(operator, order, Expr::Number("0".to_owned())))
        }
        Type::Int | Type::Float | Type::Percent | Type::Duration | Type::Size => Ok(Expr::binary(operator, a, b)),
        _ => Err("Terraform orders nothing but numbers and times"),
    }
}

fn money(operator: Operator, a: Expr, b: Expr) -> Result<Expr, Unsayable> {
    let part = |of: &Expr, name: &str| match of {
        Expr::Object(entries) => entries.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()),
        other => Some(other.clone().dot(name)),
    };
    let amount = |of: &Expr| match part(of, "amount")? {
        Expr::Text(digits) => Some(Expr::Number(digits)),
        other => Some(Expr::call("tonumber", [other])),
    };
    let said = || {
        let same_currency = Expr::binary(Operator::Equal, part(&a, "currency")?, part(&b, "currency")?);
        Some(and(same_currency, Expr::binary(operator, amount(&a)?, amount(&b)?)))
    };
    said().ok_or("an amount of money without its amount or currency")
}

fn contained(left: &Planned, right: &Planned, it: &Expr) -> Result<Expr, Unsayable> {
    let (item, list) = (expr(left, it)?, expr(right, it)?);
    let list = match (&list, right.ty.required()) {
        (Expr::List(items), _) if items.is_empty() => return Ok(Expr::Bool(false)),
        (_, Type::Map { .. }) => Expr::call("keys", [list]),
        (_, Type::List { .. }) => list,
        _ => return Err("Terraform looks for a value in lists and maps alone"),
    };
    Ok(Expr::call("contains", [list, item]))
}

fn arithmetic(operator: Operator, left: &Planned, right: &Planned, it: &Expr) -> Result<Expr, Unsayable> {
    let number =
        |ty: &Type| matches!(ty.required(), Type::Int | Type::Float | Type::Percent | Type::Duration | Type::Size);
    if !number(&left.ty) || !number(&right.ty) {
        return Err("Terraform calculates with nothing but numbers");
    }
    Ok(Expr::binary(operator, expr(left, it)?, expr(right, it)?))
}
