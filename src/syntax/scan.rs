//! One walk over a text that knows texts, comments, brackets and lines, and nothing else.
//!
//! In: a stretch of a file. Out: the prepared text, the comments, where items begin ([`Head`]), and, for `mend`, the
//! brackets and newlines outside texts. It refuses to know the grammar: two brackets match or they do not.

use std::ops::Range;

use super::heads::{self, Head};
use super::prepared::{Prepared, RAW, REPORTED};
use super::tokens::comment;
use crate::diagnostics::{Diagnostic, report};
use crate::source::{FileId, Span};

/// How many brackets may be open at once.
pub(super) const DEEPEST: usize = 256;

/// A comment or a line of documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Remark {
    /// Its first slash.
    pub start: usize,
    /// After its last letter.
    pub end: usize,
    /// Whether something stands before it on its line.
    pub trailing: bool,
    /// Of documentation: where the next thing stands that is no comment, if anything follows.
    pub documents: Option<usize>,
}

/// A bracket outside texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Event {
    /// `( [ { } ] )`
    pub byte: u8,
    /// Where.
    pub at: usize,
}

/// What a walk gives.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    /// The text as the grammar sees it.
    pub prepared: Prepared,
    /// Every comment in order.
    pub comments: Vec<Remark>,
    /// Where items and stray lines begin.
    pub heads: Vec<Head>,
    /// What is wrong apart from brackets outside texts.
    pub diagnostics: Vec<Diagnostic>,
    /// The brackets of one item.
    pub events: Vec<Event>,
    /// Whether a `"""` never ends.
    pub endless_text: bool,
}

/// How a walk is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Items are found.
    File,
    /// As `File`; a `"""` ends where an item begins.
    FileWithEndlessText,
    /// One item: brackets are recorded.
    Item,
}

struct Open {
    byte: u8,
    at: usize,
    /// Of `\(` in a text.
    text: Option<Quoted>,
}

/// A text that is being walked over.
#[derive(Clone, Copy)]
struct Quoted {
    start: usize,
    /// Where it begins in the prepared text.
    out: usize,
    /// Whether it has three quotes.
    long: bool,
}

/// A bracket that the source lacks, or has too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edit {
    /// It is put before the byte there.
    Insert(u8),
    /// The byte there is left out.
    Remove,
}

/// A walk while it goes on.
pub(super) struct Scan<'a> {
    file: FileId,
    text: &'a str,
    bytes: &'a [u8],
    base: usize,
    mode: Mode,
    stack: Vec<Open>,
    /// How many of them are `\(`.
    texts: usize,
    /// Whether brackets inside the present text do not match.
    bad_text: bool,
    /// The first comment that may be documentation of what follows.
    undecided: Option<usize>,
    suggestions: usize,
    /// What is to be changed, in order.
    edits: &'a [(usize, Edit)],
    out: Scanned,
}

impl<'a> Scan<'a> {
    /// Walks a stretch of `text`, in which brackets are to be changed.
    pub(super) fn run(
        file: FileId,
        text: &'a str,
        stretch: Range<usize>,
        mode: Mode,
        edits: &'a [(usize, Edit)],
    ) -> Scanned {
        let bytes = &text.as_bytes()[..stretch.end];
        let out = Scanned { prepared: Prepared::with_capacity(stretch.len()), ..Scanned::default() };
        let (base, stack, undecided) = (stretch.start, Vec::new(), None);
        let (texts, bad_text, suggestions) = (0, false, 0);
        let mut scan =
            Scan { file, text, bytes, base, mode, stack, texts, bad_text, undecided, suggestions, edits, out };
        scan.walk();
        scan.out
    }

    fn walk(&mut self) {
        let mut at = self.base;
        if self.mode != Mode::Item {
            self.line(at);
        }
        while let Some(&byte) = self.bytes.get(at) {
            if self.edits.first().is_some_and(|(place, _)| *place <= at) {
                at = self.edit(at);
                continue;
            }
            at = match byte {
                b' ' | b'\t' | b'\r' | 0x0b | 0x0c => self.space(at),
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'0'..=b'9' | 0x80.. => self.word(at, byte),
                b'\n' => self.newline(at),
                b'"' => self.open_text(at),
                b'(' | b'[' | b'{' => self.open(at, byte),
                b')' | b']' | b'}' => self.close(at, byte),
                b'/' if self.bytes.get(at + 1) == Some(&b'/') => self.comment(at),
                _ => self.odd(at, byte),
            };
        }
        while !self.edits.is_empty() {
            self.edit(self.bytes.len());
        }
        self.finish(self.bytes.len());
    }

