//! Keys of a host's own: where they arrive, what may not be said by them, and that the linters still look.
//!
//! In: the project of the mistakes, with raw keys. Out: the hosts' documents, the linters' verdict, and diagnostics.
//! It refuses to know what a key means.

use std::path::Path;

use serde_json::json;

use super::read_yaml;
use crate::cli::{folder, mlp};
use crate::conformance::{github, gitlab};

const PROJECT: &str = include_str!("mistakes.mlp");
const IMAGE: &str = "docker.io/library/python@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// The project with raw keys of both hosts.
fn with(github: &str, gitlab: &str) -> tempfile::TempDir {
    let text = PROJECT
        .replace("plan: enterprise }", &format!("plan: enterprise, raw: {{ {github} }} }}"))
        .replace("plan: premium }", &format!("plan: premium, raw: {{ {gitlab} }} }}"));
    folder(&[("main.mlp", &text)])
}

fn read(folder: &Path, file: &str) -> serde_json::Value {
    read_yaml(&std::fs::read_to_string(folder.join(file)).expect("the file is made"))
}

#[test]
fn raw_keys_arrive_at_their_job_and_are_linted() {
    let container = format!("\"check-quality.container\": {{ image: \"{IMAGE}\" }}");
    let project = with(&container, "\"check-quality.tags\": [\"large\"], \"ci-to-staging.coverage\": \"/[0-9]+%/\"");
    let here = project.path();
    assert!(mlp(here, &["check"]).ends(0).out.ends_with("3 raw keys\n"));
    mlp(here, &["build"]).ends(0);
    let file = ".github/workflows/example.yml";
    let workflow = read(here, file);
    assert_eq!(workflow["jobs"]["check-quality"]["container"], json!({ "image": IMAGE }));
    assert!(workflow["jobs"]["build"].get("container").is_none());
    let pipeline = read(here, ".gitlab-ci.yml");
    assert_eq!(pipeline["check-quality"]["tags"], json!(["large"]));
    assert_eq!(pipeline["ci-to-staging"]["coverage"], "/[0-9]+%/");
    github::lint(&here.join(file));
    gitlab::lint(here, ".gitlab-ci.yml");
}

/// What a raw key says is as much the linters' business as what we write: a moving image is found.
#[test]
fn a_raw_key_hides_nothing_from_the_linters() {
    let project = with("\"check-quality.container\": { image: \"python:latest\" }", "");
    mlp(project.path(), &["build"]).ends(0);
    let mut zizmor = super::linter("zizmor");
    zizmor.args(["--offline", "--persona=auditor", "--no-progress", "--quiet"]);
    let said = zizmor.arg(project.path().join(".github/workflows/example.yml")).output().expect("zizmor starts");
    assert!(!said.status.success() && String::from_utf8_lossy(&said.stdout).contains("unpinned-images"), "{said:?}");
}

#[test]
fn a_raw_key_takes_no_gate_away() {
    let refused = [
        ("\"check-qualty.env\": {}", "", "there is no job `check-qualty` on GitHub", "did you mean `check-quality`?"),
        ("\"check-quality.if\": false", "", "has a `if` already", "where the project says it"),
        ("\"build.permissions\": \"write-all\"", "", "has a `permissions` already", "where the project says it"),
        ("\"check-quality.continue-on-error\": true", "", "`continue-on-error` cannot be added", "`container`"),
        ("\"build.servces\": {}", "", "`servces` cannot be added", "did you mean `services`?"),
        ("\"env\": {}", "", "names no job", "`\"build.services\"`"),
        ("\"build.env\": { A: \"${{ secrets.SLACK_TOKEN }}\" }", "", "could read a secret", "write the value itself"),
        ("\"build.env\": { A: \"${{ toJSON(github) }}\" }", "", "could read a secret", "write the value itself"),
        ("", "\"check-quality.allow_failure\": true", "`allow_failure` cannot be added to a job on GitLab", "`tags`"),
        ("", "\"build.services\": []", "has a `services` already", "where the project says it"),
        ("", "\"ci-to-staging.rules\": []", "has a `rules` already", "where the project says it"),
    ];
    for (github, gitlab, message, help) in refused {
        let project = with(github, gitlab);
        let said = mlp(project.path(), &["check"]).ends(1);
        let all = format!("{}{}", said.out, said.err);
        assert!(all.contains("MLP0913") && all.contains(message) && all.contains(help), "{github}{gitlab}:\n{all}");
        assert!(all.ends_with("1 raw key\n") || said.out.ends_with("1 raw key\n"), "{all}");
    }
}
