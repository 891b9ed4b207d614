//! What a node waits for: the nodes beside it whose outputs are read anywhere in it, and those that it was told to wait for.

use std::collections::{BTreeMap, BTreeSet};

use super::{Expr, ExprKind, Node, Output, Run, Task, Word, WordPart};

/// For each node of a block, the places in the block of those that it waits for, sorted.
pub fn edges(nodes: &[Node]) -> Vec<Vec<usize>> {
    let places: BTreeMap<&str, usize> = nodes.iter().enumerate().map(|(at, node)| (node.id(), at)).collect();
    let waits = |(own, node): (usize, &Node)| {
        let mut needed = BTreeSet::new();
        of_node(node, &mut needed);
        let mut beside: Vec<usize> = needed.iter().filter_map(|id| places.get(id).copied()).collect();
        beside.retain(|at| *at != own);
        beside.sort_unstable();
        beside
    };
    nodes.iter().enumerate().map(waits).collect()
}

/// The nodes of a block that outputs come from.
pub fn sources<'a>(nodes: &'a [Node], outputs: &[Output]) -> Vec<&'a Node> {
    let mut needed = BTreeSet::new();
    outputs.iter().for_each(|output| of_expr(&output.value, &mut needed));
    nodes.iter().filter(|node| needed.contains(node.id())).collect()
}

/// The places of the nodes that nothing in the block waits for.
pub fn leaves(edges: &[Vec<usize>]) -> Vec<usize> {
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
        // What stands in a nested pipeline sees nothing of what is around it but its arguments.
        Node::Group(node) => node.arguments.values().for_each(|argument| of_expr(argument, needed)),
        Node::Try(node) => {
            node.body.iter().for_each(|inner| of_node(inner, needed));
            of_node(&node.last, needed);
        }
    }
}

fn of_task<'a>(task: &'a Task, needed: &mut BTreeSet<&'a str>) {
    task.inputs.values().for_each(|input| of_expr(&input.value, needed));
    match &task.run {
        Run::Importer { uri, metadata, .. } => [uri, metadata].into_iter().for_each(|expr| of_expr(expr, needed)),
        Run::Command { words, args } => words.iter().chain(args).for_each(|word| of_word(word, needed)),
        _ => {}
    }
    task.image_of_run.iter().chain(task.env.values()).for_each(|word| of_word(word, needed));
    task.resources.run_time.values().for_each(|amount| of_expr(amount, needed));
}

fn of_word<'a>(word: &'a Word, needed: &mut BTreeSet<&'a str>) {
    for part in &word.parts {
        match part {
            WordPart::Value { value } => of_expr(value, needed),
            WordPart::Concat { words } => words.iter().for_each(|word| of_word(word, needed)),
            WordPart::IfPresent { then, otherwise, .. } => {
                let both = [Some(then), otherwise.as_ref()];
                both.into_iter().flatten().flat_map(|words| words.all()).for_each(|word| of_word(word, needed));
            }
            _ => {}
        }
    }
}

fn of_expr<'a>(expr: &'a Expr, needed: &mut BTreeSet<&'a str>) {
    if let ExprKind::Output { node, .. } = &expr.kind {
        needed.insert(node);
    }
    expr.parts().into_iter().for_each(|part| of_expr(part, needed));
}
