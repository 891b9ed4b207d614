//! How a run ends: what it gives, and what runs whatever happened.
//!
//! The task of `finally` is a teardown, which Airflow runs even when a run is stopped by hand. Beside it stands a task that
//! fails with whatever failed: so neither hides the other, and the run has failed when one of them has.

use super::super::model::{Function, Node};
use super::super::value::{Locals, Reader, Scope, Value};
use super::Lower;
use crate::plan::Task;
use crate::text::python::{Expression, Statement};

impl<'a> Lower<'a> {
    /// The task in which a run ends: it gives the pipeline's outputs.
    pub(super) fn run_end(&self) -> Option<Node> {
        if self.pipeline.outputs.is_empty() {
            return self.pipeline.finally.is_some().then(|| self.empty("run-end", None));
        }
        let mut locals = Locals::new(&self.store, self.version, Reader::Outside);
        let outputs = self.pipeline.outputs.iter().map(|output| {
            let value = Value::of(&output.value, &Scope::default(), &self.sites);
            (Expression::text(&output.name), locals.outcome(&value))
        });
        let outputs = outputs.collect();
        let mut body = locals.bindings();
        body.push(Statement::Return(Expression::Dict(outputs)));
        Some(Node::Function(Function {
            variable: self.names.name("run-outputs"),
            task_id: "run-outputs".to_owned(),
            branch: false,
            gives_object: true,
            trigger_rule: None,
            name: self.names.name("run-give"),
            docstring: "What the run gives, for whoever started it.".to_owned(),
            context: locals.context(),
            body,
        }))
    }

    /// The task that runs at the end of every run.
    pub(super) fn finally(&self, task: &'a Task) -> Node {
        let mut step = self.step(task, "", &Scope::default());
        step.teardown = true;
        step.trigger_rule = None;
        Node::Step(step)
    }
}
