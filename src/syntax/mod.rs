//! From text to the syntax tree.
//!
//! In: a [`SourceFile`]. Out: its [`ast::File`], the comments that the tree leaves out, and what is wrong, in words.
//! A scanner cuts the file into items at keywords in the first column; pest reads each item alone, by the rules in
//! `grammar/`; a builder makes the tree and says what the catch-all rules matched. This is the only place that names
//! pest. It refuses to know what a name means. It always gives a tree, whatever the text.

mod build;
mod cache;
mod cut;
mod grammar;
mod heads;
mod keywords;
mod mend;
mod prepared;
mod scan;
mod shift;
#[cfg(test)]
mod tests;
mod tokens;

use std::sync::Arc;

use crate::ast::{self, Comment, Trivia};
use crate::diagnostics::{Diagnostic, sorted};
use crate::source::{SourceFile, Span};

use build::Build;
pub use cache::{Cache, parse_cached};
use cut::{Cut, Piece};
pub use keywords::{KEYWORDS, Keywords};
use scan::Remark;
pub use shift::each_span;
pub use tokens::{Token, TokenKind, tokens};

/// What parsing a file gives.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The tree.
    pub file: ast::File,
    /// The comments, for the formatter.
    pub trivia: Trivia,
    /// What is wrong, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses a file.
pub fn parse(file: &SourceFile) -> Parsed {
    let cut = cut::cut(file.id, &file.text);
    let documentation = documentation(&cut);
    let reads: Vec<Read> = cut.pieces.iter().map(|piece| read(file, &cut, piece, &documentation)).collect();
    assemble(file, cut, reads)
}

/// What reading one item gives.
#[derive(Clone, Debug)]
struct Read {
    item: Option<Arc<ast::Item>>,
    diagnostics: Vec<Diagnostic>,
    /// Where what is documented begins.
    documented: Vec<usize>,
}

fn read(file: &SourceFile, cut: &Cut, piece: &Piece, documentation: &[Remark]) -> Read {
    let (item, build) = Build::item(file.id, &file.text, piece, piece.prepared(cut), documentation);
    Read { item: item.map(Arc::new), diagnostics: build.diagnostics, documented: build.documented }
}

fn documentation(cut: &Cut) -> Vec<Remark> {
    cut.remarks.iter().filter(|remark| remark.documents.is_some()).copied().collect()
}

fn assemble(file: &SourceFile, cut: Cut, reads: Vec<Read>) -> Parsed {
    let mut diagnostics = cut.diagnostics;
    let mut documented = Vec::new();
    let mut items = Vec::with_capacity(reads.len());
    for read in reads {
        items.extend(read.item);
        diagnostics.extend(read.diagnostics);
        documented.extend(read.documented);
    }
    documented.sort_unstable();
    let trivia = trivia(file, &cut.remarks, &documented);
    Parsed { file: ast::File { id: file.id, items }, trivia, diagnostics: sorted(diagnostics) }
}

/// The comments that document nothing.
fn trivia(file: &SourceFile, remarks: &[Remark], documented: &[usize]) -> Trivia {
    let is_documentation = |remark: &Remark| remark.documents.is_some_and(|at| documented.binary_search(&at).is_ok());
    let comments = remarks.iter().filter(|remark| !is_documentation(remark));
    Trivia {
        comments: comments
            .map(|remark| Comment { span: Span::new(file.id, remark.start, remark.end), trailing: remark.trailing })
            .collect(),
    }
}
