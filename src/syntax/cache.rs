//! What was read of a file's items, so that only an item whose text changed is read again.
//!
//! In: a file and what was kept of it before. Out: the same as [`super::parse`] gives. An item is known by its text; where it
//! moved, its spans are moved. It refuses to keep an item whose brackets or texts are broken: those are read each time.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cut::{Cut, Piece};
use super::scan::Remark;
use super::shift::each_span;
use super::{Parsed, Read, assemble, cut, documentation, read};
use crate::diagnostics::Diagnostic;
use crate::source::{FileId, SourceFile, Span};

/// The items of one file, as they were read last.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    kept: BTreeMap<Box<str>, Kept>,
    read: usize,
}

impl Cache {
    /// How many items were read anew the last time.
    pub fn items_read(&self) -> usize {
        self.read
    }
}

/// An item as it was read, and where.
#[derive(Clone, Debug)]
struct Kept {
    keyword: &'static str,
    file: FileId,
    start: usize,
    read: Read,
}

/// Parses a file; an item whose text is what it was is not read again.
pub fn parse_cached(file: &SourceFile, cache: &mut Cache) -> Parsed {
    let cut = cut::cut(file.id, &file.text);
    let documentation = documentation(&cut);
    let mut before = std::mem::take(cache);
    let mut reads = Vec::with_capacity(cut.pieces.len());
    for piece in &cut.pieces {
        reads.push(item(file, &cut, piece, &documentation, &mut before, cache));
    }
    assemble(file, cut, reads)
}

fn item(
    file: &SourceFile,
    cut: &Cut,
    piece: &Piece,
    documentation: &[Remark],
    before: &mut Cache,
    after: &mut Cache,
) -> Read {
    if piece.broken || piece.unreadable {
        after.read += 1;
        return read(file, cut, piece, documentation);
    }
    let start = beginning(piece, documentation);
    let text = &file.text[start..piece.end];
    let known = match before.kept.remove_entry(text) {
        Some((text, kept)) if kept.keyword == piece.keyword => Some((text, moved(kept, file.id, start))),
        // The same text a second time in one file.
        _ => after.kept.get(text).map(|kept| (Box::from(text), moved(kept.clone(), file.id, start))),
    };
    let (text, kept) = known.unwrap_or_else(|| {
        after.read += 1;
        let read = read(file, cut, piece, documentation);
        (Box::from(text), Kept { keyword: piece.keyword, file: file.id, start, read })
    });
    let read = kept.read.clone();
    after.kept.insert(text, kept);
    read
}

/// Where an item begins, its documentation included.
fn beginning(piece: &Piece, documentation: &[Remark]) -> usize {
    let end = documentation.partition_point(|line| line.start < piece.head);
    let lines = documentation[..end].iter().rev().take_while(|line| line.documents == Some(piece.head));
    lines.last().map_or(piece.head, |line| line.start)
}

/// An item as it would be read at another place.
fn moved(mut kept: Kept, file: FileId, start: usize) -> Kept {
    if kept.file == file && kept.start == start {
        return kept;
    }
    let from = kept.start;
    let shift = |offset: u32| (offset as usize + start - from) as u32;
    let mut place = |span: &mut Span| *span = Span { file, start: shift(span.start), end: shift(span.end) };
    if let Some(item) = &mut kept.read.item {
        each_span(Arc::make_mut(item), &mut place);
    }
    for diagnostic in &mut kept.read.diagnostics {
        each_place(diagnostic, &mut place);
    }
    kept.read.documented.iter_mut().for_each(|at| *at = *at + start - from);
    Kept { file, start, ..kept }
}

fn each_place(diagnostic: &mut Diagnostic, change: &mut dyn FnMut(&mut Span)) {
    diagnostic.labels.iter_mut().for_each(|label| change(&mut label.span));
    for fix in &mut diagnostic.fixes {
        fix.edits.iter_mut().for_each(|edit| change(&mut edit.span));
    }
}
