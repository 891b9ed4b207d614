//! One list of diagnostics in any form that a person or a machine reads.
//!
//! In: the source map and sorted diagnostics. Out: text. It refuses to know where the text goes: `cli` asks the terminal.
//! Every form names the same code, file, line and column; `place` is the one answer to where something is.

mod annotations;
mod drawn;
mod json;
mod listed;
mod place;
mod sarif;
mod snippet;
#[cfg(test)]
mod tests;

pub use place::Place;

use super::{Diagnostic, Severity};
use crate::source::SourceMap;

/// A form of report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Drawn with the lines that it speaks of.
    #[default]
    Human,
    /// The same in sentences, for a screen reader.
    Narrated,
    /// A line a diagnostic.
    Short,
    /// One JSON object.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
}

/// How a report is laid out.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Whether the drawn form is coloured.
    pub color: bool,
    /// How wide the drawn form may be, in columns.
    pub width: usize,
    /// How many diagnostics are drawn or narrated before the rest are only counted.
    pub limit: usize,
}

impl Default for Layout {
    fn default() -> Self {
        Self { color: false, width: 100, limit: 50 }
    }
}

/// The diagnostics in a form. They are expected to be sorted; the text ends with a newline unless it is empty.
pub fn render(format: Format, sources: &SourceMap, diagnostics: &[Diagnostic], layout: &Layout) -> String {
    match format {
        Format::Human => drawn::human(sources, diagnostics, layout),
        Format::Narrated => drawn::narrated(sources, diagnostics, layout),
        Format::Short => listed::short(sources, diagnostics),
        Format::Json => json::render(sources, diagnostics),
        Format::Sarif => sarif::render(sources, diagnostics),
        Format::Github => annotations::render(sources, diagnostics),
    }
}

/// A report without colour or terminal, all labels of all files in it: what snapshots hold.
pub fn plain(sources: &SourceMap, diagnostics: &[Diagnostic]) -> String {
    listed::plain(sources, diagnostics)
}

/// `2 errors and 1 warning`; none where there is nothing to count.
pub fn count(diagnostics: &[Diagnostic]) -> Option<String> {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    let warnings = diagnostics.len() - errors;
    let many = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    match (errors, warnings) {
        (0, 0) => None,
        (_, 0) => Some(many(errors, "error")),
        (0, _) => Some(many(warnings, "warning")),
        _ => Some(format!("{} and {}", many(errors, "error"), many(warnings, "warning"))),
    }
}

impl Severity {
    /// `error`, `warning`
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}
