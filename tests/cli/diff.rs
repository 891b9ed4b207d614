//! `mlp diff` and `mlp init`.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{folder, mlp, read, write};
use crate::project::repository;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn tumour() -> tempfile::TempDir {
    let folder = folder(&[]);
    copy(&repository("examples/tumour"), folder.path());
    folder
}

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").args(identity).args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn two_environments_differ_in_meaning() {
    let project = tumour();
    let ran = mlp(project.path(), &["diff", "staging", "production"]).ends(1);
    let (weaker, rest) = ran.out.split_once("Wider access").unwrap();
    assert!(weaker.starts_with("Weaker gates\n") && weaker.contains("verify-security"), "{}", ran.out);
    let (wider, rest) = rest.split_once("Other changes").unwrap();
    assert!(wider.contains("marks: \"pii\" is new"), "{wider}");
    assert!(rest.contains("tier: \"staging\" → \"production\"") && rest.contains("count: 1 → 2"), "{rest}");
    assert_eq!(mlp(project.path(), &["diff", "test", "test"]).ends(0).out, "nothing changes\n");
    let json: Value =
        serde_json::from_str(&mlp(project.path(), &["diff", "staging", "production", "--json"]).ends(1).out).unwrap();
    assert_eq!(json["changes"][0]["effect"], "weakens");
    assert!(mlp(project.path(), &["diff", "staging", "prodution"]).ends(2).err.contains("did you mean `production`?"));
}

#[test]
fn two_revisions_differ_in_meaning() {
    let project = tumour();
    let here = project.path();
    git(here, &["init", "--quiet"]);
    git(here, &["add", "--all"]);
    git(here, &["commit", "--quiet", "--message", "first"]);
    assert_eq!(mlp(here, &["diff", "HEAD"]).ends(0).out, "nothing changes\n");
    let steps = read(here, "steps.mlp");
    write(here, "steps.mlp", format!("// A comment means nothing.\n{steps}"));
    mlp(here, &["diff", "HEAD"]).ends(0);
    let delivery = read(here, "delivery.mlp").replace("    require benchmark.p95 <= diagnosis.max_latency\n", "");
    write(here, "delivery.mlp", delivery);
    write(here, "steps.mlp", steps.replace("timeout: 30min", "timeout: 45min"));
    let ran = mlp(here, &["diff", "HEAD"]).ends(1);
    assert!(ran.out.starts_with("Weaker gates\n"), "{}", ran.out);
    assert!(ran.out.contains("training: test -> staging") && ran.out.contains("timeout: 30min → 45min"), "{}", ran.out);
    git(here, &["commit", "--quiet", "--all", "--message", "second"]);
    assert_eq!(mlp(here, &["diff", "HEAD~1", "HEAD"]).ends(1).out, ran.out);
    mlp(here, &["diff", "HEAD~1", "nowhere"]).ends(2);
}

/// A gate inside a pipeline is a gate: one that is gone or asks for less is said first.
#[test]
fn a_weaker_gate_inside_a_run_is_said_first() {
    let project = tumour();
    let here = project.path();
    let pipelines = read(here, "pipelines.mlp");
    let gated = |gate: &str| {
        let before = "  if report.auc >= required_auc {";
        assert!(pipelines.contains(before));
        write(here, "pipelines.mlp", pipelines.replace(before, &format!("{gate}\n{before}")));
    };
    gated("  require report.auc >= 0.9 and report.auc <= 1.0");
    git(here, &["init", "--quiet"]);
    git(here, &["add", "--all"]);
    git(here, &["commit", "--quiet", "--message", "first"]);
    let said = |gate: &str| {
        gated(gate);
        mlp(here, &["diff", "HEAD"]).ends(1).out
    };
    for weaker in ["  require report.auc >= 0.8 and report.auc <= 1.0", "  require report.auc >= 0.9", ""] {
        let said = said(weaker);
        assert!(said.starts_with("Weaker gates\n") && said.contains("require"), "{weaker}: {said}");
    }
    let stronger = said("  require report.auc >= 0.91 and report.auc <= 1.0");
    assert!(!stronger.contains("Weaker gates"), "{stronger}");
}

#[test]
fn a_new_project_is_fine_and_builds() {
    let folder = folder(&[]);
    let here = folder.path();
    mlp(here, &["init", "My Churn-model"]).ends(0);
    assert!(read(here, "My Churn-model/main.mlp").contains("project my_churn_model {"));
    mlp(here, &["check", "My Churn-model", "--deny", "warnings"]).ends(0);
    mlp(here, &["fmt", "--check", "My Churn-model"]).ends(0);
    mlp(here, &["build", "My Churn-model"]).ends(0);
    assert!(here.join("My Churn-model/kubeflow/production/summary.yaml").exists());
    let before = read(here, "My Churn-model/main.mlp");
    assert!(mlp(here, &["init", "My Churn-model"]).ends(1).err.contains("MLP1004"));
    assert_eq!(read(here, "My Churn-model/main.mlp"), before);
    for odd in ["2nd", "true", "_"] {
        mlp(here, &["init", odd]).ends(0);
        mlp(here, &["check", odd]).ends(0);
    }
}
