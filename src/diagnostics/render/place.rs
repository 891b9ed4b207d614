//! Where something is, as every form says it.

use serde::Serialize;

use crate::source::{SourceMap, Span};

/// A stretch of a file in lines and columns from 1, columns in characters; the end is the place after the last character.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// The path, as the source map has it.
    pub file: String,
    /// Where it begins.
    pub line: usize,
    /// Where it begins.
    pub column: usize,
    /// Where it ends.
    pub end_line: usize,
    /// Where it ends.
    pub end_column: usize,
}

impl Place {
    /// The place of a span.
    pub fn of(sources: &SourceMap, span: Span) -> Self {
        let file = sources.file(span.file);
        let (start, end) = (file.position(span.start), file.position(span.end.max(span.start)));
        Self {
            file: file.path.clone(),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }
}

/// A message on one line, without characters that a terminal would act on.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    harmless(&words.join(" "))
}

/// Text without characters that a terminal would act on, newlines and tabs apart.
pub(super) fn harmless(text: &str) -> String {
    text.chars().map(|letter| if acts_on_a_terminal(letter) { '\u{fffd}' } else { letter }).collect()
}

/// Control characters, and those that turn the direction of the text around them.
pub(super) fn acts_on_a_terminal(letter: char) -> bool {
    let turns = matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    turns || (letter.is_control() && !matches!(letter, '\n' | '\t'))
}

/// A drawing without white space at the ends of its lines.
pub(super) fn trimmed(text: &str) -> String {
    let mut trimmed = String::with_capacity(text.len());
    for line in text.lines() {
        trimmed.push_str(line.trim_end());
        trimmed.push('\n');
    }
    trimmed
}
