//! What an orchestrator must deliver to a task, and what the runner puts together from it.
//!
//! An input whose value is a constant or one value of the run (a parameter, an output, an item, the status) is delivered
//! under its own name. Any other (a text with values inside, a list of outputs, `a ?? b`) is made by the runner, the same
//! everywhere, of values that are delivered as `NAME--1`, `NAME--2`.

use indexmap::IndexMap;

use crate::plan::{Expr, ExprKind, KeyedEntry, Task};

/// The values of a task's inputs, parted by who makes them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Delivery {
    /// What the orchestrator delivers, by name: constants and values of the run, each whole.
    pub delivered: IndexMap<String, Expr>,
    /// What the runner makes, by input; its leaves are [`ExprKind::Parameter`]s that name what is delivered.
    pub composed: IndexMap<String, Expr>,
}

/// Parts a task's inputs; `whole` says of an expression whether the orchestrator can deliver it as it is.
pub fn deliver(task: &Task, whole: &dyn Fn(&Expr) -> bool) -> Delivery {
    let mut delivery = Delivery::default();
    for (name, input) in &task.inputs {
        if whole(&input.value) || input.value.as_literal().is_some() {
            delivery.delivered.insert(name.clone(), input.value.clone());
            continue;
        }
        let leaves = leaves(&input.value, whole);
        let named = |leaf: &Expr| leaves.iter().position(|one| one == leaf).map(|at| format!("{name}--{}", at + 1));
        let composed = replace_leaves(&input.value, whole, &|leaf| match named(leaf) {
            Some(name) => Expr { ty: leaf.ty.clone(), kind: ExprKind::Parameter { name } },
            None => leaf.clone(),
        });
        delivery.composed.insert(name.clone(), composed);
        for leaf in leaves.iter() {
            delivery.delivered.extend(named(leaf).map(|name| (name, leaf.clone())));
        }
    }
    delivery
}

/// The values of the run in an expression, each once, in the order of the text.
pub fn leaves(expr: &Expr, whole: &dyn Fn(&Expr) -> bool) -> Vec<Expr> {
    let mut found: Vec<Expr> = Vec::new();
    visit(expr, whole, &mut |leaf| {
        if !found.contains(leaf) {
            found.push(leaf.clone());
        }
    });
    found
}

fn visit(expr: &Expr, whole: &dyn Fn(&Expr) -> bool, found: &mut dyn FnMut(&Expr)) {
    if whole(expr) {
        return found(expr);
    }
    expr.parts().into_iter().for_each(|part| visit(part, whole, found));
}

/// The expression with other values of the run in it.
pub fn replace_leaves(expr: &Expr, whole: &dyn Fn(&Expr) -> bool, with: &dyn Fn(&Expr) -> Expr) -> Expr {
    if whole(expr) {
        return with(expr);
    }
    let again = |part: &Expr| replace_leaves(part, whole, with);
    let boxed = |part: &Expr| Box::new(again(part));
    let kind = match &expr.kind {
        ExprKind::Field { of, name } => ExprKind::Field { of: boxed(of), name: name.clone() },
        ExprKind::Length { of } => ExprKind::Length { of: boxed(of) },
        ExprKind::Text { parts } => ExprKind::Text { parts: parts.iter().map(again).collect() },
        ExprKind::List { items } => ExprKind::List { items: items.iter().map(again).collect() },
        ExprKind::Record { entries } => {
            ExprKind::Record { entries: entries.iter().map(|(key, entry)| (key.clone(), again(entry))).collect() }
        }
        ExprKind::Keyed { entries } => {
            let entry = |entry: &KeyedEntry| KeyedEntry { key: again(&entry.key), value: again(&entry.value) };
            ExprKind::Keyed { entries: entries.iter().map(entry).collect() }
        }
        ExprKind::Not { operand } => ExprKind::Not { operand: boxed(operand) },
        ExprKind::Binary { operator, left, right } => {
            ExprKind::Binary { operator: *operator, left: boxed(left), right: boxed(right) }
        }
        ExprKind::Between { operand, low, high, inclusive } => {
            ExprKind::Between { operand: boxed(operand), low: boxed(low), high: boxed(high), inclusive: *inclusive }
        }
        other => other.clone(),
    };
    Expr { ty: expr.ty.clone(), kind }
}
