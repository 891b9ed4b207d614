//! Makes the brackets of one item match, and says which do not.
//!
//! In: an item's text in which they do not match. Out: a text in which they do, and a diagnostic for each that is missing.
//! Indentation decides which bracket was forgotten: a closing one at the beginning of a line closes what was opened on a
//! line that is indented as far. It refuses to know the grammar.

use std::ops::Range;

use super::scan::{Edit, Event, Mode, Scan};
use crate::diagnostics::{Diagnostic, report};
use crate::source::{FileId, Span};

/// A prepared text in which brackets match.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mended {
    /// The text.
    pub text: String,
    /// Where each of its bytes stands in the file.
    pub places: Vec<u32>,
}

struct Open {
    byte: u8,
    at: usize,
    indent: usize,
}

struct Mend<'a> {
    file: FileId,
    text: &'a str,
    end: usize,
    stack: Vec<Open>,
    edits: Vec<(usize, Edit)>,
    diagnostics: Vec<Diagnostic>,
}

/// Mends a stretch of a file.
pub(super) fn mend(file: FileId, text: &str, stretch: Range<usize>) -> (Mended, Vec<Diagnostic>) {
    let events = Scan::run(file, text, stretch.clone(), Mode::Item, &[]).events;
    let end = stretch.end;
    let mut mend = Mend { file, text, end, stack: Vec::new(), edits: Vec::new(), diagnostics: Vec::new() };
    events.iter().for_each(|event| mend.event(*event));
    while !mend.stack.is_empty() {
        mend.unclosed(mend.end, None);
    }
    let (text, places) = Scan::run(file, text, stretch, Mode::Item, &mend.edits).prepared.finish();
    (Mended { text, places }, mend.diagnostics)
}

impl Mend<'_> {
    fn event(&mut self, event: Event) {
        match event.byte {
            byte @ (b'(' | b'[' | b'{') => {
                let indent = self.indent(event.at);
                self.stack.push(Open { byte, at: event.at, indent });
            }
            byte => self.close(event.at, opening(byte)),
        }
    }

    fn close(&mut self, at: usize, wanted: u8) {
        let Some(index) = self.partner(at, wanted) else {
            let letter = self.text.as_bytes()[at] as char;
            self.edits.push((at, Edit::Remove));
            let span = self.span(at);
            let before = self.diagnostics.last_mut().filter(|last| last.code.slug() == "unopened_bracket");
            if let Some(label) =
                before.and_then(|last| last.labels.first_mut()).filter(|label| label.span.end == span.start)
            {
                label.span.end = span.end;
                return;
            }
            self.diagnostics.push(
                report::unopened_bracket(self.span(at), format!("`{letter}` closes nothing"))
                    .help(format!("Remove it, or open it with `{}`.", wanted as char)),
            );
            return;
        };
        while self.stack.len() > index + 1 {
            self.unclosed(at, Some(at));
        }
        self.stack.pop();
    }

    /// Which open bracket a closing one closes.
    fn partner(&self, at: usize, wanted: u8) -> Option<usize> {
        let nearest = self.stack.iter().rposition(|open| open.byte == wanted)?;
        let line = self.line_start(at);
        if !self.text[line..at].trim().is_empty() {
            return Some(nearest);
        }
        let indent = at - line;
        let fits = |open: &Open| open.byte == wanted && open.indent == indent;
        Some(self.stack.iter().rposition(fits).unwrap_or(nearest))
    }

    fn unclosed(&mut self, at: usize, closer: Option<usize>) {
        let Some(open) = self.stack.pop() else { return };
        let letter = open.byte as char;
        let mut diagnostic =
            report::unclosed_bracket(self.span(open.at), format!("`{letter}` is never closed")).here("opened here");
        if let Some(closer) = closer {
            diagnostic = diagnostic.label(self.span(closer), "this closes what is around it");
        }
        self.diagnostics.push(diagnostic.help(format!("Close it with `{}`.", closing(open.byte) as char)));
        self.edits.push((at, Edit::Insert(closing(open.byte))));
    }

    fn indent(&self, at: usize) -> usize {
        let line = &self.text[self.line_start(at)..at];
        line.len() - line.trim_start().len()
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    fn span(&self, at: usize) -> Span {
        Span::new(self.file, at, at + 1)
    }
}

fn opening(closing: u8) -> u8 {
    match closing {
        b')' => b'(',
        b']' => b'[',
        _ => b'{',
    }
}

fn closing(opening: u8) -> u8 {
    match opening {
        b'(' => b')',
        b'[' => b']',
        _ => b'}',
    }
}