    fn edit(&mut self, at: usize) -> usize {
        let Some(((_, edit), rest)) = self.edits.split_first() else { return at };
        self.edits = rest;
        match edit {
            Edit::Remove => at + 1,
            Edit::Insert(byte) => {
                self.stack.pop();
                // It has no place of its own: what it ends, ends with the byte before.
                self.out.prepared.put(&[*byte], at.saturating_sub(1));
                at
            }
        }
    }

    /// Something that is no comment and no white space stands from `at` to `end`.
    fn touch(&mut self, at: usize, end: usize) {
        if let Some(first) = self.undecided.take() {
            for remark in &mut self.out.comments[first..] {
                if remark.documents.is_some() {
                    remark.documents = Some(at);
                }
            }
        }
        match self.out.heads.last_mut() {
            Some(head) => head.end = end,
            None if self.mode != Mode::Item => self.out.heads.push(Head::stray(at, end)),
            None => {}
        }
    }

    /// Takes a stretch of the source as it is.
    fn put(&mut self, at: usize, end: usize) -> usize {
        self.touch(at, end);
        self.out.prepared.put(&self.bytes[at..end], at);
        end
    }

    fn word(&mut self, at: usize, byte: u8) -> usize {
        if byte == b'r'
            && matches!(self.bytes.get(at + 1), Some(b'"' | b'#'))
            && let Some(end) = self.raw(at)
        {
            return end;
        }
        let mut end = at + 1;
        while self.bytes.get(end).is_some_and(|byte| heads::is_letter(*byte)) {
            end += 1;
        }
        self.put(at, end)
    }

    /// `r"…"`, `r#"…"#`: the end of it, if it is one.
    fn raw(&mut self, at: usize) -> Option<usize> {
        let hashes = self.bytes[at + 1..].iter().take_while(|byte| **byte == b'#').count();
        let open = at + 1 + hashes;
        if self.bytes.get(open) != Some(&b'"') {
            return None;
        }
        let mut end = open + 1;
        while let Some(&byte) = self.bytes.get(end) {
            let close = end + 1..end + 1 + hashes;
            match byte {
                b'\n' => break,
                b'"' if self.bytes.get(close.clone()).is_some_and(|after| after.iter().all(|b| *b == b'#')) => {
                    self.touch(at, close.end);
                    self.out.prepared.raw(at, close.end);
                    return Some(close.end);
                }
                _ => end += 1,
            }
        }
        let closing = format!("\"{}", "#".repeat(hashes));
        let text = Quoted { start: at, out: self.out.prepared.len(), long: false };
        Some(self.unclosed_text(text, end, &closing))
    }

    fn newline(&mut self, at: usize) -> usize {
        if self.texts > 0 {
            self.end_text_of_one_line(at);
        }
        match self.stack.last() {
            Some(open) if open.byte == b'{' => self.out.prepared.newline(at),
            _ => self.out.prepared.gap(),
        }
        if self.mode != Mode::Item {
            self.line(at + 1);
        }
        at + 1
    }

