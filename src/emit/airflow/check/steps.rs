//! What Airflow cannot do for a step, in a pod or as a process.

use super::{asks, has, unanswered};
use crate::diagnostics::{Diagnostic, report};
use crate::emit::airflow::value::Known;
use crate::emit::airflow::version::Version;
use crate::emit::secret_manager::help_for_pods;
use crate::plan::{ExprKind, Operator, Run, Task, Type, Word, WordPart};
use crate::source::Span;

pub(super) fn task(task: &Task, version: Version, found: &mut Vec<Diagnostic>) {
    if !task.task_config.is_empty() {
        let message = format!("Airflow cannot tell `{}` how its task was set up", task.id);
        found.push(report::airflow_cannot(task.span, message).help("give the step what it needs as inputs"));
    }
    for (name, input) in &task.inputs {
        if input.ty == Type::RunStatus && !input.given {
            let message = format!("Airflow cannot tell `{name}` of `{}` how another task ended", task.id);
            found.push(report::airflow_cannot(task.span, message).help("let the step stand in `finally`"));
        }
    }
    if let Some(retry) = &task.retry {
        let plain = retry.factor <= 1.0 || retry.factor == 2.0;
        if !plain && !version.any_backoff_factor() {
            let message =
                format!("waits between retries grow by 2 in this version of Airflow, not by {}", retry.factor);
            found.push(report::airflow_cannot(retry.span, message).help("write `factor: 2.0`, or name Airflow 3.2"));
        }
    }
    task.inputs.values().for_each(|input| asks(&input.value, input.span, found));
    for (name, input) in &task.inputs {
        let absent = input.value.as_literal().is_none() && matches!(input.value.ty, Type::Optional { .. });
        if absent && !matches!(input.ty, Type::Optional { .. }) {
            let message =
                format!("Airflow does not fill in the default of `{name}` where what `{}` is given is absent", task.id);
            found.push(report::airflow_cannot(input.span, message).help("give another value for that with `??`"));
        }
    }
    task.env.values().chain(&task.image_of_run).for_each(|word| in_word(task, word, found));
    if let Run::Form { form, .. } = &task.run {
        let message = format!("Airflow knows no way to start `{}`", form.form);
        found.push(report::airflow_cannot(form.span, message).help("start it by `python(…)` or `command(…)`"));
    }
    if let Run::Command { words, args } = &task.run {
        command(task, &[words.as_slice(), args].concat(), found);
    }
}

/// Who is asked must be somebody.
pub(super) fn approval(task: &Task, found: &mut Vec<Diagnostic>) {
    let Run::Approval { team, users, .. } = &task.run else { return };
    if users.is_empty() {
        let message = format!("Airflow would let anybody answer `{}`, for `{team}` has no users there", task.id);
        let help = format!("say who they are to Airflow: `team {team} {{ users: [\"…\"] }}`");
        found.push(report::airflow_cannot(task.span, message).help(help));
    }
    if task.tolerates_failure {
        let message = format!("`{}` would ask whatever has failed before it", task.id);
        found.push(report::airflow_cannot(task.span, message).help("take `tolerates_failure` away"));
    }
}

/// What is asked of a process, which finds what its worker has.
pub(super) fn process(task: &Task, found: &mut Vec<Diagnostic>) {
    let homes = ["environment_variable", "airflow_connection"];
    let help = |secret: &str| format!("bind it as `secret {secret} = environment_variable(\"…\")`");
    secrets(task, &homes, "is neither a variable of the worker nor a connection of Airflow", &help, found);
    let own = |name: &str| task.env.get(name).is_some_and(|value| variables(&value.parts).is_empty());
    let command: &[&[Word]] = match &task.run {
        Run::Command { words, args } => &[words, args],
        _ => &[],
    };
    for word in command.iter().copied().flatten().chain(task.env.values()) {
        if let Some(name) = variables(&word.parts).into_iter().find(|name| !own(name)) {
            let message = format!("nothing fills in the variable `{name}` where a process is started");
            found.push(report::airflow_cannot(word.span, message).help("let the program read it itself"));
        }
    }
}

/// The variables that a word is made of.
fn variables(parts: &[WordPart]) -> Vec<&str> {
    let mut found = Vec::new();
    for part in parts {
        match part {
            WordPart::Variable { name } => found.push(name.as_str()),
            WordPart::Concat { words } => found.extend(words.iter().flat_map(|word| variables(&word.parts))),
            WordPart::IfPresent { then, otherwise, .. } => {
                let words = then.all().iter().chain(otherwise.iter().flat_map(|words| words.all()));
                found.extend(words.flat_map(|word| variables(&word.parts)));
            }
            _ => {}
        }
    }
    found
}

/// Secrets that a step finds: they are kept in one of these homes.
fn secrets(task: &Task, homes: &[&str], why: &str, help: &dyn Fn(&str) -> String, found: &mut Vec<Diagnostic>) {
    for (variable, source) in task.secrets.iter().filter(|(_, source)| !homes.contains(&source.home.form.as_str())) {
        let secret = &source.secret;
        let message = format!("`{}` cannot read `{variable}` in Airflow: the secret `{secret}` {why}", task.id);
        let place = format!("read by `{}` here", task.id);
        found.push(report::airflow_cannot(source.home.span, message).label(task.span, place).help(help(secret)));
    }
}

