//! What stands in brackets: lists, groups, records, arguments.

use super::Build;
use crate::ast::{Argument, Expr, ExprKind, Name, RecordEntry, TextPart};
use crate::diagnostics::report;
use crate::source::Span;
use crate::syntax::grammar::{Node, Nodes, Rule};

/// What stands between the brackets of a call, a list, a group or a record.
pub(super) struct Element {
    span: Span,
    spread: bool,
    /// What stands before the colon, or alone.
    first: Expr,
    /// What stands after the colon.
    second: Option<Expr>,
}

impl Build<'_> {
    pub(super) fn list(&mut self, node: Node) -> ExprKind {
        let mut nodes = Nodes::of(node.clone());
        if let Some(comprehension) = nodes.accept(Rule::comprehension) {
            return self.comprehension(comprehension);
        }
        let elements = self.elements(node);
        let height = self.height;
        let list = elements.into_iter().map(|element| self.positional(element, "a list")).collect();
        self.height = height + 1;
        ExprKind::List(list)
    }

    fn comprehension(&mut self, node: Node) -> ExprKind {
        let (span, before) = (self.span(&node), self.diagnostics.len());
        let mut nodes = Nodes::of(node);
        nodes.pass(Rule::for_word);
        let mut height = 0;
        let name = self.wanted_name(&mut nodes, span, "after `for`");
        self.wanted(&mut nodes, Rule::in_word, span, before, "after the name");
        let source = self.wanted_expr(&mut nodes, Rule::expr, span, before, "after `in`", &mut height);
        let condition = nodes
            .pass(Rule::where_word)
            .then(|| Box::new(self.wanted_expr(&mut nodes, Rule::expr, span, before, "after `where`", &mut height)));
        self.wanted(&mut nodes, Rule::colon, span, before, "before the value of each");
        let value = self.wanted_expr(&mut nodes, Rule::expr, span, before, "after `:`", &mut height);
        self.junk(&mut nodes, before, "the value of each");
        self.height = height + 1;
        ExprKind::Comprehension { name, source: Box::new(source), condition, value: Box::new(value) }
    }

    /// A value in parentheses, or a record.
    pub(super) fn group(&mut self, node: Node, span: Span) -> Expr {
        let comma = node.as_str().trim_end().trim_end_matches(')').trim_end().ends_with(',');
        let mut elements = self.elements(node);
        let height = self.height;
        if elements.len() == 1 && !comma && elements[0].second.is_none() && !elements[0].spread {
            return elements.remove(0).first;
        }
        let entries = elements.into_iter().filter_map(|element| self.record_entry(element)).collect();
        self.height = height + 1;
        Expr { kind: ExprKind::Record(entries), span }
    }

    pub(super) fn record(&mut self, node: Node) -> Vec<RecordEntry> {
        let elements = self.elements(node);
        let height = self.height;
        let entries = elements.into_iter().filter_map(|element| self.record_entry(element)).collect();
        self.height = height + 1;
        entries
    }

    fn record_entry(&mut self, element: Element) -> Option<RecordEntry> {
        if element.spread {
            return Some(RecordEntry::Spread(element.first));
        }
        let key = element.first;
        let (name, is_name) = match key.kind {
            ExprKind::Name(name) => (name, true),
            ExprKind::Text(parts) if parts.len() > 1 || matches!(parts.first(), Some(TextPart::Expr(_))) => {
                let key = Expr { kind: ExprKind::Text(parts), span: key.span };
                let Some(value) = element.second else {
                    self.missing(Rule::expr, key.span, "after this key");
                    return None;
                };
                return Some(RecordEntry::Keyed { key, value });
            }
            ExprKind::Text(parts) => match <[_; 1]>::try_from(parts) {
                Ok([TextPart::Literal(text)]) => (Name { text, span: key.span }, false),
                _ => (Name { text: String::new(), span: key.span }, false),
            },
            ExprKind::Error => return None,
            _ => {
                let message =
                    if element.second.is_some() { "this is no field's name" } else { "this value has no name" };
                self.say(report::bad_syntax(key.span, message).help("A record's fields are written `name: value`."));
                return None;
            }
        };
        let value = match element.second {
            Some(value) => value,
            None if is_name => Expr { kind: ExprKind::Name(name.clone()), span: name.span },
            None => {
                self.missing(Rule::expr, name.span, &format!("after `\"{}\"`", name.text));
                self.error(name.span)
            }
        };
        Some(RecordEntry::Field { name, value })
    }

    pub(super) fn arguments(&mut self, node: Node) -> Vec<Argument> {
        let elements = self.elements(node);
        let height = self.height;
        let arguments = elements.into_iter().map(|element| self.argument(element)).collect();
        self.height = height + 1;
        arguments
    }

    fn argument(&mut self, element: Element) -> Argument {
        if element.spread {
            let span = element.span;
            self.say(report::bad_syntax(span, "`..` spreads a record into a record, not into arguments"));
            return Argument { name: None, value: self.error(span) };
        }
        match (element.first, element.second) {
            (value, None) => Argument { name: None, value },
            (Expr { kind: ExprKind::Name(name), .. }, Some(value)) => Argument { name: Some(name), value },
            (first, Some(value)) => {
                if first.kind != ExprKind::Error {
                    self.say(report::bad_syntax(first.span, "this is no argument's name"));
                }
                Argument { name: None, value: self.error(value.span) }
            }
        }
    }

    /// A value that has no name.
    pub(super) fn positional(&mut self, element: Element, place: &str) -> Expr {
        if element.spread {
            self.say(report::bad_syntax(element.span, format!("`..` does not stand in {place}")));
            return self.error(element.span);
        }
        if element.second.is_some() {
            if element.first.kind != ExprKind::Error {
                let help = "A record stands in `{ }` or `( )`.";
                self.say(report::bad_syntax(element.span, format!("the values of {place} have no names")).help(help));
            }
            return self.error(element.span);
        }
        element.first
    }

    pub(super) fn elements(&mut self, node: Node) -> Vec<Element> {
        let mut elements = Vec::new();
        let mut height = 0;
        let mut nodes = Nodes::of(node);
        while let Some(inner) = nodes.next() {
            match inner.as_rule() {
                Rule::element => {
                    elements.push(self.element(inner, &mut nodes));
                    height = height.max(self.height);
                }
                Rule::junk => {
                    let span = self.span(&inner);
                    elements.push(Element { span, spread: false, first: self.error(span), second: None });
                    self.other(&inner);
                }
                _ => self.other(&inner),
            }
        }
        self.height = height;
        elements
    }

    fn element(&mut self, node: Node, after: &mut Nodes) -> Element {
        let (span, before) = (self.span(&node), self.diagnostics.len());
        let mut nodes = Nodes::of(node);
        let mut height = 0;
        let spread = nodes.pass(Rule::spread);
        let first = match nodes.peek() {
            Some(Rule::expr) => self.wanted_expr(&mut nodes, Rule::expr, span, before, "", &mut height),
            _ if spread => self.wanted_expr(&mut nodes, Rule::expr, span, before, "after `..`", &mut height),
            _ => self.error(span),
        };
        let mut second = None;
        if let Some(sign) = nodes.accept(Rule::sign) {
            let place = self.span(&sign);
            if sign.as_str() == "=" {
                self.say(report::bad_syntax(place, "`:` gives a field or an argument its value, not `=`").fix(
                    "write `:`",
                    place,
                    ":",
                ));
            }
            let shown = self.text_of(place).to_string();
            second =
                Some(self.wanted_expr(&mut nodes, Rule::expr, place, before, &format!("after `{shown}`"), &mut height));
        }
        self.junk(after, before, "");
        self.height = height;
        Element { span, spread, first, second }
    }
}
