//! What a task starts: a container with the runner or a command, or an importer.

use super::{Feature, Lowering, cannot};
use crate::emit::kubeflow::model::*;
use crate::emit::step::{self, Delivery};
use crate::plan::{ExprKind, Run, Task, Word};

impl Lowering<'_> {
    /// What a task starts.
    pub(super) fn executor(&mut self, task: &Task, delivery: &Delivery) -> ExecutorSpec {
        if task.recorded && task.outputs.iter().any(|output| !task.stub.contains_key(&output.name)) {
            let message = format!("`{}` is listed instead of started here, so nothing makes its outputs", task.id);
            self.diagnostics
                .push(cannot(task.span, message).help("Give the step a stub, or let the environment start it."));
        }
        match &task.run {
            Run::Importer { .. } => ExecutorSpec { importer: Some(self.importer(task)), ..Default::default() },
            Run::Claim { delete } => self.claim_of(task, *delete),
            Run::Approval { .. } => {
                let message = format!("Kubeflow cannot ask anybody, as `{}` would", task.id);
                let help = "Let the edge of a promotion be approved, or a pipeline end before what needs the approval.";
                self.diagnostics.push(cannot(task.span, message).help(help));
                ExecutorSpec::default()
            }
            Run::Python { .. } | Run::Gate { .. } => {
                let args = self.runner_args(task, delivery);
                self.container(task, delivery, step::start(), args)
            }
            Run::Form { form, source } => {
                let Some((command, args)) = super::sdk::command(form, source.as_deref()) else {
                    let message = format!("Kubeflow knows no way to start `{}`", form.form);
                    self.diagnostics.push(cannot(form.span, message).help("Start it by `python(…)` or `command(…)`."));
                    return ExecutorSpec::default();
                };
                match task.recorded {
                    true => self.listed(task, delivery, [command, args].concat()),
                    false => self.container(task, delivery, command, args),
                }
            }
            Run::Command { words, args } => {
                let words: Vec<String> = words.iter().map(|word| self.word(task, word, delivery)).collect();
                let args = args.iter().map(|word| self.word(task, word, delivery)).collect();
                match task.recorded {
                    true => self.listed(task, delivery, [words, args].concat()),
                    false => self.container(task, delivery, words, args),
                }
            }
        }
    }

    /// The server's own work: it knows it by the image.
    fn claim_of(&mut self, task: &Task, delete: bool) -> ExecutorSpec {
        self.ask(Feature::Claim, task.span);
        if let Some(input) = task.inputs.get("data_source")
            && input.value.as_literal() != Some(&serde_json::Value::Null)
        {
            self.ask(Feature::ClaimDataSource, input.span);
        }
        let image = if delete { "argostub/deletepvc" } else { "argostub/createpvc" }.to_owned();
        ExecutorSpec { container: Some(ContainerSpec { image, ..Default::default() }), ..Default::default() }
    }

    /// The runner, which says what would have been started.
    fn listed(&mut self, task: &Task, delivery: &Delivery, words: Vec<String>) -> ExecutorSpec {
        let mut args = self.runner_args(task, delivery);
        args.push("--would".to_owned());
        args.extend(words);
        self.container(task, delivery, step::start(), args)
    }

    fn runner_args(&self, task: &Task, delivery: &Delivery) -> Vec<String> {
        let described = step::describe(task, &self.pipeline.name, delivery);
        let mut args = vec!["--step".to_owned(), described, "--kubeflow".to_owned(), "{{$}}".to_owned()];
        if delivery.delivered.values().any(|value| matches!(value.kind, ExprKind::Status)) {
            args.extend(["--run".to_owned(), "{{$.pipeline_job_uuid}}".to_owned()]);
        }
        args
    }

    fn container(&mut self, task: &Task, delivery: &Delivery, command: Vec<String>, args: Vec<String>) -> ExecutorSpec {
        let image = match &task.image_of_run {
            Some(image) => self.word(task, image, delivery),
            None => task.image.clone().unwrap_or_default(),
        };
        if image.is_empty() {
            let message = format!("the step `{}` has no image, and Kubeflow runs every step in one", task.step);
            self.diagnostics.push(cannot(task.span, message).help("Name one in the step: image: toolbox"));
        }
        let env = task.env.iter().map(|(name, value)| self.variable(task, name, value, delivery)).collect();
        let container = ContainerSpec { args, command, env, image, ..Default::default() };
        ExecutorSpec { container: Some(container), ..Default::default() }
    }

    fn variable(&mut self, task: &Task, name: &str, value: &Word, delivery: &Delivery) -> EnvVar {
        EnvVar { name: name.to_owned(), value: self.word(task, value, delivery) }
    }
}
