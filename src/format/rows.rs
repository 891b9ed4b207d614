//! Rows: lines that stand below each other, and their alignment.
//!
//! In: the rows of a file or of one pair of brackets. Out: their text. Rows that follow each other and are of one kind are
//! aligned: values after their names, braces after their headings, the types of columns.

use super::layout::{Context, flat_text, width};
use super::tree::{Bracket, Element, Part};

/// A line, or the lines of one element.
#[derive(Debug)]
pub(super) struct Row {
    /// Without the indentation of its first line.
    pub text: String,
    /// What can be aligned.
    pub cells: Cells,
    /// The comment behind it.
    pub comment: Option<String>,
    /// Whether an empty line stands before it.
    pub blank: bool,
    /// Whether it is not aligned with the row before it.
    pub alone: bool,
}

impl Row {
    /// A comment on a line of its own.
    pub(super) fn remark(text: &str, blank: bool) -> Self {
        Row { text: text.to_string(), cells: Cells::none(), comment: None, blank, alone: true }
    }
}

/// A row's parts that can be aligned.
#[derive(Debug)]
pub(super) struct Cells {
    kind: Kind,
    /// Each but the last is filled with spaces.
    cells: Vec<String>,
}

/// What a row is; rows of one kind are aligned with each other.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    None,
    /// `name: value`
    Field,
    /// `name: type` and marks, `where` or a default.
    Column,
    /// `keyword name = value`
    Binding,
    /// `name = value`
    Bind,
    /// `keyword name { … }`; with the keyword.
    Section(String),
}

impl Cells {
    /// Nothing can be aligned.
    pub(super) fn none() -> Self {
        Cells { kind: Kind::None, cells: Vec::new() }
    }
}

/// The cells of an element that stands on one line.
pub(super) fn cells(element: &Element, context: Context, comma: &str) -> Cells {
    let parts = &element.parts;
    let sign = |index: usize| match parts.get(index) {
        Some(Part::Token(token)) => token.text,
        _ => "",
    };
    let rest = |from: usize| format!("{}{comma}", flat(&parts[from..]));
    match (context, sign(1), sign(2)) {
        (Context::Columns, ":", _) => column(parts),
        (Context::Braces | Context::Round, ":", _) => {
            Cells { kind: Kind::Field, cells: vec![format!("{}:", sign(0)), rest(2)] }
        }
        (Context::Braces, "=", _) => Cells { kind: Kind::Bind, cells: vec![sign(0).to_string(), rest(1)] },
        (Context::Braces, name, "=") if is_word(parts, 0) && is_word(parts, 1) => {
            Cells { kind: Kind::Binding, cells: vec![sign(0).to_string(), name.to_string(), rest(2)] }
        }
        (Context::Braces | Context::Items, _, _) => section(parts),
        _ => Cells::none(),
    }
}

fn is_word(parts: &[Part], index: usize) -> bool {
    matches!(parts.get(index), Some(Part::Token(token)) if token.kind == crate::syntax::TokenKind::Word)
}

/// `name:`, the type, and what stands behind it.
fn column(parts: &[Part]) -> Cells {
    let is_tail = |part: &Part| match part {
        Part::Token(token) => token.text == "where" || token.text == "=" || token.text.starts_with('@'),
        _ => false,
    };
    let tail = parts.iter().position(is_tail).unwrap_or(parts.len());
    let mut cells = vec![format!("{}:", flat(&parts[..1])), flat(&parts[2.min(tail)..tail])];
    if tail < parts.len() {
        cells.push(flat(&parts[tail..]));
    }
    Cells { kind: Kind::Column, cells }
}

/// `keyword name`, and each entry in the braces.
fn section(parts: &[Part]) -> Cells {
    let [Part::Token(keyword), Part::Token(name), rest @ ..] = parts else { return Cells::none() };
    if !is_word(parts, 0) || !is_word(parts, 1) {
        return Cells::none();
    }
    let kind = Kind::Section(keyword.text.to_string());
    let mut cells = vec![format!("{} {}", keyword.text, name.text)];
    match rest {
        [] => {}
        [Part::Bracket(bracket)] if bracket.open == "{" && !bracket.elements.is_empty() => {
            cells.extend(entries(bracket))
        }
        _ => return Cells::none(),
    }
    Cells { kind, cells }
}

