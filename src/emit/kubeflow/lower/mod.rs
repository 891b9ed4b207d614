//! From a pipeline of the plan to Kubeflow's documents.
//!
//! `mod.rs` the pipeline · `keep.rs` components that are called more than once · `scope.rs` values across blocks · `block.rs` loops,
//! branches, nested pipelines · `task.rs` tasks · `container.rs` what they start · `importer.rs` importers · `words.rs` their commands · `amount.rs` what they
//! may use · `cluster.rs`, `pod.rs` what the
//! cluster must know.

mod amount;
mod block;
mod cluster;
mod constant;
mod container;
mod guard;
mod importer;
mod keep;
mod pod;
mod scope;
mod sdk;
mod task;
mod types;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::model::*;
use super::name::mangle;
use super::version::{Feature, Server};
use crate::diagnostics::{Diagnostic, report};
use crate::plan::{Expr, ExprKind, Node, Parameter, Pipeline, Try, Type};
use crate::source::Span;
use keep::Kept;
use scope::{Kind, Scope, declare_output};

/// A compiled pipeline.
pub(super) struct Document {
    pub(super) spec: PipelineSpec,
    pub(super) platform: Option<PlatformSpec>,
}

/// A pipeline that is being lowered.
struct Lowering<'a> {
    pipeline: &'a Pipeline,
    server: Server,
    components: BTreeMap<String, ComponentSpec>,
    executors: BTreeMap<String, ExecutorSpec>,
    cluster: BTreeMap<String, KubernetesExecutor>,
    scopes: Vec<Scope<'a>>,
    /// Values that the constants of the task at hand speak of.
    channels: BTreeMap<String, (Type, scope::Source)>,
    /// Every task's key, so that no group takes it.
    names: BTreeSet<String>,
    kept: Kept,
    /// Branches that may give nothing, and where they stand.
    uncertain: BTreeMap<&'a str, Span>,
    groups: u32,
    diagnostics: Vec<Diagnostic>,
}

/// The document of a pipeline, and what of it Kubeflow cannot do.
pub(super) fn lower(pipeline: &Pipeline, server: Server, root: &str) -> (Document, Vec<Diagnostic>) {
    let mut lowering = Lowering {
        pipeline,
        server,
        components: BTreeMap::new(),
        executors: BTreeMap::new(),
        cluster: BTreeMap::new(),
        scopes: Vec::new(),
        channels: BTreeMap::new(),
        names: BTreeSet::new(),
        kept: Kept::default(),
        uncertain: BTreeMap::new(),
        groups: 0,
        diagnostics: Vec::new(),
    };
    lowering.take_names(&pipeline.body, pipeline.finally.as_deref());
    let component = lowering.root();
    let mut document = lowering.document(component);
    document.spec.default_pipeline_root = root.to_owned();
    (document, lowering.diagnostics)
}

/// Kubeflow cannot do that.
fn cannot(span: Span, message: impl Into<String>) -> Diagnostic {
    report::kubeflow_cannot(span, message)
}

impl<'a> Lowering<'a> {
    /// Takes every task's key before a group may: two tasks of a pipeline that Kubeflow makes one are an error.
    fn take_names(&mut self, body: &'a [Node], last: Option<&'a Node>) {
        let mut taken: BTreeMap<String, (&str, Span)> = BTreeMap::new();
        let mut nested = Vec::new();
        let mut waiting: Vec<&'a Node> = body.iter().chain(last).rev().collect();
        while let Some(node) = waiting.pop() {
            match node {
                Node::Task(task) => self.take_name(&mut taken, &task.name, task.span),
                Node::Group(group) => {
                    self.take_name(&mut taken, &group.name, group.span);
                    nested.push(group);
                }
                Node::Loop(node) => waiting.extend(node.body.iter().rev()),
                Node::Branch(node) => waiting.extend(node.arms.iter().flat_map(|arm| &arm.body).rev()),
                Node::Try(node) => waiting.extend(std::iter::once(&*node.last).chain(node.body.iter().rev())),
            }
        }
        nested.into_iter().for_each(|group| self.take_names(&group.body, None));
    }

