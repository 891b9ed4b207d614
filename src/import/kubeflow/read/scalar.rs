//! What a bare word means: as PyYAML reads it, which writes most of these files, or as JSON does.
//!
//! In: a word. Out: a value. Numbers that JSON cannot hold exactly are none.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Number, Value};

use super::node::Form;

static INTEGER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]+|0|[1-9][0-9_]*)$").expect("it is one"));
static SEXAGESIMAL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+$").expect("it is one"));
static FLOAT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^([-+]?[0-9][0-9_]*\.[0-9_]*([eE][-+][0-9]+)?|[-+]?\.[0-9][0-9_]*([eE][-+][0-9]+)?)$")
        .expect("it is one")
});
static JSON: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$").expect("it is one"));

/// Whether a bare word is nothing.
pub(super) fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// The value of a scalar; none: a number that is too large or too fine.
pub(super) fn resolve(text: &str, form: Form) -> Option<Value> {
    match form {
        Form::Text => Some(Value::String(text.to_owned())),
        Form::Json => json(text),
        Form::Bare => bare(text),
    }
}

fn json(text: &str) -> Option<Value> {
    match text {
        "null" => Some(Value::Null),
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        _ if JSON.is_match(text) && !text.contains(['.', 'e', 'E']) => integer(text, 10),
        _ if JSON.is_match(text) => float(text),
        _ => bare(text),
    }
}

fn bare(text: &str) -> Option<Value> {
    if is_null(text) {
        return Some(Value::Null);
    }
    match text {
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Some(Value::Bool(true)),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => return Some(Value::Bool(false)),
        _ => {}
    }
    if !text.starts_with(['-', '+', '.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) {
        return Some(Value::String(text.to_owned()));
    }
    if matches!(text.trim_start_matches(['-', '+']), ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") {
        return None;
    }
    if INTEGER.is_match(text) {
        let digits = text.replace('_', "");
        let (sign, digits) = match digits.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", digits.trim_start_matches('+')),
        };
        let (digits, radix) = match digits {
            _ if digits.starts_with("0b") => (&digits[2..], 2),
            _ if digits.starts_with("0x") => (&digits[2..], 16),
            _ if digits.len() > 1 && digits.starts_with('0') => (&digits[1..], 8),
            _ => (digits, 10),
        };
        return integer(&format!("{sign}{digits}"), radix);
    }
    if SEXAGESIMAL.is_match(text) {
        let parts = text.trim_start_matches(['-', '+']).replace('_', "");
        let of = |sum: Option<i64>, part: &str| sum?.checked_mul(60)?.checked_add(part.parse().ok()?);
        let value = parts.split(':').fold(Some(0), of)?;
        return Some(Value::from(if text.starts_with('-') { -value } else { value }));
    }
    if FLOAT.is_match(text) {
        return float(&text.replace('_', ""));
    }
    Some(Value::String(text.to_owned()))
}

fn integer(digits: &str, radix: u32) -> Option<Value> {
    let signed = i64::from_str_radix(digits, radix).map(Value::from);
    signed.or_else(|_| u64::from_str_radix(digits, radix).map(Value::from)).ok()
}

fn float(text: &str) -> Option<Value> {
    text.parse::<f64>().ok().and_then(Number::from_f64).map(Value::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_mean_what_pyyaml_reads() {
        for (text, value) in [
            ("3", json!(3)),
            ("3.0", json!(3.0)),
            ("017", json!(15)),
            ("1e3", json!("1e3")),
            ("1.0e+3", json!(1000.0)),
            ("yes", json!(true)),
            ("12:30:45", json!(45045)),
            ("~", json!(null)),
            ("2026-01-01", json!("2026-01-01")),
            ("86400s", json!("86400s")),
            ("-5", json!(-5)),
            ("18446744073709551615", json!(18_446_744_073_709_551_615u64)),
        ] {
            assert_eq!(resolve(text, Form::Bare), Some(value), "{text}");
        }
        assert_eq!(resolve("1e3", Form::Json), Some(json!(1000.0)));
        assert_eq!(resolve("18446744073709551616", Form::Bare), None);
        assert_eq!(resolve(".inf", Form::Bare), None);
    }
}
