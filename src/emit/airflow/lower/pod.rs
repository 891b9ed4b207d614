//! A task of the plan as a pod.

use super::super::kubernetes;
use super::super::model::{Pod, Retry, Secret, TriggerRule, Word};
use super::super::value::{Render, Scope, Source, Value, bracketed, json_template, task_id, text_template};
use super::Lower;
use crate::emit::step::{self, Delivery};
use crate::plan::{Expr, ExprKind, Loop, Run, Task, TaskOutput, Type, WordPart};
use crate::text::jinja::Template;

/// Where Airflow's sidecar takes a pod's result from.
const RESULT: &str = "/airflow/xcom/return.json";

impl<'a> Lower<'a> {
    pub(super) fn pod(&self, task: &'a Task, prefix: &str, scope: &Scope<'a>) -> Pod {
        let render = Render { store: &self.store, in_turn: scope.turn.is_some() };
        let source = Source {
            node: task.id.clone(),
            task_id: format!("{prefix}{}", task_id(&task.id)),
            in_turn: scope.turn.is_some(),
        };
        let push_result = self.demand.any(&task.id);
        let words = Words { lower: self, task, scope, render, source: &source, push_result };
        let (cmds, arguments) = words.all();
        let env = task.env.iter().map(|(name, value)| (name.clone(), words.word(value).for_container())).collect();
        Pod {
            variable: self.names.name(&task.id),
            task_id: task_id(&task.id),
            display: (!task.id.is_ascii()).then(|| task.id.clone()),
            doc: task.description.clone(),
            name: kubernetes::pod_name(&format!("{}-{}", self.pipeline.name, source.task_id)),
            image: self.images.constant(task.image.as_deref().unwrap_or_default()),
            cmds,
            arguments,
            env,
            secrets: task.secrets.iter().filter_map(|(variable, source)| secret(variable, source)).collect(),
            resources: kubernetes::quantities(&task.resources),
            cluster: super::cluster::arguments(task, &self.pods),
            node_selector: task.resources.node_selector.iter().map(|(key, it)| (key.clone(), it.clone())).collect(),
            retry: task.retry.as_ref().filter(|retry| retry.times > 0).map(|retry| self.retry(retry)),
            timeout: task.timeout,
            trigger_rule: task.tolerates_failure.then_some(TriggerRule::AllDone),
            push_result,
            at_once: scope.turn.and_then(|turn| turn.parallel),
            turn_name: scope.turn.and_then(|turn| self.turn_name(turn, render)),
            teardown: false,
        }
    }

    fn retry(&self, retry: &crate::plan::Retry) -> Retry {
        let grows = retry.factor > 1.0;
        Retry {
            times: retry.times,
            delay: retry.backoff,
            factor: grows.then_some(retry.factor),
            max_delay: retry.max_backoff.filter(|_| grows),
        }
    }

    /// What a turn is called where people look at it: its item, if that is short.
    fn turn_name(&self, turn: &Loop, render: Render) -> Option<Template> {
        let site = self.sites.site(&turn.id);
        let items = Value::of(&turn.items, &site.scope, &self.sites);
        let Type::List { of } = items.ty.clone() else { return None };
        let item = Value { ty: *of, kind: super::super::value::Kind::Item(Box::new(items)) };
        let short = matches!(
            item.ty,
            Type::Bool | Type::Int | Type::Float | Type::Percent | Type::String | Type::Enum { .. } | Type::Size
        );
        short.then(|| text_template(&item, render))
    }
}

/// One that must be there; one that may be absent is a variable of another kind.
fn secret(variable: &str, source: &crate::plan::SecretSource) -> Option<Secret> {
    if source.home.arguments.get("optional").and_then(serde_json::Value::as_bool) == Some(true) {
        return None;
    }
    let argument = |name: &str| source.home.arguments.get(name).and_then(|it| it.as_str()).unwrap_or_default();
    Some(Secret { variable: variable.to_owned(), name: argument("name").to_owned(), key: argument("key").to_owned() })
}

