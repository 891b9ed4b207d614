//! The two reports that miette draws: graphical for a terminal, narrated for a screen reader.

use std::fmt::{self, Write as _};

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NarratableReportHandler, SourceCode};

use super::place::{harmless, trimmed};
use super::snippet::Snippets;
use super::{Diagnostic, Layout, Place, Severity};
use crate::diagnostics::Label;
use crate::source::SourceMap;

/// Labels beyond this many are not drawn.
const LABELS: usize = 12;

pub(super) fn human(sources: &SourceMap, diagnostics: &[Diagnostic], layout: &Layout) -> String {
    let theme = if layout.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(layout.width.max(40))
        .with_show_related_as_nested(true)
        .without_syntax_highlighting()
        .with_links(false);
    reports(sources, diagnostics, layout, |report, text| {
        handler.render_report(text, report)?;
        footer(report.diagnostic, "  ", layout.width, text)
    })
}

pub(super) fn narrated(sources: &SourceMap, diagnostics: &[Diagnostic], layout: &Layout) -> String {
    let handler = NarratableReportHandler::new();
    reports(sources, diagnostics, layout, |report, text| {
        if let Some(span) = report.diagnostic.span() {
            let place = Place::of(sources, span);
            writeln!(text, "In {}, line {}, column {}:", place.file, place.line, place.column)?;
        }
        handler.render_report(text, report)?;
        footer(report.diagnostic, "", layout.width, text)
    })
}

fn reports(
    sources: &SourceMap,
    diagnostics: &[Diagnostic],
    layout: &Layout,
    draw: impl Fn(&Report<'_>, &mut String) -> fmt::Result,
) -> String {
    let drawn = chosen(diagnostics, layout.limit);
    let snippets = Snippets::new(sources, &drawn);
    let mut text = String::new();
    for diagnostic in &drawn {
        let report = Report::new(diagnostic, &snippets);
        draw(&report, &mut text).expect("writing to a text does not fail");
        text.push('\n');
    }
    let rest = diagnostics.len() - drawn.len();
    if rest > 0 {
        text.push_str(&format!("… and {rest} more: `--format short` lists them all\n"));
    }
    trimmed(&text)
}

/// As many as may be drawn, errors before warnings where there are too many, in their order.
fn chosen(diagnostics: &[Diagnostic], limit: usize) -> Vec<&Diagnostic> {
    if diagnostics.len() <= limit {
        return diagnostics.iter().collect();
    }
    let (errors, warnings): (Vec<_>, Vec<_>) = diagnostics.iter().partition(|one| one.severity == Severity::Error);
    errors.into_iter().chain(warnings).take(limit).collect()
}

fn footer(diagnostic: &Diagnostic, indent: &str, width: usize, text: &mut String) -> fmt::Result {
    let notes = diagnostic.notes.iter().map(|note| ("note", note));
    let help = diagnostic.help.iter().map(|help| ("help", help));
    let fixes = diagnostic.fixes.iter().map(|fix| ("fix", &fix.title));
    for (word, sentence) in notes.chain(help).chain(fixes) {
        let lead = format!("{indent}{word}: ");
        wrap(&lead, &harmless(sentence), width, text);
    }
    Ok(())
}

/// Writes a paragraph after its lead, its other lines set in as far; lines of the text stay lines.
fn wrap(lead: &str, paragraph: &str, width: usize, text: &mut String) {
    let margin = " ".repeat(lead.chars().count());
    let room = width.saturating_sub(margin.len()).max(20);
    let mut before = lead;
    for line in paragraph.lines() {
        let mut column = 0;
        text.push_str(before);
        for (index, word) in line.split(' ').enumerate() {
            let length = word.chars().count();
            if index > 0 && column + 1 + length > room {
                text.push('\n');
                text.push_str(&margin);
                column = 0;
            } else if index > 0 {
                text.push(' ');
                column += 1;
            }
            text.push_str(word);
            column += length;
        }
        text.push('\n');
        before = &margin;
    }
}

/// A diagnostic as miette wants it: labels of the first file are its own, other files' are related reports.
struct Report<'a> {
    diagnostic: &'a Diagnostic,
    snippets: &'a Snippets<'a>,
    labels: Vec<LabeledSpan>,
    related: Vec<Elsewhere<'a>>,
}

impl<'a> Report<'a> {
    fn new(diagnostic: &'a Diagnostic, snippets: &'a Snippets<'a>) -> Self {
        let main = diagnostic.span().map(|span| span.file);
        let labels = diagnostic.labels.iter().take(LABELS).enumerate();
        let (here, elsewhere): (Vec<_>, Vec<_>) = labels.partition(|(_, label)| Some(label.span.file) == main);
        let related = |(_, label): (usize, &'a Label)| Elsewhere { label, snippets };
        Self {
            diagnostic,
            snippets,
            labels: here
                .into_iter()
                .map(|(index, label)| snippets.file(label.span.file).label(label, index == 0))
                .collect(),
            related: elsewhere.into_iter().map(related).collect(),
        }
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&harmless(&self.diagnostic.message))
    }
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Report<'_> {}

impl miette::Diagnostic for Report<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let code = self.diagnostic.code;
        Some(Box::new(format!("{} {}", code.number(), code.slug())))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.diagnostic.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        let span = self.diagnostic.span()?;
        Some(self.snippets.file(span.file))
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        if self.related.is_empty() {
            return None;
        }
        Some(Box::new(self.related.iter().map(|one| one as &dyn miette::Diagnostic)))
    }
}

/// A label in another file.
struct Elsewhere<'a> {
    label: &'a Label,
    snippets: &'a Snippets<'a>,
}

impl fmt::Display for Elsewhere<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.label.text.is_empty() { "see here".into() } else { harmless(&self.label.text) }.as_str())
    }
}

impl fmt::Debug for Elsewhere<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Elsewhere<'_> {}

impl miette::Diagnostic for Elsewhere<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(miette::Severity::Advice)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.snippets.file(self.label.span.file))
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.snippets.file(self.label.span.file).stretch(self.label.span);
        Some(Box::new(std::iter::once(LabeledSpan::new_primary_with_span(None, span))))
    }
}
