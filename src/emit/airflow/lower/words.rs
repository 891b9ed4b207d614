//! The words that start a task of the plan, as templates of Airflow's.
//!
//! In: a task, and what is around it. Out: its program, its arguments, its variables. What a step is told is the same wherever it runs; a word in
//! a pod is read by Kubernetes too.

use super::super::model::{Runtime, Start, Started};
use super::super::value::{
    Kind, Known, Render, Scope, Source, Value, bracketed, json_template, place_template, text_template,
};
use super::Lower;
use crate::emit::step::{self, Delivery};
use crate::plan::{Expr, ExprKind, Run, Task, TaskOutput, Type, WordPart};
use crate::text::jinja::Template;

/// Where Airflow's sidecar takes a pod's result from.
const RESULT: &str = "/airflow/xcom/return.json";

/// What builds the words of a step's command.
pub(super) struct Words<'l, 'a> {
    pub(super) lower: &'l Lower<'a>,
    pub(super) task: &'a Task,
    pub(super) scope: &'l Scope<'a>,
    pub(super) render: Render<'l>,
    pub(super) source: &'l Source,
    pub(super) push_result: bool,
}

impl Words<'_, '_> {
    /// What is started, and with which variables.
    pub(super) fn started(&self) -> Started {
        let env = self.task.env.iter().map(|(name, value)| (name.clone(), self.read(self.word(value)))).collect();
        let start = match &self.task.run {
            Run::Command { words, args } if self.task.recorded => {
                let mut told = vec![self.step(&Default::default())];
                if !self.task.outputs.is_empty() {
                    told.extend(self.outputs());
                }
                let would = vec![Template::text_only("--would")];
                self.runner(told, [would, self.words(words), self.words(args)].concat())
            }
            Run::Command { words, args } => Start::Program {
                words: self.all_read([self.folder_first(words), self.words(words)].concat()),
                arguments: self.all_read(self.words(args)),
            },
            _ => self.runner(self.python(), Vec::new()),
        };
        Started { start, env }
    }

    /// What the step is given, as a list that people read.
    pub(super) fn known(&self) -> Template {
        let lines = self.task.inputs.iter().map(|(name, input)| {
            let value = Value::of(&input.value, self.scope, &self.lower.sites);
            let shown = match input.ty.is_artifact() {
                true => place_template(&value, "uri", self.render),
                false => text_template(&value, self.render),
            };
            Template::text_only(format!("- `{name}`: ")).then(shown)
        });
        lines.reduce(|all, line| all.text("\n").cut().then(line)).unwrap_or_default()
    }

    /// Where what the step gives to Airflow is written.
    pub(super) fn result(&self) -> Template {
        match self.lower.runtime {
            Runtime::Pods(_) => Template::text_only(RESULT),
            Runtime::Processes { .. } => self.lower.store.path(self.source, "return.json"),
        }
    }