    /// Looks at the first column of a line.
    fn line(&mut self, at: usize) {
        let Some(&byte) = self.bytes.get(at) else { return };
        if matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
            return;
        }
        let suggest = self.suggestions < 100;
        if let Some(head) = heads::head(self.text, at, self.stack.is_empty(), suggest) {
            self.suggestions += usize::from(!head.is_sure());
            self.finish(at);
            self.out.prepared.cut();
            self.out.heads.push(head);
        }
    }

    /// The item before `at` is at its end.
    fn finish(&mut self, at: usize) {
        if self.texts > 0 {
            self.end_text_of_one_line(at);
        }
        while let Some(index) = self.stack.iter().rposition(|open| open.text.is_some()) {
            self.unclosed_interpolation(index, at);
        }
        if !self.stack.is_empty() {
            self.stack.clear();
            self.fault();
        }
        self.bad_text = false;
    }

    fn fault(&mut self) {
        if let Some(head) = self.out.heads.last_mut() {
            head.faulty = true;
        }
    }

    fn open(&mut self, at: usize, byte: u8) -> usize {
        self.event(at, byte);
        let end = self.put(at, at + 1);
        self.push(Open { byte, at, text: None });
        end
    }

    fn push(&mut self, open: Open) {
        if self.stack.len() == DEEPEST {
            let span = self.span(open.at, open.at + 1);
            if let Some(head) = self.out.heads.last_mut().filter(|head| !head.too_deep) {
                head.too_deep = true;
                let message = format!("more than {DEEPEST} brackets are open here");
                let diagnostic = report::too_deep(span, message).help("Give the inner parts names of their own.");
                self.out.diagnostics.push(diagnostic);
            }
        }
        self.texts += usize::from(open.text.is_some());
        self.stack.push(open);
    }

    fn close(&mut self, at: usize, byte: u8) -> usize {
        self.event(at, byte);
        let end = self.put(at, at + 1);
        let wanted = match byte {
            b')' => b'(',
            b']' => b'[',
            _ => b'{',
        };
        let reach = self.stack.iter().rposition(|open| open.text.is_some()).unwrap_or(0);
        let found = match self.stack.last() {
            Some(top) if top.byte == wanted => Some(self.stack.len() - 1),
            _ => self.stack[reach..].iter().rposition(|open| open.byte == wanted).map(|index| reach + index),
        };
        match found {
            Some(index) if index + 1 == self.stack.len() => {}
            _ if self.texts > 0 => self.mismatch_in_text(at, found),
            _ => self.fault(),
        }
        let Some(index) = found else { return end };
        let open = self.stack.swap_remove(index);
        self.stack.truncate(index);
        match open.text {
            Some(text) => {
                self.texts -= 1;
                self.text_from(text, end, end)
            }
            None => end,
        }
    }

    fn mismatch_in_text(&mut self, at: usize, found: Option<usize>) {
        self.bad_text = true;
        let diagnostic = match found.and_then(|index| self.stack.get(index + 1)) {
            Some(open) => {
                let letter = open.byte as char;
                report::unclosed_bracket(self.span(open.at, open.at + 1), format!("`{letter}` is never closed"))
                    .label(self.span(at, at + 1), "this closes what is around it")
            }
            None => {
                let letter = self.bytes[at] as char;
                report::unopened_bracket(self.span(at, at + 1), format!("`{letter}` closes nothing"))
            }
        };
        self.out.diagnostics.push(diagnostic);
    }

    fn event(&mut self, at: usize, byte: u8) {
        if self.mode == Mode::Item && self.texts == 0 {
            self.out.events.push(Event { byte, at });
        }
    }

    fn open_text(&mut self, at: usize) -> usize {
        let long = self.bytes[at..].starts_with(b"\"\"\"");
        let text = Quoted { start: at, out: self.out.prepared.len(), long };
        self.text_from(text, at, at + if long { 3 } else { 1 })
    }

    /// A text of which everything before `from` has been taken; its letters go on at `at`.
    fn text_from(&mut self, text: Quoted, from: usize, at: usize) -> usize {
        let mut end = at;
        while let Some(&byte) = self.bytes.get(end) {
            match byte {
                b'\\' if self.bytes.get(end + 1) == Some(&b'(') => {
                    self.put(from, end + 2);
                    self.push(Open { byte: b'(', at: end + 1, text: Some(text) });
                    return end + 2;
                }
                b'\\' if self.bytes.get(end + 1).is_some_and(|byte| *byte != b'\n') => end += 2,
                b'"' if !text.long || self.bytes[end..].starts_with(b"\"\"\"") => {
                    let end = self.put(from, end + if text.long { 3 } else { 1 });
                    if self.bad_text && self.texts == 0 {
                        self.bad_text = false;
                        self.out.prepared.report(text.out, text.start);
                    }
                    return end;
                }
                b'\n' if !text.long => break,
                b'\n' if self.mode == Mode::FileWithEndlessText && heads::is_item(self.text, end + 1) => break,
                _ => end += 1,
            }
        }
        end = end.min(self.bytes.len());
        self.out.endless_text |= text.long;
        self.unclosed_text(text, end, if text.long { "\"\"\"" } else { "\"" })
    }

    /// A newline stands inside `\(…)` of a text of one line.
    fn end_text_of_one_line(&mut self, at: usize) {
        let one_line = |open: &Open| open.text.is_some_and(|text| !text.long);
        while let Some(index) = self.stack.iter().position(one_line) {
            self.unclosed_interpolation(index, at);
        }
    }

    fn unclosed_interpolation(&mut self, index: usize, at: usize) {
        let Some(text) = self.stack[index].text else { return };
        self.stack.truncate(index);
        self.texts = self.stack.iter().filter(|open| open.text.is_some()).count();
        self.unclosed_text(text, at, if text.long { "\"\"\"" } else { "\"" });
    }

    fn unclosed_text(&mut self, text: Quoted, end: usize, closing: &str) -> usize {
        let start = text.start;
        let line = self.bytes[start..end].iter().position(|byte| *byte == b'\n').map_or(end, |length| start + length);
        let shown = start + self.text[start..line].trim_end().len();
        self.touch(start, shown.max(start + 1));
        let diagnostic = report::unclosed_text(self.span(start, shown), "this text is never closed")
            .here(format!("`{closing}` is missing"))
            .fix(format!("close it with `{closing}`"), self.span(shown, shown), closing);
        self.out.diagnostics.push(diagnostic);
        if let Some(head) = self.out.heads.last_mut() {
            head.broken_text = true;
        }
        self.bad_text = false;
        self.out.prepared.report(text.out, start);
        end
    }

    fn comment(&mut self, at: usize) -> usize {
        let end = self.line_end(at);
        self.remark(at, end);
        end
    }

    fn remark(&mut self, at: usize, end: usize) {
        let mut before = self.bytes[self.base..at].iter().rev().take_while(|byte| **byte != b'\n');
        let trailing = before.any(|byte| !byte.is_ascii_whitespace());
        let slashes = self.bytes[at..end].iter().take_while(|byte| **byte == b'/').count();
        let documents = (slashes == 3 && !trailing).then_some(usize::MAX);
        if documents.is_some() && self.undecided.is_none() {
            self.undecided = Some(self.out.comments.len());
        }
        let shown = at + comment(&self.text[at..end]).len();
        self.out.comments.push(Remark { start: at, end: shown, trailing, documents });
        self.out.prepared.gap();
    }

    /// What is no word, bracket, text, comment or white space.
    fn odd(&mut self, at: usize, byte: u8) -> usize {
        match byte {
            b'#' => self.foreign_comment(at, self.line_end(at), "#"),
            b'/' if self.bytes.get(at + 1) == Some(&b'*') => {
                let end =
                    self.text[at..self.bytes.len()].find("*/").map_or(self.line_end(at), |length| at + length + 2);
                self.foreign_comment(at, end, "/*")
            }
            b'\'' => self.quoted(at),
            b';' => self.semicolon(at),
            REPORTED | RAW => {
                self.touch(at, at + 1);
                self.out.prepared.put(&[3], at);
                at + 1
            }
            _ => self.put(at, at + 1),
        }
    }

    fn foreign_comment(&mut self, at: usize, end: usize, sign: &str) -> usize {
        let shown = at + self.text[at..end].trim_end().len();
        let message = format!("a comment begins with `//`, not with `{sign}`");
        let mut diagnostic = report::bad_syntax(self.span(at, shown), message);
        if sign == "#" {
            diagnostic = diagnostic.fix("write `//`", self.span(at, at + 1), "//");
        }
        self.out.diagnostics.push(diagnostic);
        self.remark(at, end);
        end
    }

    /// `'…'` on one line is passed over whole; the grammar says that texts have other quotes.
    fn quoted(&mut self, at: usize) -> usize {
        let line = &self.bytes[at + 1..self.line_end(at)];
        let end = line.iter().position(|byte| *byte == b'\'').map_or(at + 1, |length| at + length + 2);
        self.put(at, end)
    }

    fn semicolon(&mut self, at: usize) -> usize {
        let span = self.span(at, at + 1);
        let diagnostic = report::bad_syntax(span, "`;` ends nothing here")
            .note("An entry or a statement ends with its line; on one line commas part them.")
            .fix("remove `;`", span, "");
        self.out.diagnostics.push(diagnostic);
        let last = self.bytes[at + 1..self.line_end(at)].iter().all(|byte| byte.is_ascii_whitespace());
        self.touch(at, at + 1);
        match self.stack.last() {
            Some(open) if open.byte == b'{' && !last => self.out.prepared.put(b",", at),
            _ => self.out.prepared.gap(),
        }
        at + 1
    }

    fn line_end(&self, at: usize) -> usize {
        self.bytes[at..].iter().position(|byte| *byte == b'\n').map_or(self.bytes.len(), |length| at + length)
    }

    fn space(&mut self, at: usize) -> usize {
        self.out.prepared.gap();
        at + 1
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end)
    }
}
