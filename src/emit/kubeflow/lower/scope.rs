//! Scopes: a DAG that is being made, and how a value of a DAG around comes into it.
//!
//! Kubeflow's tasks see only what is beside them. A value from further out is declared as an input of every component on the
//! way in (`pipelinechannel--…`) and given to each task that calls one.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::types::{artifact_type, declare, parameter_type};
use super::{Lowering, cannot};
use crate::emit::kubeflow::model::*;
use crate::emit::kubeflow::name::channel;
use crate::plan::{Expr, ExprKind, Type};
use crate::source::Span;

/// What a DAG is the inside of.
pub(super) enum Kind<'a> {
    /// A pipeline, the outermost or a nested one, with the parameters that are put together inside.
    Pipeline { composed: IndexMap<String, Expr> },
    /// A loop's turn.
    Loop { id: &'a str, item: String },
    /// A branch's arm, all arms of a branch, or what `finally` waits for.
    Block,
}

/// A DAG that is being made.
pub(super) struct Scope<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) component: ComponentSpec,
    pub(super) dag: DagSpec,
    /// Nodes of this block: the task that stands for it, and its outputs' keys.
    pub(super) nodes: IndexMap<&'a str, Made>,
    /// Inputs of the component, and where the DAG around has them.
    needs: BTreeMap<String, Source>,
    /// Tasks of the DAG around that this one waits for.
    waits: BTreeSet<String>,
}

/// A node as a task.
pub(super) struct Made {
    pub(super) task: String,
    pub(super) keys: IndexMap<String, String>,
}

/// Where a value is to be had, inside one DAG.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    /// Of a task beside.
    Output { task: String, key: String },
    /// Of the component around, whole or a part.
    Input { name: String, selector: String },
}

impl Source {
    /// As a task's input that is a value.
    pub(super) fn parameter(&self) -> TaskInputParameter {
        match self.clone() {
            Source::Output { task, key } => TaskInputParameter {
                task_output_parameter: Some(TaskOutputParameter { output_parameter_key: key, producer_task: task }),
                ..Default::default()
            },
            Source::Input { name, selector } => TaskInputParameter {
                component_input_parameter: name,
                parameter_expression_selector: selector,
                ..Default::default()
            },
        }
    }

    /// As a task's input that is an artifact.
    fn artifact(&self) -> TaskInputArtifact {
        match self.clone() {
            Source::Output { task, key } => TaskInputArtifact {
                task_output_artifact: Some(TaskOutputArtifact { output_artifact_key: key, producer_task: task }),
                ..Default::default()
            },
            Source::Input { name, .. } => TaskInputArtifact { component_input_artifact: name, ..Default::default() },
        }
    }
}

/// Gives a task an input from there, and has it wait for whoever makes it.
pub(super) fn give(task: &mut TaskSpec, name: &str, ty: &Type, source: &Source) {
    if let Source::Output { task: producer, .. } = source {
        wait(task, producer);
    }
    if ty.is_artifact() {
        task.inputs.artifacts.insert(name.to_owned(), source.artifact());
    } else {
        task.inputs.parameters.insert(name.to_owned(), source.parameter());
    }
}

/// Has a task wait for another, once.
pub(super) fn wait(task: &mut TaskSpec, producer: &str) {
    if let Err(place) = task.dependent_tasks.binary_search_by(|one| one.as_str().cmp(producer)) {
        task.dependent_tasks.insert(place, producer.to_owned());
    }
}

impl<'a> Lowering<'a> {
    /// Goes into a block.
    pub(super) fn open(&mut self, kind: Kind<'a>) -> usize {
        self.scopes.push(Scope {
            kind,
            component: ComponentSpec::default(),
            dag: DagSpec::default(),
            nodes: IndexMap::new(),
            needs: BTreeMap::new(),
            waits: BTreeSet::new(),
        });
        self.scopes.len() - 1
    }

    /// Comes out of a group: its component is kept under that name, and the task that calls it is given.
    pub(super) fn close(&mut self, name: &str, span: Span) -> TaskSpec {
        let (component, mut task) = self.leave(span);
        self.components.insert(format!("comp-{name}"), component);
        task.component_ref.name = format!("comp-{name}");
        task.task_info.name = name.to_owned();
        task
    }

