//! Elements as lines.
//!
//! In: a file's elements. Out: its text. It refuses to know alignment, which `rows` does to whole runs of lines.

use super::LONGEST;
use super::rows::{self, Row};
use super::spacing::{self, Last};
use super::tree::{Bracket, Element, Part};

/// How far a level is indented.
const INDENT: usize = 2;

/// The text of a file.
pub(super) fn file(items: &[Element]) -> String {
    let mut rows: Vec<Row> = Vec::new();
    let mut many = false;
    for item in items {
        let row = row(item, 0, "", Context::Items);
        let own = row.as_ref().is_some_and(|row| row.text.contains('\n'));
        let first = rows.len();
        rows.extend(remarks(item));
        rows.extend(row);
        if (own || many) && first > 0 && !item.parts.is_empty() {
            separate(&mut rows[first..]);
        }
        many = own;
    }
    rows::lines(rows, 0)
}

/// Puts an empty line before an item of several lines, or behind one: before the comments that belong to the item.
fn separate(rows: &mut [Row]) {
    let start = rows.iter().rposition(|row| row.blank).unwrap_or(0);
    rows[start].blank = true;
}

/// What elements stand in, as far as the layout depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Context {
    /// A file.
    Items,
    /// Braces of a `schema` or a `struct`.
    Columns,
    /// Other braces.
    Braces,
    /// Parentheses or square brackets.
    Round,
}

/// The comments before an element, a row each.
fn remarks(element: &Element) -> Vec<Row> {
    let remark = |remark: &super::tree::Remark| Row::remark(remark.text, remark.blank);
    element.before.iter().map(remark).collect()
}

/// An element as a row, if it is more than comments.
fn row(element: &Element, indent: usize, comma: &str, context: Context) -> Option<Row> {
    if element.parts.is_empty() {
        return None;
    }
    let documented = element.before.last().is_some_and(|remark| remark.text.starts_with("///"));
    let mut line = Line::new(indent, context);
    line.parts(&element.parts);
    line.text.push_str(comma);
    if let Some(comment) = element.after {
        line.text.push(' ');
        line.text.push_str(comment);
    }
    let cells = if line.text.contains('\n') { rows::Cells::none() } else { rows::cells(element, context, comma) };
    Some(Row {
        text: line.text,
        cells,
        comment: element.after.map(str::to_string),
        blank: element.blank && !documented,
        alone: !element.before.is_empty(),
    })
}

/// A line that is being written, with the lines that brackets in it make.
pub(super) struct Line {
    /// What is written so far, without the indentation of its first line.
    text: String,
    indent: usize,
    context: Context,
    last: Last,
    /// The first word.
    keyword: String,
    /// Whether it is known to fit.
    unbroken: bool,
}

impl Line {
    fn new(indent: usize, context: Context) -> Self {
        Line { text: String::new(), indent, context, last: Last::Nothing, keyword: String::new(), unbroken: false }
    }

