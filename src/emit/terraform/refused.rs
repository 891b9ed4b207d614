//! Values that a variable must refuse, so that the tests can show that it does.

use serde_json::{Value, json};

use crate::plan::{Expr, ExprKind, Operator, Part, Predicate, Type, Variable};

/// A value for each predicate of the variable that breaks it, as far as a few likely ones do: the predicate as it was
/// written, and the value. `like` is a value that is taken: one with the parts that inner predicates speak of.
pub fn violations(variable: &Variable, like: Option<&Value>) -> Vec<(String, Value)> {
    let whole = variable.predicates.iter().filter_map(|predicate| {
        let value = breaking(predicate, &variable.ty)?;
        Some((predicate.text.clone(), value))
    });
    let parts = variable.inner.iter().filter_map(|inner| {
        let (value, ty) = (like.or(variable.default.as_ref())?, &variable.ty);
        let broken = replaced(value, ty, &inner.path, &inner.predicate)?;
        Some((inner.predicate.text.clone(), broken))
    });
    whole.chain(parts).collect()
}

/// Values that the variable must refuse: one a predicate, and one that its type alone refuses.
pub(super) fn refused(variable: &Variable, like: Option<&Value>) -> Vec<Value> {
    let by_predicates = violations(variable, like).into_iter().map(|(_, value)| value);
    let by_type = by_type(variable.ty.required()).into_iter().find(|value| breaks_type(value, variable.ty.required()));
    let mut all: Vec<Value> = Vec::new();
    for value in by_predicates.chain(by_type) {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all
}

fn breaking(predicate: &Predicate, ty: &Type) -> Option<Value> {
    let mut candidates = by_type(ty.required());
    near(&predicate.condition, ty.required(), &mut candidates);
    let breaks = |value: &&Value| holds(&predicate.condition, value) == Some(Value::Bool(false));
    let by_it_alone = candidates.iter().find(|value| breaks(value) && !breaks_type(value, ty.required()));
    by_it_alone.or_else(|| candidates.iter().find(breaks)).cloned()
}

/// The value with a broken part in the place of the first one on that path.
fn replaced(value: &Value, ty: &Type, path: &[Part], predicate: &Predicate) -> Option<Value> {
    let Some((part, rest)) = path.split_first() else { return breaking(predicate, ty) };
    let mut changed = value.clone();
    match (part, ty.required(), &mut changed) {
        (Part::Each, Type::List { of }, Value::Array(items)) => {
            let first = items.first_mut()?;
            *first = replaced(&first.clone(), of, rest, predicate)?;
        }
        (Part::Each, Type::Map { of }, Value::Object(entries)) => {
            let first = entries.values_mut().next()?;
            *first = replaced(&first.clone(), of, rest, predicate)?;
        }
        (Part::Field { name }, Type::Struct { fields, .. }, Value::Object(entries)) => {
            let ty = &fields.iter().find(|field| field.name == *name)?.ty;
            let before = entries.get(name).cloned().unwrap_or(Value::Null);
            entries.insert(name.clone(), replaced(&before, ty, rest, predicate)?);
        }
        _ => return None,
    }
    Some(changed)
}

fn breaks_type(value: &Value, ty: &Type) -> bool {
    match ty {
        Type::Int | Type::Size => value.as_f64().is_some_and(|number| number.fract() != 0.0),
        Type::Enum { variants, .. } => value.as_str().is_some_and(|text| !variants.iter().any(|one| one == text)),
        Type::Timestamp => value.as_str() == Some(""),
        _ => false,
    }
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

/// Numbers beside those that the predicate names, and texts and lists of about that length.
fn near(condition: &Expr, ty: &Type, candidates: &mut Vec<Value>) {
    if let ExprKind::Literal { value } = &condition.kind
        && let Some(number) = value.as_f64()
    {
        candidates.extend([json!(number - 1.0), json!(number + 1.0)].map(whole));
        candidates.push(value.clone());
        candidates.extend(as_long_as(number, ty));
    }
    condition.parts().into_iter().for_each(|part| near(part, ty, candidates));
}

fn as_long_as(number: f64, ty: &Type) -> Vec<Value> {
    let length = if (0.0..10_000.0).contains(&number) { number as usize } else { return Vec::new() };
    let around = [length.saturating_sub(1), length + 1];
    match ty {
        Type::String | Type::Uri => around.iter().map(|length| json!("a".repeat(*length))).collect(),
        Type::List { of } => {
            let item = by_type(of.required()).first().cloned();
            item.map(|item| around.iter().map(|length| Value::Array(vec![item.clone(); *length])).collect())
                .unwrap_or_default()
        }
        _ => Vec::new(),
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
