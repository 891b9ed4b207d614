//! Loops, branches and nested pipelines: each a component of its own, called by a task.

use indexmap::IndexMap;
use serde_json::Value;

use super::constant::{can_be_put_together, is_made_inside};
use super::scope::{Kind, Made, Source, declare_output, give};
use super::task::{retried, status_of};
use super::types::declare;
use super::{Lowering, cannot, is_value_of_run, is_whole};
use crate::emit::kubeflow::cel;
use crate::emit::kubeflow::model::*;
use crate::emit::kubeflow::name::{channel, mangle};
use crate::emit::step::{leaves, replace_leaves};
use crate::plan::{Arm, Branch, Cache, Expr, ExprKind, Group, Loop, Node, Parameter, Type};
use crate::source::Span;
use crate::text::json;

impl<'a> Lowering<'a> {
    /// A part of the innermost block.
    pub(super) fn node(&mut self, node: &'a Node) {
        match node {
            Node::Task(node) => self.step(node),
            Node::Loop(node) => self.repeat(node),
            Node::Branch(node) => self.branch(node),
            Node::Group(node) => self.nested(node),
            Node::Try(node) => self.attempt(node),
        }
    }

    /// Puts a task that stands for a node into the innermost block.
    pub(super) fn place(
        &mut self,
        id: &'a str,
        name: String,
        task: TaskSpec,
        keys: IndexMap<String, String>,
        span: Span,
    ) {
        self.waits_for_no_hook(&task, span);
        let scope = self.scope();
        scope.dag.tasks.insert(name.clone(), task);
        scope.nodes.insert(id, Made { task: name, keys });
    }

    fn repeat(&mut self, node: &'a Loop) {
        let Some((items, item)) = self.items(node) else { return };
        let name = self.group_name("for-loop");
        self.open(Kind::Loop { id: &node.id, item: item.clone() });
        let of = match node.items.ty.required() {
            Type::List { of } => of.as_ref(),
            other => other,
        };
        declare(&mut self.scope().component.input_definitions, &item, of);
        let items = match items {
            Items::Raw(raw) => ParameterItems { raw, ..Default::default() },
            Items::Of(list, channel) => ParameterItems {
                input_parameter: self.list_input(&list, channel).unwrap_or_default(),
                ..Default::default()
            },
        };
        node.body.iter().for_each(|node| self.node(node));
        let mut keys = IndexMap::new();
        for output in &node.yields {
            if let Some(key) = self.export(&output.value, None, true, output.span) {
                keys.insert(output.name.clone(), key);
            }
        }
        let mut task = self.close(&name, node.span);
        task.parameter_iterator = Some(ParameterIterator { item_input: item, items });
        let limits = [node.parallel, self.pipeline.parallel_steps];
        if let Some(limit) = limits.into_iter().flatten().min() {
            task.iterator_policy = Some(IteratorPolicy { parallelism_limit: limit.try_into().unwrap_or(i32::MAX) });
        }
        self.wait_for(&mut task, &node.after);
        self.place(&node.id, name, task, keys, node.span);
    }

    /// What a loop goes through, and what an item is called inside.
    fn items(&mut self, node: &'a Loop) -> Option<(Items, String)> {
        let list = self.expanded(&node.items);
        if list.ty.is_artifact() {
            let message = "Kubeflow cannot loop over a list of artifacts";
            let note = "Its server does not carry out artifact iterators.";
            self.diagnostics.push(cannot(node.span, message).note(note).help("Give the whole list to one step."));
            return None;
        }
        let (items, name) = match list.as_literal() {
            Some(value) => {
                self.constant(value, node.span);
                self.groups += 1;
                (Items::Raw(json::spaced(value)), format!("loop-item-param-{}", self.groups))
            }
            None if is_whole(&list) => {
                let name = self.list_channel(&list)?;
                (Items::Of(list, name.clone()), format!("{name}-loop-item"))
            }
            None => {
                let message = "Kubeflow loops over a constant, a parameter, a step's output or a field of an item, and this is put together";
                self.diagnostics.push(cannot(node.span, message).help("Let a step make the list."));
                return None;
            }
        };
        let name = channel(&name);
        let mut unique = name.clone();
        let mut count = 1;
        while self.scopes.iter().any(|scope| matches!(&scope.kind, Kind::Loop { item, .. } if *item == unique)) {
            count += 1;
            unique = format!("{name}-{count}");
        }
        Some((items, unique))
    }

