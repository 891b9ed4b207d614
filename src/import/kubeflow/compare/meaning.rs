//! The meaning of one specification as plain data.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::{Map, Value as Json, json};

use super::quantity;
use crate::emit::kubeflow::model::*;
use crate::import::kubeflow::cluster;

static CHANNEL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\{\{\$\.inputs\.parameters\['(pipelinechannel--[^']*)'\]\}\}").expect("it is one"));
static OPERAND: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"inputs\.parameter_values\['([^']*)'\]").expect("it is one"));
static SPACE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\s+").expect("it is one"));

/// Where each input of a component comes from.
type Bindings = BTreeMap<String, Rc<Json>>;

/// The meaning of a specification.
pub(super) fn meaning(spec: &PipelineSpec, platform: &KubernetesSpec) -> Json {
    let mut reader = Reader { spec, told: cluster::told(platform), leaves: BTreeMap::new() };
    let inputs = &spec.root.input_definitions;
    let names = inputs.parameters.keys().chain(inputs.artifacts.keys());
    let bindings: Bindings = names.map(|name| (name.clone(), Rc::new(json!(["input", name])))).collect();
    let empty = DagSpec::default();
    let (tasks, outputs) = reader.dag(spec.root.dag.as_ref().unwrap_or(&empty), &bindings, &[]);
    let info = &spec.pipeline_info;
    json!({
        "pipeline": { "name": info.name, "displayName": info.display_name, "description": info.description },
        "pipeline root": spec.default_pipeline_root,
        "inputs": cluster::json(inputs),
        "output types": cluster::json(&spec.root.output_definitions),
        "outputs": outputs,
        "tasks": tasks,
        "platform": cluster::json(&platform.pipeline_config),
    })
}

struct Reader<'a> {
    spec: &'a PipelineSpec,
    told: BTreeMap<String, Json>,
    /// Of each group, the tasks of one's own naming inside it.
    leaves: BTreeMap<&'a str, Rc<Vec<String>>>,
}

/// What surrounds a task.
struct Around<'t> {
    tasks: &'t BTreeMap<String, TaskSpec>,
    bindings: &'t Bindings,
    path: &'t [String],
}

impl<'a> Reader<'a> {
    fn component(&self, name: &str) -> Option<(&'a str, &'a ComponentSpec)> {
        self.spec.components.get_key_value(name).map(|(name, component)| (name.as_str(), component))
    }

    fn is_group(&self, name: &str) -> bool {
        let Some((_, component)) = self.component(name) else { return false };
        component.dag.is_some()
            && name.strip_prefix("comp-").is_some_and(|rest| {
                ["condition-branches-", "condition-", "for-loop-", "exit-handler-"].iter().any(|group| {
                    let numbers = rest.strip_prefix(group);
                    numbers.is_some_and(|all| {
                        all.split('-').all(|one| !one.is_empty() && one.bytes().all(|b| b.is_ascii_digit()))
                    })
                })
            })
    }

    fn leaves(&mut self, name: &str) -> Rc<Vec<String>> {
        let Some((name, component)) = self.component(name) else { return Rc::default() };
        if let Some(known) = self.leaves.get(name) {
            return Rc::clone(known);
        }
        let mut found = Vec::new();
        for (key, task) in component.dag.iter().flat_map(|dag| &dag.tasks) {
            let inner = task.component_ref.name.as_str();
            if self.is_group(inner) {
                found.extend(self.leaves(inner).iter().cloned());
            } else {
                found.push(key.clone());
            }
        }
        found.sort();
        let found = Rc::new(found);
        self.leaves.insert(name, Rc::clone(&found));
        found
    }

    fn reference(&mut self, key: &str, around: &Around) -> Json {
        let Some(task) = around.tasks.get(key) else { return json!(["missing", key]) };
        let inner = task.component_ref.name.clone();
        if self.is_group(&inner) {
            return json!(["group", around.path, *self.leaves(&inner)]);
        }
        json!(["task", around.path, key])
    }

    // Sources.

    fn parameter(&mut self, binding: &TaskInputParameter, around: &Around) -> Json {
        let found = if let Some(output) = &binding.task_output_parameter {
            self.output(&output.producer_task, &output.output_parameter_key, around)
        } else if !binding.component_input_parameter.is_empty() {
            bound(&binding.component_input_parameter, around)
        } else if let Some(status) = &binding.task_final_status {
            json!(["status of", self.reference(&status.producer_task, around)])
        } else if let Some(value) = &binding.runtime_value {
            json!(["constant", value.constant.as_ref().or(value.constant_value.as_ref())])
        } else {
            json!(["unknown"])
        };
        match binding.parameter_expression_selector.as_str() {
            "" => found,
            selector => json!(["select", found, selector]),
        }
    }

