//! From a DAG to its file.
//!
//! In: a [`Dag`]. Out: the file's text. It refuses to know the plan: what is done has been decided, only where it stands has not.

mod imports;
mod node;
mod process;

use chrono::{DateTime, Datelike, Timelike, Utc};

use super::model::{Asset, Callback, Cron, Dag, Param, PodDefaults, Runtime, Status, When};
use super::mounted;
use super::version::Version;
use crate::emit::airflow::store::{PATH, URI};
use crate::emit::airflow::value::JSON_TEXT;
use crate::emit::step;
use crate::text::jinja::Template;
use crate::text::python::{Expression, FormatPart, Function, Module, Operator, Parameter, Statement};

/// The constant that holds the runner.
const RUNNER: &str = "RUNNER";

/// Seconds that a pod may take to start: large images, and nodes that must come up first.
const STARTUP: i64 = 600;

/// Since when a schedule holds that makes up for nothing: any moment before the first run.
const START: DateTime<Utc> = DateTime::from_timestamp(1_704_067_200, 0).expect("it is a moment");

/// The file's text.
pub(super) fn text(dag: &Dag) -> String {
    let tasks = node::of_function(&dag.body);
    let steps = node::steps(&dag.body);
    let mut templates = steps.iter().flat_map(|step| step.templates());
    let in_templates = templates.any(|template| template.calls(JSON_TEXT));
    let mut body = constants(dag);
    if in_templates || Statement::names(&tasks).contains(JSON_TEXT) {
        body.push(json_text());
    }
    body.extend(dag.status.as_ref().map(|status| run_status(status, dag.version)));
    body.extend(process::starter(&steps, dag.version));
    let mut callbacks: Vec<&Callback> = dag.on_failure.iter().collect();
    callbacks.extend(dag.on_success.iter().filter(|one| !dag.on_failure.contains(one)));
    body.extend(callbacks.into_iter().map(callback));
    body.push(Statement::Function(Function {
        decorators: vec![arguments(dag, in_templates)],
        name: dag.function.clone(),
        docstring: Some(dag.title.clone()),
        body: tasks,
        ..Function::default()
    }));
    if steps.iter().any(|step| step.has_runner()) {
        body.push(Statement::Comment("Starts a step where it runs: reads its inputs, calls its function.".to_owned()));
        body.push(Statement::Assign { target: RUNNER.to_owned(), value: Expression::Block(runner(&dag.runtime)) });
    }
    body.push(Statement::Expression(Expression::name(&dag.function).call([])));
    let mut whole = imports::of(&body, dag.version);
    whole.extend(body);
    Module { header: dag.header.clone(), docstring: Some(dag.title.clone()), body: whole }.text()
}

fn constants(dag: &Dag) -> Vec<Statement> {
    let mut constants: Vec<(&str, &str)> =
        dag.images.iter().map(|(constant, image)| (constant.as_str(), image.as_str())).collect();
    if let Runtime::Processes { code, .. } = &dag.runtime {
        constants.push((process::CODE, code));
    }
    constants.extend([(PATH.0, dag.artifacts.0.as_str()), (URI.0, dag.artifacts.1.as_str())]);
    let assign =
        |(target, value): (&str, &str)| Statement::Assign { target: target.to_owned(), value: Expression::text(value) };
    constants.into_iter().map(assign).collect()
}

/// The runner's text where Airflow reads it as a template, and for pods Kubernetes as an argument.
fn runner(runtime: &Runtime) -> String {
    let text = Template::text_only(format!("\n{}", step::RUNNER.trim_end()));
    let text = match runtime {
        Runtime::Pods(_) => text.for_container(),
        Runtime::Processes { .. } => text,
    };
    text.chunks().concat()
}

fn arguments(dag: &Dag, json_text: bool) -> Expression {
    let mut call = Expression::name("dag").with("dag_id", Expression::text(&dag.id));
    call = call.with("doc_md", Expression::prose(&dag.doc));
    call = call.with("schedule", dag.schedule.as_ref().map_or(Expression::None, when));
    let catch_up_from = match &dag.schedule {
        Some(When::Clock(cron)) => cron.catch_up_from,
        _ => None,
    };
    call = call.with("start_date", datetime(catch_up_from.unwrap_or(START)));
    call = call.with("catchup", Expression::Bool(catch_up_from.is_some()));
    call = call.with("max_active_runs", Expression::int(1));
    if let Some(most) = dag.max_active_tasks {
        call = call.with("max_active_tasks", Expression::int(most));
    }
    if let Some(seconds) = dag.timeout {
        call = call.with("dagrun_timeout", timedelta(seconds));
    }
    if let Some(most) = dag.max_consecutive_failures {
        call = call.with("max_consecutive_failed_dag_runs", Expression::int(most));
    }
    call = call.with("is_paused_upon_creation", Expression::Bool(false));
    call = call.with("default_args", Expression::Dict(default_args(dag)));
    if !dag.params.is_empty() {
        let params = dag.params.iter().map(|param| (Expression::text(&param.name), self::param(param)));
        call = call.with("params", Expression::Dict(params.collect()));
    }
    call = call.with("tags", texts(&dag.tags));
    for (name, callbacks) in [("on_failure_callback", &dag.on_failure), ("on_success_callback", &dag.on_success)] {
        if !callbacks.is_empty() {
            let functions = callbacks.iter().map(|callback| Expression::name(&callback.function)).collect();
            call = call.with(name, Expression::List(functions));
        }
    }
    let status = dag.status.as_ref().map(|_| ("run_status", "run_status"));
    let text = json_text.then_some((JSON_TEXT, JSON_TEXT));
    let macros = [(PATH.1, PATH.0), (URI.1, URI.0)].into_iter().chain(text).chain(status);
    let macros = macros.map(|(name, value)| (Expression::text(name), Expression::name(value))).collect();
    call.with("user_defined_macros", Expression::Dict(macros))
}