/// The entries of braces on one line, the opening brace with the first, the closing one with the last.
fn entries(bracket: &Bracket) -> Vec<String> {
    let last = bracket.elements.len() - 1;
    let entry = |(index, element): (usize, &Element)| {
        let open = if index == 0 { "{ " } else { "" };
        let close = if index == last { " }" } else { "," };
        format!("{open}{}{close}", flat_text(&element.parts, Context::Braces))
    };
    bracket.elements.iter().enumerate().map(entry).collect()
}

fn flat(parts: &[Part]) -> String {
    flat_text(parts, Context::Round)
}

/// The text of rows, each line with its end.
pub(super) fn lines(mut rows: Vec<Row>, indent: usize) -> String {
    let mut from = 0;
    while from < rows.len() {
        let until = run(&rows, from);
        align(&mut rows[from..until]);
        from = until;
    }
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        if row.blank && index > 0 {
            text.push('\n');
        }
        text.push_str(&" ".repeat(indent));
        text.push_str(&row.text);
        text.push('\n');
    }
    text
}

/// Where the run of rows that begins at `from` ends.
fn run(rows: &[Row], from: usize) -> usize {
    let kind = &rows[from].cells.kind;
    let mut until = from + 1;
    while until < rows.len() && *kind != Kind::None {
        let row = &rows[until];
        if row.cells.kind != *kind || row.blank || row.alone {
            break;
        }
        until += 1;
    }
    until
}

fn align(rows: &mut [Row]) {
    match rows.first().map(|row| row.cells.kind.clone()) {
        Some(Kind::Section(_)) => align_sections(rows),
        Some(Kind::Column) => {
            pad(rows, 0, 1);
            let types = rows.iter().map(|row| width(&row.cells.cells[1])).max().unwrap_or(0);
            // The next multiple of four, so that one longer type does not move every line.
            fill(rows, 1, (types + 1).next_multiple_of(4));
        }
        Some(Kind::Binding) => {
            pad(rows, 0, 1);
            pad(rows, 1, 1);
        }
        Some(Kind::Field | Kind::Bind) => pad(rows, 0, 1),
        _ => return,
    }
    for row in rows {
        row.text = row.cells.cells.concat();
        if let Some(comment) = &row.comment {
            row.text.push(' ');
            row.text.push_str(comment);
        }
    }
}

/// Headings are aligned in the whole run, entries where rows that follow each other have the same fields.
fn align_sections(rows: &mut [Row]) {
    pad(rows, 0, 1);
    let mut from = 0;
    while from < rows.len() {
        let names = names(&rows[from]);
        let same = rows[from..].iter().take_while(|row| self::names(row) == names).count();
        for cell in 1..rows[from].cells.cells.len().max(1) {
            pad(&mut rows[from..from + same], cell, 1);
        }
        from += same;
    }
}

/// The names of the fields in a section's braces.
fn names(row: &Row) -> Vec<&str> {
    let name = |cell: &'_ String| cell.find(':').map_or(0, |end| end);
    row.cells.cells[1..].iter().map(|cell| cell[..name(cell)].trim_start_matches("{ ").trim()).collect()
}

/// Fills a cell of every row that has one after it, up to the widest and a space.
fn pad(rows: &mut [Row], cell: usize, space: usize) {
    let has_next = |row: &&Row| row.cells.cells.len() > cell + 1;
    let widest = rows.iter().filter(has_next).map(|row| width(&row.cells.cells[cell])).max().unwrap_or(0);
    fill(rows, cell, widest + space);
}

fn fill(rows: &mut [Row], cell: usize, to: usize) {
    for row in rows.iter_mut().filter(|row| row.cells.cells.len() > cell + 1) {
        let text = &mut row.cells.cells[cell];
        let missing = to.saturating_sub(width(text)).max(1);
        text.push_str(&" ".repeat(missing));
    }
}
