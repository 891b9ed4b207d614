//! The order of the text: what is made stands before what takes it.
//!
//! In: a flow with every value followed. Out: the same in order, with what each node waits for beside its data. It refuses to know text.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use super::{Flow, Items, Kind, NodeId, Value};

/// `print-op-10` after `print-op-9`.
pub(super) fn natural(key: &str) -> Place {
    let end = key.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = &key[end.len()..];
    match digits.parse() {
        Ok(number) => (end.trim_end_matches('-').to_owned(), number, key.to_owned()),
        Err(_) => (key.to_owned(), 0, key.to_owned()),
    }
}

/// Puts every block in order.
pub(super) fn order(flow: &mut Flow) {
    let implied = implied(flow);
    let exits = exits(flow);
    let mut siblings: BTreeMap<Option<NodeId>, BTreeMap<&str, NodeId>> = BTreeMap::new();
    for (id, node) in flow.nodes.iter().enumerate() {
        siblings.entry(node.parent).or_default().insert(node.key, id);
    }
    let mut waits: Vec<BTreeSet<NodeId>> = Vec::with_capacity(flow.nodes.len());
    let mut after: Vec<Vec<NodeId>> = Vec::with_capacity(flow.nodes.len());
    for (id, node) in flow.nodes.iter().enumerate() {
        let beside = &siblings[&node.parent];
        let named = node.task.dependent_tasks.iter().map(String::as_str);
        let artifacts = node.task.inputs.artifacts.values().filter_map(|one| one.task_output_artifact.as_ref());
        let parameters = node.task.inputs.parameters.values();
        let given = parameters.clone().filter_map(|one| one.task_output_parameter.as_ref());
        let status = parameters.filter_map(|one| one.task_final_status.as_ref());
        let all = named
            .chain(artifacts.map(|one| one.producer_task.as_str()))
            .chain(given.map(|one| one.producer_task.as_str()))
            .chain(status.map(|one| one.producer_task.as_str()));
        let wanted: BTreeSet<NodeId> = all.filter_map(|key| beside.get(key).copied()).collect();
        let mut extra: Vec<NodeId> = wanted.iter().copied().filter(|other| !implied[id].contains(other)).collect();
        extra.retain(|other| exits.get(&id) != Some(other));
        extra.sort_by_key(|other| natural(flow.nodes[*other].key));
        after.push(extra);
        waits.push(wanted.union(&implied[id]).copied().collect());
    }
    // What follows a `try` stands in its statement, so the statement waits for what that needs.
    let mut made: BTreeMap<NodeId, NodeId> = BTreeMap::new();
    for (exit, of) in &exits {
        let of = *of;
        let needs: Vec<NodeId> = waits[*exit].iter().copied().filter(|other| *other != of).collect();
        waits[of].extend(needs);
        made.insert(*exit, of);
    }
    for (id, extra) in after.into_iter().enumerate() {
        for other in &extra {
            flow.nodes[*other].awaited = true;
        }
        flow.nodes[id].after = extra;
    }
    let keys = keys(flow);
    let parents: Vec<Option<NodeId>> = std::iter::once(None).chain((0..flow.nodes.len()).map(Some)).collect();
    for parent in parents {
        let body = match parent {
            None => std::mem::take(&mut flow.body),
            Some(id) => match &mut flow.nodes[id].kind {
                Kind::If { body, .. } | Kind::Arm { body, .. } | Kind::For { body, .. } | Kind::Try { body, .. } => {
                    std::mem::take(body)
                }
                _ => continue,
            },
        };
        let body: Vec<NodeId> = body.into_iter().filter(|id| !exits.contains_key(id)).collect();
        let body = sorted(&keys, &body, &waits, &made);
        match parent {
            None => flow.body = body,
            Some(id) => match &mut flow.nodes[id].kind {
                Kind::If { body: own, .. }
                | Kind::Arm { body: own, .. }
                | Kind::For { body: own, .. }
                | Kind::Try { body: own, .. } => *own = body,
                _ => {}
            },
        }
    }
    for (exit, of) in exits {
        if let Kind::Try { exit: own, .. } = &mut flow.nodes[of].kind {
            *own = Some(exit);
        }
    }
}

