//! Types, values and expressions in the words of the language, for people: documentation, pictures, messages.

use std::fmt;

use serde_json::Value;

use super::{Expr, ExprKind, Operator, Type};

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Bool => f.write_str("bool"),
            Type::Int => f.write_str("int"),
            Type::Float => f.write_str("float"),
            Type::Percent => f.write_str("percent"),
            Type::Duration => f.write_str("duration"),
            Type::Size => f.write_str("size"),
            Type::String => f.write_str("string"),
            Type::Uri => f.write_str("uri"),
            Type::Timestamp => f.write_str("timestamp"),
            Type::Cron => f.write_str("cron"),
            Type::Money => f.write_str("money"),
            Type::Json => f.write_str("json"),
            Type::Enum { name, .. } | Type::Struct { name, .. } => f.write_str(name),
            Type::Artifact { name, schemas, .. } if schemas.is_empty() => f.write_str(name),
            Type::Artifact { name, schemas, .. } => write!(f, "{name}<{}>", schemas.join(", ")),
            Type::List { of } => write!(f, "list<{of}>"),
            Type::Map { of } => write!(f, "map<{of}>"),
            Type::Optional { of } => write!(f, "{of}?"),
            Type::Table { schema, .. } => write!(f, "Table<{schema}>"),
            Type::RunStatus => f.write_str("RunStatus"),
            Type::TaskConfig => f.write_str("TaskConfig"),
        }
    }
}

