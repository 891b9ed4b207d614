//! An expectation with the value under each part, as it is written.

use crate::check::arithmetic::written;
use crate::gate::{Part, short, under, visible};
use crate::model::{Expr, ExprKind, Value};

/// The text with values under it.
/// `whole` says of a part that nothing within it has a value of its own, `hidden` that nobody may see its value.
pub(super) fn draw(
    text: &str,
    expr: &Expr,
    value: &dyn Fn(&Expr) -> Option<Value>,
    whole: &dyn Fn(&Expr) -> bool,
    hidden: &dyn Fn(&Expr) -> bool,
) -> String {
    let mut drawing = Drawing { text, start: expr.span.start as usize, value, whole, hidden, parts: Vec::new() };
    drawing.expr(expr);
    drawing.parts.sort_by_key(|part| part.column);
    under(&drawing.flat(text.len()), &drawing.parts)
}

struct Drawing<'a> {
    text: &'a str,
    start: usize,
    value: &'a dyn Fn(&Expr) -> Option<Value>,
    whole: &'a dyn Fn(&Expr) -> bool,
    hidden: &'a dyn Fn(&Expr) -> bool,
    parts: Vec<Part>,
}

impl Drawing<'_> {
    fn expr(&mut self, expr: &Expr) {
        let own = (expr.span.start as usize).saturating_sub(self.start);
        match &expr.kind {
            _ if (self.whole)(expr) => self.part(expr, own),
            ExprKind::Value(_) | ExprKind::Decl(_) | ExprKind::Error => {}
            // A part of a value says all that the value itself would.
            ExprKind::Field(..) | ExprKind::Index(..) | ExprKind::Local(_) | ExprKind::Text(_) => self.part(expr, own),
            ExprKind::Ask(..) => self.part(expr, own),
            ExprKind::Length(of) => {
                self.expr(of);
                let at = (of.span.end as usize).saturating_sub(self.start);
                self.part(expr, at);
            }
            ExprKind::Binary(_, left, right) => {
                self.expr(left);
                let (from, to) = (self.within(left.span.end), self.within(right.span.start));
                let between = self.text.get(from..to).unwrap_or_default();
                let sign = between.find(|letter: char| !letter.is_whitespace() && letter != ')');
                self.part(expr, from + sign.unwrap_or(0));
                self.expr(right);
            }
            _ => {
                self.part(expr, own);
                expr.parts().into_iter().for_each(|part| self.expr(part));
            }
        }
    }

    fn within(&self, at: u32) -> usize {
        (at as usize).saturating_sub(self.start)
    }

    fn part(&mut self, expr: &Expr, at: usize) {
        let hidden = (self.hidden)(expr);
        let value = if hidden { None } else { (self.value)(expr) };
        let nothing = if hidden { "***" } else { "no data" };
        if matches!(value, Some(Value::Record(_))) {
            return;
        }
        let (from, to) = (self.within(expr.span.start), self.within(expr.span.end));
        self.parts.push(Part {
            text: visible(self.text.get(from..to).unwrap_or_default()),
            column: self.flat(at).chars().count(),
            value: value.as_ref().and_then(crate::encode::json).unwrap_or_default(),
            shown: short(&value.as_ref().map_or_else(|| nothing.to_owned(), written)),
            problem: None,
        });
    }

    /// The text up to a byte, on one line.
    fn flat(&self, to: usize) -> String {
        let mut flat = String::new();
        for letter in self.text.get(..to).unwrap_or(self.text).chars() {
            match letter.is_whitespace() {
                true if flat.ends_with(' ') => {}
                true => flat.push(' '),
                false => flat.push_str(&visible(&letter.to_string())),
            }
        }
        flat
    }
}
