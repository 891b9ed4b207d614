//! Annotations of GitHub Actions: workflow commands, a line each.

use super::place::harmless;
use super::{Diagnostic, Place};
use crate::source::SourceMap;

pub(super) fn render(sources: &SourceMap, diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|diagnostic| line(sources, diagnostic)).collect()
}

fn line(sources: &SourceMap, diagnostic: &Diagnostic) -> String {
    let mut properties = Vec::new();
    if let Some(span) = diagnostic.span() {
        let place = Place::of(sources, span);
        properties.push(format!("file={}", property(&place.file)));
        properties.push(format!("line={}", place.line));
        properties.push(format!("endLine={}", place.end_line));
        properties.push(format!("col={}", place.column));
        properties.push(format!("endColumn={}", place.end_column));
    }
    let title = format!("{} {}", diagnostic.code.number(), diagnostic.code.slug());
    properties.push(format!("title={}", property(&title)));
    format!("::{} {}::{}\n", diagnostic.severity.word(), properties.join(","), data(&message(diagnostic)))
}

fn message(diagnostic: &Diagnostic) -> String {
    let mut lines = vec![diagnostic.message.clone()];
    lines.extend(diagnostic.notes.iter().map(|note| format!("note: {note}")));
    lines.extend(diagnostic.help.iter().map(|help| format!("help: {help}")));
    harmless(&lines.join("\n"))
}

/// The escapes of a command's data; a carriage return has become something harmless before.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The escapes of a command's property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
