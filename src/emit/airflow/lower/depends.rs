//! What a node waits for: the nodes beside it whose outputs are read anywhere in it, and those that it was told to wait for.

use std::collections::BTreeSet;

use crate::plan::{Expr, ExprKind, Node, Output, Run, Task};

/// For each node of a block, the places in the block of those that it waits for.
pub(super) fn edges(nodes: &[Node]) -> Vec<Vec<usize>> {
    let waits = |node: &Node| {
        let mut needed = BTreeSet::new();
        of_node(node, &mut needed);
        let beside = nodes.iter().enumerate().filter(|(_, other)| other.id() != node.id());
        beside.filter(|(_, other)| needed.contains(other.id())).map(|(at, _)| at).collect()
    };
    nodes.iter().map(waits).collect()
}

/// The nodes of a block that outputs come from.
pub(super) fn sources<'a>(nodes: &'a [Node], outputs: &[Output]) -> Vec<&'a Node> {
    let mut needed = BTreeSet::new();
    outputs.iter().for_each(|output| of_expr(&output.value, &mut needed));
    nodes.iter().filter(|node| needed.contains(node.id())).collect()
}

/// The places of the nodes that nothing in the block waits for.
pub(super) fn leaves(edges: &[Vec<usize>]) -> Vec<usize> {
    let waited_for: BTreeSet<usize> = edges.iter().flatten().copied().collect();
    (0..edges.len()).filter(|at| !waited_for.contains(at)).collect()
}

fn of_node<'a>(node: &'a Node, needed: &mut BTreeSet<&'a str>) {
    needed.extend(node.after().iter().map(String::as_str));
    match node {
        Node::Task(task) => of_task(task, needed),
        Node::Loop(node) => {
            of_expr(&node.items, needed);
            node.body.iter().for_each(|inner| of_node(inner, needed));
            node.yields.iter().for_each(|output| of_expr(&output.value, needed));
        }
        Node::Branch(node) => {
            for arm in &node.arms {
                arm.condition.iter().for_each(|condition| of_expr(condition, needed));
                arm.body.iter().for_each(|inner| of_node(inner, needed));
                arm.yields.iter().for_each(|output| of_expr(&output.value, needed));
            }
        }
        Node::Group(node) => {
            node.arguments.values().for_each(|argument| of_expr(argument, needed));
            node.body.iter().for_each(|inner| of_node(inner, needed));
        }
        Node::Try(node) => {
            node.body.iter().for_each(|inner| of_node(inner, needed));
            of_node(&node.last, needed);
        }
    }
}

fn of_task<'a>(task: &'a Task, needed: &mut BTreeSet<&'a str>) {
    task.inputs.values().for_each(|input| of_expr(&input.value, needed));
    if let Run::Importer { uri, .. } = &task.run {
        of_expr(uri, needed);
    }
}

fn of_expr<'a>(expr: &'a Expr, needed: &mut BTreeSet<&'a str>) {
    match &expr.kind {
        ExprKind::Output { node, .. } => {
            needed.insert(node);
        }
        ExprKind::Field { of, .. } | ExprKind::Length { of } | ExprKind::Not { operand: of } => of_expr(of, needed),
        ExprKind::Text { parts: many } | ExprKind::List { items: many } => {
            many.iter().for_each(|part| of_expr(part, needed));
        }
        ExprKind::Keyed { entries } => {
            entries.iter().flat_map(|entry| [&entry.key, &entry.value]).for_each(|part| of_expr(part, needed));
        }
        ExprKind::Record { entries } => entries.values().for_each(|entry| of_expr(entry, needed)),
        ExprKind::Binary { left, right, .. } => [left, right].into_iter().for_each(|side| of_expr(side, needed)),
        ExprKind::Between { operand, low, high, .. } => {
            [operand, low, high].into_iter().for_each(|part| of_expr(part, needed));
        }
        ExprKind::Literal { .. }
        | ExprKind::Parameter { .. }
        | ExprKind::Item { .. }
        | ExprKind::Status
        | ExprKind::Context { .. }
        | ExprKind::It
        | ExprKind::Measure { .. } => {}
    }
}
