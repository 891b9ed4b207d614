//! What is called: steps told apart by what they are, pipelines by what is in them.
//!
//! In: flows. Out: one step for all components that are the same, one pipeline for all flows that are. Names are given here too: each
//! is one of a file. It refuses to know types and text.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::cluster::json;
use super::flow::{Call, Flow, Kind};
use super::lang::snake;
use crate::emit::kubeflow::model::*;

/// A step's place in the catalog.
pub(super) type StepId = usize;
/// A pipeline's place in the catalog.
pub(super) type PipelineId = usize;

/// What a component is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Callee {
    Step(StepId),
    Pipeline(PipelineId),
}

/// A step.
#[derive(Debug)]
pub(super) struct Step<'a> {
    pub(super) name: String,
    pub(super) interface: &'a ComponentSpec,
    pub(super) executor: &'a ExecutorSpec,
}

/// A pipeline.
#[derive(Debug)]
pub(super) struct Pipeline {
    pub(super) name: String,
    /// Which flow it is.
    pub(super) flow: usize,
}

/// Steps and pipelines.
#[derive(Debug, Default)]
pub(super) struct Catalog<'a> {
    pub(super) steps: Vec<Step<'a>>,
    /// Those that are called before those that call, the root last.
    pub(super) pipelines: Vec<Pipeline>,
    of: BTreeMap<&'a str, Callee>,
}

impl<'a> Catalog<'a> {
    /// What a call calls.
    pub(super) fn callee(&self, call: &Call) -> Option<Callee> {
        self.of.get(call.component).copied()
    }

    /// The name of what is called.
    pub(super) fn name(&self, callee: Callee) -> &str {
        match callee {
            Callee::Step(id) => &self.steps[id].name,
            Callee::Pipeline(id) => &self.pipelines[id].name,
        }
    }
}

/// Makes the catalog; `root` is what the root pipeline is called, `project` holds names that a whole project has once.
pub(super) fn catalog<'a>(
    spec: &'a PipelineSpec,
    flows: &[Flow<'a>],
    cluster: &BTreeMap<String, Json>,
    root: &str,
    project: &mut BTreeSet<String>,
) -> Catalog<'a> {
    let mut names: BTreeSet<String> = BTreeSet::from([root.to_owned()]);
    let mut catalog = Catalog::default();
    let mut known: BTreeMap<String, StepId> = BTreeMap::new();
    let mut components: Vec<(&'a str, &'a ComponentSpec)> = Vec::new();
    for call in flows.iter().flat_map(|flow| &flow.nodes).filter_map(|node| node.call()) {
        if call.spec.dag.is_none() {
            components.push((call.component, call.spec));
        }
    }
    components.sort_by_key(|(name, _)| (name.len(), *name));
    components.dedup_by_key(|(name, _)| *name);
    for (name, component) in components {
        let Some(executor) = spec.deployment_spec.executors.get(&component.executor_label) else { continue };
        let signature = signature(component, executor);
        let id = *known.entry(signature).or_insert_with(|| {
            let step = Step { name: step_name(name, executor, &mut names), interface: component, executor };
            catalog.steps.push(step);
            catalog.steps.len() - 1
        });
        catalog.of.insert(name, Callee::Step(id));
    }
    let mut flows_known: BTreeMap<String, PipelineId> = BTreeMap::new();
    let by_name: BTreeMap<&str, usize> =
        flows.iter().enumerate().filter_map(|(at, flow)| Some((flow.component?, at))).collect();
    for at in callees_first(flows, &by_name) {
        let flow = &flows[at];
        let Some(component) = flow.component else {
            catalog.pipelines.push(Pipeline { name: root.to_owned(), flow: at });
            continue;
        };
        let signature = flow_signature(flow, &catalog, spec, cluster);
        let id = *flows_known.entry(signature).or_insert_with(|| {
            let wanted = [base(component), full(component)];
            let mut name = free(&wanted, &mut names);
            while !project.insert(name.clone()) {
                name = free(&wanted, &mut names);
            }
            catalog.pipelines.push(Pipeline { name, flow: at });
            catalog.pipelines.len() - 1
        });
        catalog.of.insert(component, Callee::Pipeline(id));
    }
    catalog
}

