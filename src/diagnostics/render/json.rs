//! The object of `--format json`.

use serde::Serialize;

use super::{Diagnostic, Place};
use crate::source::SourceMap;

#[derive(Serialize)]
struct Report<'a> {
    diagnostics: Vec<Reported<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reported<'a> {
    code: &'static str,
    slug: &'static str,
    severity: &'static str,
    message: &'a str,
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
    labels: Vec<Text<'a>>,
    notes: &'a [String],
    help: Option<&'a str>,
    fixes: Vec<Fix<'a>>,
}

/// A place and what is said of it, or what stands there instead.
#[derive(Serialize)]
struct Text<'a> {
    #[serde(flatten)]
    place: Place,
    text: &'a str,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    certain: bool,
    edits: Vec<Text<'a>>,
}

pub(super) fn render(sources: &SourceMap, diagnostics: &[Diagnostic]) -> String {
    let report = Report { diagnostics: diagnostics.iter().map(|one| reported(sources, one)).collect() };
    let mut text = serde_json::to_string_pretty(&report).expect("text and numbers have a JSON form");
    text.push('\n');
    text
}

fn reported<'a>(sources: &SourceMap, diagnostic: &'a Diagnostic) -> Reported<'a> {
    let place = diagnostic.span().map(|span| Place::of(sources, span));
    let labels = diagnostic.labels.iter().map(|label| (label.span, label.text.as_str()));
    let fixes = diagnostic.fixes.iter().map(|fix| {
        let edits = fix.edits.iter().map(|edit| (edit.span, edit.text.as_str()));
        Fix { title: &fix.title, certain: fix.certain, edits: texts(sources, edits) }
    });
    Reported {
        code: diagnostic.code.number(),
        slug: diagnostic.code.slug(),
        severity: diagnostic.severity.word(),
        message: &diagnostic.message,
        line: place.as_ref().map(|place| place.line),
        column: place.as_ref().map(|place| place.column),
        end_line: place.as_ref().map(|place| place.end_line),
        end_column: place.as_ref().map(|place| place.end_column),
        file: place.map(|place| place.file),
        labels: texts(sources, labels),
        notes: &diagnostic.notes,
        help: diagnostic.help.as_deref(),
        fixes: fixes.collect(),
    }
}

fn texts<'a>(sources: &SourceMap, stretches: impl Iterator<Item = (crate::source::Span, &'a str)>) -> Vec<Text<'a>> {
    stretches.map(|(span, text)| Text { place: Place::of(sources, span), text }).collect()
}
