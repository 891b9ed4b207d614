//! Conditions in CEL, as the server decides them, with typed operands.
//!
//! In: an expression whose [`ExprKind::Parameter`]s are inputs of the component that it guards. Out: a term, or what of it CEL on
//! this server cannot say. On the server every number is a double; whole numbers are compared as `int(…)`, as the SDK does, and where
//! the SDK's form is right it is written to the letter. Servers up to 2.14 fail on a comparison of two types, `null` with anything else
//! too: so none is written.

mod term;

use serde_json::Value;

use self::term::Sign;
pub(super) use self::term::Term;
use crate::plan::{Expr, ExprKind, Operator, Type};

type Lowered = Result<Term, &'static str>;

/// How a number is wanted.
#[derive(Clone, Copy, PartialEq)]
enum As {
    /// As its type says: a whole number as CEL's `int`.
    Typed,
    /// As a double.
    Double,
    /// As it lies in the lists and structs of a run, where every number is a double.
    Stored,
}

/// The condition; else the words for what cannot be said.
pub(super) fn condition(expr: &Expr) -> Lowered {
    let bare = matches!(&expr.kind, ExprKind::Parameter { .. } | ExprKind::Field { .. });
    let term = value(expr, As::Typed)?;
    Ok(if bare && *expr.ty.required() == Type::Bool { term.compare("==", Term::word("true")) } else { term })
}

fn value(expr: &Expr, wanted: As) -> Lowered {
    let plain = match &expr.kind {
        ExprKind::Literal { value } => return literal(value, &expr.ty, wanted),
        ExprKind::List { items } => {
            let items: Result<Vec<Term>, _> = items.iter().map(|item| value(item, wanted)).collect();
            return Ok(Term::List(items?));
        }
        ExprKind::Binary { operator: Operator::Coalesce, left, right } => return coalesce(left, right, wanted),
        ExprKind::Not { operand } => return Ok(condition(operand)?.negated()),
        ExprKind::Binary { operator, left, right } => return binary(*operator, left, right),
        ExprKind::Between { operand, low, high, inclusive } => {
            let operator = if *inclusive { Operator::LessOrEqual } else { Operator::Less };
            let above = binary(Operator::GreaterOrEqual, operand, low)?;
            return Ok(above.and(binary(operator, operand, high)?));
        }
        ExprKind::Text { parts } => return text(parts),
        ExprKind::Length { of } => {
            let size = value(of, As::Stored)?.call("size");
            return Ok(if wanted == As::Typed { size } else { size.call("double") });
        }
        ExprKind::Parameter { name } => Term::Input(name.clone()),
        ExprKind::Field { of, name } => value(of, As::Stored)?.entry(key(of, name)),
        ExprKind::Record { .. } | ExprKind::Keyed { .. } => return Err("a struct that is put together"),
        ExprKind::Status => return Err("how the run ended"),
        ExprKind::Context { .. } => return Err("what only the orchestrator knows"),
        ExprKind::Output { .. } | ExprKind::Item { .. } | ExprKind::It | ExprKind::Measure { .. } => {
            return Err("a value that is not there");
        }
    };
    Ok(match wanted {
        As::Typed if is_whole(&expr.ty) => plain.call("int"),
        As::Double if is_whole(&expr.ty) => plain.call("int").call("double"),
        _ => plain,
    })
}

fn key(of: &Expr, name: &str) -> Term {
    match of.ty.required() {
        Type::List { .. } => Term::word(name),
        _ => Term::Text(name.to_owned()),
    }
}

