//! What Airflow cannot do, said where it was asked for.
//!
//! In: the plan. Out: diagnostics. Where there is no error, the lowering is total.

mod steps;

use serde_json::Value as Json;

use super::lower::notice::{NOTIFIERS, can_watch, connection, is_of};
use super::lower::schema::unsaid;
use super::store::Store;
use super::value::Known;
use super::version::Version;
use crate::diagnostics::{Diagnostic, report};
use crate::emit::running::{Event, metrics_are_watched};
use crate::plan::{
    Construct, Environment, Expr, ExprKind, Node, Notice, Operator, Pipeline, Plan, Run, Schedule, Type,
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
        let help =
            if super::runs_in_pods(environment) { "use `bucket(\"gs://…\")`" } else { "use `folder(\"…\")`" };
        found.push(report::airflow_cannot(span, message).help(help));
    }
    if let Some(keep) = &pipeline.keep_runs {
        let message = "Airflow keeps runs of all pipelines alike, and cannot be told how long by one";
        let help = "leave `keep_runs` out, and let `airflow db clean` run from time to time";
        found.push(report::airflow_cannot(keep.span, message).help(help));
    }
    parameters(pipeline, &mut found);
    for task in pipeline.tasks() {
        steps::task(task, version, &mut found);
        match &task.run {
            Run::Approval { .. } => steps::approval(task, &mut found),
            _ if super::runs_in_pods(environment) => steps::pod(task, &mut found),
            _ => steps::process(task, &mut found),
        }
    }
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
        orchestrator(environment, &mut found);
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

/// What must be said of an Airflow that starts pods, and of one that starts processes.
fn orchestrator(environment: &Environment, found: &mut Vec<Diagnostic>) {
    let orchestrator = &environment.orchestrator;
    let is_said = |name: &str| orchestrator.arguments.get(name).is_some_and(|value| !value.is_null());
    let mut missing = |name: &str, why: &str, example: &str| {
        let message = format!("the Airflow of `{}` has no `{name}`: {why}", environment.name);
        found.push(report::airflow_cannot(orchestrator.span, message).help(format!("add `{name}: \"{example}\"`")));
    };
    if super::runs_in_pods(environment) {
        if !is_said("endpoint") {
            missing("endpoint", "nobody knows where it is asked", "https://airflow.example.org");
        }
        if !is_said("namespace") {
            missing("namespace", "its pods must be started in one", "training");
        }
    } else if is_said("namespace") {
        let message = format!("the Airflow of `{}` starts processes, and they are in no namespace", environment.name);
        let help = "leave `namespace` out, or `runtime: processes`";
        found.push(report::airflow_cannot(orchestrator.span, message).help(help));
    }
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
        Construct::Approval => "name Airflow 3.1, or let the edge of a promotion be approved",
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

/// What only another orchestrator answers.
fn unanswered(name: &str, span: Span, found: &mut Vec<Diagnostic>) {
    let message = format!("Airflow has no answer to `{name}(…)`");
    found.push(report::airflow_cannot(span, message).help("give it as a parameter of the pipeline"));
}

/// What an expression asks of the run that Airflow has no answer to.
fn unknown(expr: &Expr) -> Vec<&str> {
    match &expr.kind {
        ExprKind::Context { name, .. } if Known::of(name).is_none() => vec![name],
        _ => expr.parts().into_iter().flat_map(unknown).collect(),
    }
}

fn asks(expr: &Expr, span: Span, found: &mut Vec<Diagnostic>) {
    if has(expr, &|expr| matches!(expr.kind, ExprKind::Keyed { .. })) {
        let message = "Airflow makes no keys of values of the run";
        found.push(report::airflow_cannot(span, message).help("let a step make the whole map"));
    }
    for name in unknown(expr) {
        unanswered(name, span, found);
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
