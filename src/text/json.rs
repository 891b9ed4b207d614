//! JSON as one argument of a program that passes through other languages on its way.

use serde_json::Value;

/// JSON on one line, in ASCII, in which nothing means anything to Jinja, Argo, Kubeflow's placeholders or Kubernetes'
/// `$(VARIABLE)`: what would is written as an escape, so that it reads back the same.
pub fn inert(value: &Value) -> String {
    let text = value.to_string();
    let mut written = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let opens = c == '{' && matches!(rest.peek(), Some('{' | '%' | '#'));
        match c {
            c if opens || c == '$' || !c.is_ascii() => escape(c, &mut written),
            c => written.push(c),
        }
    }
    written
}

/// Outside its texts JSON has none of these characters (a `{` is followed by a quote or a bracket), so it is in a text.
fn escape(c: char, written: &mut String) {
    let mut units = [0; 2];
    for unit in c.encode_utf16(&mut units) {
        written.push_str(&format!("\\u{unit:04x}"));
    }
}

/// JSON on one line with a space after each comma and colon and sorted keys, as Python's `json.dumps` writes it.
pub fn spaced(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(spaced).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(entries) => {
            let mut entries: Vec<(&String, &Value)> = entries.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            let entry = |(key, value): &(&String, &Value)| format!("{}: {}", Value::from(key.as_str()), spaced(value));
            let entries: Vec<String> = entries.iter().map(entry).collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

/// JSON on one line in ASCII, with a space after each comma and colon, its keys as they stand: Python's `json.dumps`.
pub fn dumped(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(dumped).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(entries) => {
            let entry = |(key, value): (&String, &Value)| format!("{}: {}", quoted(key), dumped(value));
            let entries: Vec<String> = entries.iter().map(entry).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::String(text) => quoted(text),
        other => other.to_string(),
    }
}

fn quoted(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for c in Value::from(text).to_string().chars() {
        if c.is_ascii() && c != '\u{7f}' { written.push(c) } else { escape(c, &mut written) }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn it_reads_back_and_means_nothing_to_others() {
        let value = json!({"a": "{{ x }} {% y %} {# z #} $(HOME) {{{{ é 🎉", "b": [{"c": {}}], "d": {"$": {"e": 1.0}}});
        let text = inert(&value);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        for mark in ["{{", "{%", "{#", "$"] {
            assert!(!text.contains(mark), "{text}");
        }
        assert!(text.is_ascii());
    }

    #[test]
    fn it_is_what_python_dumps() {
        let value = json!({"b": "é\u{7f}\n🎉", "a": [1.0, {}]});
        assert_eq!(dumped(&value), r#"{"b": "\u00e9\u007f\n\ud83c\udf89", "a": [1.0, {}]}"#);
    }

    #[test]
    fn it_is_spaced_and_sorted() {
        assert_eq!(
            spaced(&json!([{"b": 1, "a": [true, null]}, "x, y", 1.0])),
            r#"[{"a": [true, null], "b": 1}, "x, y", 1.0]"#
        );
    }
}
