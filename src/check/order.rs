//! What waits for what inside a block: by the data that it takes, and by `after`.

use std::collections::BTreeSet;

use crate::model::{Block, Expr, ExprKind, Node, NodeId};

/// For every node of a block, which of those above it come before it, over others too.
pub(super) fn before(block: &Block) -> Vec<Vec<bool>> {
    let mut all: Vec<Vec<bool>> = Vec::new();
    for (at, node) in block.nodes.iter().enumerate() {
        let awaited = awaited(node);
        let mut own = vec![false; at];
        for earlier in (0..at).rev() {
            if !own[earlier] && awaited.contains(&block.nodes[earlier].id()) {
                own[earlier] = true;
                all[earlier].iter().enumerate().for_each(|(older, is)| own[older] |= is);
            }
        }
        all.push(own);
    }
    all
}

/// Every node that something inside a node speaks of.
fn awaited(node: &Node) -> BTreeSet<NodeId> {
    let mut found = BTreeSet::new();
    visit(node, &mut found);
    found
}

fn visit(node: &Node, found: &mut BTreeSet<NodeId>) {
    match node {
        Node::Call(call) => {
            call.arguments.values().for_each(|argument| note(argument, found));
            found.extend(&call.after);
        }
        Node::For(node) => note(&node.source, found),
        Node::If(node) => node
            .arms
            .iter()
            .filter_map(|(condition, _)| condition.as_ref())
            .for_each(|condition| note(condition, found)),
        Node::Try(node) => {
            node.last.iter().for_each(|call| call.arguments.values().for_each(|argument| note(argument, found)))
        }
    }
    for block in node.blocks() {
        block.nodes.iter().for_each(|node| visit(node, found));
        block.yields.iter().for_each(|(_, value)| note(value, found));
    }
}

fn note(expr: &Expr, found: &mut BTreeSet<NodeId>) {
    expr.walk(&mut |part| {
        if let ExprKind::Node(id) = part.kind {
            found.insert(id);
        }
    });
}