    /// Comes out of a block: its component, and the task that calls it but for its names.
    pub(super) fn leave(&mut self, span: Span) -> (ComponentSpec, TaskSpec) {
        let scope = self.scopes.pop().expect("a block that is left was entered");
        let mut task = TaskSpec::default();
        for (input, source) in &scope.needs {
            let artifact = scope.component.input_definitions.artifacts.contains_key(input);
            let ty = if artifact { &ARTIFACT } else { &Type::Json };
            give(&mut task, input, ty, source);
        }
        scope.waits.iter().for_each(|producer| wait(&mut task, producer));
        if scope.dag.tasks.is_empty() {
            let message = "nothing runs in this block, and Kubeflow has no empty ones";
            self.diagnostics.push(cannot(span, message).help("Leave the block out."));
        }
        (ComponentSpec { dag: Some(scope.dag), ..scope.component }, task)
    }

    /// Names a task and the component that it calls.
    pub(super) fn names(&self, task: &mut TaskSpec, shown: String, component: &str) {
        task.component_ref.name = format!("comp-{component}");
        task.task_info.name = shown;
    }

    /// The innermost block.
    pub(super) fn scope(&mut self) -> &mut Scope<'a> {
        self.scopes.last_mut().expect("a pipeline's own block is open until the end")
    }

    /// Where a value of the run is to be had in the innermost block.
    pub(super) fn source(&mut self, leaf: &Expr) -> Option<Source> {
        if let ExprKind::Output { node, .. } = &leaf.kind
            && let Some(span) = self.uncertain.remove(node.as_str())
        {
            let message = "Kubeflow has nothing to give where no block of this `if` has run";
            self.diagnostics.push(
                cannot(span, message)
                    .note("Such a value can be yielded by a loop and returned, and no task can take it.")
                    .help("Add an `else` that yields a value."),
            );
        }
        self.source_at(self.scopes.len() - 1, leaf)
    }

    fn source_at(&mut self, level: usize, leaf: &Expr) -> Option<Source> {
        if let ExprKind::Field { of, name } = &leaf.kind {
            let Source::Input { name: input, .. } = self.source_at(level, of)? else { return None };
            let selector = format!("parseJson(string_value)[{}]", serde_json::Value::from(name.as_str()));
            return Some(Source::Input { name: input, selector });
        }
        if let Some(source) = self.own(level, leaf) {
            return Some(source);
        }
        let name = self.channel_of(level.checked_sub(1)?, leaf)?;
        if !self.scopes[level].needs.contains_key(&name) {
            let source = self.source_at(level - 1, leaf)?;
            let scope = &mut self.scopes[level];
            declare(&mut scope.component.input_definitions, &name, &leaf.ty);
            scope.needs.insert(name.clone(), source);
        }
        Some(Source::Input { name, selector: String::new() })
    }

    /// The value, if it belongs to that block.
    fn own(&self, level: usize, leaf: &Expr) -> Option<Source> {
        let scope = &self.scopes[level];
        let input = |name: &str| Some(Source::Input { name: name.to_owned(), selector: String::new() });
        match (&leaf.kind, &scope.kind) {
            (ExprKind::Parameter { name }, Kind::Pipeline { .. }) => input(name),
            (ExprKind::Item { of }, Kind::Loop { id, item }) if of == id => input(item),
            (ExprKind::Output { node, name }, _) => {
                let made = scope.nodes.get(node.as_str())?;
                Some(Source::Output { task: made.task.clone(), key: made.keys.get(name)?.clone() })
            }
            _ => None,
        }
    }

    /// What a value from that block or one around it is called further in.
    pub(super) fn channel_of(&self, level: usize, leaf: &Expr) -> Option<String> {
        match &leaf.kind {
            ExprKind::Parameter { name } => Some(channel(name)),
            _ => (0..=level).rev().find_map(|level| match self.own(level, leaf)? {
                Source::Output { task, key } => Some(channel(&format!("{task}-{key}"))),
                Source::Input { name, .. } => Some(name),
            }),
        }
    }

    /// What the list that a loop goes through is called outside of it: a field of another loop's item is called after both.
    pub(super) fn list_channel(&self, list: &Expr) -> Option<String> {
        let level = self.scopes.len() - 1;
        match &list.kind {
            ExprKind::Field { of, name } => Some(format!("{}-subvar-{name}", self.channel_of(level, of)?)),
            _ => self.channel_of(level, list),
        }
    }

    /// The input of the innermost block, a loop, that the loop goes through. A field is taken out before the loop begins.
    pub(super) fn list_input(&mut self, list: &Expr, channel: String) -> Option<String> {
        if !matches!(list.kind, ExprKind::Field { .. }) {
            return match self.source(list) {
                Some(Source::Input { name, .. }) => Some(name),
                _ => None,
            };
        }
        let source = self.source_at(self.scopes.len() - 2, list)?;
        let scope = self.scope();
        declare(&mut scope.component.input_definitions, &channel, &list.ty);
        scope.needs.insert(channel.clone(), source);
        Some(channel)
    }

    /// The expression with parameters of a nested pipeline replaced by what they are put together of.
    pub(super) fn expanded(&self, expr: &Expr) -> Expr {
        let composed = self.scopes.iter().rev().find_map(|scope| match &scope.kind {
            Kind::Pipeline { composed } => Some(composed),
            _ => None,
        });
        let Some(composed) = composed.filter(|composed| !composed.is_empty()) else { return expr.clone() };
        let parameter = |one: &Expr| matches!(one.kind, ExprKind::Parameter { .. });
        crate::emit::step::replace_leaves(expr, &parameter, &|leaf| match &leaf.kind {
            ExprKind::Parameter { name } => composed.get(name).unwrap_or(leaf).clone(),
            _ => leaf.clone(),
        })
    }

    /// Has a task of the innermost block wait for a node of it or of one around.
    pub(super) fn wait_for(&mut self, task: &mut TaskSpec, after: &[String]) {
        let innermost = self.scopes.len() - 1;
        for id in after {
            let at = |level: &usize| self.scopes[*level].nodes.contains_key(id.as_str());
            let Some(level) = (0..=innermost).rev().find(at) else { continue };
            let producer = self.scopes[level].nodes[id.as_str()].task.clone();
            if level == innermost {
                wait(task, &producer);
            } else {
                self.scopes[level + 1].waits.insert(producer);
            }
        }
    }

    /// Gives a value of a task in the innermost block to the block around, as one or as the list of all turns, and says under
    /// which key.
    pub(super) fn export(&mut self, value: &Expr, key: Option<&str>, listed: bool, span: Span) -> Option<String> {
        let made = match &value.kind {
            ExprKind::Output { .. } => self.own(self.scopes.len() - 1, value),
            _ => None,
        };
        let Some(Source::Output { task, key: inner }) = made else {
            let message = "Kubeflow gives on only what a step inside this block makes";
            self.diagnostics.push(
                cannot(span, message)
                    .note("A constant, a parameter or a value from outside the block cannot be one of its values.")
                    .help("Let a step inside the block make the value."),
            );
            return None;
        };
        let key = key.map_or_else(|| channel(&format!("{task}-{inner}")), str::to_owned);
        let scope = self.scope();
        declare_output(&mut scope.component.output_definitions, &key, &value.ty, listed, None);
        let outputs = &mut scope.dag.outputs;
        if value.ty.is_artifact() {
            let selector = ArtifactSelector { output_artifact_key: inner, producer_subtask: task };
            outputs.artifacts.insert(key.clone(), DagOutputArtifact { artifact_selectors: vec![selector] });
        } else {
            let selector = ParameterSelector { output_parameter_key: inner, producer_subtask: task };
            let output = DagOutputParameter { value_from_parameter: Some(selector), ..Default::default() };
            outputs.parameters.insert(key.clone(), output);
        }
        Some(key)
    }
}

/// Any artifact: which does not matter to who passes it on.
static ARTIFACT: Type = Type::Artifact {
    name: String::new(),
    title: String::new(),
    schema: None,
    version: String::new(),
    schemas: Vec::new(),
};

/// Declares an output of a component; `listed`: one for every turn of a loop.
pub(super) fn declare_output(
    outputs: &mut OutputDefinitions,
    key: &str,
    ty: &Type,
    listed: bool,
    description: Option<&str>,
) {
    let description = description.unwrap_or_default().to_owned();
    match artifact_type(ty) {
        Some((artifact_type, many)) => {
            let is_artifact_list = many || listed;
            let output = OutputArtifact { artifact_type, description, is_artifact_list, ..Default::default() };
            outputs.artifacts.insert(key.to_owned(), output);
        }
        None => {
            let parameter_type = if listed { ParameterType::List } else { parameter_type(ty) };
            outputs.parameters.insert(key.to_owned(), OutputParameter { description, parameter_type });
        }
    }
}
