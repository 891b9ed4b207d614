//! Whom to tell when a run has ended: functions that Airflow calls, with a connection of Airflow for the credential.
//!
//! They use Python's own HTTP client: a provider package for each service would have to be installed beside Airflow.

use serde_json::Value as Json;

use super::super::model::Callback;
use super::super::value::comparison;
use super::super::version::Version;
use crate::plan::{Alert, Expr, ExprKind, Form, Notice, Operator as Compare, Pipeline};
use crate::text::python::{Expression, FormatPart, Operator, Statement};

/// The notifiers that there are functions for.
pub(in crate::emit::airflow) const NOTIFIERS: &[&str] = &["pagerduty", "slack"];

/// The function that tells of a failed run.
pub(super) fn failed(notice: &Notice, dag: &str, rollback: Option<&str>, version: Version) -> Option<Callback> {
    let mut summary = vec![FormatPart::Text(format!("{dag}: the run ")), run_id(), FormatPart::Text(" failed".into())];
    summary.extend(rollback.map(|environment| {
        FormatPart::Text(format!("; the schedule is paused until `mlp rollback {environment}` or the next deployment"))
    }));
    Some(Callback {
        function: format!("notify_{}", notice.notifier.form),
        docstring: format!("Tell {} that a run failed.", service(&notice.notifier)),
        body: told(notice, dag, summary, "error", version)?,
    })
}

/// The function that tells of a run that was not as it should be.
pub(super) fn alert(alert: &Alert, dag: &str, pipeline: &Pipeline, version: Version) -> Option<Callback> {
    let summary = vec![
        FormatPart::Text(format!("{dag}: {}: the run ", alert.name)),
        run_id(),
        FormatPart::Text(format!(" had {}", alert.text)),
    ];
    let now = Expression::name("datetime.now").call([Expression::name("timezone.utc")]);
    let took = now.then(Operator::Subtract, Expression::name("context").key("dag_run").dot("start_date"));
    let took = Statement::Assign { target: "took".to_owned(), value: took };
    let condition = condition(&alert.when, &pipeline.name)?;
    Some(Callback {
        function: format!("alert_{}", crate::text::python::identifier(&alert.name)),
        docstring: format!("Tell {} where {}.", service(&alert.notice.notifier), alert.text),
        body: vec![
            took,
            Statement::If(vec![(Some(condition), told(&alert.notice, dag, summary, "warning", version)?)]),
        ],
    })
}

/// Whether an alert watches runs of that pipeline.
pub(in crate::emit::airflow) fn is_of(alert: &Alert, pipeline: &str) -> bool {
    let mut found = false;
    measures(&alert.when, &mut |of, _| found |= of == pipeline);
    found
}

/// Whether all that an alert watches is known when a run of that pipeline ends.
pub(in crate::emit::airflow) fn can_watch(alert: &Alert, pipelines: &[String]) -> bool {
    let mut all = true;
    measures(&alert.when, &mut |of, name| all &= name == "duration" && pipelines.iter().any(|one| one == of));
    all && pipelines.iter().filter(|one| is_of(alert, one)).count() == 1
}

fn measures<'a>(expr: &'a Expr, see: &mut impl FnMut(&'a str, &'a str)) {
    match &expr.kind {
        ExprKind::Measure { of, name } => see(of, name),
        ExprKind::Binary { left, right, .. } => {
            measures(left, see);
            measures(right, see);
        }
        ExprKind::Not { operand } => measures(operand, see),
        ExprKind::Between { operand, .. } => measures(operand, see),
        _ => {}
    }
}

fn condition(expr: &Expr, pipeline: &str) -> Option<Expression> {
    Some(match &expr.kind {
        ExprKind::Measure { of, name } if of == pipeline && name == "duration" => {
            Expression::name("took.total_seconds").call([])
        }
        ExprKind::Literal { value } => Expression::json(value),
        ExprKind::Not { operand } => Expression::Not(Box::new(condition(operand, pipeline)?)),
        ExprKind::Binary { operator: Compare::Matches | Compare::Coalesce, .. } => return None,
        ExprKind::Binary { operator, left, right } => {
            condition(left, pipeline)?.then(comparison(*operator), condition(right, pipeline)?)
        }
        _ => return None,
    })
}

fn service(notifier: &Form) -> &'static str {
    if notifier.form == "slack" { "Slack" } else { "PagerDuty" }
}

fn run_id() -> FormatPart {
    FormatPart::Value(Expression::name("run_id"))
}

/// The connection of Airflow that holds the secret a notifier's argument refers to.
pub(in crate::emit::airflow) fn connection<'a>(notice: &'a Notice, argument: &str) -> Option<&'a str> {
    let secret = notice.notifier.arguments.get(argument)?.get("secret")?.as_str()?;
    let source = notice.secrets.values().find(|source| source.secret == secret)?;
    let id = source.home.arguments.values().find_map(Json::as_str);
    id.filter(|_| source.home.form == "airflow_connection")
}

fn told(
    notice: &Notice,
    dag: &str,
    summary: Vec<FormatPart>,
    severity: &str,
    version: Version,
) -> Option<Vec<Statement>> {
    let password = |argument: &str| {
        let id = connection(notice, argument)?;
        let get = if version.has_sdk() { "Connection.get" } else { "BaseHook.get_connection" };
        Some(Expression::name(get).call([Expression::text(id)]).dot("password"))
    };
    let entry = |key: &str, value: Expression| (Expression::text(key), value);
    let json_type = entry("Content-Type", Expression::text("application/json; charset=utf-8"));
    let summary_text = Expression::name("summary");
    let (url, body, headers) = match notice.notifier.form.as_str() {
        "pagerduty" => {
            let payload = Expression::Dict(vec![
                entry("summary", summary_text),
                entry("source", Expression::text(dag)),
                entry("severity", Expression::text(severity)),
            ]);
            let event = Expression::Dict(vec![
                entry("routing_key", password("routing_key")?),
                entry("event_action", Expression::text("trigger")),
                entry("payload", payload),
            ]);
            ("https://events.pagerduty.com/v2/enqueue", event, vec![json_type])
        }
        "slack" => {
            let channel = notice.notifier.arguments.get("channel").and_then(Json::as_str).unwrap_or_default();
            let token = password("token")?;
            let bearer = Expression::text("Bearer ").then(Operator::Add, token);
            let message =
                Expression::Dict(vec![entry("channel", Expression::text(channel)), entry("text", summary_text)]);
            ("https://slack.com/api/chat.postMessage", message, vec![json_type, entry("Authorization", bearer)])
        }
        _ => return None,
    };
    Some(post(url, summary, body, headers))
}

/// Sends JSON.
fn post(
    url: &str,
    summary: Vec<FormatPart>,
    body: Expression,
    headers: Vec<(Expression, Expression)>,
) -> Vec<Statement> {
    let assign = |target: &str, value| Statement::Assign { target: target.to_owned(), value };
    let data = Expression::name("json.dumps").call([Expression::name("body")]).dot("encode").call([]);
    let request = Expression::name("Request").call([Expression::text(url), data]);
    let request = request.with("headers", Expression::Dict(headers));
    let open = Expression::name("urlopen").call([Expression::name("request")]).with("timeout", Expression::int(30));
    vec![
        assign("run_id", Expression::name("context").key("run_id")),
        assign("summary", Expression::Format(summary)),
        assign("body", body),
        assign("request", request),
        Statement::With {
            context: open,
            name: Some("response".to_owned()),
            body: vec![Statement::Expression(Expression::name("response.read").call([]))],
        },
    ]
}