    /// What makes the folder that a command writes to, before it starts: a program of the project's own is made it by the runner.
    fn folder_first(&self, words: &[crate::plan::Word]) -> Vec<Template> {
        let writes = self.task.outputs.iter().any(|output| output.ty.is_artifact());
        if words.is_empty() || !writes {
            return Vec::new();
        }
        let mut first: Vec<Template> = ["sh", "-c", r#"mkdir -p "$0" && exec "$@""#].map(Template::text_only).into();
        first.push(self.lower.store.folder(self.source));
        first
    }

    fn runner(&self, told: Vec<(&'static str, Template)>, rest: Vec<Template>) -> Start {
        let python = match &self.lower.runtime {
            Runtime::Pods(_) => "python3",
            Runtime::Processes { python, .. } => python,
        };
        Start::Runner {
            python: self.read(Template::text_only(python)),
            told: told.into_iter().map(|(option, value)| (option, self.read(value))).collect(),
            rest: self.all_read(rest),
        }
    }

    fn all_read(&self, words: Vec<Template>) -> Vec<Template> {
        words.into_iter().map(|word| self.read(word)).collect()
    }

    /// A word as who reads it next wants it.
    fn read(&self, word: Template) -> Template {
        match self.lower.runtime {
            Runtime::Pods(_) => word.for_container(),
            Runtime::Processes { .. } => word,
        }
    }

    fn step(&self, delivery: &Delivery) -> (&'static str, Template) {
        ("--step", Template::default().json(&step::describe(self.task, &self.lower.pipeline.name, delivery)))
    }

    fn python(&self) -> Vec<(&'static str, Template)> {
        let mut resolved = self.task.clone();
        for input in resolved.inputs.values_mut() {
            input.value = self.lower.sites.resolve(&input.value, self.scope);
        }
        let delivery = step::deliver(&resolved, &is_delivered_whole);
        let inputs = delivery.delivered.iter().map(|(name, expr)| {
            let value = Value::of_resolved(expr, &self.lower.sites);
            entry(name, json_template(&value, self.render))
        });
        let mut told = vec![self.step(&delivery), ("--inputs", bracketed("{", inputs, "}"))];
        told.extend(self.outputs());
        told
    }

    /// Where the runner writes outputs.
    fn outputs(&self) -> Vec<(&'static str, Template)> {
        let outputs = self.task.outputs.iter().map(|output| entry(&output.name, self.output(output)));
        let outputs = ("--outputs", bracketed("{", outputs, "}"));
        std::iter::once(outputs).chain(self.push_result.then(|| ("--result", self.result()))).collect()
    }

    /// Where an output goes: an artifact to its path and address, a value to a file beside.
    fn output(&self, output: &TaskOutput) -> Template {
        let (path, uri) =
            (self.lower.store.path(self.source, &output.name), self.lower.store.uri(self.source, &output.name));
        if !output.ty.is_artifact() {
            return Template::text_only("\"").then(path).text("\"");
        }
        Template::text_only(r#"{"path": ""#).then(path).text(r#"", "#).cut().text(r#""uri": ""#).then(uri).text(r#""}"#)
    }

    /// Words, those in their place that depend on whether an input is given.
    fn words(&self, words: &[crate::plan::Word]) -> Vec<Template> {
        let each = |word: &crate::plan::Word| match word.parts.as_slice() {
            [WordPart::IfPresent { input, then, otherwise }] => {
                self.words(self.chosen(input, then, otherwise.as_ref()))
            }
            _ => vec![self.word(word)],
        };
        words.iter().flat_map(each).collect()
    }

    /// What stands there, as is known when compiling; of anything else Airflow has been told.
    fn chosen<'w>(
        &self,
        input: &str,
        then: &'w crate::plan::Words,
        otherwise: Option<&'w crate::plan::Words>,
    ) -> &'w [crate::plan::Word] {
        let absent =
            self.task.inputs.get(input).is_some_and(|given| given.value.as_literal() == Some(&serde_json::Value::Null));
        if absent { otherwise.map(crate::plan::Words::all).unwrap_or_default() } else { then.all() }
    }

    fn word(&self, word: &crate::plan::Word) -> Template {
        word.parts.iter().fold(Template::default(), |template, part| template.then(self.part(part)))
    }

    fn part(&self, part: &WordPart) -> Template {
        let input = |name: &str| {
            let given = self.task.inputs.get(name).map(|input| &input.value);
            given.map(|expr| Value::of(expr, self.scope, &self.lower.sites))
        };
        let store = &self.lower.store;
        match part {
            WordPart::Text { text } => Template::text_only(text),
            WordPart::Input { name } => input(name).map(|value| text_template(&value, self.render)).unwrap_or_default(),
            WordPart::InputPath { name } => self.place(input(name), "path"),
            WordPart::InputUri { name } => self.place(input(name), "uri"),
            WordPart::OutputPath { name } => store.path(self.source, name),
            WordPart::OutputUri { name } => store.uri(self.source, name),
            WordPart::Variable { name } => match (&self.lower.runtime, self.task.env.get(name)) {
                (Runtime::Processes { .. }, Some(value)) => self.word(value),
                _ => Template::default().live(format!("$({name})")),
            },
            WordPart::Verbatim { text } => Template::default().live(text),
            WordPart::Concat { words } => {
                self.words(words).into_iter().fold(Template::default(), |template, word| template.then(word))
            }
            WordPart::IfPresent { input, then, otherwise } => {
                let words = self.words(self.chosen(input, then, otherwise.as_ref()));
                words.into_iter().fold(Template::default(), |template, word| template.then(word))
            }
            WordPart::Context { name, .. } => Known::of(name).map_or_else(Template::default, |known| {
                text_template(&Value { ty: Type::String, kind: Kind::Known(known) }, self.render)
            }),
            // Refused where they are written.
            WordPart::Value { .. } => Template::default(),
            WordPart::InputArtifact { .. }
            | WordPart::OutputArtifact { .. }
            | WordPart::InputMetadata { .. }
            | WordPart::OutputMetadata { .. } => Template::default(),
        }
    }

    /// Where an input artifact is.
    fn place(&self, value: Option<Value>, which: &'static str) -> Template {
        value.map(|value| place_template(&value, which, self.render)).unwrap_or_default()
    }
}

/// Whether Airflow delivers it as it is; what it does not, the runner puts together.
fn is_delivered_whole(expr: &Expr) -> bool {
    matches!(
        expr.kind,
        ExprKind::Literal { .. }
            | ExprKind::Parameter { .. }
            | ExprKind::Output { .. }
            | ExprKind::Item { .. }
            | ExprKind::Status
            | ExprKind::Context { .. }
    )
}

fn entry(name: &str, value: Template) -> Template {
    Template::text_only(format!("{}: ", serde_json::Value::from(name))).then(value)
}
