//! The grammar's entrance: the rules of `grammar/`, in reading order, and the one call into pest.
//!
//! In: the prepared text of one item and its rule. Out: the pairs that matched, or nothing when a limit was reached:
//! every rule here accepts every text, and what is wrong is found in what the catch-all rules matched.

use std::num::NonZeroUsize;
use std::sync::Once;

use pest::Parser;
use pest::iterators::{Pair, Pairs};
use pest_derive::Parser;

#[derive(Parser)]
#[grammar = "grammar/1_words.pest"]
#[grammar = "grammar/2_expressions.pest"]
#[grammar = "grammar/3_types.pest"]
#[grammar = "grammar/4_entries.pest"]
#[grammar = "grammar/5_statements.pest"]
#[grammar = "grammar/6_items.pest"]
struct Grammar;

/// A matched rule.
pub(super) type Node<'i> = Pair<'i, Rule>;

/// How many calls pest may make for one item: no item needs so many, and so many take about a second.
const CALLS: usize = 200_000_000;

/// What a rule matched at the beginning of a text; nothing if it is too deep or too long to be read.
pub(super) fn read(rule: Rule, text: &str) -> Option<Node<'_>> {
    static LIMIT: Once = Once::new();
    LIMIT.call_once(|| pest::set_call_limit(NonZeroUsize::new(CALLS)));
    Grammar::parse(rule, text).ok()?.next()
}

/// The inner nodes of a node, in order.
pub(super) struct Nodes<'i> {
    pairs: Pairs<'i, Rule>,
    next: Option<Node<'i>>,
}

impl<'i> Nodes<'i> {
    /// Of a node.
    pub(super) fn of(node: Node<'i>) -> Self {
        let mut pairs = node.into_inner();
        let next = pairs.next();
        Self { pairs, next }
    }

    /// The rule of the next one.
    pub(super) fn peek(&self) -> Option<Rule> {
        self.next.as_ref().map(Node::as_rule)
    }

    /// The next one, which stays.
    pub(super) fn peek_node(&self) -> Option<&Node<'i>> {
        self.next.as_ref()
    }

    /// The next one, if it is of that rule.
    pub(super) fn accept(&mut self, rule: Rule) -> Option<Node<'i>> {
        if self.peek() == Some(rule) { self.next() } else { None }
    }

    /// Whether the next one is of that rule; it is passed over then.
    pub(super) fn pass(&mut self, rule: Rule) -> bool {
        self.accept(rule).is_some()
    }
}

impl<'i> Iterator for Nodes<'i> {
    type Item = Node<'i>;

    fn next(&mut self) -> Option<Node<'i>> {
        std::mem::replace(&mut self.next, self.pairs.next())
    }
}
