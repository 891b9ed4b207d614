//! Conditions in CEL, as the server decides them, with typed operands.
//!
//! In: an expression whose [`ExprKind::Parameter`]s are inputs of the component that it guards. Out: the text, or what of it CEL on
//! this server cannot say. On the server every number is a double; whole numbers are compared as `int(…)`, as the SDK does.

use serde_json::Value;

use crate::plan::{Expr, ExprKind, Operator, Type};

/// The condition's text; else the words for what cannot be said.
pub(super) fn condition(expr: &Expr) -> Result<String, &'static str> {
    match (&expr.kind, expr.ty.required()) {
        (ExprKind::Parameter { .. } | ExprKind::Field { .. }, Type::Bool) => {
            Ok(format!("{} == true", value(expr, false)?))
        }
        _ => value(expr, false),
    }
}

/// Whether it must stand in brackets beside `&&`.
pub(super) fn is_joined(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Binary { operator: Operator::Or | Operator::Coalesce, .. })
}

/// `double`: whether a whole number is wanted as a double.
fn value(expr: &Expr, double: bool) -> Result<String, &'static str> {
    match &expr.kind {
        ExprKind::Literal { value } => literal(value, &expr.ty, double),
        ExprKind::Parameter { name } => {
            Ok(number(format!("inputs.parameter_values[{}]", quote(name)), &expr.ty, double))
        }
        ExprKind::Field { of, name } => {
            let key = match of.ty.required() {
                Type::List { .. } => name.clone(),
                _ => quote(name),
            };
            Ok(number(format!("{}[{key}]", value(of, true)?), &expr.ty, double))
        }
        ExprKind::Length { of } => {
            let size = format!("size({})", value(of, true)?);
            Ok(if double { format!("double({size})") } else { size })
        }
        ExprKind::Text { parts } => text(parts),
        ExprKind::List { items } => {
            let items: Result<Vec<String>, _> = items.iter().map(|item| value(item, double)).collect();
            Ok(format!("[{}]", items?.join(", ")))
        }
        ExprKind::Not { operand } => Ok(format!("!({})", condition(operand)?)),
        ExprKind::Binary { operator, left, right } => binary(*operator, left, right),
        ExprKind::Between { operand, low, high, inclusive } => {
            let operator = if *inclusive { Operator::LessOrEqual } else { Operator::Less };
            let above = binary(Operator::GreaterOrEqual, operand, low)?;
            Ok(format!("{above} && {}", binary(operator, operand, high)?))
        }
        ExprKind::Record { .. } => Err("a struct that is put together"),
        ExprKind::Status => Err("how the run ended"),
        ExprKind::Output { .. } | ExprKind::Item { .. } | ExprKind::It | ExprKind::Measure { .. } => {
            Err("a value that is not there")
        }
    }
}

fn binary(operator: Operator, left: &Expr, right: &Expr) -> Result<String, &'static str> {
    let sign = match operator {
        Operator::Or => return Ok(format!("{} || {}", condition(left)?, condition(right)?)),
        Operator::And => return Ok(format!("{} && {}", joined(left)?, joined(right)?)),
        Operator::Coalesce => return coalesce(left, right),
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
    if let Some(present) = absence(operator, left, right) {
        return present;
    }
    if [left, right].iter().any(|side| matches!(side.ty.required(), Type::Money)) {
        return Err("amounts of money");
    }
    let moments = [left, right].iter().any(|side| matches!(side.ty.required(), Type::Timestamp));
    let double = !(is_whole(&left.ty) && is_whole(&right.ty));
    let side = |side: &Expr| -> Result<String, &'static str> {
        let text = value(side, double)?;
        Ok(if moments { format!("timestamp({text})") } else { text })
    };
    Ok(format!("{} {sign} {}", side(left)?, side(right)?))
}

fn joined(expr: &Expr) -> Result<String, &'static str> {
    let text = condition(expr)?;
    Ok(if is_joined(expr) { format!("({text})") } else { text })
}

/// `x == none`, `x != none`: an absent value is left out by some servers and null for others.
fn absence(operator: Operator, left: &Expr, right: &Expr) -> Option<Result<String, &'static str>> {
    let null = |side: &Expr| side.as_literal() == Some(&Value::Null);
    let subject = match (null(left), null(right)) {
        (true, false) => right,
        (false, true) => left,
        _ => return None,
    };
    Some(absent(subject).map(|text| match operator {
        Operator::Equal => text,
        _ => format!("!({text})"),
    }))
}

fn absent(subject: &Expr) -> Result<String, &'static str> {
    let there = value(subject, true)?;
    match &subject.kind {
        ExprKind::Parameter { name } => {
            Ok(format!("(!({} in inputs.parameter_values) || {there} == null)", quote(name)))
        }
        _ => Ok(format!("({there} == null)")),
    }
}

fn coalesce(left: &Expr, right: &Expr) -> Result<String, &'static str> {
    let double = !(is_whole(&left.ty) && is_whole(&right.ty));
    Ok(format!("({} ? {} : {})", absent(left)?, value(right, double)?, value(left, double)?))
}

