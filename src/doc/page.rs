//! What a page holds, in whatever format it is written.

use crate::graph::Picture;

/// A page.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Where it lies, without its ending: `index`, `pipelines/training`.
    pub path: String,
    /// Its heading.
    pub title: String,
    /// What stands before its title in a list of pages: `Pipelines`.
    pub group: Option<&'static str>,
    pub(super) blocks: Vec<Block>,
}

/// A part of a page.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Block {
    /// With the name that links lead to.
    Heading(u8, String, Vec<Inline>),
    Paragraph(Vec<Inline>),
    List(Vec<Vec<Inline>>),
    Ordered(Vec<Vec<Inline>>),
    Table(Vec<&'static str>, Vec<Vec<Vec<Inline>>>),
    Picture(Box<Picture>),
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Inline {
    Text(String),
    Code(String),
    Link(Link),
}

/// A way to a page of the documentation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Link {
    /// The page's path.
    pub(super) page: String,
    pub(super) anchor: Option<String>,
    pub(super) text: String,
    /// Whether the text is the project's own word.
    pub(super) code: bool,
}

impl Page {
    pub(super) fn new(path: impl Into<String>, title: impl Into<String>, group: Option<&'static str>) -> Self {
        Self { path: path.into(), title: title.into(), group, blocks: Vec::new() }
    }

    pub(super) fn heading(&mut self, level: u8, text: &str) {
        self.blocks.push(Block::Heading(level, anchor(text), vec![Inline::Text(text.to_owned())]));
    }

    /// The heading of something that the project declares.
    pub(super) fn item(&mut self, level: u8, name: &str) {
        self.blocks.push(Block::Heading(level, anchor(name), vec![Inline::Code(name.to_owned())]));
    }

    /// What `///` lines say: paragraphs, with code between backticks.
    pub(super) fn docs(&mut self, docs: Option<&str>) {
        for paragraph in docs.unwrap_or_default().split("\n\n").filter(|text| !text.trim().is_empty()) {
            self.blocks.push(Block::Paragraph(inline(paragraph)));
        }
    }

    pub(super) fn paragraph(&mut self, line: Vec<Inline>) {
        self.blocks.push(Block::Paragraph(line));
    }

    /// A table, if it has a row; columns in which no row says anything are left out.
    pub(super) fn table(&mut self, head: &[&'static str], rows: Vec<Vec<Vec<Inline>>>) {
        let says = |column: usize| rows.iter().any(|row| row.get(column).is_some_and(|cell| !cell.is_empty()));
        let kept: Vec<usize> = (0..head.len()).filter(|column| *column == 0 || says(*column)).collect();
        let pick = |row: &Vec<Vec<Inline>>| kept.iter().map(|at| row.get(*at).cloned().unwrap_or_default()).collect();
        let picked: Vec<Vec<Vec<Inline>>> = rows.iter().map(pick).collect();
        if !picked.is_empty() {
            self.blocks.push(Block::Table(kept.iter().map(|at| head[*at]).collect(), picked));
        }
    }

    pub(super) fn list(&mut self, items: Vec<Vec<Inline>>) {
        if !items.is_empty() {
            self.blocks.push(Block::List(items));
        }
    }

    pub(super) fn ordered(&mut self, items: Vec<Vec<Inline>>) {
        if !items.is_empty() {
            self.blocks.push(Block::Ordered(items));
        }
    }

    pub(super) fn picture(&mut self, picture: Picture) {
        self.blocks.push(Block::Picture(Box::new(picture)));
    }
}

/// Text with code between backticks.
pub(super) fn inline(text: &str) -> Vec<Inline> {
    let parts = text.split('`').enumerate().filter(|(_, part)| !part.is_empty());
    parts
        .map(|(at, part)| if at % 2 == 0 { Inline::Text(part.to_owned()) } else { Inline::Code(part.to_owned()) })
        .collect()
}

pub(super) fn text(text: impl Into<String>) -> Vec<Inline> {
    let text = text.into();
    if text.is_empty() { Vec::new() } else { vec![Inline::Text(text)] }
}

pub(super) fn code(text: impl Into<String>) -> Vec<Inline> {
    let text = text.into();
    if text.is_empty() { Vec::new() } else { vec![Inline::Code(text)] }
}

/// The project's own word, as a way to where it is described.
pub(super) fn link(page: impl Into<String>, name: Option<&str>, text: impl Into<String>) -> Inline {
    Inline::Link(Link { page: page.into(), anchor: name.map(anchor), text: text.into(), code: true })
}

/// A title as a way to its page.
pub(super) fn page_link(page: &Page) -> Inline {
    Inline::Link(Link { page: page.path.clone(), anchor: None, text: page.title.clone(), code: false })
}

/// The name that links to a heading end in.
pub(super) fn anchor(text: &str) -> String {
    text.chars().map(|letter| if letter.is_alphanumeric() || letter == '_' { letter } else { '-' }).collect()
}

/// The first sentence of what `///` lines say.
pub(super) fn first_sentence(docs: Option<&str>) -> Vec<Inline> {
    let paragraph = docs.unwrap_or_default().split("\n\n").next().unwrap_or_default();
    let end = paragraph.find(". ").map_or(paragraph.len(), |at| at + 1);
    inline(&paragraph[..end])
}
