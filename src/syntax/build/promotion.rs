//! Promotions: edges and their statements.

use super::Build;
use crate::ast::{Edge, EdgeStatement, EdgeStatementKind, Expr, ExprKind, Name, Promotion};
use crate::diagnostics::report;
use crate::source::Span;
use crate::syntax::grammar::{Node, Nodes, Rule};
use crate::syntax::keywords::KEYWORDS;

impl Build<'_> {
    /// `edges`
    pub(super) fn edges(&mut self, node: Node, promotion: &mut Promotion) {
        let mut nodes = Nodes::of(node);
        while let Some(inner) = nodes.next() {
            match inner.as_rule() {
                Rule::edge_entry => self.edge_entry(inner, promotion, &mut nodes),
                _ => self.other(&inner),
            }
        }
    }

    fn edge_entry(&mut self, node: Node, promotion: &mut Promotion, after: &mut Nodes) {
        let (span, before) = (self.span(&node), self.diagnostics.len());
        let docs = self.docs(span.start);
        let mut nodes = Nodes::of(node);
        if let Some(node) = nodes.accept(Rule::on_failure) {
            let on_failure = self.on_failure(node);
            if let Some(first) = &promotion.on_failure {
                let diagnostic = report::bad_syntax(on_failure.span, "this promotion says twice what to do on failure");
                self.say_once(before, diagnostic.label(first.span, "first here"));
            }
            promotion.on_failure.get_or_insert(on_failure);
        }
        if let Some(node) = nodes.accept(Rule::edge) {
            let mut edge = self.edge(node, before, after);
            edge.docs = docs;
            promotion.edges.push(edge);
        }
        self.misread(after, span, before, &[]);
    }

    fn edge(&mut self, node: Node, before: usize, after: &Nodes) -> Edge {
        let span = self.span(&node);
        let mut nodes = Nodes::of(node);
        let from = nodes.accept(Rule::edge_from).map(|node| self.edge_from(node)).unwrap_or_default();
        let arrow = nodes.accept(Rule::arrow).map_or(span, |arrow| self.span(&arrow));
        let to = self.wanted_name(&mut nodes, arrow, "after `->`");
        let statements = match nodes.accept(Rule::edge_block) {
            Some(block) => self.edge_block(block),
            None => {
                if self.diagnostics.len() == before && after.peek() != Some(Rule::junk) {
                    self.missing(Rule::edge_block, to.span, &format!("after `{}`", to.text));
                }
                Vec::new()
            }
        };
        Edge { docs: None, from, to, statements, span }
    }

    fn edge_from(&mut self, node: Node) -> Vec<Name> {
        let (span, before) = (self.span(&node), self.diagnostics.len());
        let mut names = Vec::new();
        for inner in Nodes::of(node) {
            match inner.as_rule() {
                Rule::word => names.push(self.name(&inner)),
                Rule::edge_name => names.push(self.name(&inner)),
                _ => self.other(&inner),
            }
        }
        if names.is_empty() {
            self.say_once(before, report::bad_syntax(span, "an edge begins somewhere: `ci`, or an environment"));
        }
        names
    }

    /// `edge_block`
    pub(super) fn edge_block(&mut self, node: Node) -> Vec<EdgeStatement> {
        let mut statements = Vec::new();
        let mut nodes = Nodes::of(node);
        while let Some(inner) = nodes.next() {
            match inner.as_rule() {
                Rule::edge_statement => statements.push(self.edge_statement(inner, &mut nodes)),
                rule => {
                    let error =
                        || EdgeStatement { docs: None, kind: EdgeStatementKind::Error, span: self.span(&inner) };
                    statements.extend((rule == Rule::junk).then(error));
                    self.other(&inner);
                }
            }
        }
        statements
    }

    fn edge_statement(&mut self, node: Node, after: &mut Nodes) -> EdgeStatement {
        let (span, before) = (self.span(&node), self.diagnostics.len());
        let docs = self.docs(span.start);
        let mut nodes = Nodes::of(node);
        let kind = nodes.next().map(|node| self.edge_statement_kind(node, before));
        if let Some(EdgeStatementKind::Procedure(value)) = &kind
            && after.peek() != Some(Rule::junk)
        {
            self.check_procedure(value, before);
        }
        let broken = self.misread(after, span, before, KEYWORDS.edge_statements);
        let kind = kind.filter(|_| !broken).unwrap_or(EdgeStatementKind::Error);
        EdgeStatement { docs, kind, span }
    }

    fn edge_statement_kind(&mut self, node: Node, before: usize) -> EdgeStatementKind {
        match node.as_rule() {
            Rule::preflight => self.preflight(node),
            Rule::on_failure => EdgeStatementKind::OnFailure(self.on_failure(node)),
            Rule::approve => self.approve(node, before),
            Rule::release => self.release(node, before),
            Rule::command => self.command(node, before),
            _ => {
                let value = self.expr(node);
                match &value.kind {
                    ExprKind::Name(name) if name.text == "deploy" => EdgeStatementKind::Deploy,
                    _ => EdgeStatementKind::Procedure(value),
                }
            }
        }
    }

    fn check_procedure(&mut self, value: &Expr, before: usize) {
        let callee = match &value.kind {
            ExprKind::Call { callee, .. } => &callee.kind,
            other => other,
        };
        match (callee, &value.kind) {
            (_, ExprKind::Error) | (ExprKind::Name(_), ExprKind::Call { .. }) => {}
            (ExprKind::Name(name), _) => {
                let message = format!("`{}` begins no statement of an edge", name.text);
                let help = format!("A procedure is called: `{}()`.", name.text);
                let diagnostic = report::bad_syntax(value.span, message).help(help);
                let diagnostic = self.suggest(diagnostic, &name.text, value.span, KEYWORDS.edge_statements);
                self.say_once(before, diagnostic);
            }
            _ => self.say_once(before, report::bad_syntax(value.span, "this is no statement of an edge")),
        }
    }

    fn preflight(&mut self, node: Node) -> EdgeStatementKind {
        let span = self.span(&node);
        let mut nodes = Nodes::of(node);
        nodes.pass(Rule::preflight_word);
        match nodes.accept(Rule::propositions) {
            Some(list) => EdgeStatementKind::Preflight(self.propositions(list)),
            None => {
                self.missing(Rule::propositions, span, "after `preflight`");
                EdgeStatementKind::Error
            }
        }
    }

    fn approve(&mut self, node: Node, before: usize) -> EdgeStatementKind {
        let place = self.first_word(self.span(&node));
        let mut nodes = Nodes::of(node);
        nodes.pass(Rule::approve_word);
        let count = self.wanted_expr(&mut nodes, Rule::expr, place, before, "after `approve`", &mut 0);
        let of = nodes.accept(Rule::of_word);
        if of.is_none() && self.diagnostics.len() == before {
            let help = "An approval is written `approve 2 of a_team`.";
            self.say(report::bad_syntax(count.span, "who approves is missing").help(help));
        }
        let place = of.map_or(place, |of| self.span(&of));
        let team = self.wanted_expr(&mut nodes, Rule::expr, place, before, "after `of`", &mut 0);
        EdgeStatementKind::Approve { count, team }
    }

    fn release(&mut self, node: Node, before: usize) -> EdgeStatementKind {
        let place = self.first_word(self.span(&node));
        let mut nodes = Nodes::of(node);
        nodes.pass(Rule::release_word);
        let service = self.wanted_name(&mut nodes, place, "after `release`");
        let rollout = nodes.accept(Rule::by_word).map(|by| {
            let place = self.span(&by);
            self.wanted_expr(&mut nodes, Rule::expr, place, before, "after `by`", &mut 0)
        });
        EdgeStatementKind::Release { service, rollout }
    }

    fn command(&mut self, node: Node, before: usize) -> EdgeStatementKind {
        let mut nodes = Nodes::of(node);
        let Some(word) = nodes.next() else { return EdgeStatementKind::Error };
        let place = self.span(&word);
        let keyword = word.as_str().trim();
        let of = format!("after `{keyword}`");
        let value = self.wanted_expr(&mut nodes, Rule::expr, place, before, &of, &mut 0);
        match keyword {
            "require" => EdgeStatementKind::Require(value),
            "soak" => EdgeStatementKind::Soak(value),
            "window" => EdgeStatementKind::Window(value),
            "run" => EdgeStatementKind::Run(value),
            "verify" => EdgeStatementKind::Verify(value),
            "notify" => EdgeStatementKind::Notify(value),
            _ => self.start(value, before),
        }
    }

    fn start(&mut self, value: Expr, before: usize) -> EdgeStatementKind {
        if matches!(&value.kind, ExprKind::Name(name) if name.text == "manual") {
            return EdgeStatementKind::StartManual;
        }
        let span: Span = value.span;
        self.say_once(
            before,
            report::bad_syntax(span, "an edge can only be started `manual`").help("Write `start manual`."),
        );
        EdgeStatementKind::Error
    }
}
