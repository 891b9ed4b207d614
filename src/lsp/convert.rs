//! Our plain data as the protocol's types.

use std::path::{Path, PathBuf};

use ls_types::{
    DiagnosticRelatedInformation, DiagnosticSeverity, DocumentSymbol, Hover, HoverContents, Location, MarkupContent,
    MarkupKind, NumberOrString, Range, SymbolKind, TextEdit, Uri,
};

use super::position::range;
use super::projects::Analysis;
use crate::diagnostics::{Diagnostic, Severity};
use crate::ide::{self, Symbol};
use crate::library;
use crate::source::{FileId, SourceFile, Span};

/// The file that a URI names, if it is on disk or could be.
pub(super) fn path(uri: &Uri) -> Option<PathBuf> {
    uri.as_str().starts_with("file:").then(|| uri.to_file_path())?.map(|path| path.into_owned())
}

pub(super) fn uri(path: &Path) -> Option<Uri> {
    Uri::from_file_path(path)
}

/// Where a file's text can be opened; the library's is written out for that.
pub(super) fn uri_of(analysis: &Analysis, file: FileId) -> Option<Uri> {
    let file = analysis.checked.model.sources.file(file);
    match library::module_of(&file.path) {
        Some(_) => super::library::written_out(file).and_then(|path| uri(&path)),
        None => uri(&analysis.folder.join(&file.path)),
    }
}

pub(super) fn location(analysis: &Analysis, span: Span) -> Option<Location> {
    let file = analysis.checked.model.sources.file(span.file);
    Some(Location::new(uri_of(analysis, span.file)?, range(file, span)))
}

pub(super) fn diagnostic(analysis: &Analysis, diagnostic: &Diagnostic) -> ls_types::Diagnostic {
    let sources = &analysis.checked.model.sources;
    let severity = match diagnostic.severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
    };
    let related = diagnostic.labels.iter().skip(1).filter_map(|label| {
        let message = if label.text.is_empty() { "see here".to_owned() } else { label.text.clone() };
        Some(DiagnosticRelatedInformation { location: location(analysis, label.span)?, message })
    });
    let related: Vec<_> = related.collect();
    ls_types::Diagnostic {
        range: diagnostic.span().map_or_else(Range::default, |span| range(sources.file(span.file), span)),
        severity: Some(severity),
        code: Some(NumberOrString::String(diagnostic.code.number().to_owned())),
        source: Some("mlp".to_owned()),
        message: message(diagnostic),
        related_information: (!related.is_empty()).then_some(related),
        ..ls_types::Diagnostic::default()
    }
}

fn message(diagnostic: &Diagnostic) -> String {
    let mut lines = vec![diagnostic.message.clone()];
    lines.extend(diagnostic.labels.first().map(|label| label.text.clone()).filter(|text| !text.is_empty()));
    lines.extend(diagnostic.notes.iter().map(|note| format!("note: {note}")));
    lines.extend(diagnostic.help.iter().map(|help| format!("help: {help}")));
    lines.join("\n")
}

pub(super) fn hover(file: &SourceFile, hover: ide::Hover) -> Hover {
    let mut value = format!("```mlp\n{}\n```", hover.code);
    if let Some(docs) = &hover.docs {
        value.push_str(&format!("\n\n{docs}"));
    }
    if let Some(from) = &hover.from {
        value.push_str(&format!("\n\n*from `{from}`*"));
    }
    let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value });
    Hover { contents, range: Some(range(file, hover.span)) }
}

pub(super) fn symbol(file: &SourceFile, symbol: Symbol) -> DocumentSymbol {
    let children: Vec<DocumentSymbol> = symbol.children.into_iter().map(|child| self::symbol(file, child)).collect();
    #[allow(deprecated)]
    DocumentSymbol {
        name: if symbol.name.is_empty() { symbol.detail.clone() } else { symbol.name },
        detail: (!symbol.detail.is_empty()).then_some(symbol.detail),
        kind: kind(symbol.kind),
        tags: None,
        deprecated: None,
        range: range(file, symbol.span),
        selection_range: range(file, symbol.name_span),
        children: (!children.is_empty()).then_some(children),
    }
}

fn kind(kind: ide::SymbolKind) -> SymbolKind {
    match kind {
        ide::SymbolKind::Module => SymbolKind::MODULE,
        ide::SymbolKind::Type => SymbolKind::STRUCT,
        ide::SymbolKind::Enum => SymbolKind::ENUM,
        ide::SymbolKind::Variant => SymbolKind::ENUM_MEMBER,
        ide::SymbolKind::Constant => SymbolKind::CONSTANT,
        ide::SymbolKind::Function => SymbolKind::FUNCTION,
        ide::SymbolKind::Namespace => SymbolKind::NAMESPACE,
        ide::SymbolKind::Object => SymbolKind::OBJECT,
        ide::SymbolKind::Field => SymbolKind::FIELD,
        ide::SymbolKind::Event => SymbolKind::EVENT,
    }
}

/// The one stretch of lines that a new text changes.
pub(super) fn edits(file: &SourceFile, new: &str) -> Vec<TextEdit> {
    let old = &*file.text;
    let same_start: usize = old
        .split_inclusive('\n')
        .zip(new.split_inclusive('\n'))
        .take_while(|(a, b)| a == b)
        .map(|(a, _)| a.len())
        .sum();
    let (old_rest, new_rest) = (&old[same_start..], &new[same_start..]);
    if old_rest.is_empty() && new_rest.is_empty() {
        return Vec::new();
    }
    let lines = |text: &'_ str| text.split_inclusive('\n').map(str::len).rev().collect::<Vec<_>>();
    let (old_lines, new_lines) = (lines(old_rest), lines(new_rest));
    let mut same_end = 0;
    for (a, b) in old_lines.iter().zip(&new_lines) {
        let (old_at, new_at) = (old_rest.len() - same_end - a, new_rest.len() - same_end - b);
        if a != b || old_rest[old_at..old_at + a] != new_rest[new_at..new_at + b] {
            break;
        }
        same_end += a;
    }
    let span = Span::new(file.id, same_start, old.len() - same_end);
    vec![TextEdit::new(range(file, span), new_rest[..new_rest.len() - same_end].to_owned())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changed_lines_are_replaced() {
        for (old, new) in [
            ("a\nb\nc\n", "a\nB\nc\n"),
            ("a\n", "a\n"),
            ("", "a\n"),
            ("a\n\n\n", "a\n"),
            ("a", "a\n"),
            ("a\na\n", "a\n"),
            ("é\nb", "é\nb\n"),
        ] {
            let file = SourceFile::new(FileId(0), "a.mlp", old);
            let mut text = old.to_owned();
            for edit in edits(&file, new) {
                let at = |position| super::super::position::offset(&file, position) as usize;
                text.replace_range(at(edit.range.start)..at(edit.range.end), &edit.new_text);
            }
            assert_eq!(text, new, "from {old:?}");
        }
    }
}
