//! Where every node of a pipeline stands, and what an expression there means.
//!
//! In: a pipeline. Out: the task that each node's outputs are read from, and the scopes of nested pipelines.

use std::collections::BTreeMap;

use super::Source;
use crate::emit::step::replace_leaves;
use crate::plan::{Expr, ExprKind, Group, Loop, Node, Pipeline};
use crate::text::python::identifier;

/// Every node by its id.
#[derive(Debug, Default)]
pub(in crate::emit::airflow) struct Sites<'a> {
    sites: BTreeMap<&'a str, Site<'a>>,
}

/// Where a node stands.
#[derive(Clone, Debug)]
pub(in crate::emit::airflow) struct Site<'a> {
    /// The node.
    pub(in crate::emit::airflow) node: &'a Node,
    /// The ids of the groups around it, each followed by a point.
    pub(in crate::emit::airflow) prefix: String,
    /// The scope around it.
    pub(in crate::emit::airflow) scope: Scope<'a>,
}

/// The nested pipelines and the loop around a place.
#[derive(Clone, Debug, Default)]
pub(in crate::emit::airflow) struct Scope<'a> {
    groups: Vec<&'a Group>,
    /// The innermost loop.
    pub(in crate::emit::airflow) turn: Option<&'a Loop>,
    /// Whether it is in an arm of a branch.
    pub(in crate::emit::airflow) in_arm: bool,
}

/// The id of a node in Airflow: its own; where it is not all ASCII, which addresses cannot hold, letters become numbers.
pub(in crate::emit::airflow) fn task_id(id: &str) -> String {
    if id.is_ascii() { id.to_owned() } else { identifier(id) }
}

impl<'a> Scope<'a> {
    /// The scope inside a nested pipeline.
    pub(in crate::emit::airflow) fn inside(&self, group: &'a Group) -> Self {
        let mut scope = self.clone();
        scope.groups.push(group);
        scope
    }

    /// The scope inside an arm.
    fn arm(&self) -> Self {
        Self { in_arm: true, ..self.clone() }
    }

    /// The scope inside a loop.
    pub(in crate::emit::airflow) fn turn_of(&self, node: &'a Loop) -> Self {
        Self { turn: Some(node), ..self.clone() }
    }
}

impl<'a> Sites<'a> {
    /// The sites of a pipeline.
    pub(in crate::emit::airflow) fn of(pipeline: &'a Pipeline) -> Self {
        let mut sites = Sites::default();
        sites.block(&pipeline.body, "", &Scope::default());
        sites
    }

    /// Every site, by id.
    pub(in crate::emit::airflow) fn iter(&self) -> impl Iterator<Item = &Site<'a>> {
        self.sites.values()
    }

    /// Where that node stands.
    pub(in crate::emit::airflow) fn site(&self, id: &str) -> &Site<'a> {
        self.sites.get(id).unwrap_or_else(|| panic!("the plan speaks of a node {id} that it does not have"))
    }

    fn block(&mut self, nodes: &'a [Node], prefix: &str, scope: &Scope<'a>) {
        for node in nodes {
            let site = Site { node, prefix: prefix.to_owned(), scope: scope.clone() };
            self.sites.insert(node.id(), site);
            match node {
                Node::Task(_) | Node::Try(_) => {}
                Node::Loop(inner) => {
                    self.block(&inner.body, &format!("{prefix}{}.", task_id(&inner.id)), &scope.turn_of(inner))
                }
                Node::Branch(branch) => branch.arms.iter().for_each(|arm| self.block(&arm.body, prefix, &scope.arm())),
                Node::Group(group) => {
                    self.block(&group.body, &format!("{prefix}{}.", task_id(&group.id)), &scope.inside(group));
                }
            }
        }
    }

    /// The expression with nested pipelines looked through: their parameters are what they were given, their outputs
    /// what these come from. What is left speaks of the run's parameters, tasks, branches, loops and items.
    pub(in crate::emit::airflow) fn resolve(&self, expr: &Expr, scope: &Scope<'a>) -> Expr {
        let known = |part: &Expr| match &part.kind {
            ExprKind::Parameter { .. } => !scope.groups.is_empty(),
            ExprKind::Output { node, .. } => matches!(self.site(node).node, Node::Group(_)),
            _ => false,
        };
        replace_leaves(expr, &known, &|part| {
            let kind = self.looked_through(part, scope).map(|inner| inner.kind);
            Expr { ty: part.ty.clone(), kind: kind.unwrap_or_else(|| part.kind.clone()) }
        })
    }

    fn looked_through(&self, part: &Expr, scope: &Scope<'a>) -> Option<Expr> {
        match &part.kind {
            ExprKind::Parameter { name } => {
                let (group, around) = scope.groups.split_last()?;
                let around = Scope { groups: around.to_vec(), ..scope.clone() };
                group.arguments.get(name).map(|argument| self.resolve(argument, &around))
            }
            ExprKind::Output { node, name } => {
                let site = self.site(node);
                let Node::Group(group) = site.node else { return None };
                let output = group.outputs.iter().find(|output| output.name == *name)?;
                Some(self.resolve(&output.value, &site.scope.inside(group)))
            }
            _ => None,
        }
    }

    /// The task that a node's outputs are read from.
    pub(super) fn source(&self, id: &str) -> Source {
        let site = self.site(id);
        let suffix = if matches!(site.node, Node::Loop(_)) { "-yields" } else { "" };
        Source {
            node: id.to_owned(),
            task_id: format!("{}{}{suffix}", site.prefix, task_id(id)),
            in_turn: site.scope.turn.is_some(),
        }
    }
}
