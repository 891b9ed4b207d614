//! DAGs as flows: groups as blocks, channels followed to their sources.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::condition::{self, Cel, Sign};
use super::source::references;
use super::{Call, Flow, Items, Kind, Node, NodeId, Problem, Value, order};
use crate::emit::kubeflow::model::*;

/// What the SDK writes as an input of the task beside what the executor says: its component does not declare it.
const REPEATED: [&str; 7] = [
    "cpu_limit",
    "cpu_request",
    "memory_limit",
    "memory_request",
    "accelerator_type",
    "accelerator_count",
    "base_image",
];

/// How deep pipelines and blocks may nest.
const DEEPEST: usize = 64;

/// The root's flow first, then one for every component that is a pipeline; and what leads nowhere.
pub(in crate::import::kubeflow) fn build<'a>(
    spec: &'a PipelineSpec,
    cluster: &'a BTreeMap<String, Json>,
) -> (Vec<Flow<'a>>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut flows = Vec::new();
    let mut queue: Vec<(Option<&'a str>, &'a ComponentSpec)> = vec![(None, &spec.root)];
    let mut known: BTreeSet<&str> = BTreeSet::new();
    let mut at = 0;
    while let Some((name, component)) = queue.get(at).copied() {
        at += 1;
        let path = name.map_or_else(|| "root".to_owned(), |name| format!("components.{name}"));
        let flow = Flow {
            component: name,
            interface: component,
            nodes: Vec::new(),
            body: Vec::new(),
            outputs: IndexMap::new(),
        };
        let mut builder = Builder { spec, cluster, flow, blocks: Vec::new(), wanted: Vec::new(), problems: Vec::new() };
        builder.pipeline(component, &path);
        for node in &builder.flow.nodes {
            if let Kind::Call(call) = &node.kind
                && call.spec.dag.is_some()
                && known.insert(call.component)
            {
                queue.push((Some(call.component), call.spec));
            }
        }
        problems.append(&mut builder.problems);
        flows.push(builder.flow);
    }
    if let Some(circle) = circle(&flows) {
        problems
            .push(Problem { path: format!("components.{circle}"), message: "the component calls itself".to_owned() });
    }
    (flows, problems)
}

/// A pipeline that calls itself, over however many others.
fn circle<'a>(flows: &[Flow<'a>]) -> Option<&'a str> {
    let by_name: BTreeMap<&str, &Flow<'a>> = flows.iter().filter_map(|flow| Some((flow.component?, flow))).collect();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for flow in flows {
        let mut way: Vec<(&Flow<'a>, usize)> = vec![(flow, 0)];
        while let Some((present, next)) = way.pop() {
            let calls = present.nodes.iter().filter_map(Node::call).filter(|call| call.spec.dag.is_some());
            match calls.skip(next).map(|call| call.component).next() {
                Some(name) => {
                    way.push((present, next + 1));
                    if way.iter().any(|(flow, _)| flow.component == Some(name)) || way.len() > DEEPEST {
                        return Some(name);
                    }
                    if !done.contains(name)
                        && let Some(inner) = by_name.get(name)
                    {
                        way.push((inner, 0));
                    }
                }
                None => done.extend(present.component),
            }
        }
    }
    None
}

/// A block's tasks by key.
pub(super) struct Block<'a> {
    pub(super) dag: &'a DagSpec,
    pub(super) ids: BTreeMap<&'a str, NodeId>,
}

pub(super) struct Builder<'a> {
    pub(super) spec: &'a PipelineSpec,
    pub(super) cluster: &'a BTreeMap<String, Json>,
    pub(super) flow: Flow<'a>,
    /// Of each node that is a block, what stands in it.
    pub(super) blocks: Vec<Option<Block<'a>>>,
    /// Outputs of nodes that something takes.
    pub(super) wanted: Vec<(NodeId, &'a str)>,
    pub(super) problems: Vec<Problem>,
}

pub(super) type Bindings<'a> = BTreeMap<&'a str, Value<'a>>;