    fn take_name(&mut self, taken: &mut BTreeMap<String, (&'a str, Span)>, own: &'a str, span: Span) {
        let name = mangle(own);
        match taken.get(&name) {
            Some((first, place)) => {
                let message = format!("`{first}` and `{own}` are both `{name}` on Kubeflow");
                let clash = report::kubeflow_name_clash(span, message).here(format!("`{own}` is called here"));
                let clash = clash.label(*place, format!("`{first}` is called here"));
                self.diagnostics.push(clash.help(format!("Give one of them another name: {own}_2 = …")));
            }
            None => {
                taken.insert(name.clone(), (own, span));
                self.names.insert(name);
            }
        }
    }

    /// The next name of a group that is no task's.
    fn group_name(&mut self, kind: &str) -> String {
        loop {
            self.groups += 1;
            let name = format!("{kind}-{}", self.groups);
            if !self.names.contains(&name) {
                return name;
            }
        }
    }

    fn root(&mut self) -> ComponentSpec {
        self.open(Kind::Pipeline { composed: IndexMap::new() });
        let parameters: Vec<&Parameter> = self.pipeline.parameters.iter().collect();
        for parameter in &parameters {
            self.declare_parameter(parameter);
        }
        match self.pipeline.finally.as_deref() {
            Some(last) => self.body_and_finally(last, &parameters),
            None => {
                self.body(&self.pipeline.body, &parameters);
                for output in &self.pipeline.outputs {
                    self.give_out(&output.name, &output.value, output.description.as_deref(), output.span);
                }
            }
        }
        let scope = self.scopes.pop().expect("the pipeline's own block is open until here");
        ComponentSpec { dag: Some(scope.dag), ..scope.component }
    }

    /// A block's nodes, once its parameters are checked.
    fn body(&mut self, nodes: &'a [Node], parameters: &[&Parameter]) {
        let guard = self.guard(parameters);
        nodes.iter().for_each(|node| self.node(node));
        if let Some(guard) = guard {
            self.wait_for_guard(&guard);
        }
    }

    /// Everything stands in a group of its own, and the last task waits for the group, whatever becomes of it.
    fn body_and_finally(&mut self, last: &'a Node, parameters: &[&Parameter]) {
        let group = self.group_name("exit-handler");
        self.open(Kind::Block);
        self.body(&self.pipeline.body, parameters);
        let mut made = IndexMap::new();
        for output in &self.pipeline.outputs {
            if let Some(key) = self.export(&output.value, None, false, output.span) {
                made.insert(&output.name, (key, &output.value.ty, output.description.as_deref()));
            }
        }
        let task = self.close(&group, self.pipeline.span);
        self.scope().dag.tasks.insert(group.clone(), task);
        for (name, (key, ty, description)) in made {
            let scope = self.scope();
            declare_output(&mut scope.component.output_definitions, name, ty, false, description);
            select(&mut scope.dag.outputs, name, ty, &group, &key);
        }
        self.last(last, &group);
    }

    /// A block, and what runs after it whatever becomes of it.
    fn attempt(&mut self, node: &'a Try) {
        let group = self.group_name("exit-handler");
        self.open(Kind::Block);
        node.body.iter().for_each(|inner| self.node(inner));
        let mut task = self.close(&group, node.span);
        self.wait_for(&mut task, &node.after);
        self.place(&node.id, group.clone(), task, IndexMap::new(), node.span);
        self.last(&node.last, &group);
    }

    /// An output of a pipeline.
    fn give_out(&mut self, name: &str, value: &Expr, description: Option<&str>, span: Span) {
        if self.export(value, Some(name), false, span).is_some() {
            let outputs = &mut self.scope().component.output_definitions;
            declare_output(outputs, name, &value.ty, false, description);
        }
    }

    /// The values that a parameter may have, where the server holds it to them.
    fn literals(&self, allowed: &[serde_json::Value]) -> Vec<serde_json::Value> {
        if self.server.has(Feature::ParameterLiterals) { allowed.to_vec() } else { Vec::new() }
    }

    fn declare_parameter(&mut self, parameter: &Parameter) {
        let literals = self.literals(&parameter.allowed);
        if parameter.ty.is_artifact() {
            let inputs = &mut self.scope().component.input_definitions;
            types::declare(inputs, &parameter.name, &parameter.ty);
            if let Some(input) = inputs.artifacts.get_mut(&parameter.name) {
                input.description = parameter.description.clone().unwrap_or_default();
            }
            return;
        }
        let default_value = parameter.default.clone().filter(|value| !value.is_null());
        if let Some(value) = &default_value {
            self.constant(value, parameter.span);
        }
        let input = InputParameter {
            is_optional: (parameter.default.is_some() && !parameter.expected)
                || matches!(parameter.ty, Type::Optional { .. } | Type::RunStatus),
            parameter_type: default_value.as_ref().map_or_else(
                || types::parameter_type(&parameter.ty),
                |value| types::constant_type(&parameter.ty, value),
            ),
            default_value,
            description: parameter.description.clone().unwrap_or_default(),
            literals,
        };
        self.scope().component.input_definitions.parameters.insert(parameter.name.clone(), input);
    }

    fn document(&mut self, root: ComponentSpec) -> Document {
        let name = self.pipeline.called.clone().unwrap_or_else(|| mangle(&self.pipeline.name));
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let good = name.starts_with(letter) && name.chars().all(|c| letter(c) || c == '-' || c == '.');
        if !good || name.len() > 128 {
            let message = format!("`{name}` is no name of a pipeline on Kubeflow");
            let help = "Small letters, digits, `-` and `.`, 128 at most: with { name: \"training\" }";
            self.diagnostics.push(cannot(self.pipeline.span, message).help(help));
        }
        let display_name = self.pipeline.display_name.clone().unwrap_or_default();
        let description = self.pipeline.description.clone().unwrap_or_default();
        if description.chars().count() > 1024 {
            let message = "the documentation of this pipeline is longer than the 1,024 characters that Kubeflow keeps";
            self.diagnostics.push(cannot(self.pipeline.span, message).help("Shorten it."));
        }
        let spec = PipelineSpec {
            components: std::mem::take(&mut self.components),
            default_pipeline_root: String::new(),
            deployment_spec: DeploymentSpec { executors: std::mem::take(&mut self.executors) },
            pipeline_info: PipelineInfo { description, display_name, name },
            root,
            schema_version: "2.1.0".to_owned(),
            sdk_version: format!("kfp-{}.0", self.server.version),
        };
        Document { spec, platform: self.platform() }
    }
}

/// A DAG's output that is a task's.
fn select(outputs: &mut DagOutputs, name: &str, ty: &Type, task: &str, key: &str) {
    let (producer_subtask, key) = (task.to_owned(), key.to_owned());
    if ty.is_artifact() {
        let selector = ArtifactSelector { output_artifact_key: key, producer_subtask };
        outputs.artifacts.insert(name.to_owned(), DagOutputArtifact { artifact_selectors: vec![selector] });
    } else {
        let selector = ParameterSelector { output_parameter_key: key, producer_subtask };
        let output = DagOutputParameter { value_from_parameter: Some(selector), ..Default::default() };
        outputs.parameters.insert(name.to_owned(), output);
    }
}

/// A value of the run, as it stands.
fn is_value_of_run(expr: &Expr) -> bool {
    use ExprKind::{Item, Output, Parameter, Status};
    matches!(expr.kind, Parameter { .. } | Output { .. } | Item { .. } | Status)
}

/// A value of the run, or what only the orchestrator knows.
fn is_given(expr: &Expr) -> bool {
    is_whole(expr) || matches!(expr.kind, ExprKind::Context { .. })
}

/// What Kubeflow itself can give a task: a value of the run, or a field of a loop's item.
fn is_whole(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Field { of, name } => {
            let Type::Struct { fields, .. } = of.ty.required() else { return false };
            let always = fields.iter().any(|field| field.name == *name && !field.optional);
            always && matches!(of.kind, ExprKind::Item { .. })
        }
        _ => is_value_of_run(expr),
    }
}