    fn artifact(&mut self, binding: &TaskInputArtifact, around: &Around) -> Json {
        match &binding.task_output_artifact {
            Some(output) => self.output(&output.producer_task, &output.output_artifact_key, around),
            None => bound(&binding.component_input_artifact, around),
        }
    }

    fn output(&mut self, producer: &str, key: &str, around: &Around) -> Json {
        let Some(task) = around.tasks.get(producer) else { return json!(["missing", producer]) };
        let name = task.component_ref.name.clone();
        let dag = self.component(&name).and_then(|(_, component)| component.dag.as_ref());
        let selectors = dag.and_then(|dag| selectors(dag, key));
        let (Some(dag), Some(selectors)) = (dag, selectors) else {
            return json!(["output", self.reference(producer, around), key]);
        };
        let inside = self.inside(producer, task, around);
        let mut path = around.path.to_vec();
        if !self.is_group(&name) {
            path.push(producer.to_owned());
        }
        let inner = Around { tasks: &dag.tasks, bindings: &inside, path: &path };
        let mut found: Vec<Json> = selectors.iter().map(|(task, key)| self.output(task, key, &inner)).collect();
        let found = if found.len() == 1 {
            found.remove(0)
        } else {
            sort(&mut found);
            json!(["one of", found])
        };
        match task.parameter_iterator.is_some() || task.artifact_iterator.is_some() {
            true => json!(["collected", self.reference(producer, around), found]),
            false => found,
        }
    }

    /// What the inputs of a task's component stand for, seen from inside it.
    fn inside(&mut self, key: &str, task: &TaskSpec, around: &Around) -> Bindings {
        let mut inside = Bindings::new();
        let Some((_, component)) = self.component(&task.component_ref.name) else { return inside };
        for (name, one) in &component.input_definitions.parameters {
            if let Some(default) = &one.default_value {
                inside.insert(name.clone(), Rc::new(json!(["default", default])));
            } else if one.is_optional {
                inside.insert(name.clone(), Rc::new(json!(["none", cluster::json(&one.parameter_type)])));
            }
        }
        for (name, one) in component.input_definitions.artifacts.iter().filter(|(_, one)| one.is_optional) {
            inside.insert(name.clone(), Rc::new(json!(["none", cluster::json(&one.artifact_type)])));
        }
        for (name, binding) in &task.inputs.parameters {
            inside.insert(name.clone(), Rc::new(self.parameter(binding, around)));
        }
        for (name, binding) in &task.inputs.artifacts {
            inside.insert(name.clone(), Rc::new(self.artifact(binding, around)));
        }
        let items = task.parameter_iterator.as_ref().map(|iterator| &iterator.item_input);
        for item in items.into_iter().chain(task.artifact_iterator.as_ref().map(|iterator| &iterator.item_input)) {
            inside.insert(item.clone(), Rc::new(json!(["item of", self.reference(key, around)])));
        }
        inside
    }

    // Structure.

    fn dag(&mut self, dag: &DagSpec, bindings: &Bindings, path: &[String]) -> (Json, Json) {
        let around = Around { tasks: &dag.tasks, bindings, path };
        let mut tasks: Vec<Json> = dag.tasks.iter().map(|(key, task)| self.task(key, task, &around)).collect();
        sort(&mut tasks);
        let mut outputs = Map::new();
        for name in dag.outputs.parameters.keys().chain(dag.outputs.artifacts.keys()) {
            let all = selectors(dag, name).unwrap_or_default();
            let mut sources: Vec<Json> = all.iter().map(|(task, key)| self.output(task, key, &around)).collect();
            sort(&mut sources);
            outputs.insert(name.clone(), Json::Array(sources));
        }
        (Json::Array(tasks), Json::Object(outputs))
    }

