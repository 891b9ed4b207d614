//! Names and values as the language writes them: the only code of the importer that quotes.
//!
//! In: letters and JSON. Out: text that reads back as the same. It refuses to know pipelines; the layout is the formatter's.

use serde_json::{Number, Value};

use crate::syntax::KEYWORDS;

/// A name as it stands in the text: in backquotes where a bare word could not stand.
pub(super) fn name(text: &str) -> String {
    if is_word(text) && !KEYWORDS.reserved.contains(&text) { text.to_owned() } else { format!("`{text}`") }
}

/// Whether letters make a word of the language.
pub(super) fn is_word(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `print-op 2` as `print_op_2`: letters of a key as those of a value's name.
pub(super) fn snake(text: &str) -> String {
    let mut found = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            found.push(c);
        } else if !found.ends_with('_') && !found.is_empty() {
            found.push('_');
        }
    }
    let found = found.trim_end_matches('_');
    match found.chars().next() {
        None => "value".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("_{found}"),
        _ => found.to_owned(),
    }
}

/// `loop_parameter` as `LoopParameter`: a type's name.
pub(super) fn pascal(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let made: String = words
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_uppercase() + rest
        })
        .collect();
    match made.chars().next() {
        Some(first) if first.is_ascii_alphabetic() => made,
        _ => format!("T{made}"),
    }
}

/// A text in quotes.
pub(super) fn text(letters: &str) -> String {
    let lines = letters.matches('\n').count();
    if lines > 1
        && let Some(long) = long(letters)
    {
        return long;
    }
    let escapes = letters.chars().filter(|c| matches!(c, '"' | '\\')).count();
    if escapes > 2 && lines == 0 && letters.chars().all(|c| !c.is_control()) {
        let mut marks = String::new();
        while letters.contains(&format!("\"{marks}")) {
            marks.push('#');
        }
        return format!("r{marks}\"{letters}\"{marks}");
    }
    format!("\"{}\"", escaped(letters))
}

/// The letters between the quotes of a text with values in it.
pub(super) fn escaped(letters: &str) -> String {
    let mut quoted = String::with_capacity(letters.len());
    for c in letters.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                quoted.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
            }
            c => quoted.push(c),
        }
    }
    quoted
}

/// A text of several lines between three quotes, if it can stand there.
fn long(letters: &str) -> Option<String> {
    let plain =
        |c: char| c == '\n' || c == '\t' || !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
    if !letters.chars().all(plain) || letters.contains("\"\"\"") || letters.ends_with('"') {
        return None;
    }
    let lines: Vec<&str> = letters.split('\n').collect();
    if lines.iter().any(|line| line.ends_with([' ', '\t']) || line.starts_with('\t')) {
        return None;
    }
    // The indentation that all lines share would be taken away, so one must have none.
    if lines.iter().filter(|line| !line.trim().is_empty()).all(|line| line.starts_with(' ')) || lines[0].is_empty() {
        return None;
    }
    let indented: Vec<String> = lines
        .iter()
        .map(|line| if line.is_empty() { String::new() } else { format!("  {}", line.replace('\\', "\\\\")) })
        .collect();
    Some(format!("\"\"\"\n{}\n  \"\"\"", indented.join("\n")))
}

/// A key of a record.
pub(super) fn key(text: &str) -> String {
    if is_word(text) && !KEYWORDS.reserved.contains(&text) { text.to_owned() } else { format!("\"{}\"", escaped(text)) }
}

/// A number; with a point where a fraction is wanted.
pub(super) fn number(number: &Number, fraction: bool) -> String {
    if let (Some(double), false) = (number.as_f64(), number.is_i64() || number.is_u64()) {
        if double.fract() == 0.0 && double.abs() <= 9_007_199_254_740_991.0 && !fraction {
            return format!("{}", double as i64);
        }
        return format!("{double:?}");
    }
    if fraction { format!("{number}.0") } else { number.to_string() }
}

/// A JSON value; texts are written by `of_text`.
pub(super) fn value(json: &Value, fraction: bool, of_text: &mut dyn FnMut(&str) -> String) -> String {
    match json {
        Value::Null => "none".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(found) => number(found, fraction),
        Value::String(letters) => of_text(letters),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| value(item, fraction, of_text)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Object(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(name, inner)| format!("{}: {}", key(name), value(inner, fraction, of_text)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

/// `///` lines; none where a line could not come back as it is.
pub(super) fn docs(text: &str, indent: &str) -> Option<String> {
    if text.is_empty() {
        return Some(String::new());
    }
    let fits = |line: &str| line.chars().all(|c| c == '\t' || !c.is_control());
    if !text.split('\n').all(fits) {
        return None;
    }
    let line = |line: &str| if line.is_empty() { format!("{indent}///\n") } else { format!("{indent}/// {line}\n") };
    Some(text.split('\n').map(line).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_written() {
        let plain = &mut |letters: &str| text(letters);
        assert_eq!(
            value(&json!({"a b": [1.0, 2.5, "x"], "if": null}), false, plain),
            "{ \"a b\": [1, 2.5, \"x\"], \"if\": none }"
        );
        assert_eq!(value(&json!([1, 2.5]), true, plain), "[1.0, 2.5]");
        assert_eq!(text("a\\(b)\n"), "\"a\\\\(b)\\n\"");
        assert_eq!(text(r#"{"a": "b"}"#), r##"r#"{"a": "b"}"#"##);
        assert_eq!(name("by"), "`by`");
        assert_eq!(snake("Print--op 2"), "Print_op_2");
        assert_eq!(pascal("loop_parameter"), "LoopParameter");
    }
}
