//! A gate inside a pipeline: a task that decides it, and what waits for that.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::expr::Frame;
use super::pipeline::{Flow, Named};
use crate::check::limits::OF_GATE;
use crate::model;
use crate::plan::{Cache, Input, Node, Pipeline, Resources, Run, Task, Type, depends};

/// Its step's name, and the first part of its task's.
const STEP: &str = "require";

/// What a gate's one input is called.
const INPUT: &str = "met";

impl Flow<'_> {
    pub(super) fn gate(&mut self, frame: &mut Frame, gate: &model::Require) -> Task {
        let Named { id, name } = Named { id: self.id(STEP), name: frame.free(STEP) };
        frame.ids.insert(gate.id, id.clone());
        let environment = &self.lower.model.environments[&self.place];
        let default = |name: &str| environment.field("defaults").and_then(|defaults| defaults.field(name));
        Task {
            id,
            name,
            display_name: None,
            step: STEP.to_owned(),
            description: Some(gate.docs.clone().unwrap_or_else(|| format!("Requires {}", gate.text))),
            source: self.lower.model.path(gate.span).to_owned(),
            inputs: IndexMap::from([(INPUT.to_owned(), self.held(frame, gate))]),
            outputs: Vec::new(),
            after: Vec::new(),
            tolerates_failure: false,
            run: Run::Gate { text: gate.text.clone() },
            image: None,
            image_of_run: None,
            resources: Resources {
                cpu: Some(OF_GATE.cpu),
                memory: Some(OF_GATE.memory as i64),
                span: gate.span,
                ..Resources::default()
            },
            timeout: default("timeout").and_then(model::Value::as_seconds),
            retry: None,
            cache: Cache::Off,
            cache_key: None,
            external: false,
            recorded: false,
            stub: IndexMap::new(),
            env: IndexMap::new(),
            secrets: IndexMap::new(),
            task_config: Vec::new(),
            span: gate.span,
        }
    }

    fn held(&self, frame: &Frame, gate: &model::Require) -> Input {
        Input {
            description: None,
            ty: Type::Bool,
            predicates: Vec::new(),
            allowed: Vec::new(),
            expected: false,
            value: self.expr(frame, &gate.condition),
            given: true,
            default: None,
            default_of_run: None,
            span: gate.condition.span,
        }
    }
}

/// What stands after a gate in its block waits for it; gates themselves are decided side by side.
pub(super) fn hold_back(nodes: &mut [Node]) {
    let gates: Vec<usize> = (0..nodes.len()).filter(|at| is_gate(&nodes[*at])).collect();
    if gates.is_empty() {
        return;
    }
    let edges = depends::edges(nodes);
    let mut behind: Vec<BTreeSet<usize>> = Vec::new();
    for at in 0..nodes.len() {
        let mut own: BTreeSet<usize> = edges[at].iter().copied().collect();
        edges[at].iter().filter_map(|other| behind.get(*other)).for_each(|others| own.extend(others));
        let before = gates.iter().rev().filter(|gate| **gate < at && !is_gate(&nodes[at]));
        for gate in before.copied().collect::<Vec<_>>() {
            if own.insert(gate) {
                own.extend(behind[gate].clone());
                let id = nodes[gate].id().to_owned();
                nodes[at].after_mut().push(id);
            }
        }
        behind.push(own);
    }
}

fn is_gate(node: &Node) -> bool {
    matches!(node, Node::Task(Task { run: Run::Gate { .. }, .. }))
}

/// A gate is decided where there is a Python for sure: in the image of the pipeline's first Python step.
pub(super) fn give_images(pipeline: &mut Pipeline) {
    let is_python = |task: &&Task| matches!(task.run, Run::Python { .. }) && task.image.is_some();
    let Some(image) = pipeline.tasks().into_iter().find(is_python).and_then(|task| task.image.clone()) else { return };
    pipeline.body.iter_mut().for_each(|node| give_image(node, &image));
}

fn give_image(node: &mut Node, image: &str) {
    let all = |nodes: &mut [Node]| nodes.iter_mut().for_each(|node| give_image(node, image));
    match node {
        Node::Task(task) => {
            if let Run::Gate { .. } = task.run {
                task.image = Some(image.to_owned());
            }
        }
        Node::Loop(node) => all(&mut node.body),
        Node::Branch(node) => node.arms.iter_mut().for_each(|arm| all(&mut arm.body)),
        Node::Group(node) => all(&mut node.body),
        Node::Try(node) => all(&mut node.body),
    }
}