/// A value of that type as its author would write it: `25%`, `30min`, `16GiB`, `[0.1, 1.0]`.
pub fn value_text(ty: &Type, value: &Value) -> String {
    match (ty.required(), value) {
        (_, Value::Null) => "none".to_owned(),
        (Type::Percent, Value::Number(share)) => percent_text(share.as_f64().unwrap_or_default()),
        (Type::Duration, Value::Number(seconds)) => duration_text(seconds.as_f64().unwrap_or_default()),
        (Type::Size, Value::Number(bytes)) => bytes.as_i64().map_or_else(|| bytes.to_string(), size_text),
        (Type::Money, Value::Object(money)) => {
            let part = |name: &str| money.get(name).and_then(Value::as_str).unwrap_or_default();
            format!("{}{}", part("amount"), part("currency"))
        }
        (Type::Enum { .. }, Value::String(variant)) => variant.clone(),
        (Type::Table { .. }, Value::Object(table)) => table_text(table),
        (Type::List { of }, Value::Array(items)) => {
            format!("[{}]", items.iter().map(|item| value_text(of, item)).collect::<Vec<_>>().join(", "))
        }
        (Type::Map { of }, Value::Object(entries)) => {
            let entries = entries.iter().map(|(key, value)| format!("{key}: {}", value_text(of, value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        (Type::Struct { fields, .. }, Value::Object(entries)) => {
            let entries = entries.iter().map(|(key, value)| {
                let field = fields.iter().find(|field| field.name == *key);
                format!("{key}: {}", field.map_or_else(|| value.to_string(), |field| value_text(&field.ty, value)))
            });
            format!("({})", entries.collect::<Vec<_>>().join(", "))
        }
        (_, value) => value.to_string(),
    }
}

/// `bigquery(acme.clinic.aspirates)`: what kind of table it is, and where.
fn table_text(table: &serde_json::Map<String, Value>) -> String {
    let kind = table.get("kind").and_then(Value::as_str).unwrap_or("table");
    let told = table.iter().filter(|(key, _)| !matches!(key.as_str(), "kind" | "schema"));
    let place = told.filter_map(|(_, value)| value.as_str()).next();
    place.map_or_else(|| kind.to_owned(), |place| format!("{kind}({place})"))
}

/// `5%`, `2.5%`
pub fn percent_text(share: f64) -> String {
    format!("{}%", (share * 1e8).round() / 1e6)
}

/// `30min`, `90s`, `120ms`: in the largest unit that leaves no fraction.
pub fn duration_text(seconds: f64) -> String {
    let units = [(86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s"), (0.001, "ms")];
    let amount = |unit: f64| if unit < 1.0 { seconds * 1_000.0 } else { seconds / unit };
    let whole = units.iter().find(|(unit, _)| {
        let amount = amount(*unit);
        amount.abs() >= 1.0 && (amount - amount.round()).abs() < 1e-9
    });
    match whole {
        Some((unit, name)) => format!("{}{name}", amount(*unit).round()),
        None => format!("{seconds}s"),
    }
}

/// `16GiB`, `500MB`: in the largest unit that leaves no fraction.
pub fn size_text(bytes: i64) -> String {
    const UNITS: [(i64, &str); 8] = [
        (1 << 40, "TiB"),
        (1 << 30, "GiB"),
        (1 << 20, "MiB"),
        (1_000_000_000_000, "TB"),
        (1_000_000_000, "GB"),
        (1_000_000, "MB"),
        (1 << 10, "KiB"),
        (1_000, "KB"),
    ];
    let whole = UNITS.iter().find(|(unit, _)| bytes != 0 && bytes % unit == 0);
    whole.map_or_else(|| format!("{bytes}B"), |(unit, name)| format!("{}{name}", bytes / unit))
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        expr(f, self, 0)
    }
}

fn expr(f: &mut fmt::Formatter<'_>, of: &Expr, least: u8) -> fmt::Result {
    match &of.kind {
        ExprKind::Literal { value } => f.write_str(&value_text(&of.ty, value)),
        ExprKind::Parameter { name } => f.write_str(name),
        ExprKind::Output { node, name } => write!(f, "{node}.{name}"),
        ExprKind::Item { of } => f.write_str(of),
        ExprKind::Status => f.write_str("status"),
        ExprKind::Context { name, sign: None } => write!(f, "{name}()"),
        ExprKind::Context { name, sign: Some(sign) } => write!(f, "{name}({sign:?})"),
        ExprKind::It => f.write_str("it"),
        ExprKind::Measure { of, name } => write!(f, "{of}.{name}"),
        ExprKind::Field { of, name } => match of.ty.required() {
            Type::List { .. } => write!(f, "{of}[{name}]"),
            Type::Map { .. } => write!(f, "{of}[\"{name}\"]"),
            _ => write!(f, "{of}.{name}"),
        },
        ExprKind::Length { of } => write!(f, "{of}.length"),
        ExprKind::Text { parts } => {
            f.write_str("\"")?;
            for part in parts {
                match part.as_literal() {
                    Some(Value::String(text)) => f.write_str(text)?,
                    _ => write!(f, "\\({part})")?,
                }
            }
            f.write_str("\"")
        }
        ExprKind::List { items } => {
            let items: Vec<String> = items.iter().map(ToString::to_string).collect();
            write!(f, "[{}]", items.join(", "))
        }
        ExprKind::Record { entries } => {
            let entries: Vec<String> = entries.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            write!(f, "({})", entries.join(", "))
        }
        ExprKind::Keyed { entries } => {
            let entries: Vec<String> = entries.iter().map(|entry| format!("{}: {}", entry.key, entry.value)).collect();
            write!(f, "({})", entries.join(", "))
        }
        ExprKind::Not { operand } => {
            f.write_str("not ")?;
            expr(f, operand, 6)
        }
        ExprKind::Binary { operator, left, right } => binary(f, *operator, left, right, least),
        ExprKind::Between { operand, low, high, inclusive } => {
            expr(f, operand, 4)?;
            write!(f, " in {low}{}{high}", if *inclusive { "..=" } else { ".." })
        }
    }
}

fn binary(f: &mut fmt::Formatter<'_>, operator: Operator, left: &Expr, right: &Expr, least: u8) -> fmt::Result {
    let tightness = operator.tightness();
    let bracketed = tightness < least;
    f.write_str(if bracketed { "(" } else { "" })?;
    expr(f, left, tightness)?;
    write!(f, " {} ", operator.sign())?;
    expr(f, right, tightness + 1)?;
    f.write_str(if bracketed { ")" } else { "" })
}

impl Operator {
    /// As it is written.
    pub fn sign(self) -> &'static str {
        match self {
            Operator::Or => "or",
            Operator::And => "and",
            Operator::Equal => "==",
            Operator::NotEqual => "!=",
            Operator::Less => "<",
            Operator::LessOrEqual => "<=",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::In => "in",
            Operator::Matches => "matches",
            Operator::Coalesce => "??",
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Multiply => "*",
            Operator::Divide => "/",
        }
    }

    /// How tightly it binds: what binds less stands in brackets inside it.
    pub(crate) fn tightness(self) -> u8 {
        match self {
            Operator::Or => 1,
            Operator::And => 2,
            Operator::Coalesce => 4,
            Operator::Add | Operator::Subtract => 5,
            Operator::Multiply | Operator::Divide => 6,
            _ => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn quantities_read_as_they_are_written() {
        assert_eq!([0.05, 0.25, 1.0, 0.025, 0.1 + 0.2].map(percent_text), ["5%", "25%", "100%", "2.5%", "30%"]);
        let times = [7200.0, 1800.0, 90.0, 0.12, 86_400.0, 0.0, 1.5].map(duration_text);
        assert_eq!(times, ["2h", "30min", "90s", "120ms", "1d", "0s", "1500ms"]);
        assert_eq!([17_179_869_184, 500_000_000, 1, 0].map(size_text), ["16GiB", "500MB", "1B", "0B"]);
        let list = Type::List { of: Box::new(Type::Percent) };
        assert_eq!(value_text(&list, &json!([0.5, null])), "[50%, none]");
        assert_eq!(value_text(&Type::Money, &json!({"amount": "5", "currency": "USD"})), "5USD");
        assert_eq!(value_text(&Type::String, &json!("a\"b")), r#""a\"b""#);
    }

    #[test]
    fn conditions_keep_their_brackets() {
        let number = |value: i64| Expr::literal(Type::Int, json!(value));
        let binary = |operator, left: Expr, right: Expr| Expr {
            ty: Type::Bool,
            kind: ExprKind::Binary { operator, left: Box::new(left), right: Box::new(right) },
        };
        let it = || Expr { ty: Type::Int, kind: ExprKind::It };
        let or =
            binary(Operator::Or, binary(Operator::Less, it(), number(1)), binary(Operator::Greater, it(), number(3)));
        let both =
            binary(Operator::And, or.clone(), Expr { ty: Type::Bool, kind: ExprKind::Not { operand: Box::new(or) } });
        assert_eq!(both.to_string(), "(it < 1 or it > 3) and not (it < 1 or it > 3)");
    }
}
