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
            let other = &block.nodes[earlier];
            // Nothing passes a gate.
            let is_held = matches!(other, Node::Require(_)) && !matches!(node, Node::Require(_));
            let is_awaited = is_held || awaited.contains(&other.id());
            if !own[earlier] && is_awaited {
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
        Node::Require(node) => note(&node.condition, found),
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