    fn branch(&mut self, node: &'a Branch) {
        if !node.outputs.is_empty() && node.arms.last().is_some_and(|arm| arm.condition.is_some()) {
            self.uncertain.insert(&node.id, node.span);
        }
        if let [arm] = node.arms.as_slice() {
            let (name, mut task, keys) = self.arm(arm, &[]);
            self.wait_for(&mut task, &node.after);
            return self.place(&node.id, name, task, keys, node.span);
        }
        let name = self.group_name("condition-branches");
        self.open(Kind::Block);
        let mut made = Vec::new();
        for (at, arm) in node.arms.iter().enumerate() {
            let before: Vec<&Expr> = node.arms[..at].iter().filter_map(|arm| arm.condition.as_ref()).collect();
            let (arm, task, keys) = self.arm(arm, &before);
            self.scope().dag.tasks.insert(arm.clone(), task);
            made.push((arm, keys));
        }
        let mut keys = IndexMap::new();
        for (at, output) in node.outputs.iter().enumerate() {
            let key = channel(&format!("{name}-oneof-{}", at + 1));
            let of_arm =
                |(arm, keys): &(String, IndexMap<String, String>)| Some((arm.clone(), keys.get(&output.name)?.clone()));
            let chosen: Vec<(String, String)> = made.iter().filter_map(of_arm).collect();
            self.one_of(&key, &output.ty, chosen);
            keys.insert(output.name.clone(), key);
        }
        let mut task = self.close(&name, node.span);
        self.wait_for(&mut task, &node.after);
        self.place(&node.id, name, task, keys, node.span);
    }

    /// An arm, with the conditions of those before it that must not hold.
    fn arm(&mut self, arm: &'a Arm, before: &[&Expr]) -> (String, TaskSpec, IndexMap<String, String>) {
        let name = self.group_name("condition");
        self.open(Kind::Block);
        let mut conditions = Vec::new();
        for other in before {
            conditions.extend(self.condition(other, arm.span).map(cel::Term::negated));
        }
        if let Some(own) = &arm.condition {
            conditions.extend(self.condition(own, arm.span));
        }
        arm.body.iter().for_each(|node| self.node(node));
        let mut keys = IndexMap::new();
        for output in &arm.yields {
            if let Some(key) = self.export(&output.value, None, false, output.span) {
                keys.insert(output.name.clone(), key);
            }
        }
        let mut task = self.close(&name, arm.span);
        let condition = conditions.into_iter().reduce(cel::Term::and).map(|term| term.to_string()).unwrap_or_default();
        task.trigger_policy = Some(TriggerPolicy { condition, ..Default::default() });
        (name, task, keys)
    }

    /// A condition in CEL, on inputs of the innermost block.
    fn condition(&mut self, condition: &Expr, span: Span) -> Option<cel::Term> {
        let condition = self.expanded(condition);
        let leaves = leaves(&condition, &is_operand);
        let mut names = Vec::new();
        for leaf in &leaves {
            if matches!(leaf.kind, ExprKind::Field { .. }) {
                let channel = self.list_channel(leaf)?;
                names.push(self.list_input(leaf, channel)?);
                continue;
            }
            match self.source(leaf)? {
                Source::Input { name, .. } => names.push(name),
                Source::Output { .. } => return None,
            }
        }
        let named = replace_leaves(&condition, &is_operand, &|leaf| {
            let name = leaves.iter().position(|one| one == leaf).map(|at| names[at].clone()).unwrap_or_default();
            Expr { ty: leaf.ty.clone(), kind: ExprKind::Parameter { name } }
        });
        match cel::condition(&named) {
            Ok(term) => Some(term),
            Err(what) => {
                let message = format!("Kubeflow cannot decide {what} in a condition");
                self.diagnostics.push(cannot(span, message).help("Let a step decide it, and give a bool."));
                None
            }
        }
    }

    fn one_of(&mut self, key: &str, ty: &Type, chosen: Vec<(String, String)>) {
        let scope = self.scope();
        declare_output(&mut scope.component.output_definitions, key, ty, false, None);
        if ty.is_artifact() {
            let selector = |(task, key)| ArtifactSelector { output_artifact_key: key, producer_subtask: task };
            let artifact_selectors = chosen.into_iter().map(selector).collect();
            scope.dag.outputs.artifacts.insert(key.to_owned(), DagOutputArtifact { artifact_selectors });
        } else {
            let selector = |(task, key)| ParameterSelector { output_parameter_key: key, producer_subtask: task };
            let parameter_selectors = chosen.into_iter().map(selector).collect();
            let value_from_oneof = Some(ParameterSelectors { parameter_selectors });
            let output = DagOutputParameter { value_from_oneof, ..Default::default() };
            scope.dag.outputs.parameters.insert(key.to_owned(), output);
        }
    }