/// What builds the words of a pod's command.
struct Words<'l, 'a> {
    lower: &'l Lower<'a>,
    task: &'a Task,
    scope: &'l Scope<'a>,
    render: Render<'l>,
    source: &'l Source,
    push_result: bool,
}

impl Words<'_, '_> {
    fn all(&self) -> (Vec<Word>, Vec<Word>) {
        match &self.task.run {
            Run::Command { words, args } if self.task.recorded => {
                let mut arguments = self.runner_head(&Default::default());
                if !self.task.outputs.is_empty() {
                    arguments.extend(self.outputs());
                }
                arguments.push(Template::text_only("--would"));
                arguments.extend([self.words(words), self.words(args)].concat());
                (runner(), plain(arguments))
            }
            Run::Command { words, args } => (plain(self.words(words)), plain(self.words(args))),
            Run::Python { .. } | Run::Gate { .. } | Run::Importer { .. } | Run::Claim { .. } | Run::Form { .. } => {
                (runner(), plain(self.python()))
            }
        }
    }

    fn runner_head(&self, delivery: &Delivery) -> Vec<Template> {
        let step = step::describe(self.task, &self.lower.pipeline.name, delivery);
        vec![Template::text_only("--step"), Template::default().json(&step)]
    }

    fn python(&self) -> Vec<Template> {
        let mut resolved = self.task.clone();
        for input in resolved.inputs.values_mut() {
            input.value = self.lower.sites.resolve(&input.value, self.scope);
        }
        let delivery = step::deliver(&resolved, &is_delivered_whole);
        let inputs = delivery.delivered.iter().map(|(name, expr)| {
            let value = Value::of_resolved(expr, &self.lower.sites);
            entry(name, json_template(&value, self.render))
        });
        let inputs = bracketed("{", inputs, "}");
        let mut words = self.runner_head(&delivery);
        words.extend([Template::text_only("--inputs"), inputs]);
        words.extend(self.outputs());
        words
    }

    /// Where the runner writes outputs.
    fn outputs(&self) -> Vec<Template> {
        let outputs = self.task.outputs.iter().map(|output| entry(&output.name, self.output(output)));
        let mut words = vec![Template::text_only("--outputs"), bracketed("{", outputs, "}")];
        if self.push_result {
            words.extend([Template::text_only("--result"), Template::text_only(RESULT)]);
        }
        words
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
            WordPart::Variable { name } => Template::default().live(format!("$({name})")),
            WordPart::Verbatim { text } => Template::default().live(text),
            WordPart::Concat { words } => {
                self.words(words).into_iter().fold(Template::default(), |template, word| template.then(word))
            }
            WordPart::IfPresent { input, then, otherwise } => {
                let words = self.words(self.chosen(input, then, otherwise.as_ref()));
                words.into_iter().fold(Template::default(), |template, word| template.then(word))
            }
            // Refused where they are written.
            WordPart::Context { .. } | WordPart::Value { .. } => Template::default(),
            WordPart::InputArtifact { .. }
            | WordPart::OutputArtifact { .. }
            | WordPart::InputMetadata { .. }
            | WordPart::OutputMetadata { .. } => Template::default(),
        }
    }

    /// Where an input artifact is.
    fn place(&self, value: Option<Value>, which: &'static str) -> Template {
        value.map(|value| super::super::value::place_template(&value, which, self.render)).unwrap_or_default()
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
    )
}

fn entry(name: &str, value: Template) -> Template {
    Template::text_only(format!("{}: ", serde_json::Value::from(name))).then(value)
}

fn runner() -> Vec<Word> {
    let word = |text: &str| Word::Template(Template::text_only(text));
    vec![word("python3"), word("-c"), Word::Runner]
}

fn plain(words: Vec<Template>) -> Vec<Word> {
    words.into_iter().map(|word| Word::Template(word.for_container())).collect()
}
