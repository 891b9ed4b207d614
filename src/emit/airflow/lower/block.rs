//! A block of the plan: its nodes, what waits for what, and where it ends.

use super::super::model::{self, Block, Empty, Group, TriggerRule};
use super::super::value::{Scope, task_id};
use super::Lower;
use crate::plan::{self, Node, depends};

/// A task or a group by its variable, and the ids of the tasks in which it ends.
#[derive(Clone, Debug)]
pub(super) struct End {
    pub(super) variable: String,
    pub(super) task_ids: Vec<String>,
}

/// Where a node of the plan begins and ends, by variables.
struct Ends {
    first: String,
    last: End,
}

impl<'a> Lower<'a> {
    /// A block, and the ends of what nothing in it waits for.
    pub(super) fn block(&self, nodes: &'a [Node], prefix: &str, scope: &Scope<'a>) -> (Block, Vec<End>) {
        let waits = depends::edges(nodes);
        let mut block = Block::default();
        let ends: Vec<Ends> = nodes.iter().map(|node| self.node(node, prefix, scope, &mut block)).collect();
        for (at, before) in waits.iter().enumerate().filter(|(_, before)| !before.is_empty()) {
            let before = before.iter().map(|other| ends[*other].last.variable.clone()).collect();
            block.edges.push((before, ends[at].first.clone()));
        }
        let leaves = depends::leaves(&waits).into_iter().map(|at| ends[at].last.clone()).collect();
        (block, leaves)
    }

    /// Where a block begins: the nodes that wait for nothing in it, by variable and id of task or group.
    pub(super) fn roots(&self, nodes: &'a [Node], prefix: &str) -> Vec<End> {
        let waits = depends::edges(nodes);
        let roots = nodes.iter().zip(waits).filter(|(_, before)| before.is_empty());
        roots.map(|(node, _)| self.first(node, prefix)).collect()
    }

    fn first(&self, node: &Node, prefix: &str) -> End {
        let suffix = match node {
            Node::Branch(_) => "-choice",
            Node::Loop(node) if self.has_items_task(node) => "-items",
            Node::Loop(node) if !self.is_mapped(node) => self.loop_end(node),
            _ => "",
        };
        let key = format!("{}{suffix}", node.id());
        self.end(&key, prefix)
    }

    /// The variable of that in which a node ends.
    pub(super) fn last(&self, node: &Node) -> String {
        let suffix = match node {
            Node::Loop(node) => self.loop_end(node),
            _ => "",
        };
        self.names.name(&format!("{}{suffix}", node.id()))
    }

    fn node(&self, node: &'a Node, prefix: &str, scope: &Scope<'a>, block: &mut Block) -> Ends {
        let first = self.first(node, prefix).variable;
        let last = match node {
            Node::Task(task) => {
                block.nodes.push(model::Node::Step(self.step(task, prefix, scope)));
                self.end(&task.id, prefix)
            }
            Node::Group(group) => self.group(group, prefix, scope, block),
            Node::Branch(branch) => self.branch(branch, prefix, scope, block),
            Node::Loop(node) => self.mapped(node, prefix, scope, block),
            Node::Try(_) => unreachable!("a `try` is refused before the lowering"),
        };
        Ends { first, last }
    }

    /// The task of that key.
    pub(super) fn end(&self, key: &str, prefix: &str) -> End {
        End { variable: self.names.name(key), task_ids: vec![format!("{prefix}{}", self.empty_id(key))] }
    }

    fn group(&self, group: &'a plan::Group, prefix: &str, scope: &Scope<'a>, block: &mut Block) -> End {
        let inner = format!("{prefix}{}.", task_id(&group.id));
        let (mut body, leaves) = self.block(&group.body, &inner, &scope.inside(group));
        let mut task_ids: Vec<String> = leaves.into_iter().flat_map(|leaf| leaf.task_ids).collect();
        if body.nodes.is_empty() {
            let key = format!("{}-done", group.id);
            task_ids.push(format!("{inner}{}", self.empty_id(&key)));
            body.nodes.push(self.empty(&key, None));
        }
        let variable = self.names.name(&group.id);
        block.nodes.push(model::Node::Group(Group {
            variable: variable.clone(),
            group_id: task_id(&group.id),
            tooltip: group.description.clone(),
            body,
        }));
        End { variable, task_ids }
    }

    fn empty_id(&self, key: &str) -> String {
        if key.ends_with("-done") || key == "run-end" { self.names.task_id(key) } else { task_id(key) }
    }

    /// A task that does nothing.
    pub(super) fn empty(&self, key: &str, trigger_rule: Option<TriggerRule>) -> model::Node {
        let variable = self.names.name(key);
        model::Node::Empty(Empty { variable, task_id: self.empty_id(key), doc: None, trigger_rule, outlet: None })
    }
}