    fn nested(&mut self, node: &'a Group) {
        let mut task = self.called_pipeline(node, None);
        self.wait_for(&mut task, &node.after);
        if node.tolerates_failure {
            let safe = |name: &str| {
                let parameter = node.parameters.iter().find(|parameter| parameter.name == name);
                parameter.is_some_and(|one| one.default.is_some() || matches!(one.ty, Type::Optional { .. }))
            };
            self.tolerate(&node.id, node.span, &mut task, &safe);
        }
        self.place_pipeline(node, task);
    }

    pub(super) fn place_pipeline(&mut self, node: &'a Group, task: TaskSpec) {
        let keys = node.outputs.iter().map(|output| (output.name.clone(), output.name.clone())).collect();
        self.place(&node.id, mangle(&node.name), task, keys, node.span);
    }

    /// The component of a nested pipeline, kept, and the task that calls it. What it is given that Kubeflow cannot put together is
    /// put together inside, of parts that are given.
    pub(super) fn called_pipeline(&mut self, node: &'a Group, group: Option<&str>) -> TaskSpec {
        let mut given: Vec<(String, Expr)> = Vec::new();
        let mut composed = IndexMap::new();
        for (parameter, argument) in &node.arguments {
            let argument = self.expanded(argument);
            if argument.as_literal().is_some() || is_value_of_run(&argument) {
                given.push((parameter.clone(), argument));
                continue;
            }
            if can_be_put_together(&argument)
                && !is_made_inside(&node.body, parameter)
                && let Some(constant) = self.put_together(&argument, node.span)
            {
                given.push((parameter.clone(), Expr::literal(argument.ty, constant)));
                continue;
            }
            let leaves = leaves(&argument, &is_whole);
            let named =
                |leaf: &Expr| leaves.iter().position(|one| one == leaf).map(|at| format!("{parameter}--{}", at + 1));
            let inside = replace_leaves(&argument, &is_whole, &|leaf| {
                let kind = named(leaf).map_or_else(|| leaf.kind.clone(), |name| ExprKind::Parameter { name });
                Expr { ty: leaf.ty.clone(), kind }
            });
            given.extend(leaves.iter().filter_map(|leaf| Some((named(leaf)?, leaf.clone()))));
            composed.insert(parameter.clone(), inside);
        }
        let channels = std::mem::take(&mut self.channels);
        let status = |value: &Expr| matches!(value.kind, ExprKind::Status);
        let sources: Vec<Option<Source>> =
            given.iter().map(|(_, value)| if status(value) { None } else { self.source(value) }).collect();
        self.open(Kind::Pipeline { composed });
        for (parameter, value) in &given {
            let declared = node.parameters.iter().find(|one| one.name == *parameter);
            match declared {
                Some(declared) => self.declare_parameter(declared),
                None => declare(&mut self.scope().component.input_definitions, parameter, &value.ty),
            }
        }
        let unproven =
            |one: &&Parameter| node.arguments.get(&one.name).is_some_and(|given| given.as_literal().is_none());
        let unproven: Vec<&Parameter> = node.parameters.iter().filter(unproven).collect();
        self.body(&node.body, &unproven);
        for output in &node.outputs {
            self.give_out(&output.name, &output.value, output.description.as_deref(), output.span);
        }
        let (component, mut task) = self.leave(node.span);
        let kept = self.keep_pipeline(&mangle(&node.pipeline), component);
        let shown = node.display_name.clone().unwrap_or_else(|| mangle(&node.name));
        self.names(&mut task, shown, &kept);
        task.caching_options = Some(self.caching(node.cache != Cache::Off, node.cache_key.as_deref(), node.span));
        task.retry_policy = retried(node.retry.as_ref());
        for ((parameter, value), source) in given.iter().zip(sources) {
            let own = node.parameters.iter().any(|one| one.name == *parameter);
            if own && !node.given.contains(parameter) {
                continue;
            }
            match (value.as_literal(), source) {
                _ if status(value) => {
                    let status = status_of(group.unwrap_or_default().to_owned());
                    task.inputs.parameters.insert(parameter.clone(), status);
                }
                (Some(Value::Null), _) | (None, None) => {}
                (Some(constant), _) => {
                    let constant = TaskInputParameter::constant(constant.clone());
                    task.inputs.parameters.insert(parameter.clone(), constant);
                }
                (None, Some(source)) => give(&mut task, parameter, &value.ty, &source),
            }
        }
        self.channels = channels;
        self.give_channels(&mut task);
        task
    }
}

/// What a loop goes through.
enum Items {
    /// A constant list, as JSON.
    Raw(String),
    /// A value of the run, and what it is called outside.
    Of(Expr, String),
}

/// A value of the run, or a field that is taken out of one before the condition is decided, as the SDK does.
fn is_operand(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Field { of, .. } => {
            is_whole(expr) && matches!(of.kind, ExprKind::Item { .. } | ExprKind::Parameter { .. })
        }
        _ => is_value_of_run(expr),
    }
}