/// A moment, as short as it can be said.
fn datetime(of: DateTime<Utc>) -> Expression {
    let date = [i64::from(of.year()), of.month().into(), of.day().into()];
    let clock = [of.hour(), of.minute(), of.second()].map(i64::from);
    let clock = clock.iter().take(clock.iter().rposition(|part| *part != 0).map_or(0, |last| last + 1));
    let call = Expression::name("datetime").call(date.iter().chain(clock).map(|part| Expression::int(*part)));
    call.with("tzinfo", Expression::name("timezone.utc"))
}

fn when(when: &When) -> Expression {
    match when {
        When::Clock(cron) => self::cron(cron),
        When::Asset(one) => Expression::List(vec![asset(one)]),
    }
}

fn asset(asset: &Asset) -> Expression {
    Expression::name(asset.class).call([Expression::text(&asset.name)])
}

fn cron(cron: &Cron) -> Expression {
    let timetable = Expression::name("CronTriggerTimetable").call([Expression::text(&cron.expression)]);
    timetable.with("timezone", Expression::text(&cron.timezone))
}

fn param(param: &Param) -> Expression {
    let mut call = Expression::name("Param");
    call = match &param.default {
        Some(default) => call.call([Expression::json(default)]),
        None => call.call([]),
    };
    if let Some(description) = &param.description {
        call = call.with("description", Expression::prose(description));
    }
    for (key, value) in &param.schema {
        call = match key.as_str() {
            "not" => call.with("**", Expression::Dict(vec![(Expression::text("not"), Expression::json(value))])),
            key => call.with(key, Expression::json(value)),
        };
    }
    call
}

/// What every task has unless it says otherwise.
fn default_args(dag: &Dag) -> Vec<(Expression, Expression)> {
    let mut entries = vec![("owner", Some(Expression::text(&dag.owner)))];
    if let Runtime::Pods(pods) = &dag.runtime {
        entries.extend(of_pods(pods));
    }
    entries.into_iter().filter_map(|(key, value)| value.map(|value| (Expression::text(key), value))).collect()
}

