//! Prometheus' own promtool checks the rules, at its strictest, and runs the tests that are written beside them.

use std::fs;
use std::path::Path;
use std::process::Command;

use indexmap::IndexMap;
use mlp::diagnostics::{Diagnostic, Severity};
use mlp::emit::prometheus::Prometheus;
use mlp::emit::{Files, Target};
use saphyr::LoadableYamlNode;

use super::setup::{debian_command, run};
use crate::project::{Project, folders, repository};

const HOSTILE: &str =
    "quotes \" ' ` ${{ secrets.X }} $(touch x) {{ .Values }} {{ $labels.pod }} }} #{x} %{y} \\n \u{202e}rtl 🧬 : - *";

fn promtool() -> Command {
    debian_command(&["prometheus"], "promtool")
}

/// The files, and what Prometheus cannot do; what other targets cannot is not asked here.
fn emitted(project: &Project) -> (Files, Vec<String>) {
    let checked = project.check();
    let of_others = |found: &&Diagnostic| found.code.number().starts_with("MLP09");
    let errors = checked.diagnostics.iter().filter(|found| found.severity == Severity::Error && !of_others(found));
    let mut messages: Vec<String> = errors.map(|found| found.message.clone()).collect();
    messages.dedup();
    if !messages.is_empty() {
        return (Files::default(), messages);
    }
    let plan = mlp::plan::lower(&checked.model, &IndexMap::new());
    let (files, found) = Prometheus.emit(&plan);
    (files, found.into_iter().map(|found| found.message).collect())
}

/// Everything that is written, below a folder of its own.
fn written(files: &Files) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, file) in files.iter() {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &file.text).unwrap();
    }
    folder
}

fn checked(folder: &Path, rules: &str) -> Result<String, String> {
    run(promtool().args(["check", "rules", "--lint=all", "--lint-fatal", rules]).current_dir(folder))
}

fn tested(folder: &Path, tests: &str) -> Result<String, String> {
    run(promtool().args(["test", "rules", tests]).current_dir(folder))
}

/// How many files promtool has nothing to say of.
#[track_caller]
fn accepted(files: &Files) -> usize {
    let folder = written(files);
    let folder = folder.path().join("prometheus");
    for (path, file) in files.iter() {
        let name = path.strip_prefix("prometheus/").unwrap();
        let said = if name.ends_with(".rules.yml") { checked(&folder, name) } else { tested(&folder, name) };
        said.unwrap_or_else(|why| panic!("{why}\n{}", file.text));
    }
    files.iter().count()
}

