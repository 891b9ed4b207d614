//! Expressions: operators by how tight they bind, operands, what stands behind them.

use super::{Build, HIGHEST, unquoted};
use crate::ast::{BinaryOperator, Expr, ExprKind, Name, RecordEntry, UnaryOperator};
use crate::diagnostics::report;
use crate::source::Span;
use crate::syntax::grammar::{Node, Nodes, Rule};
use crate::syntax::keywords::is_reserved;

/// How tight comparisons bind.
const COMPARISON: u8 = 3;

/// An operator between two operands.
#[derive(Clone, Copy)]
enum Infix {
    Binary(BinaryOperator),
    Range(bool),
}

impl Build<'_> {
    /// `expr` or `head`
    pub(super) fn expr(&mut self, node: Node) -> Expr {
        let span = self.span(&node);
        let mut nodes = Nodes::of(node);
        let expr = self.operation(&mut nodes, 0, span);
        if self.height <= HIGHEST {
            return expr;
        }
        self.height = 1;
        self.say(
            report::too_deep(span, "this expression is nested too deeply").help("Give its parts names of their own."),
        );
        self.error(span)
    }

    /// Operands and operators that bind at least as tight as `least`.
    fn operation(&mut self, nodes: &mut Nodes, least: u8, whole: Span) -> Expr {
        let left = self.operand(nodes, whole);
        self.operation_from(left, nodes, least)
    }

    fn operation_from(&mut self, mut left: Expr, nodes: &mut Nodes, least: u8) -> Expr {
        let mut height = self.height;
        while let Some(sign) = nodes.peek_node().filter(|node| node.as_rule() == Rule::infix) {
            let (infix, tightness) = infix(sign.as_str().trim());
            if tightness < least {
                break;
            }
            let operator_span = self.span(sign);
            self.check_infix(operator_span);
            nodes.next();
            let right = self.operation(nodes, tightness + 1, operator_span);
            height = height.max(self.height) + 1;
            if height > HIGHEST {
                // The rest is walked through without growing the tree.
                left = self.error(left.span);
                continue;
            }
            let span = left.span.to(right.span);
            let (low, high) = (Box::new(left), Box::new(right));
            let kind = match infix {
                Infix::Binary(operator) => ExprKind::Binary { operator, operator_span, left: low, right: high },
                Infix::Range(inclusive) => ExprKind::Range { low, high, inclusive },
            };
            left = Expr { kind, span };
        }
        self.height = height;
        left
    }

    fn check_infix(&mut self, span: Span) {
        let (sign, word) = match self.text_of(span) {
            "&&" => ("&&", "and"),
            "||" => ("||", "or"),
            _ => return,
        };
        self.say(report::bad_syntax(span, format!("`{sign}` is written `{word}`")).fix(
            format!("write `{word}`"),
            span,
            word,
        ));
    }

    /// Prefixes, an operand and what stands behind it. `not` takes in a whole comparison, `-` one operand.
    fn operand(&mut self, nodes: &mut Nodes, whole: Span) -> Expr {
        let prefixes = self.prefixes(nodes);
        let operand = match nodes.peek() {
            None | Some(Rule::infix) => {
                let before = prefixes.last().map_or(whole, |(_, span)| *span);
                let sign = self.text_of(before);
                self.say(report::bad_syntax(before, format!("a value is missing after `{sign}`")));
                self.height = 1;
                self.error(before.at_end())
            }
            Some(_) => nodes.next().map_or(self.error(whole), |node| self.primary(node)),
        };
        let expr = self.postfixes(operand, nodes);
        if prefixes.is_empty() {
            return expr;
        }
        let loose =
            prefixes.iter().rposition(|(operator, _)| *operator == UnaryOperator::Not).map_or(0, |last| last + 1);
        let expr = self.negated(expr, &prefixes[loose..]);
        if loose == 0 {
            return expr;
        }
        self.nesting += 1;
        let expr = if self.nesting > HIGHEST { expr } else { self.operation_from(expr, nodes, COMPARISON) };
        if self.nesting > HIGHEST {
            nodes.for_each(drop);
            self.height = HIGHEST + 1;
        }
        self.nesting -= 1;
        self.negated(expr, &prefixes[..loose])
    }

    fn prefixes(&mut self, nodes: &mut Nodes) -> Vec<(UnaryOperator, Span)> {
        let mut prefixes = Vec::new();
        while let Some(prefix) = nodes.accept(Rule::prefix) {
            let span = self.span(&prefix);
            if prefix.as_str() == "!" {
                let diagnostic = report::bad_syntax(span, "`!` is written `not`");
                self.say(diagnostic.fix("write `not`", span, "not "));
            }
            let operator = if prefix.as_str() == "-" { UnaryOperator::Negate } else { UnaryOperator::Not };
            prefixes.push((operator, span));
        }
        prefixes
    }

    fn negated(&mut self, mut expr: Expr, prefixes: &[(UnaryOperator, Span)]) -> Expr {
        self.height += prefixes.len();
        if self.height > HIGHEST {
            return expr;
        }
        for (operator, span) in prefixes.iter().rev() {
            let span = span.to(expr.span);
            expr = Expr { kind: ExprKind::Unary { operator: *operator, operand: Box::new(expr) }, span };
        }
        expr
    }

    fn postfixes(&mut self, mut expr: Expr, nodes: &mut Nodes) -> Expr {
        let mut height = self.height;
        while let Some(rule @ (Rule::field | Rule::call | Rule::index | Rule::with)) = nodes.peek() {
            let Some(node) = nodes.next() else { break };
            let end = self.span(&node);
            if height > HIGHEST {
                height += 1;
                continue;
            }
            self.height = 0;
            let span = expr.span.to(end);
            let kind = match rule {
                Rule::field => self.field(expr, node, end),
                Rule::call => {
                    let arguments = self.arguments(node);
                    ExprKind::Call { callee: Box::new(expr), arguments }
                }
                Rule::index => self.index(expr, node, end),
                _ => self.with(expr, node, end),
            };
            height = height.max(self.height) + 1;
            expr = Expr { kind, span };
        }
        self.height = height;
        expr
    }

    fn field(&mut self, of: Expr, node: Node, place: Span) -> ExprKind {
        let name = match Nodes::of(node).next() {
            Some(word) => {
                let text = unquoted(word.as_str()).unwrap_or(word.as_str()).to_string();
                Name { text, span: self.span(&word) }
            }
            None => {
                let dot = self.first_word(place);
                let whole = of.span.to(dot);
                let written = self.text_of(whole);
                if matches!(of.kind, ExprKind::Int(_)) && written.len() == self.text_of(of.span).len() + 1 {
                    self.bad_number(written, whole);
                    return ExprKind::Error;
                }
                self.say(report::bad_syntax(dot, "a name is missing after the dot"));
                Name { text: String::new(), span: place.at_end() }
            }
        };
        ExprKind::Field { of: Box::new(of), name }
    }

    fn index(&mut self, of: Expr, node: Node, place: Span) -> ExprKind {
        let mut elements = self.elements(node);
        let mut height = self.height;
        let index = match elements.pop() {
            Some(element) if elements.is_empty() => self.positional(element, "an index"),
            _ => {
                self.say(report::bad_syntax(place, "one index stands between `[` and `]`"));
                height = 1;
                self.error(place)
            }
        };
        self.height = height;
        ExprKind::Index { of: Box::new(of), index: Box::new(index) }
    }

    fn with(&mut self, call: Expr, node: Node, place: Span) -> ExprKind {
        ExprKind::With { call: Box::new(call), entries: self.with_entries(node, place) }
    }

    /// `with`
    pub(super) fn with_entries(&mut self, node: Node, place: Span) -> Vec<RecordEntry> {
        match Nodes::of(node).find(|inner| inner.as_rule() == Rule::record) {
            Some(record) => self.record(record),
            None => {
                self.say(report::bad_syntax(place, "`{` and its fields are missing after `with`"));
                Vec::new()
            }
        }
    }

    fn primary(&mut self, node: Node) -> Expr {
        let span = self.span(&node);
        self.height = 1;
        let kind = match node.as_rule() {
            Rule::word => self.word(&node, span),
            Rule::number => number(node.as_str()),
            Rule::text => return self.text(node),
            Rule::raw => return self.raw_text(&node),
            Rule::list => self.list(node),
            Rule::group => return self.group(node, span),
            Rule::record => ExprKind::Record(self.record(node)),
            Rule::mark => ExprKind::Mark(self.mark(&node)),
            Rule::if_value => ExprKind::If(Box::new(self.if_value(node))),
            Rule::for_value => ExprKind::For(Box::new(self.for_value(node))),
            Rule::bad_number => self.bad_number(node.as_str(), span),
            Rule::quoted => self.quoted(&node, span),
            _ => ExprKind::Error,
        };
        Expr { kind, span }
    }

    fn word(&mut self, node: &Node, span: Span) -> ExprKind {
        match node.as_str() {
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "none" => ExprKind::None,
            word if word != "it" && is_reserved(word) => {
                self.say(
                    report::bad_syntax(span, format!("a value is expected here, not `{word}`"))
                        .note(format!("`{word}` is a word of the language and can name nothing.")),
                );
                ExprKind::Error
            }
            word => ExprKind::Name(Name { text: super::unquoted(word).unwrap_or(word).to_string(), span }),
        }
    }

    fn bad_number(&mut self, written: &str, span: Span) -> ExprKind {
        let better = if written.starts_with('.') { format!("0{written}") } else { format!("{written}0") };
        self.say(report::bad_syntax(span, format!("`{written}` wants a digit on both sides of its point")).fix(
            format!("write `{better}`"),
            span,
            better,
        ));
        ExprKind::Error
    }

    fn quoted(&mut self, node: &Node, span: Span) -> ExprKind {
        let inner = node.as_str().trim_end().trim_matches('\'');
        let diagnostic = report::bad_syntax(span, "a text stands in double quotes");
        self.say(if inner.contains(['"', '\\']) {
            diagnostic
        } else {
            diagnostic.fix(format!("write `\"{inner}\"`"), span, format!("\"{inner}\""))
        });
        ExprKind::Error
    }

    /// `@pii`
    pub(super) fn mark(&mut self, node: &Node) -> Name {
        let span = self.span(node);
        let text = node.as_str().trim_end().trim_start_matches('@').to_string();
        if text.is_empty() {
            self.say(report::bad_syntax(span, "a name is missing after `@`"));
        }
        Name { text, span }
    }
}

