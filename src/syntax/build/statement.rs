//! Statements of a pipeline, and what a policy, a test, an expectation or a preflight states.

use super::{Build, is_reported};
use crate::ast::{BinaryOperator, Block, Expr, ExprKind, Name, Proposition, PropositionKind, Statement, StatementKind};
use crate::diagnostics::report;
use crate::source::Span;
use crate::syntax::grammar::{Node, Nodes, Rule};
use crate::syntax::keywords::KEYWORDS;

impl Build<'_> {
    /// `block`
    pub(super) fn block(&mut self, node: Node) -> Block {
        let span = self.span(&node);
        let mut height = 0;
        let mut statements = Vec::new();
        let mut nodes = Nodes::of(node);
        while let Some(inner) = nodes.next() {
            match inner.as_rule() {
                Rule::statement => {
                    self.height = 0;
                    statements.push(self.statement(inner, &mut nodes));
                    height = height.max(self.height);
                }
                rule => {
                    let error = || Statement { docs: None, kind: StatementKind::Error, span: self.span(&inner) };
                    statements.extend((rule == Rule::junk).then(error));
                    self.other(&inner);
                }
            }
        }
        self.height = height;
        Block { statements, span }
    }

    fn statement(&mut self, node: Node, after: &mut Nodes) -> Statement {
        let (span, before) = (self.span(&node), self.diagnostics.len());
        let docs = self.docs(span.start);
        let mut nodes = Nodes::of(node);
        let mut height = 0;
        let kind = match nodes.peek() {
            Some(Rule::finally) => nodes.next().map(|node| self.finally(node, &mut height)),
            Some(Rule::attempt) => nodes.next().map(|node| self.attempt(node, &mut height)),
            Some(Rule::leave) => nodes.next().map(|node| self.leave(node, &mut height)),
            Some(Rule::expr) => nodes.next().map(|node| {
                let value = self.expr(node);
                height = self.height;
                self.bound(&mut nodes, value, before, &mut height)
            }),
            _ => None,
        };
        let broken = self.misread(after, span, before, KEYWORDS.statements);
        self.height = height;
        let kind = kind.filter(|_| !broken).unwrap_or(StatementKind::Error);
        Statement { docs, kind, span }
    }

    /// A value, or a name with the value that it is given.
    fn bound(&mut self, nodes: &mut Nodes, first: Expr, before: usize, height: &mut usize) -> StatementKind {
        let Some(sign) = nodes.peek_node().filter(|node| node.as_rule() == Rule::sign) else {
            return StatementKind::Expr(first);
        };
        let place = self.span(sign);
        self.check_sign(place, &first, before);
        let (value, _) = self.signed_value(nodes, before);
        *height = (*height).max(self.height);
        match self.bound_name(first, before) {
            Some(name) => StatementKind::Bind { name, value },
            None => StatementKind::Error,
        }
    }

    fn check_sign(&mut self, sign: Span, first: &Expr, before: usize) {
        if self.text_of(sign) == ":" && matches!(first.kind, ExprKind::Name(_)) {
            let name = self.text_of(first.span);
            let diagnostic = report::bad_syntax(sign, format!("`=` gives the new name `{name}` its value, not `:`"));
            self.say_once(before, diagnostic.fix("write `=`", sign, " ="));
        }
    }

    fn bound_name(&mut self, first: Expr, before: usize) -> Option<Name> {
        match first.kind {
            ExprKind::Name(name) => Some(name),
            ExprKind::Error => None,
            _ => {
                let diagnostic = report::bad_syntax(first.span, "only a name can be given a value");
                self.say_once(before, diagnostic.help("For a comparison write `==`."));
                None
            }
        }
    }

    fn leave(&mut self, node: Node, height: &mut usize) -> StatementKind {
        let before = self.diagnostics.len();
        let mut nodes = Nodes::of(node);
        let Some(word) = nodes.next() else { return StatementKind::Error };
        let place = self.span(&word);
        let keyword = word.as_str().trim();
        let of = format!("after `{keyword}`");
        let value = self.wanted_expr(&mut nodes, Rule::expr, place, before, &of, height);
        match keyword {
            "yield" => StatementKind::Yield(value),
            "require" => StatementKind::Require(value),
            _ => StatementKind::Return(value),
        }
    }

    fn attempt(&mut self, node: Node, height: &mut usize) -> StatementKind {
        let place = self.first_word(self.span(&node));
        let mut nodes = Nodes::of(node);
        nodes.pass(Rule::try_word);
        let before = self.diagnostics.len();
        let body = self.wanted_block(&mut nodes, place, before, height);
        match nodes.accept(Rule::finally).map(|node| self.finally(node, height)) {
            Some(StatementKind::Finally { status, body: last }) => StatementKind::Try { body, status, last },
            _ => {
                let missing = report::bad_syntax(place, "`finally` and its block are missing after what is tried");
                self.say_once(
                    before,
                    missing.help("Write what runs whatever happened: try { … } finally status { … }"),
                );
                StatementKind::Error
            }
        }
    }

    fn finally(&mut self, node: Node, height: &mut usize) -> StatementKind {
        let span = self.span(&node);
        let mut nodes = Nodes::of(node);
        nodes.pass(Rule::finally_word);
        let status = nodes.accept(Rule::word).map(|word| self.name(&word));
        let body = match nodes.accept(Rule::block) {
            Some(block) => self.block(block),
            None => {
                self.missing(Rule::block, self.first_word(span), "after `finally`");
                Block { statements: Vec::new(), span: span.at_end() }
            }
        };
        *height = (*height).max(self.height);
        StatementKind::Finally { status, body }
    }

    /// Reports what is left of a line that was not understood; a misspelt keyword at its beginning is the likely reason.
    pub(super) fn misread(&mut self, nodes: &mut Nodes, span: Span, before: usize, of: &[&'static str]) -> bool {
        let Some(junk) = nodes.peek_node().filter(|node| node.as_rule() == Rule::junk) else { return false };
        if self.diagnostics.len() > before || is_reported(junk) {
            nodes.next();
            return true;
        }
        let first = self.first_word(span);
        let word = self.text_of(first);
        let at = self.span(junk);
        if at.start > first.end && self.source[first.end as usize..at.start as usize].trim().is_empty() {
            let plain = report::bad_syntax(first, format!("`{word}` begins nothing that can stand here"));
            let diagnostic = self.suggest(plain, word, first, of);
            if diagnostic.help.is_some() {
                self.say(diagnostic);
                nodes.next();
                return true;
            }
        }
        self.junk(nodes, before, "")
    }

    /// `propositions`
    pub(super) fn propositions(&mut self, node: Node) -> Vec<Proposition> {
        let mut propositions = Vec::new();
        let mut nodes = Nodes::of(node);
        while let Some(inner) = nodes.next() {
            match inner.as_rule() {
                Rule::proposition => propositions.push(self.proposition(inner, &mut nodes)),
                rule => {
                    let error = || Proposition { docs: None, kind: PropositionKind::Error, span: self.span(&inner) };
                    propositions.extend((rule == Rule::junk).then(error));
                    self.other(&inner);
                }
            }
        }
        propositions
    }

    fn proposition(&mut self, node: Node, after: &mut Nodes) -> Proposition {
        let (span, before) = (self.span(&node), self.diagnostics.len());
        let docs = self.docs(span.start);
        let mut nodes = Nodes::of(node);
        let kind = match nodes.peek() {
            Some(Rule::assertion) => nodes.next().map(|node| self.assertion(node)),
            Some(Rule::for_each) => nodes.next().map(|node| self.for_each(node)),
            Some(Rule::expr) => nodes.next().map(|node| {
                let first = self.expr(node);
                self.bound_proposition(
                    &mut nodes,
                    first,
                    span,
                    before,
                    after.peek().is_none_or(|rule| rule != Rule::junk),
                )
            }),
            _ => None,
        };
        let broken = self.misread(after, span, before, KEYWORDS.propositions);
        let kind = kind.filter(|_| !broken).unwrap_or(PropositionKind::Error);
        Proposition { docs, kind, span }
    }

    fn assertion(&mut self, node: Node) -> PropositionKind {
        let before = self.diagnostics.len();
        let mut nodes = Nodes::of(node);
        let Some(word) = nodes.next() else { return PropositionKind::Error };
        let keyword = Name { text: word.as_str().trim().to_string(), span: self.span(&word) };
        let of = format!("after `{}`", keyword.text);
        let condition = self.wanted_expr(&mut nodes, Rule::expr, keyword.span, before, &of, &mut 0);
        PropositionKind::Assert { keyword, condition }
    }

    fn for_each(&mut self, node: Node) -> PropositionKind {
        let (span, before) = (self.span(&node), self.diagnostics.len());
        let mut nodes = Nodes::of(node);
        nodes.pass(Rule::for_word);
        let at = self.first_word(span);
        let name = self.wanted_name(&mut nodes, at, "after `for`");
        self.wanted(&mut nodes, Rule::in_word, at, before, "after the name");
        let source = self.wanted_expr(&mut nodes, Rule::head, at, before, "after `in`", &mut 0);
        let condition = nodes.accept(Rule::where_word).map(|word| {
            let place = self.span(&word);
            self.wanted_expr(&mut nodes, Rule::head, place, before, "after `where`", &mut 0)
        });
        let body = match nodes.accept(Rule::propositions) {
            Some(list) => self.propositions(list),
            None => {
                if self.diagnostics.len() == before {
                    self.missing(Rule::propositions, at, "after `for`");
                }
                Vec::new()
            }
        };
        PropositionKind::For { name, source, condition, body }
    }

    fn bound_proposition(
        &mut self,
        nodes: &mut Nodes,
        first: Expr,
        span: Span,
        before: usize,
        alone: bool,
    ) -> PropositionKind {
        let Some(sign) = nodes.peek_node().filter(|node| node.as_rule() == Rule::sign) else {
            if alone && first.kind != ExprKind::Error {
                let diagnostic = report::bad_syntax(span, "this states nothing");
                self.say_once(
                    before,
                    diagnostic.help("What must hold stands after `assert`, or in a test after `expect`."),
                );
            }
            return PropositionKind::Error;
        };
        let place = self.span(sign);
        self.check_sign(place, &first, before);
        let (value, _) = self.signed_value(nodes, before);
        let Some(name) = self.bound_name(first, before) else { return PropositionKind::Error };
        let (value, environment) = split_environment(value, self.source);
        PropositionKind::Bind { name, value, environment }
    }
}

/// `training(…) in local`: the call and the environment; in parentheses `in` keeps its meaning.
fn split_environment(value: Expr, source: &str) -> (Expr, Option<Name>) {
    let Expr { kind: ExprKind::Binary { operator: BinaryOperator::In, operator_span, left, right }, span } = value
    else {
        return (value, None);
    };
    let in_parentheses = source[..span.start as usize].trim_end().ends_with('(');
    match (left.kind, right.kind) {
        (call @ ExprKind::Call { .. }, ExprKind::Name(name)) if !in_parentheses => {
            (Expr { kind: call, span: left.span }, Some(name))
        }
        (left_kind, right_kind) => {
            let left = Box::new(Expr { kind: left_kind, span: left.span });
            let right = Box::new(Expr { kind: right_kind, span: right.span });
            let kind = ExprKind::Binary { operator: BinaryOperator::In, operator_span, left, right };
            (Expr { kind, span }, None)
        }
    }
}
