//! What begins an item: a keyword in the first column.
//!
//! In: a text and where a line begins in it. Out: a [`Head`] if an item or a stray line begins there.
//! It refuses to know what an item holds.

use std::ops::Range;

use super::keywords::KEYWORDS;
use crate::diagnostics::did_you_mean;

/// Where an item or a stray line begins.
#[derive(Clone, Debug)]
pub(super) struct Head {
    /// Its first byte: the keyword, or `abstract` before it.
    pub at: usize,
    /// Its keyword and where it stands; a stray line has none.
    pub keyword: Option<(&'static str, Range<usize>)>,
    /// After its last byte that is no comment and no white space.
    pub end: usize,
    /// Whether its brackets do not match.
    pub faulty: bool,
    /// Whether too many brackets are open in it at once.
    pub too_deep: bool,
    /// Whether a text in it is never closed.
    pub broken_text: bool,
    /// Whether the keyword is written as it should be.
    sure: bool,
}

impl Head {
    /// A line that begins no item.
    pub(super) fn stray(at: usize, end: usize) -> Self {
        Head { at, keyword: None, end, faulty: false, too_deep: false, broken_text: false, sure: false }
    }

    fn item(at: usize, keyword: &'static str, place: Range<usize>, sure: bool) -> Self {
        Head { keyword: Some((keyword, place.clone())), sure, ..Head::stray(at, place.end) }
    }

    /// Whether it begins with a keyword, letter for letter.
    pub(super) fn is_sure(&self) -> bool {
        self.sure
    }
}

/// Whether a byte is part of a word.
pub(super) fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Whether an item begins at `at`, the first column of a line.
pub(super) fn is_item(text: &str, at: usize) -> bool {
    head(text, at, false, false).is_some()
}

/// What begins at `at`, the first column of a line; `outside` says that no bracket is open there.
pub(super) fn head(text: &str, at: usize, outside: bool, suggest: bool) -> Option<Head> {
    let word = word_at(text, at);
    let modified = KEYWORDS.modifiers.contains(&word).then(|| after_space(text, at + word.len()));
    let keyword_at = modified.unwrap_or(at);
    let written = word_at(text, keyword_at);
    let place = keyword_at..keyword_at + written.len();
    if let Some(keyword) = keyword(written)
        && (outside || begins_item(&text[place.end..]))
    {
        return Some(Head::item(at, keyword, place, true));
    }
    if !outside || continues(&text[at..], word) {
        return None;
    }
    if suggest
        && !written.is_empty()
        && looks_like_item(&text[place.end..])
        && let Some(keyword) = did_you_mean(written, KEYWORDS.items.iter().copied())
    {
        return Some(Head::item(at, keyword, place, false));
    }
    Some(Head::stray(at, at))
}

fn keyword(word: &str) -> Option<&'static str> {
    KEYWORDS.items.iter().find(|keyword| **keyword == word).copied()
}

fn word_at(text: &str, at: usize) -> &str {
    let rest = &text.as_bytes()[at..];
    let length = rest.iter().take_while(|byte| is_letter(**byte)).count();
    &text[at..at + length]
}

fn after_space(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start().len()
}

/// Whether a line in the first column belongs to the item before it, or is no part of any.
fn continues(line: &str, word: &str) -> bool {
    line.starts_with([')', ']', '}', '{', '#', ' ', '\t', '\r', '\n'])
        || line.starts_with("->")
        || line.starts_with("//")
        || line.starts_with("/*")
        || word == "else"
}

/// Whether what follows a keyword shows that it begins an item even where a bracket is open: a name, a title, a brace.
fn begins_item(after: &str) -> bool {
    let rest = after.trim_start_matches([' ', '\t']);
    rest.len() < after.len() && rest.starts_with(|letter: char| letter.is_alphabetic() || "_\"{@".contains(letter))
}

/// Whether what follows a word has the shape of an item: a name and then a sign, a title, a brace.
fn looks_like_item(after: &str) -> bool {
    if !begins_item(after) {
        return false;
    }
    let line = after.lines().next().unwrap_or_default().trim();
    let name = line.bytes().take_while(|byte| is_letter(*byte)).count();
    let rest = line[name..].trim_start();
    rest.is_empty() || rest.starts_with(['(', '{', '=', ':', '<', '-', '"', '@', '.']) || line.ends_with('{')
}
