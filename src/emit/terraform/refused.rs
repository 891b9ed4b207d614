//! A value that a variable must refuse, so that the tests can show that it does.

use serde_json::{Value, json};

use crate::plan::{Expr, ExprKind, Operator, Type, Variable};

/// A value of the variable's type that breaks one of its predicates, if one of a few likely ones does.
pub(super) fn refused(variable: &Variable) -> Option<Value> {
    let mut candidates = by_type(variable.ty.required());
    variable.predicates.iter().for_each(|predicate| near(&predicate.condition, &mut candidates));
    let breaks = |value: &Value| {
        variable.predicates.iter().any(|predicate| holds(&predicate.condition, value) == Some(Value::Bool(false)))
    };
    let breaks_type = |value: &Value| match variable.ty.required() {
        Type::Int | Type::Size => value.as_f64().is_some_and(|number| number.fract() != 0.0),
        Type::Enum { variants, .. } => value.as_str().is_some_and(|text| !variants.iter().any(|one| one == text)),
        Type::Timestamp => value.as_str() == Some(""),
        _ => false,
    };
    let by_predicate = candidates.iter().find(|value| breaks(value) && !breaks_type(value));
    by_predicate.or_else(|| candidates.iter().find(|value| breaks_type(value))).cloned()
}

fn by_type(ty: &Type) -> Vec<Value> {
    match ty {
        Type::Int | Type::Size => vec![json!(-1), json!(0), json!(1), json!(1_000_000), json!(0.5)],
        Type::Float | Type::Percent | Type::Duration => vec![json!(-1), json!(0), json!(1), json!(2), json!(1e15)],
        Type::String | Type::Uri | Type::Cron | Type::Enum { .. } | Type::Timestamp => {
            vec![json!("not allowed"), json!("?"), json!(""), json!("a".repeat(300))]
        }
        Type::List { of } => match by_type(of).first() {
            Some(item) => vec![json!([]), json!([item]), Value::Array(vec![item.clone(); 300])],
            None => Vec::new(),
        },
        Type::Bool => vec![json!(false), json!(true)],
        _ => Vec::new(),
    }
}

/// Numbers beside those that the predicate names.
fn near(condition: &Expr, candidates: &mut Vec<Value>) {
    match &condition.kind {
        ExprKind::Literal { value } => {
            if let Some(number) = value.as_f64() {
                candidates.extend([json!(number - 1.0), json!(number + 1.0)].map(whole));
                candidates.push(value.clone());
            }
        }
        ExprKind::Not { operand } => near(operand, candidates),
        ExprKind::Binary { left, right, .. } => [left, right].into_iter().for_each(|side| near(side, candidates)),
        ExprKind::Between { low, high, .. } => [low, high].into_iter().for_each(|side| near(side, candidates)),
        _ => {}
    }
}

fn whole(value: Value) -> Value {
    match value.as_f64() {
        Some(number) if number.fract() == 0.0 && number.abs() < 9e15 => json!(number as i64),
        _ => value,
    }
}

/// The value of a condition; none where it is not known here.
fn holds(condition: &Expr, it: &Value) -> Option<Value> {
    match &condition.kind {
        ExprKind::Literal { value } => Some(value.clone()),
        ExprKind::It => Some(it.clone()),
        ExprKind::Length { of } => match holds(of, it)? {
            Value::String(text) => Some(json!(text.chars().count())),
            Value::Array(items) => Some(json!(items.len())),
            _ => None,
        },
        ExprKind::Not { operand } => Some(json!(!holds(operand, it)?.as_bool()?)),
        ExprKind::Between { operand, low, high, inclusive } => {
            let number = |of: &Expr| holds(of, it)?.as_f64();
            let (value, low, high) = (number(operand)?, number(low)?, number(high)?);
            Some(json!(low <= value && (value < high || (*inclusive && value == high))))
        }
        ExprKind::Binary { operator, left, right } => binary(*operator, &holds(left, it)?, &holds(right, it)?),
        _ => None,
    }
}

fn binary(operator: Operator, left: &Value, right: &Value) -> Option<Value> {
    let numbers = || Some((left.as_f64()?, right.as_f64()?));
    let same = || match numbers() {
        Some((left, right)) => left == right,
        None => left == right,
    };
    Some(match operator {
        Operator::And => json!(left.as_bool()? && right.as_bool()?),
        Operator::Or => json!(left.as_bool()? || right.as_bool()?),
        Operator::Equal => json!(same()),
        Operator::NotEqual => json!(!same()),
        Operator::Less => json!(numbers()?.0 < numbers()?.1),
        Operator::LessOrEqual => json!(numbers()?.0 <= numbers()?.1),
        Operator::Greater => json!(numbers()?.0 > numbers()?.1),
        Operator::GreaterOrEqual => json!(numbers()?.0 >= numbers()?.1),
        Operator::In => {
            json!(right.as_array()?.iter().any(|item| binary(Operator::Equal, left, item) == Some(json!(true))))
        }
        Operator::Matches => {
            let pattern = regex::Regex::new(&format!(r"\A(?:{})\z", right.as_str()?)).ok()?;
            json!(pattern.is_match(left.as_str()?))
        }
        Operator::Add => json!(numbers()?.0 + numbers()?.1),
        Operator::Subtract => json!(numbers()?.0 - numbers()?.1),
        Operator::Multiply => json!(numbers()?.0 * numbers()?.1),
        Operator::Coalesce | Operator::Divide => return None,
    })
}