    fn parts(&mut self, parts: &[Part]) {
        for (index, part) in parts.iter().enumerate() {
            let first = index == 0 && matches!(self.context, Context::Braces);
            if spacing::before(self.last, part) && !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
                self.text.push(' ');
            }
            match part {
                Part::Token(token) | Part::Angle(token) => {
                    if index == 0 {
                        self.keyword = token.text.to_string();
                    }
                    self.text.push_str(&token.text.replace('\r', ""));
                }
                Part::Comment(comment) => self.comment(comment, parts.get(index + 1)),
                Part::Bracket(bracket) => self.bracket(bracket, &parts[index + 1..]),
            }
            self.last = spacing::after(self.last, part, first);
        }
    }

    /// A comment in the middle: the rest stands on the next line.
    fn comment(&mut self, comment: &str, next: Option<&Part>) {
        self.text.push_str(comment);
        self.text.push('\n');
        let in_first_column = match next {
            Some(Part::Bracket(bracket)) => bracket.open == "{",
            Some(Part::Token(token)) => token.text == "->" || token.text == "else",
            _ => false,
        };
        let deeper = if in_first_column { 0 } else { INDENT };
        self.text.push_str(&" ".repeat(self.indent + deeper));
    }

    fn bracket(&mut self, bracket: &Bracket, rest: &[Part]) {
        if bracket.broken || !self.fits(bracket, rest) {
            return self.broken(bracket);
        }
        self.flat(bracket);
    }

    /// Whether what stands in brackets fits on the line, with what follows up to the next brackets.
    fn fits(&self, bracket: &Bracket, rest: &[Part]) -> bool {
        if self.unbroken || bracket.elements.is_empty() {
            return true;
        }
        let mut flat = Line::new(self.indent, self.context);
        (flat.unbroken, flat.last) = (true, self.last);
        flat.flat(bracket);
        if flat.text.contains('\n') {
            flat.text.truncate(flat.text.find('\n').unwrap_or(0));
            return self.column() + width(&flat.text) <= LONGEST;
        }
        let until = rest.iter().position(|part| matches!(part, Part::Bracket(_))).unwrap_or(rest.len());
        flat.last = Last::Operand;
        flat.parts(&rest[..until]);
        self.column() + width(&flat.text) <= LONGEST
    }

    fn column(&self) -> usize {
        match self.text.rfind('\n') {
            Some(newline) => width(&self.text[newline + 1..]),
            None => self.indent + width(&self.text),
        }
    }

    fn flat(&mut self, bracket: &Bracket) {
        let is_call = self.last == Last::Operand;
        let braces = bracket.open == "{";
        self.text.push_str(bracket.open);
        if braces && !bracket.elements.is_empty() {
            self.text.push(' ');
        }
        let context = if braces { Context::Braces } else { Context::Round };
        let (indent, outer) = (self.indent, self.context);
        for (index, element) in bracket.elements.iter().enumerate() {
            if index > 0 {
                self.text.push_str(", ");
            }
            let keyword = std::mem::take(&mut self.keyword);
            (self.last, self.context) = (Last::Nothing, context);
            self.parts(&element.parts);
            self.keyword = keyword;
        }
        (self.indent, self.context) = (indent, outer);
        if bracket.open == "(" && bracket.trailing_comma && bracket.elements.len() == 1 && !is_call {
            self.text.push(',');
        }
        if braces && !bracket.elements.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(bracket.close());
    }

    fn broken(&mut self, bracket: &Bracket) {
        let inner = self.indent + INDENT;
        let context = match bracket.open {
            "{" if matches!(self.keyword.as_str(), "schema" | "struct") && self.context == Context::Items => {
                Context::Columns
            }
            "{" => Context::Braces,
            _ => Context::Round,
        };
        let commas = context == Context::Round && takes_comma(bracket, self.last == Last::Operand);
        let mut rows: Vec<Row> = Vec::new();
        let last = bracket.elements.iter().rposition(|element| !element.parts.is_empty());
        for (index, element) in bracket.elements.iter().enumerate() {
            let comma = if context == Context::Round && (commas || Some(index) != last) { "," } else { "" };
            rows.extend(remarks(element));
            rows.extend(row(element, inner, comma, context));
        }
        if let Some(first) = rows.first_mut() {
            first.blank = false;
        }
        self.text.push_str(bracket.open);
        if let Some(comment) = bracket.after_open {
            self.text.push(' ');
            self.text.push_str(comment);
        }
        self.text.push('\n');
        self.text.push_str(&rows::lines(rows, inner));
        self.text.push_str(&" ".repeat(self.indent));
        self.text.push_str(bracket.close());
    }
}

/// Whether a comma may stand before the closing bracket without changing what the brackets mean: not in a comprehension,
/// nor where parentheses hold one value.
fn takes_comma(bracket: &Bracket, is_call: bool) -> bool {
    let Some(first) = bracket.elements.first() else { return false };
    let comprehension = matches!(first.parts.first(), Some(Part::Token(token)) if token.text == "for");
    let named = bracket
        .elements
        .iter()
        .any(|element| element.parts.iter().any(|part| matches!(part, Part::Token(token) if token.text == ":")));
    match bracket.open {
        "[" => !comprehension,
        _ => is_call || named || bracket.trailing_comma || bracket.elements.len() > 1,
    }
}

/// Parts on one line, as if the line began with them.
pub(super) fn flat_text(parts: &[Part], context: Context) -> String {
    let mut line = Line::new(0, context);
    line.unbroken = true;
    line.parts(parts);
    line.text
}

/// How many columns a text takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().count()
}
