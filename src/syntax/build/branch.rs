//! `if` and `for` as values or statements.

use super::Build;
use crate::ast::{Block, Expr, For, If};
use crate::diagnostics::report;
use crate::source::Span;
use crate::syntax::grammar::{Node, Nodes, Rule};

impl Build<'_> {
    pub(super) fn if_value(&mut self, node: Node) -> If {
        let (span, before) = (self.span(&node), self.diagnostics.len());
        let mut nodes = Nodes::of(node);
        let mut height = 0;
        nodes.pass(Rule::if_word);
        let mut branches = vec![self.branch(&mut nodes, span, before, &mut height)];
        let mut otherwise = None;
        while let Some(part) = nodes.accept(Rule::else_part) {
            let (place, mut inner) = (self.span(&part), Nodes::of(part));
            let at = inner.accept(Rule::else_word).map_or(place, |word| self.span(&word));
            if otherwise.is_some() {
                self.say(report::bad_syntax(at, "this `if` has its `else` already"));
            }
            if inner.pass(Rule::if_word) {
                branches.push(self.branch(&mut inner, at, before, &mut height));
            } else {
                otherwise = Some(self.wanted_block(&mut inner, at, before, &mut height));
            }
        }
        self.height = height + 1;
        If { branches, otherwise, span }
    }

    fn branch(&mut self, nodes: &mut Nodes, place: Span, before: usize, height: &mut usize) -> (Expr, Block) {
        let at = self.first_word(place);
        let condition = self.wanted_expr(nodes, Rule::head, at, before, "after `if`", height);
        let block = self.wanted_block(nodes, at, before, height);
        (condition, block)
    }

    pub(super) fn for_value(&mut self, node: Node) -> For {
        let (span, before) = (self.span(&node), self.diagnostics.len());
        let mut nodes = Nodes::of(node);
        let mut height = 0;
        nodes.pass(Rule::for_word);
        let at = self.first_word(span);
        let name = self.wanted_name(&mut nodes, at, "after `for`");
        self.wanted(&mut nodes, Rule::in_word, at, before, "after the name");
        let source = self.wanted_expr(&mut nodes, Rule::head, at, before, "after `in`", &mut height);
        let parallel = nodes.accept(Rule::parallel).map(|node| {
            let (place, mut inner) = (self.span(&node), Nodes::of(node));
            inner.pass(Rule::parallel_word);
            self.wanted(&mut inner, Rule::colon, self.first_word(place), before, "after `parallel`");
            self.wanted_expr(&mut inner, Rule::head, place, before, "after `parallel:`", &mut height)
        });
        let body = self.wanted_block(&mut nodes, at, before, &mut height);
        self.height = height + 1;
        For { name, source, parallel, body, span }
    }
}
