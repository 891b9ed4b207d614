//! What Airflow cannot do, said where it was asked for.
//!
//! In: the plan. Out: diagnostics. Where there is no error, the lowering is total.

use serde_json::Value as Json;

use super::lower::notice::{NOTIFIERS, can_watch, connection, is_of};
use super::lower::schema::unsaid;
use super::store::Store;
use super::version::Version;
use crate::diagnostics::{Diagnostic, report};
use crate::emit::running::{Event, metrics_are_watched};
use crate::plan::{
    Construct, Environment, Expr, ExprKind, Node, Notice, Operator, Pipeline, Plan, Run, Schedule, Task, Type, WordPart,
};
use crate::source::Span;

/// What a pipeline asks for that cannot be.
pub(super) fn pipeline(
    plan: &Plan,
    pipeline: &Pipeline,
    environment: &Environment,
    version: Version,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (construct, span) in pipeline.constructs() {
        if !version.can(construct) {
            found.push(cannot(span, construct.words()).help(instead(construct)));
        }
    }
    if let Err(reason) = Store::of(environment, &super::dag_id(plan, pipeline)) {
        let span = environment.artifacts.as_ref().map_or(environment.span, |form| form.span);
        let message = format!("Airflow cannot keep the artifacts of `{}` there: {reason}", environment.name);
        found.push(report::airflow_cannot(span, message).help("use `bucket(\"gs://…\")`"));
    }
    if let Some(keep) = &pipeline.keep_runs {
        let message = "Airflow keeps runs of all pipelines alike, and cannot be told how long by one";
        let help = "leave `keep_runs` out, and let `airflow db clean` run from time to time";
        found.push(report::airflow_cannot(keep.span, message).help(help));
    }
    parameters(pipeline, &mut found);
    pipeline.tasks().into_iter().for_each(|task| self::task(task, version, &mut found));
    conditions(&pipeline.body, false, &mut found);
    if let Some(schedule) = &pipeline.schedule {
        self::schedule(schedule, pipeline, environment, &mut found);
    }
    found
}

/// What environments that Airflow runs ask for that cannot be.
pub(super) fn environments(plan: &Plan) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for environment in plan.environments.iter().filter(|environment| environment.orchestrator.form == super::NAME) {
        for alert in &environment.alerts {
            if !can_watch(alert, &environment.pipelines) && metrics_are_watched(plan) {
                continue;
            }
            if !can_watch(alert, &environment.pipelines) {
                let message = format!("Airflow cannot watch `{}` for the alert {}", alert.text, alert.name);
                let help = "an alert in Airflow watches the `duration` of one pipeline of its environment; `target prometheus` watches more";
                found.push(report::airflow_cannot(alert.span, message).help(help));
            } else if environment.pipelines.iter().any(|pipeline| is_of(alert, pipeline)) {
                notice(&alert.notice, alert.span, &mut found);
            }
        }
    }
    found
}

fn cannot(span: Span, what: &str) -> Diagnostic {
    report::airflow_cannot(span, format!("Airflow cannot do {what}"))
}

fn instead(construct: Construct) -> &'static str {
    match construct {
        Construct::NestedLoop => "let a step list all pairs, and loop over that list",
        Construct::Cache => "leave `cache` to `auto`: it is used where the orchestrator has one",
        Construct::BranchInLoop => "name Airflow 3.3, or let the step in the loop decide",
        Construct::BranchMaybeValue => "add an `else` that yields a value",
        Construct::Try => "let `finally` stand at the end of the pipeline",
        Construct::FinallyGroup => "let `finally` call a step",
        Construct::GroupRetry | Construct::GroupTolerance => "say it of the steps of that pipeline",
        Construct::Claim => "let whoever runs the cluster claim it, and mount it by its name",
        Construct::Workspace => "let the steps pass artifacts",
        Construct::Importer => "let a step read what is at that address",
        _ => "use a newer version of Airflow",
    }
}