fn matches(left: &Expr, right: &Expr) -> Result<String, &'static str> {
    match right.as_literal().and_then(Value::as_str) {
        Some(pattern) => Ok(format!("{}.matches({})", value(left, true)?, quote(&format!("^(?:{pattern})$")))),
        None => Err("a pattern that is not constant"),
    }
}

fn contained(left: &Expr, right: &Expr) -> Result<String, &'static str> {
    let constant = right.as_literal().is_some() || matches!(right.kind, ExprKind::List { .. });
    let double = !(constant && is_whole(&left.ty));
    Ok(format!("{} in {}", value(left, double)?, value(right, double)?))
}

/// Text is joined only of text: a number would be written otherwise than a step writes it.
fn text(parts: &[Expr]) -> Result<String, &'static str> {
    let texts = parts
        .iter()
        .all(|part| matches!(part.ty.required(), Type::String | Type::Uri | Type::Enum { .. } | Type::Cron));
    if !texts {
        return Err("a text with something else than text in it");
    }
    let parts: Result<Vec<String>, _> = parts.iter().map(|part| value(part, true)).collect();
    Ok(parts?.join(" + "))
}

fn is_whole(ty: &Type) -> bool {
    match ty.required() {
        Type::Int | Type::Size => true,
        Type::List { of } => is_whole(of),
        _ => false,
    }
}

fn number(text: String, ty: &Type, double: bool) -> String {
    if !double && matches!(ty.required(), Type::Int | Type::Size) { format!("int({text})") } else { text }
}

/// A constant. Inside lists and structs of the run every number is a double, so it is one here where `double` is wanted.
fn literal(value: &Value, ty: &Type, double: bool) -> Result<String, &'static str> {
    let of = match ty.required() {
        Type::List { of } | Type::Map { of } => of,
        other => other,
    };
    Ok(match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) if is_whole(ty) && !double => number.to_string(),
        Value::Number(number) => format!("{:?}", number.as_f64().ok_or("a number of this size")?),
        Value::String(text) => quote(text),
        Value::Array(items) => {
            let items: Result<Vec<String>, _> = items.iter().map(|item| literal(item, of, double)).collect();
            format!("[{}]", items?.join(", "))
        }
        Value::Object(_) => return Err("a constant struct"),
    })
}

/// A text as CEL has it, in single quotes, with nothing in it that Kubeflow or Argo takes for a sign of its own.
fn quote(text: &str) -> String {
    let mut quoted = String::from("'");
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\'' => quoted.push_str("\\'"),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '{' if rest.peek() == Some(&'{') => quoted.push_str("\\u007b"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => quoted.push(c),
        }
    }
    quoted + "'"
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parameter(ty: Type) -> Expr {
        Expr { ty, kind: ExprKind::Parameter { name: "x".into() } }
    }

    fn compare(operator: Operator, left: Expr, right: Expr) -> String {
        let kind = ExprKind::Binary { operator, left: Box::new(left), right: Box::new(right) };
        condition(&Expr { ty: Type::Bool, kind }).unwrap()
    }

    #[test]
    fn operands_are_typed_and_quoted() {
        let x = "inputs.parameter_values['x']";
        for (operator, ty, value, text) in [
            (Operator::Equal, Type::Int, json!(3), format!("int({x}) == 3")),
            (Operator::Greater, Type::Float, json!(1), format!("{x} > 1.0")),
            (Operator::GreaterOrEqual, Type::Float, json!(0.95), format!("{x} >= 0.95")),
            (Operator::Equal, Type::Bool, json!(true), format!("{x} == true")),
            (
                Operator::NotEqual,
                Type::String,
                json!("it's {{x}} \\ 🎉\n"),
                format!(r"{x} != 'it\'s \u007b{{x}}}} \\ 🎉\n'"),
            ),
            (Operator::Matches, Type::String, json!("a|b"), format!("{x}.matches('^(?:a|b)$')")),
        ] {
            assert_eq!(compare(operator, parameter(ty.clone()), Expr::literal(ty, value)), text);
        }
        assert_eq!(
            compare(Operator::Less, parameter(Type::Int), Expr::literal(Type::Float, json!(1.5))),
            format!("{x} < 1.5")
        );
        assert_eq!(condition(&parameter(Type::Bool)).unwrap(), format!("{x} == true"));
        let list = Expr::literal(Type::List { of: Box::new(Type::Int) }, json!([1, 2]));
        assert_eq!(compare(Operator::In, parameter(Type::Int), list), format!("int({x}) in [1, 2]"));
        let none = Expr::literal(Type::Optional { of: Box::new(Type::Int) }, Value::Null);
        let absent = format!("(!('x' in inputs.parameter_values) || {x} == null)");
        assert_eq!(compare(Operator::Equal, parameter(Type::Int), none.clone()), absent);
        assert_eq!(compare(Operator::NotEqual, parameter(Type::Int), none), format!("!({absent})"));
    }
}