impl<'a> Builder<'a> {
    pub(super) fn problem(&mut self, path: &str, message: impl Into<String>) {
        self.problems.push(Problem { path: path.to_owned(), message: message.into() });
    }

    fn pipeline(&mut self, component: &'a ComponentSpec, path: &str) {
        let Some(dag) = &component.dag else {
            return self.problem(path, "a pipeline has a `dag`, and there is none");
        };
        let inputs = &component.input_definitions;
        let names = inputs.parameters.keys().chain(inputs.artifacts.keys());
        let bindings: Bindings = names.map(|name| (name.as_str(), Value::Input(name.as_str()))).collect();
        let ids = self.ids(dag, None);
        self.block(dag, &ids, &bindings, path, 0);
        let sources = self.outputs_of(dag, &ids, path);
        for (name, mut sources) in sources {
            match (sources.pop(), sources.is_empty()) {
                (Some(source), true) => {
                    self.flow.outputs.insert(name, source);
                }
                _ => self.problem(
                    &format!("{path}.dag.outputs.{name}"),
                    "the output is one of several tasks' that are no branches of one condition",
                ),
            }
        }
        self.take_wanted(path);
        self.flow.body = ids.values().copied().collect();
        order::order(&mut self.flow);
        self.order_problems(path);
    }

    fn order_problems(&mut self, path: &str) {
        let placed: usize = {
            let mut count = 0;
            let mut stack = self.flow.body.clone();
            while let Some(id) = stack.pop() {
                count += 1;
                stack.extend(self.flow.nodes[id].children());
                if let Kind::Try { exit: Some(exit), .. } = &self.flow.nodes[id].kind {
                    count += 1;
                    let _ = exit;
                }
            }
            count
        };
        if placed != self.flow.nodes.len() {
            self.problem(&format!("{path}.dag.tasks"), "tasks wait for each other in a circle");
        }
    }

