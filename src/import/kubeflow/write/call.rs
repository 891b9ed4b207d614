//! Calls: arguments, and what holds for one call alone or for every call of a step.

use std::collections::BTreeMap;

use super::Writer;
use super::profile::Told;
use super::value::{Place, flat};
use crate::emit::kubeflow::model::*;
use serde_json::Value as Json;

use crate::import::kubeflow::catalog::Callee;
use crate::import::kubeflow::cluster::{json, modern};
use crate::import::kubeflow::flow::{Call, Kind, Node, NodeId, Value};
use crate::import::kubeflow::lang;
use crate::import::kubeflow::types::Port;

/// What a call says beside its arguments, where it is constant; each as it stands in the text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Settings {
    /// By field: `cache`, `retry`, `timeout`, `compute`, `secrets`.
    pub(super) fields: BTreeMap<&'static str, String>,
}

impl<'a> Writer<'a, '_> {
    /// What all calls of a step say is said of the step.
    pub(super) fn settle_steps(&mut self) {
        let catalog = self.read.catalog;
        let mut secrets: BTreeMap<usize, Vec<(&str, Json)>> = BTreeMap::new();
        for flow in catalog.pipelines.iter().map(|pipeline| &self.read.flows[pipeline.flow]) {
            for call in flow.nodes.iter().filter_map(|node| node.call()) {
                if let Some(Callee::Step(id)) = catalog.callee(call) {
                    let label = &call.spec.executor_label;
                    let told = self.read.platform.deployment_spec.executors.get(label).map(modern);
                    secrets
                        .entry(id)
                        .or_default()
                        .push((label, told.map(|told| json(&told.secret_as_env)).unwrap_or_default()));
                }
            }
        }
        for calls in secrets.into_values() {
            if calls.iter().any(|(_, told)| *told != calls[0].1) {
                self.plain_secrets.extend(calls.into_iter().map(|(label, _)| label.to_owned()));
            }
        }
        let mut all: BTreeMap<usize, Vec<Settings>> = BTreeMap::new();
        for pipeline in &catalog.pipelines {
            let flow = &self.read.flows[pipeline.flow];
            for node in &flow.nodes {
                let Some(call) = node.call() else { continue };
                if let Some(Callee::Step(id)) = catalog.callee(call) {
                    let settings = self.settings(node, call);
                    all.entry(id).or_default().push(settings);
                }
            }
        }
        for (id, calls) in all {
            let mut shared = calls[0].clone();
            shared.fields.retain(|field, text| calls.iter().all(|one| one.fields.get(field) == Some(text)));
            self.step_settings.insert(id, shared);
        }
    }

    /// What holds for a call and is constant.
    pub(super) fn settings(&mut self, node: &Node<'a>, call: &Call<'a>) -> Settings {
        let mut settings = Settings::default();
        let caching = node.task.caching_options.clone().unwrap_or_default();
        if !caching.enable_cache {
            settings.fields.insert("cache", "off".to_owned());
        }
        if let Some(retry) = &node.task.retry_policy {
            settings.fields.insert("retry", self.retry(retry, node.key));
        }
        if call.spec.dag.is_none() {
            let told = self.told(call);
            settings.fields.extend(self.constant_told(&told));
        }
        settings
    }

    fn retry(&mut self, retry: &RetryPolicy, key: &str) -> String {
        let mut fields = vec![format!("times: {}", retry.max_retry_count)];
        for (name, text) in [("backoff", &retry.backoff_duration), ("max_backoff", &retry.backoff_max_duration)] {
            if text.is_empty() {
                continue;
            }
            match seconds(text) {
                Some(seconds) => fields.push(format!("{name}: {}", duration(seconds))),
                None => self.problem(key, format!("`{text}` is no duration")),
            }
        }
        let factor = retry.backoff_factor;
        if factor != 2.0 && factor != 0.0 {
            fields.insert(2.min(fields.len()), format!("factor: {factor:?}"));
        }
        format!("{{ {} }}", fields.join(", "))
    }

    /// A call as a statement's value.
    pub(super) fn call(
        &mut self,
        place: Place<'_, 'a>,
        id: NodeId,
        call: &Call<'a>,
        exit: bool,
        after: &[NodeId],
    ) -> String {
        let node = &place.flow.nodes[id];
        let Some(callee) = self.read.catalog.callee(call) else { return "none".to_owned() };
        let mut arguments = Vec::new();
        for (name, value) in &call.inputs {
            if self.is_hidden(callee, name) {
                continue;
            }
            // How a task ended that is waited for is given of itself.
            if matches!(value, Value::Status(of) if !matches!(place.flow.nodes[*of].kind, Kind::Try { .. })) {
                continue;
            }
            let ty = self.types.port(&Port::Input(callee, (*name).to_owned()));
            let mut text = self.argument(place, call, value, ty);
            if call.spec.input_definitions.artifacts.contains_key(*name) {
                text = flat(text, place, value);
            }
            let name = lang::name(&self.input_name(callee, name));
            arguments.push(if text == name { text } else { format!("{name}: {text}") });
        }
        let arguments = arguments.into_iter().filter(|argument| !argument.is_empty()).collect::<Vec<_>>().join(", ");
        let text = format!("{}({arguments})", lang::name(self.read.catalog.name(callee)));
        let entries = self.with(place, node, call, callee, exit, after);
        if entries.is_empty() { text } else { format!("{text} with {{ {} }}", entries.join(", ")) }
    }

    fn with(
        &mut self,
        place: Place<'_, 'a>,
        node: &Node<'a>,
        call: &Call<'a>,
        callee: Callee,
        exit: bool,
        after: &[NodeId],
    ) -> Vec<String> {
        let mut entries = Vec::new();
        let shown = &node.task.task_info.name;
        if !shown.is_empty() && shown != node.key {
            entries.push(format!("name: {}", lang::text(shown)));
        }
        if !after.is_empty() {
            let names: Vec<String> = after.iter().map(|other| lang::name(place.names.binding(*other))).collect();
            entries.push(format!("after: [{}]", names.join(", ")));
        }
        let mut own = self.settings(node, call);
        let step = match callee {
            Callee::Step(id) => self.step_settings.get(&id).cloned().unwrap_or_default(),
            Callee::Pipeline(_) => Settings::default(),
        };
        own.fields.retain(|field, text| step.fields.get(field) != Some(text));
        let caching = node.task.caching_options.clone().unwrap_or_default();
        if caching.enable_cache && (exit || step.fields.contains_key("cache")) {
            own.fields.insert("cache", "on".to_owned());
        }
        if call.spec.dag.is_none() {
            let told = self.told(call);
            self.dynamic_told(place, call, &told, &mut own);
        }
        entries.extend(own.fields.into_iter().map(|(field, text)| format!("{field}: {text}")));
        if !caching.cache_key.is_empty() {
            entries.push(format!("cache_key: {}", lang::text(&caching.cache_key)));
        }
        if call.tolerant && !exit {
            entries.push("tolerates_failure: true".to_owned());
        }
        entries
    }

    /// What the cluster is told of a call's executor.
    fn told(&mut self, call: &Call<'a>) -> Told<'a> {
        let label = &call.spec.executor_label;
        let container =
            self.read.spec.deployment_spec.executors.get(label).and_then(|executor| executor.container.as_ref());
        Told {
            label,
            resources: container.and_then(|container| container.resources.as_ref()),
            image: container.map(|container| container.image.as_str()).filter(|image| image.contains("{{$")),
            executor: self.read.platform.deployment_spec.executors.get(label).map(modern),
        }
    }
}

/// `"3.5s"` as seconds.
pub(super) fn seconds(text: &str) -> Option<f64> {
    text.strip_suffix('s')?.parse().ok().filter(|seconds: &f64| seconds.is_finite() && *seconds >= 0.0)
}

/// Seconds in the largest unit that says them whole.
pub(in crate::import::kubeflow) fn duration(seconds: f64) -> String {
    if seconds.fract() != 0.0 {
        let millis = seconds * 1000.0;
        return if millis.fract() == 0.0 { format!("{}ms", millis as i64) } else { format!("{seconds:?}s") };
    }
    let whole = seconds as i64;
    for (unit, size) in [("d", 86_400), ("h", 3600), ("min", 60)] {
        if whole > 0 && whole % size == 0 {
            return format!("{}{unit}", whole / size);
        }
    }
    format!("{whole}s")
}
