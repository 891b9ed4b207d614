//! Text as Python literals. In: any text. Out: a literal that reads back as that text, in the quotes that the formatter prefers.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

/// Punctuation beyond ASCII that is written as it is; whatever else is no letter or digit is escaped.
const PLAIN: &str = "–—…“”‘’«»·×→←≤≥≠€£°§©";

/// A literal on one line.
pub(super) fn literal(text: &str) -> String {
    let quote = preferred_quote(text);
    format!("{quote}{}{quote}", escaped(text, quote))
}

/// The quote with which fewer letters need escaping; the double one if equal.
pub(super) fn preferred_quote(text: &str) -> char {
    let count = |quote| text.chars().filter(|letter| *letter == quote).count();
    if count('"') > count('\'') { '\'' } else { '"' }
}

/// The text between quotes.
pub(super) fn escaped(text: &str, quote: char) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if letter == quote => {
                out.push('\\');
                out.push(letter);
            }
            letter if is_plain(letter) => out.push(letter),
            letter => escape(letter, &mut out),
        }
    }
    out
}

/// A literal of several lines as they read, where quotes allow it.
pub(super) fn block(text: &str) -> Option<String> {
    let readable = text.chars().all(|letter| letter == '\n' || is_plain(letter));
    let quotes =
        ["\"\"\"", "'''"].into_iter().find(|quotes| !text.contains(quotes) && !text.ends_with(&quotes[..1]))?;
    let raw = if text.contains('\\') { "r" } else { "" };
    (readable && !text.ends_with('\\')).then(|| format!("{raw}{quotes}{text}{quotes}"))
}

/// Text that may stand in a docstring or a comment: one without a backslash, a quote or an unseen letter.
pub(super) fn prose(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '"' => '\'',
            '\\' => '/',
            '\n' => '\n',
            letter if is_plain(letter) => letter,
            _ => ' ',
        })
        .collect()
}

/// How many columns a line takes, as the formatter counts them.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(|letter| letter.width().unwrap_or(0)).sum()
}

fn is_plain(letter: char) -> bool {
    if letter.is_ascii() {
        return letter == ' ' || letter.is_ascii_graphic();
    }
    (letter.is_alphanumeric() && letter.width().unwrap_or(0) > 0) || PLAIN.contains(letter)
}

fn escape(letter: char, out: &mut String) {
    let code = letter as u32;
    let written = match code {
        0..=0xff => write!(out, "\\x{code:02x}"),
        0x100..=0xffff => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
    written.expect("writing to a string does not fail");
}

/// Words that are no names.
const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "match",
    "nonlocal", "not", "or", "pass", "raise", "return", "try", "type", "while", "with", "yield", "case",
];

/// A name made of any text: ASCII letters, digits and `_`, no keyword; what is none of them becomes its number.
pub(super) fn identifier(text: &str) -> String {
    let mut name = String::new();
    for letter in text.chars() {
        match letter {
            '-' | '.' | ' ' => name.push('_'),
            letter if letter.is_ascii_alphanumeric() || letter == '_' => name.push(letter),
            letter => write!(name, "u{:x}", letter as u32).expect("writing to a string does not fail"),
        }
    }
    if name.starts_with(|first: char| first.is_ascii_digit()) || name.is_empty() {
        name.insert(0, '_');
    }
    if KEYWORDS.contains(&name.as_str()) {
        name.push('_');
    }
    name
}