/// A number and its unit.
fn number(written: &str) -> ExprKind {
    let bytes = written.as_bytes();
    let exponent = |at: usize| {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        bytes.get(at + 1 + sign).is_some_and(u8::is_ascii_digit)
    };
    let mut end = 0;
    let mut is_float = false;
    while let Some(byte) = bytes.get(end) {
        match byte {
            b'0'..=b'9' | b'_' => end += 1,
            b'.' => {
                is_float = true;
                end += 1;
            }
            b'e' | b'E' if exponent(end) => {
                is_float = true;
                end += 2;
            }
            _ => break,
        }
    }
    let number = written[..end].replace('_', "");
    match &written[end..] {
        "" if is_float => ExprKind::Float(number),
        "" => ExprKind::Int(number),
        unit => ExprKind::Quantity { number, unit: unit.to_string() },
    }
}

/// An operator, and how tight it binds.
fn infix(sign: &str) -> (Infix, u8) {
    use BinaryOperator::*;
    let (operator, tightness) = match sign {
        "or" | "||" => (Or, 1),
        "and" | "&&" => (And, 2),
        "==" => (Equal, COMPARISON),
        "!=" => (NotEqual, COMPARISON),
        "<" => (Less, COMPARISON),
        "<=" => (LessOrEqual, COMPARISON),
        ">" => (Greater, COMPARISON),
        ">=" => (GreaterOrEqual, COMPARISON),
        "in" => (In, COMPARISON),
        "matches" => (Matches, COMPARISON),
        ".." => return (Infix::Range(false), 4),
        "..=" => return (Infix::Range(true), 4),
        "??" => (Coalesce, 5),
        "+" => (Add, 6),
        "-" => (Subtract, 6),
        "*" => (Multiply, 7),
        _ => (Divide, 7),
    };
    (Infix::Binary(operator), tightness)
}
