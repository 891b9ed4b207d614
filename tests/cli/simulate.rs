//! `mlp simulate` on the examples.

use serde_json::Value;
use snapbox::str;

use super::{Ran, folder, mlp};
use crate::project::repository;

fn simulated(arguments: &[&str]) -> Ran {
    let here = folder(&[]);
    let tumour = repository("examples/tumour").display().to_string();
    mlp(here.path(), &[&["simulate"], arguments, &["--project", &tumour]].concat())
}

#[test]
fn a_failure_after_the_deployment_rolls_back_and_is_told() {
    let ran = simulated(&["staging", "production", "--fail", "run-training"]).ends(0);
    assert_eq!(ran.err, "");
    snapbox::assert_data_eq!(
        ran.out,
        str![[r#"
staging -> production: failed
  done         require                  Require training.auc >= required_auc and benchmark.error_rate < 1%
  done         start                    Start the delivery to production by hand
  done         approve-clinical_safety  Wait for 2 approvals of clinical_safety
  done         preflight                Check infrastructure, model and data of production
  done         live-version             Record the version that is live in production
  done         deploy                   Deploy to production
  failed       run-training             Run training in production
  skipped      verify-smoke             Verify smoke in production
  skipped      traffic-diagnosis-5      Send 5% of the traffic of diagnosis to the new version
  skipped      watch-diagnosis          Watch diagnosis: benchmark.error_rate < 2%
  skipped      traffic-diagnosis-25     Send 25% of the traffic of diagnosis to the new version
  skipped      watch-diagnosis-2        Watch diagnosis: benchmark.error_rate < 2%
  skipped      traffic-diagnosis-100    Send 100% of the traffic of diagnosis to the new version
  skipped      watch-diagnosis-3        Watch diagnosis: benchmark.error_rate < 2%
  skipped      notify                   Tell slack
  rolled back  rollback                 Roll production back to the version that was live
  notified     tell-1                   Tell of the failure by slack

"#]]
    );
}

#[test]
fn what_is_refused_before_the_deployment_touches_nothing() {
    snapbox::assert_data_eq!(
        simulated(&["staging", "production", "--refuse", "approve-clinical_safety"]).ends(0).out,
        str![[r#"
staging -> production: held
  done     require                  Require training.auc >= required_auc and benchmark.error_rate < 1%
  done     start                    Start the delivery to production by hand
  refused  approve-clinical_safety  Wait for 2 approvals of clinical_safety
  skipped  preflight                Check infrastructure, model and data of production
  skipped  live-version             Record the version that is live in production
  skipped  deploy                   Deploy to production
  skipped  run-training             Run training in production
  skipped  verify-smoke             Verify smoke in production
  skipped  traffic-diagnosis-5      Send 5% of the traffic of diagnosis to the new version
  skipped  watch-diagnosis          Watch diagnosis: benchmark.error_rate < 2%
  skipped  traffic-diagnosis-25     Send 25% of the traffic of diagnosis to the new version
  skipped  watch-diagnosis-2        Watch diagnosis: benchmark.error_rate < 2%
  skipped  traffic-diagnosis-100    Send 100% of the traffic of diagnosis to the new version
  skipped  watch-diagnosis-3        Watch diagnosis: benchmark.error_rate < 2%
  skipped  notify                   Tell slack

"#]]
    );
}

#[test]
fn a_check_that_fails_stops_everything() {
    let ran = simulated(&["--fail", "check-unit"]).ends(0);
    assert!(ran.out.starts_with("ci: failed\n"), "{}", ran.out);
    assert!(ran.out.contains("  failed    check-unit"), "{}", ran.out);
    assert!(ran.out.contains("  notified  tell-1"), "{}", ran.out);
    assert_eq!(ran.out.matches(": skipped\n").count(), 3, "{}", ran.out);
}

#[test]
fn machines_get_json_that_fits_its_schema() {
    let ran = simulated(&["--timeout", "test-to-staging/deploy", "--format", "json"]).ends(0);
    let simulation: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&simulation["schema"], &simulation["end"]), (&mlp::simulate::SCHEMA.into(), &"failed".into()));
    let ends = |stage: &Value| (stage["id"].clone(), stage["end"].clone());
    let stages: Vec<_> = simulation["stages"].as_array().unwrap().iter().map(ends).collect();
    let wanted =
        [("ci", "done"), ("ci-to-test", "done"), ("test-to-staging", "failed"), ("staging-to-production", "skipped")];
    assert_eq!(stages, wanted.map(|(id, end)| (id.into(), end.into())));
    let steps = simulation["stages"][2]["steps"].as_array().unwrap();
    let deploy = steps.iter().find(|step| step["id"] == "deploy").unwrap();
    assert_eq!((&deploy["end"], &deploy["command"][1]), (&"timed_out".into(), &"deploy".into()));
    let here = folder(&[]);
    let schema: Value = serde_json::from_str(&mlp(here.path(), &["simulate", "--schema"]).ends(0).out).unwrap();
    let named = |names: &Value| names.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(named(&simulation), named(&schema["properties"]));
    assert_eq!(named(deploy), named(&schema["$defs"]["Step"]["properties"]));
}

#[test]
fn it_is_drawn_on_the_promotions() {
    let arguments = ["--fail", "staging-to-production/deploy", "--as"];
    let drawn = |form: &str| simulated(&[&arguments[..], &[form]].concat()).ends(0).out;
    let mermaid = drawn("mermaid");
    assert!(mermaid.starts_with("flowchart LR\n"), "{mermaid}");
    for said in ["failed: Deploy to production", "rolled back: ", "notified: ", "skipped: Run training in production"] {
        assert!(mermaid.contains(said), "{said}\n{mermaid}");
    }
    assert!(drawn("svg").contains("failed: Deploy to production"));
    assert!(drawn("html").contains("failed: Deploy to production"));
}

#[test]
fn what_is_asked_wrongly_is_said() {
    let said = |arguments: &[&str]| simulated(arguments).ends(2).err;
    let several = said(&["--fail", "deploy"]);
    assert!(several.contains("`ci-to-test/deploy`, `test-to-staging/deploy`"), "{several}");
    assert!(said(&["--fail", "chek-unit"]).contains("did you mean `check-unit`?"));
    assert!(said(&["test", "production"]).contains("no promotion leads from `test` to `production`"));
    assert!(said(&["test"]).contains("<TO>"));
    assert!(said(&["staging", "production", "--fail", "start"]).contains("say `--refuse`"));
    assert!(said(&["staging", "production", "--refuse", "deploy"]).contains("say `--fail`"));
}
