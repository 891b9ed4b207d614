//! Changes as a person or a machine reads them.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::changes::{Change, Effect};

/// Names of lists and of arguments' places, which a reader does not miss.
const SILENT: &[&str] = &["operations", "arguments", "body"];
/// A thing that is new or gone is written in so many letters.
const LONGEST: usize = 100;

/// What `--json` prints.
#[derive(Serialize, JsonSchema)]
struct Difference<'a> {
    /// What differs, what weakens a gate or widens access first.
    changes: &'a [Change],
}

/// One JSON object.
pub(super) fn json(changes: &[Change]) -> String {
    serde_json::to_string_pretty(&Difference { changes }).expect("changes have a JSON form") + "\n"
}

pub(super) fn schema() -> String {
    let schema = schemars::schema_for!(Difference<'_>);
    serde_json::to_string_pretty(&schema).expect("a schema has a JSON form") + "\n"
}

/// What weakens and widens first, each by its whole path; then the rest as a tree.
pub(super) fn text(changes: &[Change]) -> String {
    if changes.is_empty() {
        return "nothing changes\n".to_owned();
    }
    let mut text = String::new();
    let groups =
        [(Effect::Weakens, "Weaker gates"), (Effect::Widens, "Wider access"), (Effect::Changes, "Other changes")];
    for (effect, title) in groups {
        let group: Vec<&Change> = changes.iter().filter(|change| change.effect == effect).collect();
        if group.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&format!("{title}\n"));
        tree(&group, &mut text);
    }
    text
}

fn tree(changes: &[&Change], text: &mut String) {
    let mut open: Vec<&str> = Vec::new();
    for change in changes {
        let path: Vec<&str> = change.path.iter().map(String::as_str).filter(|part| !SILENT.contains(part)).collect();
        let Some((last, above)) = path.split_last() else { continue };
        let shared = open.iter().zip(above).take_while(|(a, b)| a == b).count();
        for (depth, part) in above.iter().enumerate().skip(shared) {
            text.push_str(&format!("{}{part}\n", "  ".repeat(depth + 1)));
        }
        open = above.to_vec();
        text.push_str(&format!("{}{last}: {}\n", "  ".repeat(above.len() + 1), difference(last, change)));
    }
}

fn difference(name: &str, change: &Change) -> String {
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!("{} → {}", value(name, before), value(name, after)),
        (Some(before), None) => format!("{} is gone", value(name, before)),
        (None, Some(after)) => format!("{} is new", value(name, after)),
        (None, None) => String::new(),
    }
}

/// A value as its author would write it, as far as it is known what it is.
fn value(name: &str, value: &Value) -> String {
    let seconds = ["timeout", "seconds", "backoff", "max_backoff", "max_latency"];
    let bytes = ["memory", "max_size"];
    match value {
        Value::Number(number) if seconds.contains(&name) => number.as_f64().map_or_else(String::new, duration),
        Value::Number(number) if bytes.contains(&name) => number.as_i64().map_or_else(String::new, size),
        Value::Object(fields) => object(value, fields),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(|item| self::value("", item)).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

fn object(value: &Value, fields: &serde_json::Map<String, Value>) -> String {
    let written = |field: &str| fields.get(field).and_then(Value::as_str);
    if let Some(form) = written("form") {
        let arguments = fields.get("arguments").and_then(Value::as_object).into_iter().flatten();
        let said = arguments.filter(|(_, argument)| !argument.is_null());
        let said: Vec<String> =
            said.map(|(name, argument)| format!("{name}: {}", self::value(name, argument))).collect();
        return format!("{form}({})", said.join(", "));
    }
    match (written("action"), written("text")) {
        (Some(action), Some(text)) => format!("{action} {text}"),
        (Some("approve"), None) => format!("approve {} of {}", fields["count"], written("team").unwrap_or_default()),
        (Some(action), None) => action.to_owned(),
        (None, Some(text)) => text.to_owned(),
        (None, None) => expression(value).unwrap_or_else(|| record(fields)),
    }
}

/// `{ cpu: 2, memory: 4GiB }`: what is said of it, and not more than a line.
fn record(fields: &serde_json::Map<String, Value>) -> String {
    let is_empty = |value: &Value| {
        value.is_null()
            || value.as_array().is_some_and(Vec::is_empty)
            || value.as_object().is_some_and(serde_json::Map::is_empty)
    };
    let said = fields.iter().filter(|(_, value)| !is_empty(value));
    let said: Vec<String> = said.map(|(name, value)| format!("{name}: {}", self::value(name, value))).collect();
    let text = format!("{{ {} }}", said.join(", "));
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}… }}", &text[..end]),
        None => text,
    }
}

/// Conditions, as far as gates have them.
fn expression(value: &Value) -> Option<String> {
    let text = |field: &str| value[field].as_str();
    Some(match text("is")? {
        "literal" => value["value"].to_string(),
        "measure" => format!("{}.{}", text("of")?, text("name")?),
        "parameter" | "output" => text("name")?.to_owned(),
        "binary" => {
            let operator = match text("operator")? {
                "or" => "or",
                "and" => "and",
                "equal" => "==",
                "not_equal" => "!=",
                "less" => "<",
                "less_or_equal" => "<=",
                "greater" => ">",
                "greater_or_equal" => ">=",
                other => other,
            };
            format!("{} {operator} {}", expression(&value["left"])?, expression(&value["right"])?)
        }
        _ => return None,
    })
}

fn duration(seconds: f64) -> String {
    let whole = |unit: f64| seconds >= unit && seconds % unit == 0.0;
    match () {
        () if whole(3600.0) => format!("{}h", seconds / 3600.0),
        () if whole(60.0) => format!("{}min", seconds / 60.0),
        () if seconds < 1.0 => format!("{}ms", (seconds * 1_000_000.0).round() / 1000.0),
        () => format!("{seconds}s"),
    }
}

fn size(bytes: i64) -> String {
    let units = [("TiB", 1i64 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    let unit = units.iter().find(|(_, unit)| bytes >= *unit && bytes % unit == 0);
    unit.map_or_else(|| format!("{bytes}B"), |(name, unit)| format!("{}{name}", bytes / unit))
}
