//! Texts of a specification as their parts.
//!
//! In: a text. Out: letters and placeholders in turn. It refuses to know what a placeholder stands for.

use std::sync::LazyLock;

use regex::Regex;

use super::Step;

/// A part of a text.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::import::kubeflow) enum Part<'t> {
    Letters(&'t str),
    /// What stands between `{{$` and `}}`: empty for `{{$}}`.
    Placeholder(&'t str),
}

static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\{\{\$([^{}]*)\}\}").expect("it is one"));

/// A text in its parts.
pub(in crate::import::kubeflow) fn pieces(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut at = 0;
    if !text.contains("{{$") {
        return if text.is_empty() { parts } else { vec![Part::Letters(text)] };
    }
    for found in PLACEHOLDER.captures_iter(text) {
        let whole = found.get(0).expect("a match has a whole");
        if whole.start() > at {
            parts.push(Part::Letters(&text[at..whole.start()]));
        }
        parts.push(Part::Placeholder(found.get(1).map_or("", |inner| inner.as_str())));
        at = whole.end();
    }
    if at < text.len() {
        parts.push(Part::Letters(&text[at..]));
    }
    parts
}

/// `.inputs.parameters['x']` as `x`, by what stands before the name.
pub(in crate::import::kubeflow) fn quoted<'t>(placeholder: &'t str, before: &str) -> Option<(&'t str, &'t str)> {
    let rest = placeholder.strip_prefix(before)?.strip_prefix("['")?;
    let end = rest.find("']")?;
    Some((&rest[..end], &rest[end + 2..]))
}

/// `parseJson(string_value)["a"][0]` as a way into a value.
pub(super) fn selector(text: &str) -> Option<Vec<Step>> {
    let mut rest = text.trim().strip_prefix("parseJson(string_value)")?;
    let mut path = Vec::new();
    while !rest.is_empty() {
        let inner = rest.strip_prefix('[')?;
        if let Some(quote) = inner.chars().next().filter(|quote| matches!(quote, '"' | '\'')) {
            let end = inner[1..].find(quote)? + 1;
            let key = &inner[1..end];
            if key.contains('\\') {
                return None;
            }
            path.push(Step::Key(key.to_owned()));
            rest = inner[end + 1..].strip_prefix(']')?;
        } else {
            let end = inner.find(']')?;
            path.push(Step::Index(inner[..end].parse().ok()?));
            rest = &inner[end + 1..];
        }
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_apart() {
        assert_eq!(
            pieces("a {{$.inputs.parameters['x']}}{{$}} b"),
            [
                Part::Letters("a "),
                Part::Placeholder(".inputs.parameters['x']"),
                Part::Placeholder(""),
                Part::Letters(" b")
            ]
        );
        assert_eq!(quoted(".inputs.parameters['x']", ".inputs.parameters"), Some(("x", "")));
        assert_eq!(quoted(".inputs.artifacts['a'].uri", ".inputs.artifacts"), Some(("a", ".uri")));
    }

    #[test]
    fn selectors_are_ways() {
        let way = vec![Step::Key("a b".into()), Step::Index(2)];
        assert_eq!(selector("parseJson(string_value)[\"a b\"][2]"), Some(way));
        assert_eq!(selector("string_value + 'x'"), None);
    }
}