fn binary(operator: Operator, left: &Expr, right: &Expr) -> Lowered {
    let sign = match operator {
        Operator::Or => return Ok(condition(left)?.or(condition(right)?)),
        Operator::And => return Ok(condition(left)?.and(condition(right)?)),
        Operator::Coalesce => return coalesce(left, right, As::Typed),
        Operator::Matches => return matches(left, right),
        Operator::In => return contained(left, right),
        Operator::Equal => "==",
        Operator::NotEqual => "!=",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => ">=",
        Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide => return Err("arithmetic"),
    };
    match (is_null(left), is_null(right)) {
        (true, false) => none(operator, right),
        (false, true) => none(operator, left),
        _ if matches!(operator, Operator::Equal | Operator::NotEqual) => equal(operator, sign, left, right),
        _ => compared(sign, left, right),
    }
}

/// Two values that are there, of one type.
fn compared(sign: &'static str, left: &Expr, right: &Expr) -> Lowered {
    let one_is = |wanted: fn(&Type) -> bool| [left, right].iter().any(|side| wanted(side.ty.required()));
    if one_is(|ty| matches!(ty, Type::Money)) {
        return Err("amounts of money");
    }
    let wanted = if one_is(|ty| matches!(ty, Type::List { .. } | Type::Map { .. } | Type::Struct { .. })) {
        As::Stored
    } else if is_whole(&left.ty) && is_whole(&right.ty) {
        As::Typed
    } else {
        As::Double
    };
    let moments = one_is(|ty| matches!(ty, Type::Timestamp));
    let side = |side: &Expr| -> Lowered {
        let term = value(side, wanted)?;
        Ok(if moments { term.call("timestamp") } else { term })
    };
    Ok(side(left)?.compare(sign, side(right)?))
}

/// `==` and `!=` of values that may be absent, or of a type that only the run knows.
fn equal(operator: Operator, sign: &'static str, left: &Expr, right: &Expr) -> Lowered {
    let mut term = compared(sign, left, right)?;
    let differ = operator == Operator::NotEqual;
    let guarded = |term: Term, holds: Term, fails: Term| if differ { fails.or(term) } else { holds.and(term) };
    for (side, other) in [(left, right), (right, left)] {
        if let (Type::Json, Some(kind)) = (side.ty.required(), kind(other.ty.required())) {
            let ty = value(side, As::Double)?.call("type");
            term = guarded(term, ty.clone().compare("==", Term::word(kind)), ty.compare("!=", Term::word(kind)));
        }
    }
    match (is_optional(left), is_optional(right)) {
        (false, false) => Ok(term),
        (true, true) => {
            let one = |side: &Expr, other: &Expr| -> Lowered { Ok(present(side)?.and(absent(other)?)) };
            let lone = one(left, right)?.or(one(right, left)?);
            let both = present(left)?.and(present(right)?).and(term);
            Ok(if differ { lone.or(both) } else { absent(left)?.and(absent(right)?).or(both) })
        }
        (true, false) => Ok(guarded(term, present(left)?, absent(left)?)),
        (false, true) => Ok(guarded(term, present(right)?, absent(right)?)),
    }
}

/// `x == none`, `x != none`
fn none(operator: Operator, subject: &Expr) -> Lowered {
    match operator {
        Operator::Equal => absent(subject),
        _ => present(subject),
    }
}

/// Whether nothing is there: an absent value is left out by some servers and null for others.
fn absent(subject: &Expr) -> Lowered {
    if let ExprKind::Binary { operator: Operator::Coalesce, left, right } = &subject.kind {
        return Ok(absent(left)?.and(absent(right)?));
    }
    let null = value(subject, As::Stored)?.call("type").compare("==", Term::word("null_type"));
    Ok(match named(subject)? {
        Some(there) => there.negated().or(null),
        None => null,
    })
}

fn present(subject: &Expr) -> Lowered {
    if let ExprKind::Binary { operator: Operator::Coalesce, left, right } = &subject.kind {
        return Ok(present(left)?.or(present(right)?));
    }
    let value = value(subject, As::Stored)?.call("type").compare("!=", Term::word("null_type"));
    Ok(match named(subject)? {
        Some(there) => there.and(value),
        None => value,
    })
}