fn with_both_orchestrators(alerts: &str, target: &str, owner: &str) -> Project {
    let mut project = Project::default();
    let source = format!(
        r#"import std.environment {{ airflow, bucket, kubeflow, airflow_connection, environment_variable }}
import std.notify {{ pagerduty, slack }}
import std.schedule {{ cron }}

project watched {{
  language: 1
  owners:   ["{owner}"]

  target kubeflow
  target airflow
  {target}
}}

image tools {{ reference: "registry.example.org/tools@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }}

secret pager

step score() -> (auc: int) {{
  run:   command("score", "--out", auc.path)
  image: tools
}}

pipeline training() -> (auc: int) {{
  found = score()
  return (auc: found)
}}

pipeline training_small() -> (auc: int) {{
  found = score()
  return (auc: found)
}}

environment test {{
  tier:            test
  orchestrator:    kubeflow(endpoint: "https://kfp.example.org", namespace: "one")
  artifacts:       bucket("gs://one")
  service_account: "trainer"
  pipelines:       [training, training_small]
  deadline:        2h
  limits:          {{ cpu: 4.5, memory: 16GiB, parallel_steps: 4 }}

  secret pager = environment_variable("PAGER_KEY")

  schedule training {{ every: cron("0 */3 * * *") }}
{alerts}
}}

environment production {{
  tier:            production
  orchestrator:    airflow(endpoint: "https://airflow.example.org", namespace: "two")
  artifacts:       bucket("gs://two")
  service_account: "trainer"
  pipelines:       [training, training_small]
  deadline:        90min

  secret pager = airflow_connection("pager")

  schedule training {{ every: cron("30 */4 * * *", timezone: "Europe/Berlin") }}
{alerts}
}}
"#
    );
    project.add("main.mlp", &source);
    project
}

fn alert(name: &str, when: &str) -> String {
    format!("  alert {name} {{ when: {when}, notify: pagerduty(routing_key: pager) }}\n")
}

#[test]
fn every_example_is_accepted() {
    let mut files = 0;
    for name in folders("examples") {
        let (found, problems) = emitted(&Project::read(&repository("examples").join(&name), &[]));
        assert_eq!(problems, Vec::<String>::new(), "{name}");
        files += accepted(&found);
    }
    assert!(files >= 8, "the examples are watched: {files} files");
}

#[test]
fn every_kind_of_alert_is_a_rule() {
    let conditions = [
        ("slow", "training.duration > 30min"),
        ("broken", "training.failures >= 2"),
        ("late", "training.missed"),
        ("busy", "training.cpu > 3.5 and training.memory > 8GiB"),
        ("either", "not (training.failures == 0 and training_small.failures < 1)"),
        ("between", "training.duration in 1h..=2h"),
        ("outside", "not (training.cpu in 0.5..2.0)"),
        ("together", "training.cpu + training_small.cpu * 2 > 4"),
        ("worse", "training.auc < 80"),
        ("drifted", "training.drift > 0.2 or training.missed"),
    ];
    let alerts: String = conditions.iter().map(|(name, when)| alert(name, when)).collect();
    let project = with_both_orchestrators(&alerts, "target prometheus { measures: \"mlp_measure\" }", "a@example.org");
    let (files, problems) = emitted(&project);
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(accepted(&files), 4);
    for environment in ["test", "production"] {
        let text = &files.get(&format!("prometheus/{environment}.rules.yml")).unwrap().text;
        let rules = saphyr::Yaml::load_from_str(text).unwrap();
        let rules = rules[0]["groups"].as_vec().unwrap().iter().flat_map(|group| group["rules"].as_vec().unwrap());
        let alerts: Vec<_> = rules.filter(|rule| rule.contains_mapping_key("alert")).collect();
        for (name, _) in conditions {
            assert!(alerts.iter().any(|rule| rule["alert"].as_str() == Some(name)), "{environment}: {name}: {text}");
        }
        for rule in &alerts {
            assert_eq!(rule["labels"]["owner"].as_str(), Some("a@example.org"));
            assert!(rule["labels"]["severity"].as_str().is_some_and(|one| ["warning", "critical"].contains(&one)));
            assert!(
                rule["annotations"]["summary"].as_str().is_some()
                    && rule["annotations"]["description"].as_str().is_some()
            );
        }
    }
}

/// The tests that are written show something: with another bound, another orchestrator's names or no rule, they fail.
#[test]
fn the_tests_beside_the_rules_can_fail() {
    let project = with_both_orchestrators(&alert("slow", "training.duration > 30min"), "target prometheus", "a");
    let (files, _) = emitted(&project);
    let broken = [
        ("test", "> 1800", "> 18000"),
        ("test", "training-[a-z0-9]{5}", "trained-[a-z0-9]{5}"),
        (
            "test",
            "mlp:runs:failed_15m{project=\"watched\",environment=\"test\",pipeline=\"training\"} > 0",
            "vector(1)",
        ),
        ("production", "airflow_dagrun_duration_failed_count", "airflow_dagrun_failed"),
        ("production", "label_dag_id=\"watched-production-training\"", "label_dag_id=\"x\""),
        ("production", "reason=\"OOMKilled\"", "reason=\"Error\""),
        ("production", "severity: critical", "severity: warning"),
    ];
    for (environment, from, to) in broken {
        let folder = written(&files);
        let folder = folder.path().join("prometheus");
        let rules = folder.join(format!("{environment}.rules.yml"));
        let text = fs::read_to_string(&rules).unwrap();
        assert!(text.contains(from), "{from}: {text}");
        fs::write(&rules, text.replace(from, to)).unwrap();
        assert!(tested(&folder, &format!("{environment}.test.yml")).is_err(), "`{to}` for `{from}` goes unseen");
    }
}

/// A run of `training_small` is none of `training`, whose name its name begins with.
#[test]
fn pipelines_are_told_apart() {
    let (files, _) = emitted(&with_both_orchestrators("", "target prometheus", "a"));
    let folder = written(&files);
    let folder = folder.path().join("prometheus");
    let tests = "rule_files: [test.rules.yml]\nevaluation_interval: 1m\ntests:\n- interval: 1m\n  input_series:\n  - series: \
                 resource_manager_workflow_runs_failed{profile=\"one\",workflow=\"training-small 3\"}\n    values: _x3 1x20\n  \
                 - series: kube_pod_created{namespace=\"one\",pod=\"training-small-a1b2c-score-1\"}\n    values: 0x20\n  \
                 promql_expr_test:\n  - expr: count by (pipeline) (mlp:pod:created_timestamp)\n    eval_time: 6m\n    exp_samples: \
                 [{labels: '{pipeline=\"training_small\"}', value: 1}]\n  - expr: sum by (pipeline) (mlp:runs:failed_15m)\n    \
                 eval_time: 6m\n    exp_samples: [{labels: '{pipeline=\"training\"}', value: 0}, {labels: \
                 '{pipeline=\"training_small\"}', value: 1}]\n";
    fs::write(folder.join("apart.yml"), tests).unwrap();
    tested(&folder, "apart.yml").unwrap_or_else(|why| panic!("{why}"));
}

/// Text with templates, quotes and the rest comes out of Prometheus' own template engine as it went in.
#[test]
fn hostile_text_passes_unchanged() {
    let text = HOSTILE.replace('\\', "\\\\").replace('"', "\\\"");
    let alerts = format!("\n  /// {HOSTILE}\n{}", alert("slow", "training.duration > 30min"));
    let (files, problems) = emitted(&with_both_orchestrators(&alerts, "target prometheus", &text));
    assert_eq!(problems, Vec::<String>::new());
    let tests = &files.get("prometheus/test.test.yml").unwrap().text;
    let tests = saphyr::Yaml::load_from_str(tests).unwrap();
    let fired = tests[0]["tests"].as_vec().unwrap().iter().flat_map(|test| test["alert_rule_test"].as_vec().unwrap());
    let fired: Vec<_> = fired.flat_map(|one| one["exp_alerts"].as_vec().unwrap()).collect();
    assert!(fired.iter().all(|one| one["exp_labels"]["owner"].as_str() == Some(HOSTILE)), "{fired:?}");
    assert!(fired.iter().any(|one| one["exp_annotations"]["description"].as_str() == Some(HOSTILE)), "{fired:?}");
    assert_eq!(accepted(&files), 4, "promtool renders the labels and annotations, and finds them as expected");
}

#[test]
fn what_no_metric_says_is_said_where_it_is_asked_for() {
    let refused = |when: &str, target: &str| emitted(&with_both_orchestrators(&alert("a", when), target, "a")).1;
    let watch = |when: &str| format!("Prometheus cannot watch `{when}` for the alert a");
    for when in ["training.auc < 80", "training.drift > 0.5", "training_small.missed", "not training.missed"] {
        assert!(
            refused(when, "target prometheus").contains(&watch(when)),
            "{when}: {:?}",
            refused(when, "target prometheus")
        );
    }
    assert_eq!(refused("training.failures > 0", "target prometheus"), Vec::<String>::new());
    let alone = with_both_orchestrators(&alert("a", "training.failures > 0"), "", "a").check();
    let alone: Vec<String> = alone.diagnostics.into_iter().map(|found| found.message).collect();
    assert!(alone.contains(&"Kubeflow watches nothing, so the alert a would never be raised".to_owned()), "{alone:?}");
    assert!(alone.iter().any(|said| said.starts_with("Airflow cannot watch")), "{alone:?}");
}
