//! What must stand somewhere: it is taken, or its absence is reported.

use super::{Build, is_reported};
use crate::ast::{Block, Expr, Name};
use crate::source::Span;
use crate::syntax::grammar::{Nodes, Rule};

impl Build<'_> {
    /// An expression that must stand here, and how high it is at the most so far.
    pub(super) fn wanted_expr(
        &mut self,
        nodes: &mut Nodes,
        rule: Rule,
        place: Span,
        before: usize,
        of: &str,
        height: &mut usize,
    ) -> Expr {
        match nodes.accept(rule) {
            Some(node) => {
                let expr = self.expr(node);
                *height = (*height).max(self.height);
                expr
            }
            None => {
                if self.diagnostics.len() == before && !self.stands_reported(nodes) {
                    self.missing(rule, place, of);
                }
                self.error(place.at_end())
            }
        }
    }

    /// Something that must stand here and says nothing more.
    pub(super) fn wanted(&mut self, nodes: &mut Nodes, rule: Rule, place: Span, before: usize, of: &str) {
        if !nodes.pass(rule) && self.diagnostics.len() == before && !self.stands_reported(nodes) {
            self.missing(rule, place, of);
        }
    }

    pub(super) fn stands_reported(&self, nodes: &Nodes) -> bool {
        nodes.peek_node().is_some_and(is_reported)
    }

    pub(super) fn wanted_block(&mut self, nodes: &mut Nodes, place: Span, before: usize, height: &mut usize) -> Block {
        match nodes.accept(Rule::block) {
            Some(node) => {
                let block = self.block(node);
                *height = (*height).max(self.height);
                block
            }
            None => {
                if self.diagnostics.len() == before {
                    self.missing(Rule::block, place, &format!("after `{}`", self.text_of(place)));
                }
                Block { statements: Vec::new(), span: place.at_end() }
            }
        }
    }

    /// A name that must stand here; an empty one if it does not.
    pub(super) fn wanted_name(&mut self, nodes: &mut Nodes, place: Span, of: &str) -> Name {
        match nodes.accept(Rule::word) {
            Some(word) => self.name(&word),
            None => {
                if !nodes.peek_node().is_some_and(is_reported) {
                    self.missing(Rule::word, place, of);
                }
                Name { text: String::new(), span: place.at_end() }
            }
        }
    }
}
