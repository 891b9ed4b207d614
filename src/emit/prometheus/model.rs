//! Prometheus' documents: a file of rules, and one of `promtool`'s tests.

use indexmap::IndexMap;
use serde::Serialize;

/// What is written for an environment.
pub(super) struct Document {
    pub(super) rules: Rules,
    pub(super) tests: Tests,
}

/// `*.rules.yml`
#[derive(Serialize)]
pub(super) struct Rules {
    pub(super) groups: Vec<Group>,
}

/// Rules that are evaluated one after another.
#[derive(Serialize)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) rules: Vec<Rule>,
}

/// A rule.
#[derive(Clone, Serialize)]
#[serde(untagged)]
pub(super) enum Rule {
    Record(Record),
    Alert(Alert),
}

/// Keeps what an expression gives under a name.
#[derive(Clone, Serialize)]
pub(super) struct Record {
    pub(super) record: String,
    pub(super) expr: String,
    pub(super) labels: Texts,
}

/// Fires where an expression gives anything.
#[derive(Clone, Serialize)]
pub(super) struct Alert {
    pub(super) alert: String,
    pub(super) expr: String,
    #[serde(rename = "for", skip_serializing_if = "Option::is_none")]
    pub(super) lasting: Option<String>,
    pub(super) labels: Texts,
    pub(super) annotations: Texts,
}

/// `*.test.yml`
#[derive(Serialize)]
pub(super) struct Tests {
    pub(super) rule_files: Vec<String>,
    pub(super) evaluation_interval: &'static str,
    pub(super) tests: Vec<Test>,
}

/// Series, and which alerts fire on them when.
#[derive(Serialize)]
pub(super) struct Test {
    pub(super) name: String,
    pub(super) interval: &'static str,
    pub(super) input_series: Vec<Series>,
    pub(super) alert_rule_test: Vec<Expectation>,
}

/// A series: one value a minute.
#[derive(Clone, Serialize)]
pub(super) struct Series {
    pub(super) series: String,
    pub(super) values: String,
}

/// What an alert does at a moment.
#[derive(Serialize)]
pub(super) struct Expectation {
    pub(super) eval_time: String,
    pub(super) alertname: String,
    pub(super) exp_alerts: Vec<Fired>,
}

/// An alert that fires.
#[derive(Serialize)]
pub(super) struct Fired {
    pub(super) exp_labels: Texts,
    pub(super) exp_annotations: Texts,
}

/// Labels, annotations.
pub(super) type Texts = IndexMap<String, String>;
