//! Lists by codespan-reporting: a line a diagnostic, or the plain report with every file that has a label.

use std::ops::Range;

use codespan_reporting::diagnostic::{
    Diagnostic as Listed, Label as ListedLabel, LabelStyle, Severity as ListedSeverity,
};
use codespan_reporting::files::{Error, Files};
use codespan_reporting::term::{Config, DisplayStyle, emit_into_string};

use super::place::{harmless, one_line, trimmed};
use super::{Diagnostic, Severity};
use crate::source::{FileId, SourceMap};

pub(super) fn short(sources: &SourceMap, diagnostics: &[Diagnostic]) -> String {
    let config = Config { display_style: DisplayStyle::Short, ..Config::default() };
    let files = Indexed { sources };
    emit(diagnostics, &files, &config, |listed| listed.message = one_line(&listed.message))
}

pub(super) fn plain(sources: &SourceMap, diagnostics: &[Diagnostic]) -> String {
    let files = Indexed { sources };
    trimmed(&emit(diagnostics, &files, &Config::default(), |listed| listed.message = harmless(&listed.message)))
}

fn emit(
    diagnostics: &[Diagnostic],
    files: &Indexed<'_>,
    config: &Config,
    clean: impl Fn(&mut Listed<FileId>),
) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        let mut listed = listed(diagnostic, files.sources);
        clean(&mut listed);
        text += &emit_into_string(config, files, &listed).expect("every label lies in a file of the map");
    }
    text
}

fn listed(diagnostic: &Diagnostic, sources: &SourceMap) -> Listed<FileId> {
    let severity = match diagnostic.severity {
        Severity::Error => ListedSeverity::Error,
        Severity::Warning => ListedSeverity::Warning,
    };
    let labels = diagnostic.labels.iter().enumerate().map(|(index, label)| {
        let style = if index == 0 { LabelStyle::Primary } else { LabelStyle::Secondary };
        let (file, span) = (sources.file(label.span.file), label.span);
        let range = file.boundary(span.start)..file.boundary(span.end.max(span.start));
        ListedLabel::new(style, span.file, range).with_message(harmless(&label.text))
    });
    let mut notes: Vec<String> = diagnostic.notes.iter().map(|note| harmless(note)).collect();
    notes.extend(diagnostic.help.iter().map(|help| format!("help: {}", harmless(help))));
    notes.extend(diagnostic.fixes.iter().map(|fix| format!("fix: {}", harmless(&fix.title))));
    Listed::new(severity)
        .with_code(diagnostic.code.number())
        .with_message(&diagnostic.message)
        .with_labels(labels.collect())
        .with_notes(notes)
}

/// The source map as codespan-reporting reads it: lines come from the index, never from the text.
struct Indexed<'a> {
    sources: &'a SourceMap,
}

impl<'a> Files<'a> for Indexed<'a> {
    type FileId = FileId;
    type Name = String;
    type Source = &'a str;

    fn name(&'a self, id: FileId) -> Result<String, Error> {
        Ok(self.sources.file(id).path.clone())
    }

    fn source(&'a self, id: FileId) -> Result<&'a str, Error> {
        Ok(&self.sources.file(id).text)
    }

    fn line_index(&'a self, id: FileId, offset: usize) -> Result<usize, Error> {
        Ok(self.sources.file(id).line_of(offset as u32) - 1)
    }

    fn column_number(&'a self, id: FileId, _line: usize, offset: usize) -> Result<usize, Error> {
        Ok(self.sources.file(id).position(offset as u32).column)
    }

    fn line_range(&'a self, id: FileId, line: usize) -> Result<Range<usize>, Error> {
        let file = self.sources.file(id);
        if line >= file.line_count() {
            return Err(Error::LineTooLarge { given: line, max: file.line_count() - 1 });
        }
        Ok(file.line_start(line + 1) as usize..file.line_start(line + 2) as usize)
    }
}