fn parameters(pipeline: &Pipeline, found: &mut Vec<Diagnostic>) {
    for parameter in &pipeline.parameters {
        if parameter.ty.is_artifact() || matches!(parameter.ty, Type::Table { .. }) {
            let message = format!("a run in Airflow cannot be given the artifact `{}`", parameter.name);
            found.push(report::airflow_cannot(parameter.span, message).help("let a step read it"));
        }
        if let Some(predicate) = unsaid(parameter) {
            let message = format!("Airflow cannot check `{}` of the parameter `{}`", predicate.text, parameter.name);
            let help = "bounds, lengths, patterns and lists of allowed values can be checked";
            found.push(report::airflow_cannot(parameter.span, message).help(help));
        }
    }
}

fn task(task: &Task, version: Version, found: &mut Vec<Diagnostic>) {
    if task.image.is_none() {
        let message = format!("the task `{}` has no image, and Airflow runs steps in pods", task.id);
        found.push(report::airflow_cannot(task.span, message).help("give its step an `image`"));
    }
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
    pod(task, found);
    if let Some(retry) = &task.retry {
        let plain = retry.factor <= 1.0 || retry.factor == 2.0;
        if !plain && !version.any_backoff_factor() {
            let message =
                format!("waits between retries grow by 2 in this version of Airflow, not by {}", retry.factor);
            found.push(report::airflow_cannot(retry.span, message).help("write `factor: 2.0`, or name Airflow 3.2"));
        }
    }
    for (variable, source) in &task.secrets {
        if source.home.form != "kubernetes_secret" {
            let message = format!(
                "the pod of `{}` cannot read `{variable}`: the secret `{}` is no secret of Kubernetes",
                task.id, source.secret
            );
            let help = format!("bind it as `secret {} = kubernetes_secret(…)`", source.secret);
            found.push(report::airflow_cannot(task.span, message).help(help));
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

/// What is asked of a pod: Airflow takes constants.
fn pod(task: &Task, found: &mut Vec<Diagnostic>) {
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

/// What only another orchestrator answers.
fn unanswered(name: &str, span: Span, found: &mut Vec<Diagnostic>) {
    let message = format!("Airflow has no answer to `{name}(…)`");
    found.push(report::airflow_cannot(span, message).help("give it as a parameter of the pipeline"));
}

fn asks(expr: &Expr, span: Span, found: &mut Vec<Diagnostic>) {
    if has(expr, &|expr| matches!(expr.kind, ExprKind::Keyed { .. })) {
        let message = "Airflow makes no keys of values of the run";
        found.push(report::airflow_cannot(span, message).help("let a step make the whole map"));
    }
    if has(expr, &|expr| matches!(expr.kind, ExprKind::Context { .. })) {
        unanswered("std.run", span, found);
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

/// What conditions ask for, and what stands in an arm.
fn conditions(nodes: &[Node], in_arm: bool, found: &mut Vec<Diagnostic>) {
    for node in nodes {
        match node {
            Node::Task(task) if in_arm && task.tolerates_failure => {
                let message = format!("Airflow would run `{}` even where its branch was not chosen", task.id);
                let help = "call it outside the `if`, or without tolerance of failures";
                found.push(report::airflow_cannot(task.span, message).help(help));
            }
            Node::Task(_) | Node::Try(_) => {}
            Node::Loop(node) => conditions(&node.body, in_arm, found),
            Node::Group(node) => {
                node.arguments.values().for_each(|argument| asks(argument, node.span, found));
                conditions(&node.body, in_arm, found);
            }
            Node::Branch(node) => {
                for arm in &node.arms {
                    arm.condition.iter().for_each(|condition| asks(condition, arm.span, found));
                    if arm.condition.as_ref().is_some_and(|condition| has(condition, &is_ordering_of_objects)) {
                        let message = "Airflow cannot tell which amount of money or time comes first";
                        found.push(report::airflow_cannot(arm.span, message).help("let a step decide it"));
                    }
                    conditions(&arm.body, true, found);
                }
            }
        }
    }
}

fn is_ordering_of_objects(expr: &Expr) -> bool {
    use Operator::{Greater, GreaterOrEqual, Less, LessOrEqual};
    let of_object = |side: &Expr| matches!(side.ty.required(), Type::Money | Type::Timestamp);
    match &expr.kind {
        ExprKind::Binary { operator: Less | LessOrEqual | Greater | GreaterOrEqual, left, .. } => of_object(left),
        ExprKind::Between { operand, .. } => of_object(operand),
        _ => false,
    }
}

/// Whether the expression or one in it is such.
fn has(expr: &Expr, is_such: &dyn Fn(&Expr) -> bool) -> bool {
    if is_such(expr) {
        return true;
    }
    match &expr.kind {
        ExprKind::Field { of, .. } | ExprKind::Length { of } | ExprKind::Not { operand: of } => has(of, is_such),
        ExprKind::Text { parts } => parts.iter().any(|part| has(part, is_such)),
        ExprKind::List { items } => items.iter().any(|item| has(item, is_such)),
        ExprKind::Record { entries } => entries.values().any(|entry| has(entry, is_such)),
        ExprKind::Binary { left, right, .. } => has(left, is_such) || has(right, is_such),
        ExprKind::Between { operand, low, high, .. } => [operand, low, high].iter().any(|part| has(part, is_such)),
        _ => false,
    }
}

fn schedule(schedule: &Schedule, pipeline: &Pipeline, environment: &Environment, found: &mut Vec<Diagnostic>) {
    if schedule.every.form != "cron" && Event::of(schedule).is_none() {
        let message = format!("Airflow cannot start `{}` by `{}`", pipeline.name, schedule.every.form);
        found.push(report::airflow_cannot(schedule.span, message).help("use `every: cron(…)`"));
    }
    if let Some(Event::Finished(other)) = Event::of(schedule)
        && !environment.pipelines.iter().any(|built| built == other)
    {
        let message = format!("`{}` waits for `{other}`, which never runs in `{}`", pipeline.name, environment.name);
        let help = format!("schedule or promote `{other}` there, or list it in `pipelines`");
        found.push(report::airflow_cannot(schedule.span, message).help(help));
    }
    for parameter in &pipeline.parameters {
        if parameter.default.is_none() && !matches!(parameter.ty, Type::Optional { .. }) {
            let message = format!("nobody gives `{}` to a scheduled run of `{}`", parameter.name, pipeline.name);
            let help = format!("give the parameter `{}` a default", parameter.name);
            found.push(report::airflow_cannot(parameter.span, message).help(help));
        }
    }
    if schedule.rollback {
        let message = format!("Airflow cannot roll back `{}` by itself: it stops the schedule instead", pipeline.name);
        let note = "a failed run pauses the DAG, so that the failing version does not run again; a failed run has released \
                    nothing, so what is served stays as it is";
        let help =
            format!("who is told of the failure brings the earlier version back: `mlp rollback {}`", environment.name);
        found.push(report::airflow_stops_schedule(schedule.span, message).note(note).help(help));
    }
    schedule.notices.iter().for_each(|one| notice(one, schedule.span, found));
}

fn notice(notice: &Notice, span: Span, found: &mut Vec<Diagnostic>) {
    let form = notice.notifier.form.as_str();
    if !NOTIFIERS.contains(&form) {
        let message = format!("Airflow cannot notify by `{form}`");
        found.push(report::airflow_cannot(span, message).help(format!("use one of {}", NOTIFIERS.join(", "))));
        return;
    }
    for (argument, value) in &notice.notifier.arguments {
        let secret = value.get("secret").and_then(Json::as_str);
        if let (Some(secret), None) = (secret, connection(notice, argument)) {
            let message = format!("Airflow cannot read the secret `{secret}` to notify by `{form}`");
            let help = format!("bind it as `secret {secret} = airflow_connection(…)`");
            found.push(report::airflow_cannot(span, message).help(help));
        }
    }
}
