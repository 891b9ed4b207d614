//! What is said of a pipeline's parameters is checked before anything of it starts, by a task of its own.

use super::{Feature, Lowering, cannot};
use crate::diagnostics::report;
use crate::emit::kubeflow::lower::scope::{give, wait};
use crate::emit::kubeflow::model::*;
use crate::emit::step;
use crate::plan::{Expr, ExprKind, Parameter, Resources, Run};

impl Lowering<'_> {
    /// A task that checks the parameters of the pipeline around the innermost block; none where nothing is said of them.
    pub(super) fn guard(&mut self, parameters: &[&Parameter]) -> Option<String> {
        // The server holds a parameter to the values that its type lists.
        let held = self.server.has(Feature::ParameterLiterals);
        let refined = |one: &&&Parameter| {
            let open = one.predicates.iter().any(|predicate| !held || predicate.condition.listed().is_none());
            open || !one.item_predicates.is_empty()
        };
        let refined: Vec<&Parameter> = parameters.iter().filter(refined).copied().collect();
        let first = refined.first()?;
        let tasks = self.pipeline.tasks();
        let python = tasks.iter().find(|task| matches!(task.run, Run::Python { .. }) && task.image.is_some());
        let Some(image) = python.and_then(|task| task.image.clone()) else {
            let message = format!("nothing checks `{}` when this pipeline is started on Kubeflow", first.name);
            self.diagnostics.push(
                report::kubeflow_unchecked(first.span, message)
                    .note("What is said of parameters is checked by a Python step's image, and this pipeline has none.")
                    .help("Check it where it is used, or let a step be Python."),
            );
            return None;
        };
        let name = self.free_name("check-parameters");
        let caching_options = Some(CachingOptions { enable_cache: true, ..Default::default() });
        let mut task = TaskSpec { caching_options, ..Default::default() };
        let mut component = ComponentSpec::default();
        for parameter in &refined {
            super::types::declare(&mut component.input_definitions, &parameter.name, &parameter.ty);
            let leaf = Expr { ty: parameter.ty.clone(), kind: ExprKind::Parameter { name: parameter.name.clone() } };
            match self.source(&leaf) {
                Some(source) => give(&mut task, &parameter.name, &parameter.ty, &source),
                None => self.diagnostics.push(cannot(parameter.span, "this parameter cannot be checked")),
            }
        }
        let args = vec!["--step".to_owned(), step::check(&self.pipeline.name, &refined)];
        let args = args.into_iter().chain(["--kubeflow".to_owned(), "{{$}}".to_owned()]).collect();
        let asked = Resources { cpu: Some(0.25), memory: Some(256 << 20), ..Resources::default() };
        let resources = self.amounts(&asked, &mut task);
        let container = ContainerSpec { args, command: step::start(), image, resources, ..Default::default() };
        let executor = ExecutorSpec { container: Some(container), ..Default::default() };
        let kept = self.keep_step("check-parameters", component, executor, KubernetesExecutor::default());
        self.names(&mut task, name.clone(), &kept);
        self.scope().dag.tasks.insert(name.clone(), task);
        Some(name)
    }

    /// Whatever would start first waits for the check.
    pub(super) fn wait_for_guard(&mut self, guard: &str) {
        for (name, task) in &mut self.scope().dag.tasks {
            if name != guard && task.dependent_tasks.is_empty() {
                wait(task, guard);
            }
        }
    }

    fn free_name(&self, name: &str) -> String {
        let taken = |name: &String| self.names.contains(name);
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
    }
}
