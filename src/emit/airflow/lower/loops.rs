//! `for`: a task that lists the items where they are not constant, a mapped group, and a task that collects the yields.
//!
//! The last one succeeds however many turns there were (none included), so what waits for the loop need not know.

use super::super::model::{self, Block, Function, Mapped, TriggerRule};
use super::super::value::{Locals, Reader, Scope, Value, task_id};
use super::Lower;
use super::block::End;
use crate::plan::Loop;
use crate::text::python::{Expression, Statement};

impl<'a> Lower<'a> {
    pub(super) fn mapped(&self, node: &'a Loop, prefix: &str, scope: &Scope<'a>, block: &mut Block) -> End {
        let items = Value::of(&node.items, scope, &self.sites);
        let end = self.loop_end(node);
        let key = format!("{}{end}", node.id);
        let mut before = Vec::new();
        if self.has_items_task(node) {
            let lister = self.lister(node, &items);
            before.push(lister.variable.clone());
            block.nodes.push(model::Node::Function(lister));
        }
        if self.is_mapped(node) {
            let inner = format!("{prefix}{}.", task_id(&node.id));
            let (body, _) = self.block(&node.body, &inner, &scope.turn_of(node));
            block.nodes.push(model::Node::Mapped(Mapped {
                variable: self.names.name(&node.id),
                group_id: task_id(&node.id),
                function: self.names.name(&format!("{}-each", node.id)),
                docstring: format!("One turn for every `{}`, which tasks find by the turn's number.", node.item),
                item: crate::text::python::identifier(&node.item),
                items: self.items(node),
                body,
            }));
            before.push(self.names.name(&node.id));
        }
        let rule = (before.len() > 1).then_some(TriggerRule::NoneFailedMinOneSuccess);
        block.nodes.push(match end {
            "-yields" => self.collector(node, &key, &items, scope, rule),
            _ => self.empty(&key, rule),
        });
        if !before.is_empty() {
            block.edges.push((before, self.names.name(&key)));
        }
        self.end(&key, prefix)
    }

    /// Whether a task lists the items: they are known only when the pipeline runs, or the loop is in an arm of a branch,
    /// where Airflow 3.1 does not skip a mapped task that comes right after the choice.
    pub(super) fn has_items_task(&self, node: &Loop) -> bool {
        let in_arm = self.sites.site(&node.id).scope.in_arm;
        self.is_mapped(node) && (in_arm || node.items.as_literal().is_none())
    }

    /// Whether there is anything to run for an item, and an item.
    pub(super) fn is_mapped(&self, node: &Loop) -> bool {
        let none = node.items.as_literal().and_then(|items| items.as_array()).is_some_and(|items| items.is_empty());
        !node.body.is_empty() && !none
    }

    /// What the task in which the turns meet is called.
    pub(super) fn loop_end(&self, node: &Loop) -> &'static str {
        if self.demand.any(&node.id) { "-yields" } else { "-done" }
    }

    fn items(&self, node: &Loop) -> Expression {
        match node.items.as_literal() {
            Some(items) if !self.has_items_task(node) => Expression::json(items),
            _ => Expression::name(self.names.name(&format!("{}-items", node.id))),
        }
    }

    fn lister(&self, node: &'a Loop, items: &Value) -> Function {
        let key = format!("{}-items", node.id);
        let mut locals = Locals::new(&self.store, self.version, Reader::Outside);
        let items = locals.expression(items);
        let mut body = locals.bindings();
        body.push(Statement::Return(items));
        Function {
            variable: self.names.name(&key),
            task_id: task_id(&key),
            branch: false,
            gives_object: false,
            trigger_rule: None,
            name: self.names.name(&format!("{}-list", node.id)),
            docstring: format!("The items of `{}`.", node.id),
            context: locals.context(),
            body,
        }
    }

    fn collector(
        &self,
        node: &'a Loop,
        key: &str,
        items: &Value,
        scope: &Scope<'a>,
        trigger_rule: Option<TriggerRule>,
    ) -> model::Node {
        let mut locals = Locals::new(&self.store, self.version, Reader::EveryTurn);
        let count = Expression::name("len").call([locals.expression(items)]);
        let count = match node.items.as_literal().and_then(|items| items.as_array()) {
            Some(items) => Expression::int(items.len() as i64),
            None => count,
        };
        let inner = scope.turn_of(node);
        let wanted = node.yields.iter().filter(|output| self.demand.wants(&node.id, &output.name));
        let entries = wanted.map(|output| {
            let each = locals.expression(&Value::of(&output.value, &inner, &self.sites));
            let list = Expression::Comprehension {
                key: None,
                element: Box::new(each),
                name: "turn".to_owned(),
                items: Box::new(Expression::name("turns")),
                condition: None,
            };
            (Expression::text(&output.name), list)
        });
        let entries = entries.collect();
        let turns = Expression::name("range").call([count]);
        let (outside, inside) = locals.bindings_by_turn();
        let mut body = outside;
        body.push(Statement::Assign { target: "turns".to_owned(), value: turns });
        body.extend(inside);
        body.push(Statement::Return(Expression::Dict(entries)));
        model::Node::Function(Function {
            variable: self.names.name(key),
            task_id: task_id(key),
            branch: false,
            gives_object: true,
            trigger_rule,
            name: self.names.name(&format!("{}-collect", node.id)),
            docstring: format!("What the turns of `{}` yield, in the order of the items.", node.id),
            context: locals.context(),
            body,
        })
    }
}