fn of_pods(pods: &PodDefaults) -> [(&'static str, Option<Expression>); 11] {
    let PodDefaults { namespace, service_account, labels, .. } = pods;
    let (volume, mount) = mounted::artifacts(pods);
    let text = |value: &Option<String>| value.as_ref().map(Expression::text);
    let labels = labels.iter().map(|(key, value)| (Expression::text(key), Expression::text(value))).collect();
    let annotations = mounted::annotations(pods);
    let annotations: Vec<_> =
        annotations.map(|(key, value)| (Expression::text(key), Expression::text(value))).into_iter().collect();
    [
        ("namespace", text(namespace)),
        ("service_account_name", text(service_account)),
        ("labels", Some(Expression::Dict(labels))),
        ("annotations", (!annotations.is_empty()).then_some(Expression::Dict(annotations))),
        ("volumes", volume.map(|volume| Expression::List(vec![volume]))),
        ("volume_mounts", mount.map(|mount| Expression::List(vec![mount]))),
        ("startup_timeout_seconds", Some(Expression::int(STARTUP))),
        ("get_logs", Some(Expression::Bool(true))),
        ("log_events_on_failure", Some(Expression::Bool(true))),
        ("on_finish_action", Some(Expression::text("delete_pod"))),
        ("deferrable", Some(Expression::Bool(false))),
    ]
}

/// The function that writes a value into text, as the runner does.
fn json_text() -> Statement {
    let call = Expression::name("json.dumps").call([Expression::name("value")]);
    let separators = Expression::Tuple(vec![Expression::text(","), Expression::text(":")]);
    let call = call.with("ensure_ascii", Expression::Bool(false)).with("separators", separators);
    Statement::Function(Function {
        name: JSON_TEXT.to_owned(),
        parameters: vec![Parameter::required("value")],
        docstring: Some("Write a value into text, the same everywhere.".to_owned()),
        body: vec![Statement::Return(call)],
        ..Function::default()
    })
}

/// The function that tells `finally` how the run ended.
fn run_status(status: &Status, version: Version) -> Statement {
    let assign = |target: &str, value| Statement::Assign { target: target.to_owned(), value };
    let state_is = |what: &str| {
        Expression::name("states").at(Expression::name("task_id")).then(Operator::Equal, Expression::text(what))
    };
    let listed = |items: Expression, state: &str| Expression::Comprehension {
        key: None,
        element: Box::new(Expression::name("task_id")),
        name: "task_id".to_owned(),
        items: Box::new(items),
        condition: Some(Box::new(state_is(state))),
    };
    let sorted = Expression::name("sorted").call([Expression::name("states")]);
    let done = Expression::Comprehension {
        key: None,
        element: Box::new(Expression::name("task_id")),
        name: "task_id".to_owned(),
        items: Box::new(texts(&status.leaves)),
        condition: Some(Box::new(Expression::Chain {
            operator: Operator::NotEqual,
            operands: vec![
                Expression::name("states.get").call([Expression::name("task_id")]),
                Expression::text("success"),
            ],
        })),
    };
    let otherwise = Expression::Conditional {
        condition: Box::new(Expression::name("missing")),
        then: Box::new(Expression::text("CANCELLED")),
        otherwise: Box::new(Expression::text("SUCCEEDED")),
    };
    let state = Expression::Conditional {
        condition: Box::new(Expression::name("failed")),
        then: Box::new(Expression::text("FAILED")),
        otherwise: Box::new(otherwise),
    };
    let names = Expression::text(", ").dot("join").call([Expression::name("failed")]);
    let error = Expression::Conditional {
        condition: Box::new(Expression::name("failed")),
        then: Box::new(Expression::text("failed: ").then(Operator::Add, names)),
        otherwise: Box::new(Expression::None),
    };
    let result = [
        ("state", Expression::name("state")),
        ("error", Expression::name("error")),
        ("pipeline", Expression::text(&status.pipeline)),
        ("run", Expression::name("ti.run_id")),
    ];
    let result = result.map(|(key, value)| (Expression::text(key), value)).into();
    Statement::Function(Function {
        name: "run_status".to_owned(),
        parameters: vec![Parameter::required("ti")],
        docstring: Some("Say how the run ended: it has succeeded if all that it ends in has.".to_owned()),
        body: vec![
            assign("states", if version.has_sdk() { asked_states() } else { read_states() }),
            assign("failed", listed(sorted, "failed")),
            assign("missing", done),
            assign("state", state),
            assign("error", error),
            Statement::Return(Expression::Dict(result)),
        ],
        ..Function::default()
    })
}

/// The states of the run's tasks by their ids, as Airflow answers.
fn asked_states() -> Expression {
    let states = Expression::name("ti.get_task_states").with("dag_id", Expression::name("ti.dag_id"));
    let states = states.with("run_ids", Expression::List(vec![Expression::name("ti.run_id")]));
    states.at(Expression::name("ti.run_id"))
}

/// The same, read from the database, which tasks see in Airflow 2.
fn read_states() -> Expression {
    let its = |what: &str| Expression::name("it").dot(what);
    let turn =
        vec![FormatPart::Value(its("task_id")), FormatPart::Text("_".to_owned()), FormatPart::Value(its("map_index"))];
    let key = Expression::Conditional {
        condition: Box::new(its("map_index").then(Operator::Less, Expression::int(0))),
        then: Box::new(its("task_id")),
        otherwise: Box::new(Expression::Format(turn)),
    };
    Expression::Comprehension {
        key: Some(Box::new(key)),
        element: Box::new(its("state")),
        name: "it".to_owned(),
        items: Box::new(Expression::name("ti.get_dagrun").call([]).dot("get_task_instances").call([])),
        condition: None,
    }
}

fn callback(callback: &Callback) -> Statement {
    Statement::Function(Function {
        name: callback.function.clone(),
        parameters: vec![Parameter::required("context")],
        docstring: Some(callback.docstring.clone()),
        body: callback.body.clone(),
        ..Function::default()
    })
}

fn texts(texts: &[String]) -> Expression {
    Expression::List(texts.iter().map(Expression::text).collect())
}

/// A stretch of time in its largest unit.
fn timedelta(seconds: f64) -> Expression {
    let whole = seconds.fract() == 0.0 && seconds.abs() < 1e15;
    let units = [("hours", 3600), ("minutes", 60), ("seconds", 1)];
    let unit = units.into_iter().find(|(_, size)| whole && seconds > 0.0 && seconds as i64 % size == 0);
    let call = Expression::name("timedelta");
    match unit {
        Some((unit, size)) => call.with(unit, Expression::int(seconds as i64 / size)),
        None => call.with("seconds", Expression::json(&serde_json::json!(seconds))),
    }
}