    fn ids(&mut self, dag: &'a DagSpec, parent: Option<NodeId>) -> BTreeMap<&'a str, NodeId> {
        let mut ids = BTreeMap::new();
        for (key, task) in &dag.tasks {
            ids.insert(key.as_str(), self.flow.nodes.len());
            let kind = Kind::Branches { arms: Vec::new() };
            let (after, yields) = (Vec::new(), IndexMap::new());
            self.flow.nodes.push(Node { key, task, parent, kind, after, yields, awaited: false });
            self.blocks.push(None);
        }
        ids
    }

    /// Fills in the nodes of a block.
    fn block(
        &mut self,
        dag: &'a DagSpec,
        ids: &BTreeMap<&'a str, NodeId>,
        bindings: &Bindings<'a>,
        path: &str,
        depth: usize,
    ) {
        if depth > DEEPEST {
            return self.problem(path, "blocks are nested too deeply");
        }
        for (key, task) in &dag.tasks {
            let path = format!("{path}.dag.tasks.{key}");
            let id = ids[key.as_str()];
            let name = task.component_ref.name.as_str();
            let Some((name, component)) = self.spec.components.get_key_value(name) else {
                self.problem(&path, format!("the component `{name}` is not there"));
                continue;
            };
            for other in &task.dependent_tasks {
                if !ids.contains_key(other.as_str()) {
                    self.problem(&path, format!("it waits for `{other}`, which is not beside it"));
                }
            }
            if is_group(name, task, component) {
                self.group(id, task, name, component, ids, bindings, &path, depth);
            } else {
                self.call(id, task, name, component, ids, bindings, &path);
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn call(
        &mut self,
        id: NodeId,
        task: &'a TaskSpec,
        name: &'a str,
        component: &'a ComponentSpec,
        ids: &BTreeMap<&'a str, NodeId>,
        bindings: &Bindings<'a>,
        path: &str,
    ) {
        let trigger = task.trigger_policy.clone().unwrap_or_default();
        if !trigger.condition.is_empty() || task.parameter_iterator.is_some() || task.artifact_iterator.is_some() {
            self.problem(path, "a condition or a loop stands at the task itself, not at a group around it");
        }
        if component.dag.is_none() && !self.spec.deployment_spec.executors.contains_key(&component.executor_label) {
            self.problem(path, format!("the executor `{}` is not there", component.executor_label));
        }
        let declared = &component.input_definitions;
        let mut call = Call {
            component: name,
            spec: component,
            inputs: IndexMap::new(),
            channels: IndexMap::new(),
            repeated: Vec::new(),
            cluster: Vec::new(),
            tolerant: trigger.strategy == Strategy::AllUpstreamTasksCompleted,
        };
        for (input, binding) in &task.inputs.parameters {
            let value = self.parameter(binding, ids, bindings, &format!("{path}.inputs.parameters.{input}"));
            let Some(value) = value else { continue };
            if declared.parameters.contains_key(input) {
                call.inputs.insert(input, value);
            } else if input.starts_with("pipelinechannel--") {
                call.channels.insert(input, value);
            } else if REPEATED.contains(&input.as_str()) {
                call.repeated.push(input);
            } else {
                self.problem(path, format!("the input `{input}` is given, and its component does not declare it"));
            }
        }
        for (input, binding) in &task.inputs.artifacts {
            let value = self.artifact(binding, ids, bindings, &format!("{path}.inputs.artifacts.{input}"));
            let Some(value) = value else { continue };
            if declared.artifacts.contains_key(input) {
                call.inputs.insert(input, value);
            } else {
                self.problem(path, format!("the input `{input}` is given, and its component does not declare it"));
            }
        }
        if let Some(told) = self.cluster.get(&component.executor_label).filter(|_| component.dag.is_none()) {
            let mut found = Vec::new();
            references(told, &mut Vec::new(), &mut found);
            for (way, binding) in found {
                if let Some(value) =
                    self.owned_parameter(&binding, ids, bindings, &format!("{path}: {}", way.join(".")))
                {
                    call.cluster.push((way, value));
                }
            }
        }
        self.flow.nodes[id].kind = Kind::Call(call);
    }

    #[allow(clippy::too_many_arguments)]
    fn group(
        &mut self,
        id: NodeId,
        task: &'a TaskSpec,
        name: &'a str,
        component: &'a ComponentSpec,
        ids: &BTreeMap<&'a str, NodeId>,
        bindings: &Bindings<'a>,
        path: &str,
        depth: usize,
    ) {
        let Some(dag) = &component.dag else { return };
        let mut inside: Bindings = BTreeMap::new();
        // The SDK gives groups inputs that are nowhere, and that nothing inside takes: what takes one is told of.
        let told = self.problems.len();
        for (input, binding) in &task.inputs.parameters {
            if let Some(value) = self.parameter(binding, ids, bindings, &format!("{path}.inputs.parameters.{input}")) {
                inside.insert(input, value);
            }
        }
        self.problems.truncate(told);
        for (input, binding) in &task.inputs.artifacts {
            if let Some(value) = self.artifact(binding, ids, bindings, &format!("{path}.inputs.artifacts.{input}")) {
                inside.insert(input, value);
            }
        }
        let outside = inside.clone();
        if let Some(iterator) = &task.artifact_iterator {
            self.problem(path, "it loops over a list of artifacts, which Kubeflow's server does not carry out");
            inside.insert(&iterator.item_input, Value::Item(id));
        }
        if let Some(iterator) = &task.parameter_iterator {
            inside.insert(&iterator.item_input, Value::Item(id));
        }
        if task.retry_policy.is_some() {
            self.problem(path, "a group of tasks has a retry policy, and only a step or a pipeline has one");
        }
        let inner = self.ids(dag, Some(id));
        let body: Vec<NodeId> = inner.values().copied().collect();
        let trigger = task.trigger_policy.clone().unwrap_or_default();
        let condition = (!trigger.condition.is_empty()).then_some(trigger.condition.as_str());
        self.block(dag, &inner, &inside, path_of(name).as_str(), depth + 1);
        self.blocks[id] = Some(Block { dag, ids: inner });
        if trigger.strategy == Strategy::AllUpstreamTasksCompleted {
            self.problem(
                path,
                "a group of tasks runs whatever became of those before it, which only a step or a pipeline can",
            );
        }
        let is_loop = task.parameter_iterator.is_some() || task.artifact_iterator.is_some();
        if is_loop && condition.is_some() {
            self.problem(path, "one group has both a condition and a loop");
        }
        self.flow.nodes[id].kind = if let Some(iterator) = &task.parameter_iterator {
            let items = self.items(&iterator.items, &outside, path);
            Kind::For { items, parallel: task.iterator_policy.as_ref().map(|policy| policy.parallelism_limit), body }
        } else if is_loop {
            Kind::For { items: Items::Constant(Json::Null), parallel: None, body }
        } else if let Some(text) = condition {
            match self.condition(text, &outside, path) {
                Some(condition) => Kind::If { condition, body },
                None => Kind::If { condition: Cel::Bool(true), body },
            }
        } else if name.contains("exit-handler") {
            Kind::Try { body, exit: None }
        } else {
            self.branches(dag, body, path)
        };
    }

    /// Arms without the conditions of those before them.
    fn branches(&mut self, dag: &'a DagSpec, arms: Vec<NodeId>, path: &str) -> Kind<'a> {
        let mut arms = arms;
        arms.sort_by_key(|id| order::natural(self.flow.nodes[*id].key));
        let mut before: Vec<Cel<'a>> = Vec::new();
        let _ = dag;
        for id in &arms {
            let kind = std::mem::replace(&mut self.flow.nodes[*id].kind, Kind::Branches { arms: Vec::new() });
            let Kind::If { condition, body } = kind else {
                let key = self.flow.nodes[*id].key;
                self.problem(path, format!("`{key}` stands beside branches of a condition, and is none"));
                self.flow.nodes[*id].kind = kind;
                continue;
            };
            let mut parts = Vec::new();
            condition::conjuncts(condition, &mut parts);
            let negated = parts.iter().zip(&before).take_while(|(part, other)| is_denied(part, other)).count();
            if negated != before.len() {
                self.problem(path, "a branch's condition does not deny those before it, so two could run");
            }
            let own = parts.split_off(negated).into_iter().map(ungrouped);
            let own = own.reduce(|left, right| Cel::Binary(Sign::And, Box::new(left), Box::new(right)));
            before.extend(own.clone());
            self.flow.nodes[*id].kind = Kind::Arm { condition: own, body };
        }
        Kind::Branches { arms }
    }
}

fn path_of(component: &str) -> String {
    format!("components.{component}")
}

/// A group for control flow, as opposed to a pipeline that somebody wrote and called.
fn is_group(name: &str, task: &TaskSpec, component: &ComponentSpec) -> bool {
    if component.dag.is_none() {
        return false;
    }
    let named = name.strip_prefix("comp-").is_some_and(|rest| {
        ["condition-branches-", "condition-", "for-loop-", "exit-handler-"].iter().any(|group| {
            rest.strip_prefix(group).is_some_and(|numbers| {
                numbers.split('-').all(|one| !one.is_empty() && one.bytes().all(|b| b.is_ascii_digit()))
            })
        })
    });
    let condition = task.trigger_policy.as_ref().is_some_and(|trigger| !trigger.condition.is_empty());
    named || condition || task.parameter_iterator.is_some() || task.artifact_iterator.is_some()
}

fn is_denied(part: &Cel, other: &Cel) -> bool {
    match part {
        Cel::Not(inner) => ungrouped((**inner).clone()) == *other || **inner == *other,
        _ => false,
    }
}

fn ungrouped(cel: Cel) -> Cel {
    match cel {
        Cel::Group(inner) => *inner,
        other => other,
    }
}