/// Whether there is an entry of that name at all, where it can lack.
fn named(subject: &Expr) -> Result<Option<Term>, &'static str> {
    Ok(match &subject.kind {
        ExprKind::Parameter { name } => Some(Term::Text(name.clone()).compare("in", Term::inputs())),
        ExprKind::Field { of, name } if !matches!(of.ty.required(), Type::List { .. }) => {
            Some(Term::Text(name.clone()).compare("in", value(of, As::Stored)?))
        }
        _ => None,
    })
}

fn coalesce(left: &Expr, right: &Expr, wanted: As) -> Lowered {
    let (other, one) = (value(right, wanted)?, value(left, wanted)?);
    Ok(Term::Choice(Box::new(absent(left)?), Box::new(other), Box::new(one)))
}

fn matches(left: &Expr, right: &Expr) -> Lowered {
    match right.as_literal().and_then(Value::as_str) {
        Some(pattern) => {
            let whole = Term::Text(format!("^(?:{pattern})$"));
            Ok(Term::Matches(Box::new(value(left, As::Stored)?), Box::new(whole)))
        }
        None => Err("a pattern that is not constant"),
    }
}

fn contained(left: &Expr, right: &Expr) -> Lowered {
    let written = right.as_literal().is_some() || matches!(right.kind, ExprKind::List { .. });
    let whole = |ty: &Type| matches!(ty.required(), Type::List { of } if is_whole(of));
    let wanted = if written && is_whole(&left.ty) && whole(&right.ty) { As::Typed } else { As::Stored };
    let term = value(left, wanted)?.compare("in", value(right, wanted)?);
    Ok(if is_optional(left) { present(left)?.and(term) } else { term })
}

/// Text is joined only of text: a number would be written otherwise than a step writes it.
fn text(parts: &[Expr]) -> Lowered {
    let is_text = |part: &Expr| matches!(part.ty.required(), Type::String | Type::Uri | Type::Enum { .. } | Type::Cron);
    if !parts.iter().all(is_text) {
        return Err("a text with something else than text in it");
    }
    let mut terms = Vec::new();
    for part in parts {
        terms.push(value(part, As::Typed)?);
    }
    let joined = terms.into_iter().reduce(|one, other| one.joined(Sign::Add, other));
    Ok(joined.unwrap_or_else(|| Term::Text(String::new())))
}

fn is_null(expr: &Expr) -> bool {
    expr.as_literal() == Some(&Value::Null)
}

fn is_optional(expr: &Expr) -> bool {
    matches!(expr.ty, Type::Optional { .. }) && expr.as_literal().is_none()
}

fn is_whole(ty: &Type) -> bool {
    matches!(ty.required(), Type::Int | Type::Size)
}

/// What CEL calls a type, as it lies in a run's JSON.
fn kind(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Bool => Some("bool"),
        Type::Int | Type::Float | Type::Size | Type::Duration | Type::Percent => Some("double"),
        Type::String | Type::Uri | Type::Cron | Type::Enum { .. } => Some("string"),
        _ => None,
    }
}

/// A constant.
fn literal(value: &Value, ty: &Type, wanted: As) -> Lowered {
    let of = match ty.required() {
        Type::List { of } | Type::Map { of } => of,
        other => other,
    };
    Ok(match value {
        Value::Null => Term::word("null"),
        Value::Bool(value) => Term::word(value.to_string()),
        Value::Number(number) if is_whole(ty) && wanted != As::Stored => {
            let number = Term::word(number.to_string());
            if wanted == As::Double { number.call("double") } else { number }
        }
        Value::Number(number) => Term::float(number.as_f64().ok_or("a number of this size")?),
        Value::String(text) => Term::Text(text.clone()),
        Value::Array(items) => {
            let items: Result<Vec<Term>, _> = items.iter().map(|item| literal(item, of, wanted)).collect();
            Term::List(items?)
        }
        Value::Object(_) => return Err("a constant struct"),
    })
}

#[cfg(test)]
mod tests;