/// The tasks that follow a `try`, with that: one of each.
fn exits(flow: &Flow) -> BTreeMap<NodeId, NodeId> {
    let mut handlers: BTreeMap<(Option<NodeId>, &str), NodeId> = BTreeMap::new();
    for (id, node) in flow.nodes.iter().enumerate() {
        if matches!(node.kind, Kind::Try { .. }) {
            handlers.insert((node.parent, node.key), id);
        }
    }
    let mut found = BTreeMap::new();
    let mut taken = BTreeSet::new();
    // One that asks how it ended comes first.
    for asks in [true, false] {
        for (id, node) in flow.nodes.iter().enumerate() {
            let Some(call) = node.call().filter(|call| call.tolerant) else { continue };
            let status = call.inputs.values().find_map(|value| match value {
                Value::Status(of) => Some(*of),
                _ => None,
            });
            if status.is_some() != asks || found.contains_key(&id) {
                continue;
            }
            let mut waits =
                node.task.dependent_tasks.iter().filter_map(|key| handlers.get(&(node.parent, key.as_str())).copied());
            let of = status.filter(|of| matches!(flow.nodes[*of].kind, Kind::Try { .. })).or_else(|| waits.next());
            if let Some(of) = of.filter(|of| taken.insert(*of)) {
                found.insert(id, of);
            }
        }
    }
    found
}

/// What each node waits for because of values that it, or something inside it, takes.
fn implied(flow: &Flow) -> Vec<BTreeSet<NodeId>> {
    let mut implied = vec![BTreeSet::new(); flow.nodes.len()];
    for (id, node) in flow.nodes.iter().enumerate() {
        let mut use_of = |value: &Value| {
            let Some(producer) = value.producer() else { return };
            // How a task ended is no value of its: who asks waits for it by name.
            let asks = matches!(value, Value::Status(_));
            if asks && !matches!(flow.nodes[producer].kind, Kind::Try { .. }) {
                return;
            }
            let block = flow.nodes[producer].parent;
            let mut user = id;
            while flow.nodes[user].parent != block {
                match flow.nodes[user].parent {
                    Some(parent) => user = parent,
                    None => return,
                }
            }
            implied[user].insert(producer);
        };
        match &node.kind {
            Kind::Call(call) => {
                call.inputs.values().chain(call.channels.values()).for_each(&mut use_of);
                call.cluster.iter().for_each(|(_, value)| use_of(value));
            }
            Kind::If { condition, .. } => condition.walk(&mut use_of),
            Kind::Arm { condition, .. } => condition.iter().for_each(|condition| condition.walk(&mut use_of)),
            Kind::For { items: Items::Of(value), .. } => use_of(value),
            _ => {}
        }
    }
    implied
}

/// What a key sorts by.
type Place = (String, u64, String);

/// Where each node would stand if nothing waited: a block where the first of its tasks would.
fn keys(flow: &Flow) -> Vec<Place> {
    let mut keys: Vec<Option<Place>> = vec![None; flow.nodes.len()];
    // What stands inside a block has a higher id than the block.
    for (id, node) in flow.nodes.iter().enumerate().rev() {
        let own = keys[id].take().unwrap_or_else(|| natural(node.key));
        if let Some(parent) = node.parent
            && keys[parent].as_ref().is_none_or(|known| own < *known)
        {
            keys[parent] = Some(own.clone());
        }
        keys[id] = Some(own);
    }
    keys.into_iter().map(Option::unwrap_or_default).collect()
}

/// A block in an order in which everything stands after what it waits for; what waits in a circle is left out.
fn sorted(keys: &[Place], body: &[NodeId], waits: &[BTreeSet<NodeId>], made: &BTreeMap<NodeId, NodeId>) -> Vec<NodeId> {
    let here: BTreeSet<NodeId> = body.iter().copied().collect();
    let mut open: BTreeMap<NodeId, usize> = BTreeMap::new();
    let mut follow: BTreeMap<NodeId, Vec<NodeId>> = BTreeMap::new();
    for id in body {
        let before: BTreeSet<NodeId> = waits[*id]
            .iter()
            .map(|other| made.get(other).copied().unwrap_or(*other))
            .filter(|other| here.contains(other) && other != id)
            .collect();
        open.insert(*id, before.len());
        for other in before {
            follow.entry(other).or_default().push(*id);
        }
    }
    let mut ready: BinaryHeap<Reverse<(&Place, NodeId)>> = BinaryHeap::new();
    for (id, count) in &open {
        if *count == 0 {
            ready.push(Reverse((&keys[*id], *id)));
        }
    }
    let mut done = Vec::with_capacity(body.len());
    while let Some(Reverse((_, id))) = ready.pop() {
        done.push(id);
        for other in follow.get(&id).into_iter().flatten() {
            let count = open.get_mut(other).expect("it is of this block");
            *count -= 1;
            if *count == 0 {
                ready.push(Reverse((&keys[*other], *other)));
            }
        }
    }
    done
}