    fn task(&mut self, key: &str, task: &TaskSpec, around: &Around) -> Json {
        let name = task.component_ref.name.as_str();
        let Some((name, component)) = self.component(name) else { return json!({ "key": key }) };
        let group = self.is_group(name);
        let mut inputs: BTreeMap<&str, Json> = BTreeMap::new();
        let mut before: Vec<&str> = task.dependent_tasks.iter().map(String::as_str).collect();
        for (input, binding) in &task.inputs.parameters {
            inputs.insert(input, self.parameter(binding, around));
            before.extend(binding.task_output_parameter.iter().map(|output| output.producer_task.as_str()));
            before.extend(binding.task_final_status.iter().map(|status| status.producer_task.as_str()));
        }
        for (input, binding) in &task.inputs.artifacts {
            inputs.insert(input, self.artifact(binding, around));
            before.extend(binding.task_output_artifact.iter().map(|output| output.producer_task.as_str()));
        }
        before.sort_unstable();
        before.dedup();
        let mut after: Vec<Json> = before.into_iter().map(|other| self.reference(other, around)).collect();
        sort(&mut after);
        let mut found = Map::new();
        let mut put = |name: &str, value: Json| {
            let nothing = match &value {
                Json::Null => true,
                Json::Array(items) => items.is_empty(),
                Json::Object(entries) => entries.is_empty(),
                _ => false,
            };
            if !nothing {
                found.insert(name.to_owned(), value);
            }
        };
        put("after", Json::Array(after));
        put("retry", task.retry_policy.as_ref().map(cluster::json).unwrap_or_default());
        put(
            "parallel",
            task.iterator_policy.as_ref().map(|policy| json!(policy.parallelism_limit)).unwrap_or_default(),
        );
        if !group {
            let caching = task.caching_options.clone().unwrap_or_default();
            put("cache", json!([caching.enable_cache, caching.cache_key]));
            let shown = &task.task_info.name;
            put("name", json!(if shown.is_empty() { key } else { shown }));
        }
        if let Some(trigger) = &task.trigger_policy {
            if !trigger.condition.is_empty() {
                let text = SPACE.replace_all(trigger.condition.trim(), " ");
                let of = |found: &Captures| inputs.get(&found[1]).map_or_else(|| found[1].to_owned(), Json::to_string);
                put("if", json!(OPERAND.replace_all(&text, of)));
            }
            if trigger.strategy == Strategy::AllUpstreamTasksCompleted {
                put("when", json!("completed"));
            }
        }
        if let Some(iterator) = &task.parameter_iterator {
            let items = &iterator.items;
            put(
                "for",
                match items.input_parameter.as_str() {
                    "" => json!(["constant", serde_json::from_str::<Json>(&items.raw).unwrap_or_default()]),
                    name => inputs.get(name).cloned().unwrap_or_default(),
                },
            );
        }
        if let Some(iterator) = &task.artifact_iterator {
            put("for", inputs.get(iterator.items.input_artifact.as_str()).cloned().unwrap_or_default());
        }
        match &component.dag {
            Some(dag) => {
                let inside = self.inside(key, task, around);
                let mut path = around.path.to_vec();
                if !group {
                    path.push(key.to_owned());
                }
                let (tasks, outputs) = self.dag(dag, &inside, &path);
                put("tasks", tasks);
                if !group {
                    put("key", json!(key));
                    put("outputs", outputs);
                    put("component", interface(component));
                    put("inputs", inputs.iter().map(|(name, source)| ((*name).to_owned(), source.clone())).collect());
                }
            }
            None => {
                put("key", json!(key));
                let own = inputs.iter().filter(|(name, _)| !name.starts_with("pipelinechannel--"));
                put("inputs", own.map(|(name, source)| ((*name).to_owned(), with_channels(source, &inputs))).collect());
                put("component", interface(component));
                let runs = self.executor(&component.executor_label, &inputs, around);
                put("runs", runs);
            }
        }
        Json::Object(found)
    }

