//! The syntax tree: what was written, and where.
//!
//! In: nothing; `syntax` builds it. Out: plain data that `resolve`, `check` and `format` read.
//! It refuses to know what a name means or whether a value fits.
//! Every node keeps the span that it came from. A part that could not be read is [`ExprKind::Error`],
//! [`Entry::Error`] and so on; its diagnostic has been given, and later stages stay silent about it.

mod expr;
mod item;
mod statement;

pub use expr::*;
pub use item::*;
pub use statement::*;

use crate::source::{FileId, Span};

/// A name where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    /// The name; a mark's is without its `@`.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// The `///` lines before an item, a field, a column or a parameter: joined by newlines, the slashes and one space removed.
pub type Docs = Option<String>;

/// One `.mlp` file.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// Its id.
    pub id: FileId,
    /// Its items in the order of the text. An item that could not be read at all is left out.
    pub items: Vec<std::sync::Arc<Item>>,
}

/// A comment that is not documentation, for the formatter. (`///` lines are in [`Docs`]; a `///` that documents nothing is one of these.)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From the first slash to before the line's end.
    pub span: Span,
    /// Whether something other than white space stands before it on its line.
    pub trailing: bool,
}

/// What the tree leaves out of the text and the formatter needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trivia {
    /// In the order of the text.
    pub comments: Vec<Comment>,
}
