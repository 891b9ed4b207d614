//! The words of a command: what Kubeflow writes into them when the container starts.

use serde_json::{Map, Value};

use super::{Lowering, cannot, is_whole};
use crate::emit::kubeflow::{dollar, sign};
use crate::emit::step::Delivery;
use crate::plan::{Expr, Task, Type, Word, WordPart, Words};
use crate::text::json;

/// What builds the words of a task.
struct Writer<'l, 'a> {
    lowering: &'l mut Lowering<'a>,
    task: &'l Task,
    delivery: &'l Delivery,
    /// Optional inputs that are given where these words stand.
    present: Vec<&'l str>,
}

impl<'a> Lowering<'a> {
    /// A word of a task.
    pub(super) fn word(&mut self, task: &Task, word: &Word, delivery: &Delivery) -> String {
        Writer { lowering: self, task, delivery, present: Vec::new() }.word(word)
    }

    /// The letters themselves, past Kubernetes, which replaces `$(VARIABLE)` and halves `$$`.
    pub(super) fn literal(&mut self, task: &Task, text: &str) -> String {
        if text.contains("{{$") {
            let message = "Kubeflow takes `{{$` in a text for a sign of its own";
            self.diagnostics.push(cannot(task.span, message).help("Let a Python step put the text together."));
        }
        dollar::write(text)
    }
}

impl<'l> Writer<'l, '_> {
    fn word(&mut self, word: &'l Word) -> String {
        word.parts.iter().map(|part| self.part(part)).collect()
    }

    fn part(&mut self, part: &'l WordPart) -> String {
        match part {
            WordPart::Text { text } => self.lowering.literal(self.task, text),
            WordPart::Input { name } => self.value(name),
            WordPart::InputArtifact { name } => self.artifact(name, ""),
            WordPart::InputPath { name } => self.one_artifact(name, ".path"),
            WordPart::InputUri { name } => self.one_artifact(name, ".uri"),
            WordPart::InputMetadata { name, key } => self.one_artifact(name, &metadata(key.as_deref())),
            WordPart::OutputArtifact { name } => output(name, ""),
            WordPart::OutputUri { name } => output(name, ".uri"),
            WordPart::OutputMetadata { name, key } => output(name, &metadata(key.as_deref())),
            WordPart::OutputPath { name } => {
                let found = self.task.outputs.iter().find(|output| output.name == *name);
                match found.is_some_and(|output| output.ty.is_artifact()) {
                    true => output(name, ".path"),
                    false => format!("{{{{$.outputs.parameters['{name}'].output_file}}}}"),
                }
            }
            WordPart::Context { name, sign } => sign::write(name, sign.as_deref()),
            WordPart::Value { value } => {
                let value = self.lowering.expanded(value);
                let sign = is_whole(&value).then(|| self.lowering.sign_of(&value, self.task.span)).flatten();
                sign.unwrap_or_else(|| {
                    let message = format!("Kubeflow cannot put together what `{}` runs in", self.task.step);
                    let help = "Let a step make the whole text, and give that.";
                    self.lowering.diagnostics.push(cannot(self.task.span, message).help(help));
                    String::new()
                })
            }
            WordPart::Variable { name } => format!("$({name})"),
            WordPart::Verbatim { text } => text.clone(),
            WordPart::Concat { .. } | WordPart::IfPresent { .. } => json::dumped(&self.structure(part)),
        }
    }

    /// A word inside another: a structure of its own is no text of it.
    fn inner(&mut self, word: &'l Word) -> Value {
        match word.parts.as_slice() {
            [part @ (WordPart::Concat { .. } | WordPart::IfPresent { .. })] => self.structure(part),
            _ => Value::String(self.word(word)),
        }
    }

    fn structure(&mut self, part: &'l WordPart) -> Value {
        let mut inside = Map::new();
        let name = match part {
            WordPart::Concat { words } => {
                return Value::Object(Map::from_iter([(
                    "Concat".to_owned(),
                    words.iter().map(|word| self.inner(word)).collect(),
                )]));
            }
            WordPart::IfPresent { input, then, otherwise } => {
                inside.insert("InputName".to_owned(), input.as_str().into());
                self.present.push(input);
                inside.insert("Then".to_owned(), self.words(then));
                self.present.pop();
                if let Some(otherwise) = otherwise {
                    inside.insert("Else".to_owned(), self.words(otherwise));
                }
                "IfPresent"
            }
            _ => return Value::Null,
        };
        Value::Object(Map::from_iter([(name.to_owned(), Value::Object(inside))]))
    }

    fn words(&mut self, words: &'l Words) -> Value {
        match words {
            Words::One(word) => self.inner(word),
            Words::Many(words) => words.iter().map(|word| self.inner(word)).collect(),
        }
    }

    fn one_artifact(&mut self, name: &str, what: &str) -> String {
        let always = self.task.inputs.get(name).is_none_or(|input| match &input.ty {
            Type::Artifact { .. } => true,
            Type::Optional { of } => matches!(**of, Type::Artifact { .. }) && self.present.contains(&name),
            _ => false,
        });
        if !always {
            let what = what.trim_start_matches('.');
            let message = format!(
                "a command on Kubeflow has no {what} of `{name}`, which is not one artifact that is always there"
            );
            let help = "Ask whether it is given, `if_present(…)`, or let a Python step read it.";
            self.lowering.diagnostics.push(cannot(self.task.span, message).help(help));
        }
        artifact(name, what)
    }

    fn artifact(&mut self, name: &str, what: &str) -> String {
        let optional = |input: &crate::plan::Input| matches!(input.ty, Type::Optional { .. });
        if self.task.inputs.get(name).is_some_and(optional) && !self.present.contains(&name) {
            self.absent(name);
        }
        artifact(name, what)
    }

    /// An input's value inside a command: Kubeflow writes it there.
    fn value(&mut self, name: &str) -> String {
        let absent = self.delivery.delivered.get(name).is_some_and(may_be_absent);
        self.placeholder(name, absent)
    }

    fn placeholder(&mut self, name: &str, absent: bool) -> String {
        if absent && !self.present.contains(&name) {
            self.absent(name);
        }
        format!("{{{{$.inputs.parameters['{name}']}}}}")
    }

    fn absent(&mut self, name: &str) {
        let message =
            format!("a command on Kubeflow cannot write `{name}` of `{}`, which may be absent", self.task.step);
        let help =
            format!("Ask whether it is given, if_present({name}, then: […]), or say what it is then: value ?? \"\"");
        self.lowering.diagnostics.push(cannot(self.task.span, message).help(help));
    }
}

fn artifact(name: &str, what: &str) -> String {
    format!("{{{{$.inputs.artifacts['{name}']{what}}}}}")
}

fn output(name: &str, what: &str) -> String {
    format!("{{{{$.outputs.artifacts['{name}']{what}}}}}")
}

fn metadata(key: Option<&str>) -> String {
    key.map_or_else(|| ".metadata".to_owned(), |key| format!(".metadata['{key}']"))
}

fn may_be_absent(value: &Expr) -> bool {
    // The orchestrator itself gives how the task was set up.
    let always = value.ty == Type::TaskConfig;
    !always && (matches!(value.ty, Type::Optional { .. }) || value.as_literal() == Some(&Value::Null))
}