/// The flows in an order in which each stands after those that it calls.
fn callees_first<'a>(flows: &[Flow<'a>], by_name: &BTreeMap<&'a str, usize>) -> Vec<usize> {
    let mut done: BTreeSet<usize> = BTreeSet::new();
    let mut order = Vec::new();
    let mut way: Vec<(usize, bool)> = vec![(0, false)];
    while let Some((at, ready)) = way.pop() {
        if ready {
            if done.insert(at) {
                order.push(at);
            }
            continue;
        }
        if done.contains(&at) {
            continue;
        }
        way.push((at, true));
        let mut called: Vec<&str> =
            flows[at].nodes.iter().filter_map(|node| node.call()).map(|call| call.component).collect();
        called.sort_by_key(|name| (name.len(), *name));
        called.dedup();
        way.extend(called.iter().rev().filter_map(|name| by_name.get(name)).map(|at| (*at, false)));
    }
    order
}

/// What makes a step: everything but what depends on the cluster or on the call.
fn signature(component: &ComponentSpec, executor: &ExecutorSpec) -> String {
    let mut executor = executor.clone();
    if let Some(container) = &mut executor.container {
        container.resources = None;
        if container.image.contains("{{$") {
            container.image.clear();
        }
    }
    let mut component = component.clone();
    component.executor_label.clear();
    format!("{}{}", json(&component), json(&executor))
}

fn flow_signature(flow: &Flow, catalog: &Catalog, spec: &PipelineSpec, cluster: &BTreeMap<String, Json>) -> String {
    let interface = (&flow.interface.input_definitions, &flow.interface.output_definitions);
    let mut text = format!("{}{}{:?}{:?}", json(interface.0), json(interface.1), flow.body, flow.outputs);
    for node in &flow.nodes {
        let task =
            TaskSpec { component_ref: ComponentRef::default(), inputs: TaskInputs::default(), ..node.task.clone() };
        text.push_str(&format!("{} {:?} {:?} {:?} {}", node.key, node.parent, node.after, node.yields, json(&task)));
        match &node.kind {
            Kind::Call(call) => {
                let executor = spec.deployment_spec.executors.get(&call.spec.executor_label);
                let container = executor.and_then(|executor| executor.container.as_ref());
                let resources = container.and_then(|container| container.resources.as_ref());
                let image = container.map(|container| container.image.as_str());
                text.push_str(&format!(
                    "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
                    catalog.callee(call),
                    call.inputs,
                    call.channels,
                    call.cluster,
                    resources,
                    image,
                    cluster.get(&call.spec.executor_label).filter(|_| call.spec.dag.is_none()),
                ));
            }
            other => text.push_str(&format!("{other:?}")),
        }
    }
    text
}

fn step_name(component: &str, executor: &ExecutorSpec, names: &mut BTreeSet<String>) -> String {
    if executor.importer.is_some() {
        let kind = executor.importer.as_ref().map_or("", |importer| importer.type_schema.schema_title.as_str());
        let kind = kind.rsplit('.').next().unwrap_or_default().to_lowercase();
        let own = base(component);
        let own = if own == "importer" {
            format!("import_{}", if kind.is_empty() { "artifact" } else { &kind })
        } else {
            own
        };
        return free(&[own], names);
    }
    let container = executor.container.as_ref();
    let function = container.and_then(|container| function(&container.args)).filter(|name| super::lang::is_word(name));
    let mut wanted: Vec<String> = function.into_iter().map(str::to_owned).collect();
    let short = wanted.first().cloned().unwrap_or_else(|| base(component));
    wanted.push(base(component));
    wanted.push(format!("{short}_step"));
    wanted.push(full(component));
    free(&wanted, names)
}

/// The Python function that the SDK starts.
fn function(args: &[String]) -> Option<&str> {
    let at = args.iter().position(|arg| arg == "--function_to_execute")?;
    args.get(at + 1).map(String::as_str)
}

fn full(component: &str) -> String {
    snake(component.strip_prefix("comp-").unwrap_or(component))
}

/// Without the number that makes a component's name another than the one before it.
fn base(component: &str) -> String {
    let full = full(component);
    let short = full.trim_end_matches(|c: char| c.is_ascii_digit());
    match short.strip_suffix('_') {
        Some(short) if !short.is_empty() && short.len() < full.len() => short.to_owned(),
        _ => full,
    }
}

/// The first of some names that nothing has yet, else the last with a number.
pub(super) fn free(wanted: &[String], names: &mut BTreeSet<String>) -> String {
    for name in wanted {
        if names.insert(name.clone()) {
            return name.clone();
        }
    }
    let last = wanted.last().map_or("value", String::as_str);
    let mut count = 2;
    loop {
        let name = format!("{last}_{count}");
        if names.insert(name.clone()) {
            return name;
        }
        count += 1;
    }
}
