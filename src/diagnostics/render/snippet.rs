//! A file as miette reads it: a few lines found by the file's index, never the whole text gone through again.
//!
//! Characters that a terminal would act on are blotted out byte for byte, so offsets stay. Of a very long line only a
//! window is shown, of a label over many lines only its first, and the empty line at the end of a file can carry a label.

use std::collections::BTreeMap;

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::Diagnostic;
use super::place::acts_on_a_terminal;
use crate::diagnostics::Label;
use crate::source::{FileId, SourceFile, SourceMap, Span};

/// A line longer than this is shown in part.
const LONG_LINE: usize = 400;
/// What is shown of a long line before and after a label.
const AROUND: usize = 60;
/// A label over more lines than this is shown at its first.
const TALL_LABEL: usize = 8;

/// The files that the drawn diagnostics speak of, each made ready once.
pub(super) struct Snippets<'a> {
    files: BTreeMap<FileId, Snippet<'a>>,
}

impl<'a> Snippets<'a> {
    pub(super) fn new(sources: &'a SourceMap, diagnostics: &[&Diagnostic]) -> Self {
        let mut files = BTreeMap::new();
        for label in diagnostics.iter().flat_map(|diagnostic| &diagnostic.labels) {
            let file = label.span.file;
            files.entry(file).or_insert_with(|| Snippet::new(sources.file(file)));
        }
        Self { files }
    }

    pub(super) fn file(&self, id: FileId) -> &Snippet<'a> {
        &self.files[&id]
    }
}

/// One file.
pub(super) struct Snippet<'a> {
    file: &'a SourceFile,
    name: String,
    text: String,
}

impl<'a> Snippet<'a> {
    fn new(file: &'a SourceFile) -> Self {
        let mut text = String::with_capacity(file.text.len() + 1);
        let mut letters = file.text.chars().peekable();
        while let Some(letter) = letters.next() {
            let ends_line = letter == '\r' && letters.peek() == Some(&'\n');
            if acts_on_a_terminal(letter) && !ends_line {
                (0..letter.len_utf8()).for_each(|_| text.push('?'));
            } else {
                text.push(letter);
            }
        }
        text.push('\n');
        Self { file, name: file.path.clone(), text }
    }

    /// A label of this file as miette wants it.
    pub(super) fn label(&self, label: &Label, primary: bool) -> LabeledSpan {
        let text = (!label.text.is_empty()).then(|| super::place::harmless(&label.text));
        let span = self.stretch(label.span);
        if primary { LabeledSpan::new_primary_with_span(text, span) } else { LabeledSpan::new_with_span(text, span) }
    }

    /// What of a span is drawn, as miette wants it.
    pub(super) fn stretch(&self, span: Span) -> SourceSpan {
        let (start, end) = self.shown(span);
        SourceSpan::from((start, end - start))
    }

    /// What of a span is drawn.
    fn shown(&self, span: Span) -> (usize, usize) {
        let (start, mut end) = (self.file.boundary(span.start), self.file.boundary(span.end.max(span.start)));
        let line = self.file.line_of(start as u32);
        let last = self.file.line_of(end as u32);
        if last - line >= TALL_LABEL {
            end = self.line_end(line);
        }
        if end - start > LONG_LINE && (line..=last.min(line + TALL_LABEL)).any(|line| self.is_long(line)) {
            end = self.file.boundary((start + AROUND) as u32);
        }
        (start, end.max(start))
    }

    fn line_end(&self, line: usize) -> usize {
        let start = self.file.line_start(line) as usize;
        start + self.file.line_text(line).len()
    }

    fn is_long(&self, line: usize) -> bool {
        self.line_end(line) - self.file.line_start(line) as usize > LONG_LINE
    }

    /// From the start of a line to the start of the next one: of the last line, the newline that this type has added.
    fn whole_lines(&self, first: usize, last: usize) -> (usize, usize) {
        let start = self.file.line_start(first) as usize;
        let end = if last < self.file.line_count() { self.file.line_start(last + 1) as usize } else { self.text.len() };
        (start, end)
    }

    fn contents<'b>(&'b self, start: usize, end: usize, at_start: bool) -> MietteSpanContents<'b> {
        let position = self.file.position(start as u32);
        let column = if at_start { 0 } else { position.column - 1 };
        let lines = self.file.line_of(end.saturating_sub(1) as u32).saturating_sub(position.line);
        let data = self.text.get(start..end).unwrap_or_default().as_bytes();
        let span = SourceSpan::from((start, end - start));
        MietteSpanContents::new_named(self.name.clone(), data, span, position.line - 1, column, lines)
    }
}

impl SourceCode for Snippet<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        let (first, last) = (self.file.line_of(start as u32), self.file.line_of(end.max(start) as u32));
        if last - first > 4 * TALL_LABEL {
            return Err(MietteError::OutOfBounds);
        }
        if before == 0 {
            return Ok(Box::new(self.contents(start, end.max(start), false)));
        }
        if (first..=last).any(|line| self.is_long(line)) {
            if end - start > LONG_LINE {
                return Err(MietteError::OutOfBounds);
            }
            let line_start = self.file.line_start(first) as usize;
            let start = self.file.boundary(start.saturating_sub(AROUND).max(line_start) as u32);
            let end = self.file.boundary((end + AROUND).min(self.line_end(last)) as u32);
            return Ok(Box::new(self.contents(start, end.max(start), start == line_start)));
        }
        let near = |line: &usize| !self.is_long(*line);
        let from = (first.saturating_sub(before).max(1)..first).rev().take_while(near).last().unwrap_or(first);
        let to = (last + 1..=(last + after).min(self.file.line_count())).take_while(near).last().unwrap_or(last);
        let (start, end) = self.whole_lines(from, to);
        Ok(Box::new(self.contents(start, end, true)))
    }
}
