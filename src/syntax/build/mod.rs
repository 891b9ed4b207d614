//! From what the grammar matched to the syntax tree.
//!
//! In: an item's nodes. Out: an [`Item`] and, for what the catch-all rules matched, diagnostics in words.
//! It refuses to know what names mean. A file for each subject, as in `grammar/`.

mod branch;
mod entry;
mod expr;
mod item;
mod list;
mod promotion;
mod statement;
mod text;
mod types;
mod wanted;
mod words;

use super::cut::Piece;
use super::grammar::{Node, Nodes, Rule, read};
use super::keywords::is_reserved;
use super::scan::Remark;
use crate::ast::{Docs, Expr, ExprKind, Item, Name};
use crate::diagnostics::{Diagnostic, report};
use crate::source::{FileId, Span};

/// How high an expression's tree may be: what walks over it later need not fear for its stack.
const HIGHEST: usize = 300;

/// What building an item needs to know and what it gathers.
pub(super) struct Build<'a> {
    file: FileId,
    /// The file's text.
    source: &'a str,
    /// Where each byte of the text that was parsed stands in the file.
    places: &'a [u32],
    /// The lines of documentation of the file.
    documentation: &'a [Remark],
    /// Documentation that has found what it documents, by where that begins.
    pub documented: Vec<usize>,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// The height of the expression that was built last.
    height: usize,
    /// How many `not` are being read inside each other.
    nesting: usize,
}

impl<'a> Build<'a> {
    /// Reads an item; none if it cannot be read at all, which is reported.
    pub(super) fn item(
        file: FileId,
        source: &'a str,
        piece: &'a Piece,
        prepared: (&'a str, &'a [u32]),
        documentation: &'a [Remark],
    ) -> (Option<Item>, Self) {
        let (text, places) = prepared;
        let (documented, diagnostics) = (Vec::new(), Vec::new());
        let mut build = Build { file, source, places, documentation, documented, diagnostics, height: 0, nesting: 0 };
        if piece.unreadable {
            return (None, build);
        }
        let Some(node) = read(item::rule(piece.keyword), text) else {
            let span = Span::new(file, piece.keyword_at.start, piece.keyword_at.end);
            build.say(report::too_deep(span, format!("this `{}` is nested too deeply to be read", piece.keyword)));
            return (None, build);
        };
        let item = build.read_item(piece, Nodes::of(node));
        (Some(item), build)
    }

    fn say(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// The stretch of the file that a stretch of the parsed text stands for.
    fn span_between(&self, start: usize, end: usize) -> Span {
        let after = |at: usize| self.places.get(at).copied();
        let last = |at: usize| at.checked_sub(1).and_then(after).map(|place| place + 1);
        let mut begin = after(start).or_else(|| last(start)).unwrap_or(0) as usize;
        // A bracket that the source lacks stands where the byte before it does.
        while !self.source.is_char_boundary(begin) {
            begin += 1;
        }
        let end = if end > start { last(end).unwrap_or(0) as usize } else { begin };
        Span::new(self.file, begin, end.max(begin))
    }

    /// A node's place, without the white space around it.
    fn span(&self, node: &Node) -> Span {
        let (span, text) = (node.as_span(), node.as_str().as_bytes());
        let before = usize::from(text.first() == Some(&b' '));
        let behind = usize::from(text.len() > before && text.last() == Some(&b' '));
        self.span_between(span.start() + before, span.end() - behind)
    }

    fn text_of(&self, span: Span) -> &'a str {
        &self.source[span.start as usize..span.end as usize]
    }

    /// The documentation of what begins there.
    fn docs(&mut self, start: u32) -> Docs {
        let at = start as usize;
        let end = self.documentation.partition_point(|line| line.start < at);
        let count = self.documentation[..end].iter().rev().take_while(|line| line.documents == Some(at)).count();
        if count == 0 {
            return None;
        }
        self.documented.push(at);
        let lines: Vec<&str> =
            self.documentation[end - count..end].iter().map(|line| self.documentation_line(line)).collect();
        Some(lines.join("\n"))
    }

    fn documentation_line(&self, line: &Remark) -> &'a str {
        let text = &self.source[line.start + 3..line.end];
        text.strip_prefix(' ').unwrap_or(text)
    }

    fn name(&mut self, node: &Node) -> Name {
        let span = self.span(node);
        if let Some(inside) = unquoted(node.as_str()) {
            return Name { text: inside.to_owned(), span };
        }
        let name = Name { text: node.as_str().to_string(), span };
        if is_reserved(&name.text) && name.text != "it" {
            let message = format!("`{}` is a word of the language and can name nothing", name.text);
            self.say(report::bad_syntax(name.span, message));
        }
        name
    }

    fn error(&self, span: Span) -> Expr {
        Expr { kind: ExprKind::Error, span }
    }

    /// Reports what stands in a list and is none of its elements: a comma that has nothing before it, or junk.
    fn other(&mut self, node: &Node) {
        if node.as_rule() == Rule::junk {
            if !is_reported(node) {
                let diagnostic = self.unexpected(node, "");
                self.say(diagnostic);
            }
            return;
        }
        let span = self.span(node);
        self.say(report::bad_syntax(span, "nothing stands before this comma").fix("remove it", span, ""));
    }

    /// Reports what follows something that was read, unless something before it was reported since `before`.
    fn junk(&mut self, nodes: &mut Nodes, before: usize, after: &str) -> bool {
        let Some(node) = nodes.accept(Rule::junk).or_else(|| nodes.accept(Rule::rest)) else { return false };
        if self.diagnostics.len() == before && !is_reported(&node) {
            let diagnostic = self.unexpected(&node, after);
            self.say(diagnostic);
        }
        true
    }
}

/// Whether the scanner has reported what stands there.
fn is_reported(node: &Node) -> bool {
    node.as_str().contains('\u{1}')
}

/// What stands in the backquotes of a name.
fn unquoted(word: &str) -> Option<&str> {
    word.strip_prefix('`')?.strip_suffix('`')
}
