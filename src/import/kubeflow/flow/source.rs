//! Values followed to what makes them: channels through the borders of groups, operands of conditions, outputs of blocks.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::build::{Bindings, Block, Builder};
use super::condition::{self, Cel};
use super::value::selector;
use super::{Items, NodeId, Value};
use crate::emit::kubeflow::model::*;

impl<'a> Builder<'a> {
    pub(super) fn condition(&mut self, text: &str, inputs: &Bindings<'a>, path: &str) -> Option<Cel<'a>> {
        let Some(parsed) = condition::parse(text) else {
            self.problem(path, format!("the condition `{text}` is none that the SDK or `mlp` writes"));
            return None;
        };
        match resolve(parsed, inputs) {
            Ok(found) => Some(found),
            Err(name) => {
                self.problem(path, format!("the condition speaks of `{name}`, which is no input of the group"));
                None
            }
        }
    }

    pub(super) fn items(&mut self, items: &'a ParameterItems, inputs: &Bindings<'a>, path: &str) -> Items<'a> {
        if items.input_parameter.is_empty() {
            return match serde_json::from_str::<Json>(&items.raw) {
                Ok(list @ Json::Array(_)) => Items::Constant(list),
                _ => {
                    self.problem(path, "what it loops over is no list");
                    Items::Constant(Json::Null)
                }
            };
        }
        match inputs.get(items.input_parameter.as_str()) {
            Some(value) => Items::Of(value.clone()),
            None => {
                self.problem(path, format!("it loops over `{}`, which is no input of it", items.input_parameter));
                Items::Constant(Json::Null)
            }
        }
    }

    pub(super) fn parameter(
        &mut self,
        binding: &'a TaskInputParameter,
        ids: &BTreeMap<&'a str, NodeId>,
        bindings: &Bindings<'a>,
        path: &str,
    ) -> Option<Value<'a>> {
        let found = if let Some(output) = &binding.task_output_parameter {
            self.output(&output.producer_task, &output.output_parameter_key, ids, path)?
        } else if let Some(status) = &binding.task_final_status {
            match ids.get(status.producer_task.as_str()) {
                Some(id) => Value::Status(*id),
                None => {
                    self.problem(path, format!("the task `{}` is not beside it", status.producer_task));
                    return None;
                }
            }
        } else if let Some(value) = &binding.runtime_value {
            match value.constant.as_ref().or(value.constant_value.as_ref()) {
                Some(constant) => Value::Constant(constant),
                None => {
                    self.problem(path, "it is given no value");
                    return None;
                }
            }
        } else if !binding.component_input_parameter.is_empty() {
            match bindings.get(binding.component_input_parameter.as_str()) {
                Some(value) => value.clone(),
                None => {
                    let name = &binding.component_input_parameter;
                    self.problem(path, format!("`{name}` is no input of what is around it"));
                    return None;
                }
            }
        } else {
            self.problem(path, "it is given no value");
            return None;
        };
        self.selected(found, &binding.parameter_expression_selector, path)
    }

    /// As [`Self::parameter`], of a binding that stands nowhere in the specification itself.
    pub(super) fn owned_parameter(
        &mut self,
        binding: &TaskInputParameter,
        ids: &BTreeMap<&'a str, NodeId>,
        bindings: &Bindings<'a>,
        path: &str,
    ) -> Option<Value<'a>> {
        if let Some(output) = &binding.task_output_parameter {
            let Some((task, id)) = ids.get_key_value(output.producer_task.as_str()) else {
                self.problem(path, format!("the task `{}` is not beside it", output.producer_task));
                return None;
            };
            let component = self.component_of(*id).map(|component| &component.output_definitions.parameters);
            let key = component.and_then(|outputs| outputs.get_key_value(&output.output_parameter_key));
            let Some((key, _)) = key else {
                self.problem(path, format!("`{task}` has no output `{}`", output.output_parameter_key));
                return None;
            };
            self.wanted.push((*id, key));
            return Some(Value::Output { node: *id, key });
        }
        match bindings.get(binding.component_input_parameter.as_str()) {
            Some(value) => Some(value.clone()),
            None => {
                let name = &binding.component_input_parameter;
                self.problem(path, format!("`{name}` is no input of what is around it"));
                None
            }
        }
    }

    pub(super) fn artifact(
        &mut self,
        binding: &'a TaskInputArtifact,
        ids: &BTreeMap<&'a str, NodeId>,
        bindings: &Bindings<'a>,
        path: &str,
    ) -> Option<Value<'a>> {
        if let Some(output) = &binding.task_output_artifact {
            return self.output(&output.producer_task, &output.output_artifact_key, ids, path);
        }
        let found = bindings.get(binding.component_input_artifact.as_str()).cloned();
        if found.is_none() {
            let name = &binding.component_input_artifact;
            self.problem(path, format!("`{name}` is no input of what is around it"));
        }
        found
    }

    pub(super) fn output(
        &mut self,
        task: &'a str,
        key: &'a str,
        ids: &BTreeMap<&'a str, NodeId>,
        path: &str,
    ) -> Option<Value<'a>> {
        let Some(id) = ids.get(task) else {
            self.problem(path, format!("the task `{task}` is not beside it"));
            return None;
        };
        let outputs = self.component_of(*id).map(|component| &component.output_definitions);
        if !outputs.is_some_and(|outputs| outputs.parameters.contains_key(key) || outputs.artifacts.contains_key(key)) {
            self.problem(path, format!("the task `{task}` has no output `{key}`"));
            return None;
        }
        self.wanted.push((*id, key));
        Some(Value::Output { node: *id, key })
    }

    pub(super) fn component_of(&self, id: NodeId) -> Option<&'a ComponentSpec> {
        self.spec.components.get(&self.flow.nodes[id].task.component_ref.name)
    }

    pub(super) fn selected(&mut self, of: Value<'a>, text: &str, path: &str) -> Option<Value<'a>> {
        if text.is_empty() {
            return Some(of);
        }
        let Some(mut steps) = selector(text) else {
            self.problem(path, format!("it takes `{text}` of a value, which is no field"));
            return None;
        };
        Some(match of {
            Value::Select { of, mut path } => {
                path.append(&mut steps);
                Value::Select { of, path }
            }
            of => Value::Select { of: Box::new(of), path: steps },
        })
    }

    /// What a DAG gives, by name: each the outputs of which one will be there.
    pub(super) fn outputs_of(
        &mut self,
        dag: &'a DagSpec,
        ids: &BTreeMap<&'a str, NodeId>,
        path: &str,
    ) -> Vec<(&'a str, Vec<Value<'a>>)> {
        let names = dag.outputs.parameters.keys().chain(dag.outputs.artifacts.keys());
        names.map(|name| (name.as_str(), self.sources(dag, name, ids, path))).collect()
    }

    pub(super) fn sources(
        &mut self,
        dag: &'a DagSpec,
        name: &str,
        ids: &BTreeMap<&'a str, NodeId>,
        path: &str,
    ) -> Vec<Value<'a>> {
        let mut selected: Vec<(&'a str, &'a str)> = Vec::new();
        if let Some(output) = dag.outputs.parameters.get(name) {
            let several = output.value_from_oneof.iter().flat_map(|several| &several.parameter_selectors);
            let all = output.value_from_parameter.iter().chain(several);
            selected.extend(all.map(|one| (one.producer_subtask.as_str(), one.output_parameter_key.as_str())));
        } else if let Some(output) = dag.outputs.artifacts.get(name) {
            let all = output.artifact_selectors.iter();
            selected.extend(all.map(|one| (one.producer_subtask.as_str(), one.output_artifact_key.as_str())));
        }
        let path = format!("{path}.dag.outputs.{name}");
        if selected.is_empty() {
            self.problem(&path, "the output is given by nothing");
        }
        selected.into_iter().filter_map(|(task, key)| self.output(task, key, ids, &path)).collect()
    }

    /// What blocks give that something takes.
    pub(super) fn take_wanted(&mut self, path: &str) {
        while let Some((id, key)) = self.wanted.pop() {
            if self.flow.nodes[id].yields.contains_key(key) {
                continue;
            }
            let Some(Block { dag, ids }) = &self.blocks[id] else { continue };
            let (dag, ids) = (*dag, ids.clone());
            let sources = self.sources(dag, key, &ids, path);
            self.flow.nodes[id].yields.insert(key, sources);
        }
    }
}

