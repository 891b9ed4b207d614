//! Importers, with their inputs called as the SDK calls them: `uri`, and `metadata`, `metadata-2`, … for what the metadata speaks of.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::{Feature, Lowering, cannot, is_whole};
use crate::emit::kubeflow::model::*;
use crate::emit::kubeflow::sign;
use crate::emit::step::{leaves, replace_leaves};
use crate::plan::{Expr, ExprKind, Input, Run, Task, Type};

impl Lowering<'_> {
    /// The task with the inputs that its importer has on Kubeflow.
    pub(super) fn as_importer(&mut self, node: &Task) -> Task {
        let Run::Importer { uri, metadata, reimport, download } = &node.run else { return node.clone() };
        let mut inputs = IndexMap::new();
        let address = match own(uri, node) {
            Some(name) => node.inputs.get(name).cloned(),
            None => self.address(uri, node),
        };
        inputs.extend(address.map(|input| ("uri".to_owned(), input)));
        let named = leaves(metadata, &is_parameter);
        let mut called: BTreeMap<&str, String> = BTreeMap::new();
        for (name, input) in &node.inputs {
            if !named.iter().any(|leaf| own(leaf, node) == Some(name)) {
                continue;
            }
            let key = match called.len() {
                0 => "metadata".to_owned(),
                count => format!("metadata-{}", count + 1),
            };
            inputs.insert(key.clone(), input.clone());
            called.insert(name, key);
        }
        let metadata = replace_leaves(metadata, &is_parameter, &|leaf| {
            let name = own(leaf, node).and_then(|name| called.get(name)).cloned().unwrap_or_default();
            Expr { ty: leaf.ty.clone(), kind: ExprKind::Parameter { name } }
        });
        let uri = match uri.as_literal() {
            Some(_) => uri.clone(),
            None => Expr { ty: uri.ty.clone(), kind: ExprKind::Parameter { name: "uri".to_owned() } },
        };
        let run = Run::Importer { uri, metadata, reimport: *reimport, download: *download };
        Task { inputs, run, ..node.clone() }
    }

    /// An address that is none of the step's inputs.
    fn address(&mut self, uri: &Expr, node: &Task) -> Option<Input> {
        let value = self.expanded(uri);
        if value.as_literal().is_none() && !is_whole(&value) && !matches!(value.kind, ExprKind::Context { .. }) {
            let message = "an importer on Kubeflow takes a constant address, or an input of its step as it is";
            self.diagnostics.push(cannot(node.span, message).help("Give the whole address as an input."));
            return None;
        }
        Some(Input {
            description: None,
            ty: Type::String,
            predicates: Vec::new(),
            value,
            expected: false,
            given: true,
            default: None,
            default_of_run: None,
            allowed: Vec::new(),
            span: node.span,
        })
    }

    /// What an importer's executor is.
    pub(super) fn importer(&mut self, task: &Task) -> ImporterSpec {
        let Run::Importer { uri, metadata, reimport, download } = &task.run else { return ImporterSpec::default() };
        let artifact_uri = match uri.as_literal() {
            Some(constant) => RuntimeValue { constant: Some(constant.clone()), ..Default::default() },
            None => RuntimeValue { runtime_parameter: "uri".to_owned(), ..Default::default() },
        };
        let metadata = match self.known(metadata, task) {
            Value::Object(entries) => entries.into_iter().collect(),
            _ => BTreeMap::new(),
        };
        if *download && self.pipeline.workspace.is_none() {
            let message = "the files of this artifact are fetched into a workspace, and the pipeline has none";
            let help = "Give it one: pipeline … with { workspace: { size: 1GiB } }";
            self.diagnostics.push(cannot(task.span, message).help(help));
        }
        let download_to_workspace = *download && self.ask(Feature::DownloadToWorkspace, task.span);
        let type_schema = task.outputs.first().and_then(|output| super::types::artifact_type(&output.ty));
        let type_schema = type_schema.map(|(ty, _)| ty).unwrap_or_default();
        ImporterSpec { artifact_uri, download_to_workspace, metadata, reimport: *reimport, type_schema }
    }

    /// Metadata, its inputs as Kubeflow's signs.
    fn known(&mut self, expr: &Expr, task: &Task) -> Value {
        match &expr.kind {
            ExprKind::Literal { value } => {
                self.constant(value, task.span);
                value.clone()
            }
            ExprKind::Parameter { name } => format!("{{{{$.inputs.parameters['{name}']}}}}").into(),
            ExprKind::Context { name, sign } => sign::write(name, sign.as_deref()).into(),
            ExprKind::Text { parts } => {
                let part = |part: &Expr| match self.known(part, task) {
                    Value::String(text) => text,
                    other => other.to_string(),
                };
                parts.iter().map(part).collect::<String>().into()
            }
            ExprKind::List { items } => items.iter().map(|item| self.known(item, task)).collect(),
            ExprKind::Record { entries } => {
                Value::Object(entries.iter().map(|(key, entry)| (key.clone(), self.known(entry, task))).collect())
            }
            ExprKind::Keyed { entries } => {
                let mut made = Map::new();
                for entry in entries {
                    let key = self.known(&entry.key, task);
                    made.insert(key.as_str().unwrap_or_default().to_owned(), self.known(&entry.value, task));
                }
                Value::Object(made)
            }
            _ => {
                let message = "an importer on Kubeflow takes its step's inputs as they are";
                self.diagnostics.push(cannot(task.span, message).help("Let a step make the value, and give that."));
                Value::Null
            }
        }
    }
}

fn is_parameter(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Parameter { .. })
}

/// The step's own input, if it is one.
fn own<'a>(expr: &'a Expr, task: &Task) -> Option<&'a str> {
    match &expr.kind {
        ExprKind::Parameter { name } if task.inputs.contains_key(name) => Some(name),
        _ => None,
    }
}