    fn executor(&mut self, label: &str, inputs: &BTreeMap<&str, Json>, around: &Around) -> Json {
        let Some(executor) = self.spec.deployment_spec.executors.get(label) else { return Json::Null };
        let mut executor = executor.clone();
        let resources = executor.container.as_mut().and_then(|container| container.resources.take());
        let mut found = texts(&cluster::json(&executor), &|text| {
            CHANNEL.replace_all(text, |found: &Captures| {
                inputs.get(&found[1]).map_or_else(|| found[1].to_owned(), Json::to_string)
            })
        });
        if let Some(of) = resources {
            let mut all = Map::new();
            for (name, new, old, scale) in [
                ("cpu limit", &of.resource_cpu_limit, of.cpu_limit, 1),
                ("cpu request", &of.resource_cpu_request, of.cpu_request, 1),
                ("memory limit", &of.resource_memory_limit, of.memory_limit, 1_000_000_000),
                ("memory request", &of.resource_memory_request, of.memory_request, 1_000_000_000),
            ] {
                if !new.is_empty() {
                    all.insert(name.to_owned(), dynamic(new, inputs).unwrap_or_else(|| quantity::exact(new)));
                } else if old != 0.0 {
                    all.insert(name.to_owned(), quantity::old(old, scale));
                }
            }
            if let Some(one) = &of.accelerator {
                let kind = if one.resource_type.is_empty() { &one.r#type } else { &one.resource_type };
                let count =
                    if one.resource_count.is_empty() { one.count.0.to_string() } else { one.resource_count.clone() };
                let part = |text: &str| dynamic(text, inputs).unwrap_or_else(|| json!(text));
                all.insert("accelerator".to_owned(), json!([part(kind), part(&count)]));
            }
            found["resources"] = Json::Object(all);
        }
        if let Some(told) = self.told.get(label).cloned() {
            found["kubernetes"] = self.platform(&told, around);
        }
        found
    }

    /// A configuration of the cluster, its references followed.
    fn platform(&mut self, value: &Json, around: &Around) -> Json {
        match value {
            Json::Array(items) => items.iter().map(|item| self.platform(item, around)).collect(),
            Json::Object(entries) => {
                let sources = ["componentInputParameter", "taskOutputParameter", "runtimeValue"];
                if entries.keys().any(|key| sources.contains(&key.as_str()))
                    && entries.keys().all(|key| sources.contains(&key.as_str()))
                    && let Ok(binding) = serde_json::from_value::<TaskInputParameter>(value.clone())
                {
                    return self.parameter(&binding, around);
                }
                let mut found = Map::new();
                for (key, inner) in entries {
                    let inner = self.platform(inner, around);
                    if !matches!(inner, Json::Null | Json::Bool(false)) {
                        found.insert(key.clone(), inner);
                    }
                }
                Json::Object(found)
            }
            other => other.clone(),
        }
    }
}

fn bound(name: &str, around: &Around) -> Json {
    around.bindings.get(name).map_or_else(|| json!(["unbound", name]), |source| (**source).clone())
}

/// The outputs of which one is given.
fn selectors<'d>(dag: &'d DagSpec, name: &str) -> Option<Vec<(&'d str, &'d str)>> {
    if let Some(output) = dag.outputs.parameters.get(name) {
        let several = output.value_from_oneof.iter().flat_map(|several| &several.parameter_selectors);
        let all = output.value_from_parameter.iter().chain(several);
        return Some(all.map(|one| (one.producer_subtask.as_str(), one.output_parameter_key.as_str())).collect());
    }
    let output = dag.outputs.artifacts.get(name)?;
    let all = output.artifact_selectors.iter();
    Some(all.map(|one| (one.producer_subtask.as_str(), one.output_artifact_key.as_str())).collect())
}

/// A constant with values in its texts: each by what makes it.
fn with_channels(source: &Json, inputs: &BTreeMap<&str, Json>) -> Json {
    match source.as_array().map(Vec::as_slice) {
        Some([kind, value]) if kind == "constant" => {
            let value = texts(value, &|text| {
                CHANNEL.replace_all(text, |found: &Captures| {
                    inputs.get(&found[1]).map_or_else(|| found[1].to_owned(), Json::to_string)
                })
            });
            json!(["constant", value])
        }
        _ => source.clone(),
    }
}

fn dynamic(text: &str, inputs: &BTreeMap<&str, Json>) -> Option<Json> {
    text.contains("{{$").then(|| {
        let of = |found: &Captures| inputs.get(&found[1]).map_or_else(|| found[1].to_owned(), Json::to_string);
        json!(CHANNEL.replace_all(text, of))
    })
}

/// Every text of a value as another.
fn texts<'t>(value: &'t Json, of: &dyn Fn(&'t str) -> Cow<'t, str>) -> Json {
    match value {
        Json::String(text) => Json::String(of(text).into_owned()),
        Json::Array(items) => items.iter().map(|item| texts(item, of)).collect(),
        Json::Object(entries) => entries.iter().map(|(key, inner)| (of(key).into_owned(), texts(inner, of))).collect(),
        other => other.clone(),
    }
}

fn interface(component: &ComponentSpec) -> Json {
    let mut component = component.clone();
    (component.dag, component.executor_label) = (None, String::new());
    component.input_definitions.parameters.retain(|name, _| !name.starts_with("pipelinechannel--"));
    component.input_definitions.artifacts.retain(|name, _| !name.starts_with("pipelinechannel--"));
    component.output_definitions.parameters.retain(|name, _| !name.starts_with("pipelinechannel--"));
    component.output_definitions.artifacts.retain(|name, _| !name.starts_with("pipelinechannel--"));
    cluster::json(&component)
}

/// The order does not count, so there is one order.
fn sort(values: &mut [Json]) {
    values.sort_by_cached_key(key);
}

/// Numbers that are equal are written alike.
fn key(value: &Json) -> String {
    match value {
        Json::Number(number) => format!("{:?}", number.as_f64()),
        Json::Array(items) => format!("[{}]", items.iter().map(key).collect::<Vec<_>>().join(",")),
        Json::Object(entries) => {
            let mut all: Vec<String> = entries.iter().map(|(name, inner)| format!("{name}:{}", key(inner))).collect();
            all.sort();
            format!("{{{}}}", all.join(","))
        }
        other => other.to_string(),
    }
}
