//! Tests for `promtool`: the series of an orchestrator on which an alert fires, after a time in which it does not.

use super::model::{Alert, Expectation, Fired, Series, Test};
use super::source::Source;
use super::standard::Watched;
use crate::plan::{self, Environment};

/// A moment before anything is wrong, and the minutes for which there is none of a series.
const BEFORE: u64 = 10;

/// A run of two pods: one is done, one is not, as the metrics of the cluster show it from the first minute.
fn pods(source: &Source, minutes: u64) -> Vec<Series> {
    let steady = |value: u64| format!("{value}x{minutes}");
    let (namespace, names, labels) = match source {
        Source::Airflow { namespace, .. } => (namespace, ["load-1".to_owned(), "train-2".to_owned()], source.label()),
        Source::Kubeflow { namespace, name, .. } => {
            (namespace, ["load-1", "train-2"].map(|step| format!("{name}-a1b2c-{step}")), None)
        }
    };
    let mut found = Vec::new();
    for (pod, phase) in names.iter().zip(["Succeeded", "Running"]) {
        let mut series = |metric: &str, more: &str, value: u64| {
            let series = format!("{metric}{{namespace={},pod={}{more}}}", quoted(namespace), quoted(pod));
            found.push(Series { series, values: steady(value) });
        };
        series("kube_pod_created", "", 0);
        series("kube_pod_status_phase", &format!(",phase=\"{phase}\""), 1);
        if let Some(dag) = &labels {
            series("kube_pod_labels", &format!(",label_dag_id={},label_run_id=\"scheduled-1\"", quoted(dag)), 1);
        }
    }
    found
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// One more run has failed.
pub(super) fn failed(watched: &Watched, source: &Source, rule: &Alert) -> Option<Test> {
    let counted = match source {
        Source::Airflow { dag, .. } => format!("airflow_dagrun_duration_failed_count{{dag_id={}}}", quoted(dag)),
        Source::Kubeflow { namespace, name, .. } => {
            let workflow = quoted(&format!("{name} 2"));
            format!("resource_manager_workflow_runs_failed{{profile={},workflow={workflow}}}", quoted(namespace))
        }
    };
    let first = Series { series: counted, values: format!("_x{BEFORE} 1x30") };
    Some(test(watched, rule, vec![first], BEFORE - 1, BEFORE + 3, &[]))
}

/// A run goes on after its bound, in seconds.
pub(super) fn too_long(watched: &Watched, source: &Source, bound: u64, rule: &Alert) -> Option<Test> {
    let minutes = bound.div_ceil(60) + 2;
    let run = match source {
        Source::Airflow { .. } => "scheduled-1".to_owned(),
        Source::Kubeflow { name, .. } => format!("{name}-a1b2c"),
    };
    Some(test(watched, rule, pods(source, minutes + 5), (bound / 60).saturating_sub(1), minutes, &[("run", run)]))
}

/// No run has begun within the window, in seconds; the pods of the last one are long gone.
pub(super) fn missed(watched: &Watched, source: &Source, window: u64, rule: &Alert) -> Option<Test> {
    let minutes = window / 60 + 5;
    Some(test(watched, rule, pods(source, BEFORE), window / 60 - 1, minutes, &[]))
}

/// A container was killed.
pub(super) fn killed(watched: &Watched, source: &Source, rule: &Alert) -> Option<Test> {
    let mut series = pods(source, 30);
    let pod = match source {
        Source::Airflow { .. } => "train-2".to_owned(),
        Source::Kubeflow { name, .. } => format!("{name}-a1b2c-train-2"),
    };
    let labels = format!("namespace={},pod={},container=\"base\"", quoted(source.namespace()), quoted(&pod));
    let series_name = format!("kube_pod_container_status_terminated_reason{{{labels},reason=\"OOMKilled\"}}");
    series.push(Series { series: series_name, values: format!("_x{BEFORE} 1x20") });
    Some(test(watched, rule, series, BEFORE - 1, BEFORE + 3, &[]))
}

/// Of an alert on a duration; what else one may speak of is shown by the standard rules.
pub(super) fn of_alert(alert: &plan::Alert, rule: &Alert, watched: &[(Watched, Source)]) -> Option<Test> {
    use plan::{ExprKind, Operator};
    let ExprKind::Binary { operator: Operator::Greater | Operator::GreaterOrEqual, left, right } = &alert.when.kind
    else {
        return None;
    };
    let (ExprKind::Measure { of, name }, Some(bound)) = (&left.kind, right.as_literal()?.as_f64()) else { return None };
    let (watched, source) = watched.iter().find(|(watched, _)| watched.pipeline.name == *of)?;
    match name.as_str() {
        "duration" if bound >= 60.0 => too_long(watched, source, bound as u64, rule),
        _ => None,
    }
}

fn test(
    watched: &Watched,
    rule: &Alert,
    input_series: Vec<Series>,
    still: u64,
    fires: u64,
    more: &[(&str, String)],
) -> Test {
    let mut labels = rule.labels.clone();
    labels.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    let labels = labels.into_iter().map(|(name, text)| (name, shown(&text))).collect();
    let annotations = rule.annotations.iter().map(|(name, text)| (name.clone(), shown(text))).collect();
    let at = |minute: u64, exp_alerts| Expectation {
        eval_time: format!("{minute}m"),
        alertname: rule.alert.clone(),
        exp_alerts,
    };
    let Environment { name, .. } = watched.environment;
    Test {
        name: format!("{} of {} in {name}", rule.alert, watched.pipeline.name),
        interval: "1m",
        input_series,
        alert_rule_test: vec![
            at(still, Vec::new()),
            at(fires, vec![Fired { exp_labels: labels, exp_annotations: annotations }]),
        ],
    }
}

/// What a template's text comes out as.
fn shown(text: &str) -> String {
    text.replace("{{ \"{{\" }}", "{{")
}
