//! The scanner: cuts a file into items without parsing it.
//!
//! In: a file's text. Out: its [`Piece`]s (an item's keyword and where its text stands), its comments, and what can be
//! said of brackets, texts and stray lines. It refuses to know what stands inside an item.
//!
//! Beside the pieces it gives the text as the grammar is to see it (`prepared`): without comments, without newlines that
//! mean nothing (inside `( )` and `[ ]`, and outside all brackets), and what has been reported is one byte. Where brackets
//! do not match, the piece has a text of its own in which they do.

use std::ops::Range;

use super::heads::Head;
use super::keywords::KEYWORDS;
use super::mend::{Mended, mend};
use super::scan::{Mode, Remark, Scan};
use crate::diagnostics::{Diagnostic, did_you_mean, report};
use crate::source::{FileId, Span};

/// An item's place in the file.
#[derive(Debug)]
pub(super) struct Piece {
    /// Its keyword; of a misspelt one, the one that was probably meant.
    pub keyword: &'static str,
    /// Where the keyword stands.
    pub keyword_at: Range<usize>,
    /// Where it begins without its documentation: at the keyword, or at `abstract` before it.
    pub head: usize,
    /// After its last letter that is no comment.
    pub end: usize,
    /// Whether its text is too deep to be parsed.
    pub unreadable: bool,
    /// Whether something is wrong in it that makes what follows from it doubtful.
    pub broken: bool,
    /// Its text after the keyword, in the prepared text.
    pub body: Range<usize>,
    /// Its text after the keyword with matching brackets, if they do not match in the source.
    pub mended: Option<Mended>,
}

impl Piece {
    /// What the grammar reads, and where each of its bytes stands in the file.
    pub(super) fn prepared<'a>(&'a self, cut: &'a Cut) -> (&'a str, &'a [u32]) {
        match &self.mended {
            Some(mended) => (&mended.text, &mended.places),
            None => (&cut.work[self.body.clone()], &cut.places[self.body.clone()]),
        }
    }
}

/// What cutting a file gives.
#[derive(Debug)]
pub(super) struct Cut {
    /// The text as the grammar sees it.
    pub work: String,
    /// Where each of its bytes stands in the file.
    pub places: Vec<u32>,
    /// The items, in order.
    pub pieces: Vec<Piece>,
    /// Every comment, documentation too, in order.
    pub remarks: Vec<Remark>,
    /// What the scanner has to say.
    pub diagnostics: Vec<Diagnostic>,
}

/// Cuts a file.
pub(super) fn cut(file: FileId, text: &str) -> Cut {
    let mut scanned = Scan::run(file, text, 0..text.len(), Mode::File, &[]);
    if scanned.endless_text {
        // A text of several lines that never ends would hide every item after it.
        scanned = Scan::run(file, text, 0..text.len(), Mode::FileWithEndlessText, &[]);
    }
    let (work, places) = scanned.prepared.finish();
    let diagnostics = scanned.diagnostics;
    let mut cutter = Cutter { file, text, work: &work, places: &places, pieces: Vec::new(), diagnostics };
    let mut stray_end = None;
    for (index, head) in scanned.heads.iter().enumerate() {
        let until = scanned.heads.get(index + 1).map_or(text.len(), |next| next.at);
        match &head.keyword {
            Some((keyword, place)) => cutter.item(head, keyword, place.clone()),
            // Stray lines that follow each other are reported once.
            None if stray_end == Some(head.at) => stray_end = Some(until),
            None => {
                cutter.stray(head);
                stray_end = Some(until);
            }
        }
    }
    let Cutter { pieces, diagnostics, .. } = cutter;
    Cut { work, places, pieces, remarks: scanned.comments, diagnostics }
}

struct Cutter<'a> {
    file: FileId,
    text: &'a str,
    work: &'a str,
    places: &'a [u32],
    pieces: Vec<Piece>,
    diagnostics: Vec<Diagnostic>,
}

impl Cutter<'_> {
    fn item(&mut self, head: &Head, keyword: &'static str, keyword_at: Range<usize>) {
        if !head.is_sure() {
            let written = &self.text[keyword_at.clone()];
            let span = Span::new(self.file, keyword_at.start, keyword_at.end);
            self.diagnostics.push(
                report::not_an_item(span, format!("`{written}` begins no item"))
                    .help(format!("Did you mean `{keyword}`?"))
                    .fix(format!("write `{keyword}`"), span, keyword),
            );
        }
        let end = head.end.max(keyword_at.end);
        let mended = (head.faulty && !head.too_deep).then(|| {
            let (mended, diagnostics) = mend(self.file, self.text, keyword_at.end..end);
            if !head.broken_text {
                self.diagnostics.extend(diagnostics);
            }
            mended
        });
        let body = self.body(keyword_at.end, end);
        self.pieces.push(Piece {
            keyword,
            keyword_at,
            head: head.at,
            end,
            unreadable: head.too_deep,
            broken: head.faulty || head.broken_text,
            body,
            mended,
        });
    }

    /// What stands in the prepared text for a stretch of the source.
    fn body(&self, from: usize, to: usize) -> Range<usize> {
        let start = self.places.partition_point(|place| (*place as usize) < from);
        let end = self.places.partition_point(|place| (*place as usize) < to);
        start + usize::from(self.work[start..end].starts_with(' '))..end
    }

    /// A line in the first column that begins nothing.
    fn stray(&mut self, head: &Head) {
        if head.too_deep {
            return;
        }
        let line = self.text[head.at..].lines().next().unwrap_or_default().trim_end();
        let span = Span::new(self.file, head.at, head.at + line.len());
        let word: String =
            line.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').take(40).collect();
        let message = match word.as_str() {
            "" => "this line begins no item".to_string(),
            word => format!("`{word}` begins no item"),
        };
        let mut diagnostic = report::not_an_item(span, message)
            .note("In the first column stands an item's keyword, such as `step`, `pipeline` or `environment`.");
        if KEYWORDS.items.contains(&word.as_str()) {
            diagnostic = diagnostic.help("Write it in the first column.");
        } else if let Some(meant) = did_you_mean(&word, KEYWORDS.items.iter().copied()) {
            diagnostic = diagnostic.help(format!("Did you mean `{meant}`?"));
        } else if !word.is_empty() {
            diagnostic = diagnostic.help("A line that belongs to the item above is indented.");
        }
        self.diagnostics.push(diagnostic);
    }
}