/// Names as the values that they stand for; else a name that stands for none.
fn resolve<'a>(cel: Cel<'a>, inputs: &Bindings<'a>) -> Result<Cel<'a>, String> {
    let boxed = |inner: Box<Cel<'a>>| resolve(*inner, inputs).map(Box::new);
    Ok(match cel {
        Cel::Name(name) => match inputs.get(name.as_str()) {
            Some(value) => Cel::Value(value.clone()),
            None => return Err(name),
        },
        Cel::Group(inner) => Cel::Group(boxed(inner)?),
        Cel::Int(inner) => Cel::Int(boxed(inner)?),
        Cel::Double(inner) => Cel::Double(boxed(inner)?),
        Cel::Type(inner) => Cel::Type(boxed(inner)?),
        Cel::Not(inner) => Cel::Not(boxed(inner)?),
        Cel::Size(inner) => Cel::Size(boxed(inner)?),
        Cel::Matches(inner, pattern) => Cel::Matches(boxed(inner)?, pattern),
        Cel::Binary(sign, left, right) => Cel::Binary(sign, boxed(left)?, boxed(right)?),
        Cel::Index(of, index) => Cel::Index(boxed(of)?, boxed(index)?),
        Cel::Choice(when, yes, no) => Cel::Choice(boxed(when)?, boxed(yes)?, boxed(no)?),
        Cel::List(items) => Cel::List(items.into_iter().map(|item| resolve(item, inputs)).collect::<Result<_, _>>()?),
        Cel::Given(name) => return Err(name),
        other @ (Cel::Value(_) | Cel::Text(_) | Cel::Number(_) | Cel::Bool(_) | Cel::Null | Cel::NullType) => other,
    })
}

/// References to values of the run inside a configuration, with the way to each.
pub(super) fn references(value: &Json, way: &mut Vec<String>, found: &mut Vec<(Vec<String>, TaskInputParameter)>) {
    match value {
        Json::Object(entries) => {
            let dynamic = ["componentInputParameter", "taskOutputParameter"];
            if !entries.is_empty() && entries.keys().all(|key| dynamic.contains(&key.as_str())) {
                if let Ok(binding) = serde_json::from_value(value.clone()) {
                    found.push((way.clone(), binding));
                }
                return;
            }
            for (key, inner) in entries {
                way.push(key.clone());
                references(inner, way, found);
                way.pop();
            }
        }
        Json::Array(items) => {
            for (at, inner) in items.iter().enumerate() {
                way.push(at.to_string());
                references(inner, way, found);
                way.pop();
            }
        }
        _ => {}
    }
}