/// What is asked of a pod: Airflow takes constants.
pub(super) fn pod(task: &Task, found: &mut Vec<Diagnostic>) {
    if task.image.is_none() {
        let message = format!("the task `{}` has no image, and Airflow runs steps in pods", task.id);
        found.push(report::airflow_cannot(task.span, message).help("give its step an `image`"));
    }
    secrets(task, &["kubernetes_secret"], "is no secret of Kubernetes", &help_for_pods, found);
    let mut refuse = |span: Span, what: &str, help: &str| {
        let message = format!("Airflow cannot start the pod of `{}` with {what}", task.id);
        found.push(report::airflow_cannot(span, message).help(help));
    };
    let early = "say it when compiling, in the environment's profile";
    if !task.resources.run_time.is_empty() {
        refuse(task.resources.span, "amounts that are known only when it runs", early);
    }
    let Some(pod) = &task.resources.pod else { return };
    let text = serde_json::to_value(pod).unwrap_or_default();
    if pod.values().iter().any(|value| value.as_literal().is_none()) {
        refuse(task.resources.span, "names that are known only when it runs", early);
    }
    if pod.node_selector.is_some() {
        refuse(task.resources.span, "a node selector as JSON", "write `node_selector: { … }`");
    }
    let signs = ["{{", "{%", "{#", "\r"];
    if in_texts(&text, &|text| text.ends_with('\n') || signs.iter().any(|sign| text.contains(sign))) {
        refuse(
            task.resources.span,
            "`{{`, `{%`, `{#`, a carriage return or a line's end at the end of a text",
            "Airflow takes them for signs of its own: write the text without",
        );
    }
}

/// Whether something holds of a text in a value, keys included.
fn in_texts(value: &serde_json::Value, of: &impl Fn(&str) -> bool) -> bool {
    match value {
        serde_json::Value::String(text) => of(text),
        serde_json::Value::Array(items) => items.iter().any(|item| in_texts(item, of)),
        serde_json::Value::Object(fields) => fields.iter().any(|(key, value)| of(key) || in_texts(value, of)),
        _ => false,
    }
}

fn command(task: &Task, words: &[crate::plan::Word], found: &mut Vec<Diagnostic>) {
    if let Some(output) = task.outputs.iter().find(|output| !output.ty.is_artifact()) {
        let message = format!("Airflow cannot read the value `{}` from the command of `{}`", output.name, task.id);
        found.push(report::airflow_cannot(task.span, message).help("let a `python` step give it"));
    }
    words.iter().for_each(|word| in_word(task, word, found));
    let given = words.iter().flat_map(|word| &word.parts).filter_map(|part| match part {
        WordPart::Input { name } => task.inputs.get(name),
        _ => None,
    });
    for input in given {
        if has(&input.value, &|expr| matches!(expr.kind, ExprKind::Binary { operator: Operator::Matches, .. })) {
            let message = format!("Airflow cannot decide `matches` for a word of the command of `{}`", task.id);
            found.push(report::airflow_cannot(input.span, message).help("let a step decide it"));
        }
    }
}

/// What Airflow has no word for.
fn in_word(task: &Task, word: &crate::plan::Word, found: &mut Vec<Diagnostic>) {
    for part in &word.parts {
        let (name, what) = match part {
            WordPart::InputArtifact { name } | WordPart::OutputArtifact { name } => (name, "what is known of"),
            WordPart::InputMetadata { name, .. } | WordPart::OutputMetadata { name, .. } => (name, "the metadata of"),
            WordPart::IfPresent { input, then, otherwise } => {
                let words = then.all().iter().chain(otherwise.iter().flat_map(|words| words.all()));
                words.for_each(|word| in_word(task, word, found));
                let value = task.inputs.get(input).map(|input| &input.value);
                if value.is_some_and(|value| value.as_literal().is_none() && matches!(value.ty, Type::Optional { .. }))
                {
                    let message = format!("Airflow cannot ask whether `{input}` is given when `{}` starts", task.id);
                    let help = "give a value or `none` that is known when compiling, or let a `python` step ask";
                    found.push(report::airflow_cannot(word.span, message).help(help));
                }
                continue;
            }
            WordPart::Concat { words } => {
                words.iter().for_each(|word| in_word(task, word, found));
                continue;
            }
            WordPart::Context { name, .. } => {
                if Known::of(name).is_some() {
                    continue;
                }
                unanswered(name, word.span, found);
                continue;
            }
            WordPart::Value { .. } => {
                let message = format!("Airflow decides what `{}` runs in before it runs", task.id);
                found.push(report::airflow_cannot(word.span, message).help("write a constant here"));
                continue;
            }
            _ => continue,
        };
        let message = format!("Airflow cannot tell the command of `{}` {what} `{name}`", task.id);
        found.push(report::airflow_cannot(word.span, message).help("give its `path` or `uri`"));
    }
}
