//! A condition with the value under each part.
//!
//! ```text
//! training.auc >= 0.95 and benchmark.error_rate < 1%
//! |            |       |   |                    |
//! 0.93         false   |   0.4%                 true
//!                      false
//! ```

use serde_json::Value as Json;
use unicode_width::UnicodeWidthStr;

use super::evaluate::{evaluate, shown};
use super::{Measured, Part};
use crate::encode;
use crate::plan::{Expr, ExprKind, Operator};

/// How much of a value is shown.
const WIDEST: usize = 60;

/// The condition's text and its parts, from left to right.
pub(super) fn draw(condition: &Expr, measured: &Measured) -> (String, Vec<Part>) {
    let mut drawing = Drawing { measured, text: String::new(), parts: Vec::new() };
    drawing.expr(condition, 0);
    drawing.parts.sort_by_key(|part| part.column);
    (drawing.text, drawing.parts)
}

struct Drawing<'a> {
    measured: &'a Measured,
    text: String,
    parts: Vec<Part>,
}

impl Drawing<'_> {
    /// Writes what `Display` writes, and keeps where each part is.
    fn expr(&mut self, of: &Expr, least: u8) {
        match &of.kind {
            ExprKind::Measure { .. } | ExprKind::Field { .. } | ExprKind::Text { .. } => self.leaf(of),
            ExprKind::Length { of: whole } => {
                self.expr(whole, 0);
                self.text.push('.');
                self.part(of, whole.as_literal().is_none());
                self.text.push_str("length");
            }
            ExprKind::List { items } => self.enclosed("[", items.iter().map(|item| (String::new(), item)), "]"),
            ExprKind::Record { entries } => {
                self.enclosed("(", entries.iter().map(|(name, value)| (format!("{name}: "), value)), ")");
            }
            ExprKind::Keyed { entries } => {
                let entries = entries.iter().map(|entry| (format!("{}: ", entry.key), &entry.value));
                self.enclosed("(", entries, ")");
            }
            ExprKind::Not { operand } => {
                self.part(of, true);
                self.text.push_str("not ");
                self.expr(operand, 6);
            }
            ExprKind::Binary { operator, left, right } => self.binary(of, *operator, (left, right), least),
            ExprKind::Between { operand, low, high, inclusive } => {
                self.expr(operand, 4);
                self.text.push(' ');
                self.part(of, true);
                self.text.push_str("in ");
                self.expr(low, 0);
                self.text.push_str(if *inclusive { "..=" } else { ".." });
                self.expr(high, 0);
            }
            _ => self.push(&of.to_string()),
        }
    }

    fn binary(&mut self, of: &Expr, operator: Operator, (left, right): (&Expr, &Expr), least: u8) {
        let tightness = operator.tightness();
        let bracketed = tightness < least;
        self.text.push_str(if bracketed { "(" } else { "" });
        self.expr(left, tightness);
        self.text.push(' ');
        self.part(of, true);
        self.text.push_str(operator.sign());
        self.text.push(' ');
        self.expr(right, tightness + 1);
        self.text.push_str(if bracketed { ")" } else { "" });
    }

    fn enclosed<'e>(&mut self, open: &str, items: impl Iterator<Item = (String, &'e Expr)>, close: &str) {
        self.text.push_str(open);
        for (index, (before, item)) in items.enumerate() {
            self.push(&format!("{}{before}", if index == 0 { "" } else { ", " }));
            self.expr(item, 0);
        }
        self.text.push_str(close);
    }

    fn leaf(&mut self, of: &Expr) {
        self.part(of, true);
        self.push(&of.to_string());
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(&visible(text));
    }

    /// A part whose value stands under what is written next. What cannot be told for want of a part of it has no mark.
    fn part(&mut self, of: &Expr, wanted: bool) {
        let column = self.text.chars().count();
        let (value, shown, problem) = match evaluate(of, self.measured) {
            Ok(value) => (encode::json(&value).unwrap_or(Json::Null), shown(&of.ty, &value), None),
            Err(fault) => {
                let is_told_of = of.parts().into_iter().any(|part| evaluate(part, self.measured).is_err());
                if is_told_of && !matches!(of.kind, ExprKind::Field { .. } | ExprKind::Text { .. }) {
                    return;
                }
                (Json::Null, fault.shown, Some(fault.message))
            }
        };
        if wanted {
            self.parts.push(Part { text: visible(&of.to_string()), column, value, shown: short(&shown), problem });
        }
    }
}

/// Letters that would turn the direction of a line, or that nobody sees.
const UNSEEN: &str =
    "\u{2028}\u{2029}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{feff}";

/// Without what would move the cursor.
pub(crate) fn visible(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    for c in text.chars() {
        match c.is_control() || UNSEEN.contains(c) {
            true => seen.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            false => seen.push(c),
        }
    }
    seen
}

pub(crate) fn short(text: &str) -> String {
    let text = visible(text);
    match text.chars().count() > WIDEST {
        true => text.chars().take(WIDEST - 1).chain(['…']).collect(),
        false => text,
    }
}

/// The text with the parts' values under it: each as high as it fits, under a line that leads up to its part.
pub(crate) fn under(text: &str, parts: &[Part]) -> String {
    let columns: Vec<usize> = parts.iter().map(|part| before(text, part.column).width()).collect();
    let mut rows: Vec<Vec<(usize, String)>> = Vec::new();
    for (part, column) in parts.iter().zip(&columns).rev() {
        let end = column + part.shown.width();
        let free = |row: &Vec<(usize, String)>| row.iter().all(|(start, _)| *start > end);
        let at = rows.iter().position(free).unwrap_or(rows.len());
        if at == rows.len() {
            rows.push(Vec::new());
        }
        for row in &mut rows[..at] {
            row.push((*column, "|".to_owned()));
        }
        rows[at].push((*column, part.shown.clone()));
    }
    let bars = columns.iter().rev().map(|column| (*column, "|".to_owned())).collect();
    let lines = (!parts.is_empty()).then_some(bars).into_iter().chain(rows).map(|mut row: Vec<(usize, String)>| {
        row.sort();
        let mut line = String::new();
        for (column, word) in row {
            line.push_str(&" ".repeat(column.saturating_sub(line.width())));
            line.push_str(&word);
        }
        line
    });
    std::iter::once(text.to_owned()).chain(lines).map(|line| line + "\n").collect()
}

fn before(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(at, _)| &text[..at])
}
