//! What goes wrong in the workflows of real repositories, said in the language: a diagnostic, or it comes out right.
//!
//! In: one small project, and a mistake put into it. Out: the diagnostic's slug, or the hosts' documents as PyYAML reads
//! them. It refuses to look at the text of a workflow: only at what it says.

use std::collections::BTreeSet;

use mlp::diagnostics::Severity;
use mlp::emit::Target;
use mlp::emit::github::GitHub;
use mlp::emit::gitlab::GitLab;
use serde_json::{Map, Value};

use super::read_yaml;
use crate::cli::mlp;
use crate::project::Project;

/// Checks, a build, and a way through staging to production.
const RIGHT: &str = include_str!("mistakes.mlp");

/// A line to leave as it is, where nothing is to be wrong.
const SAME: &str = "project example {";

/// What the compiler says of the project with one text in place of another: slugs, errors and warnings.
fn said(right: &str, wrong: &str) -> Vec<&'static str> {
    let found = project(right, wrong).check().diagnostics;
    found.iter().map(|one| one.code.slug()).collect()
}

fn project(right: &str, wrong: &str) -> Project {
    assert_eq!(RIGHT.matches(right).count(), 1, "`{right}` stands in the project once");
    let mut project = Project::default();
    project.add("main.mlp", &RIGHT.replace(right, wrong));
    project
}

/// The document of a host, where nothing is wrong.
fn document(target: &dyn Target, file: &str, right: &str, wrong: &str) -> Value {
    let checked = project(right, wrong).check();
    let errors: Vec<_> = checked.diagnostics.iter().filter(|one| one.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let (files, refused) = target.emit(&mlp::plan::lower(&checked.model, &indexmap::IndexMap::new()));
    assert!(refused.is_empty(), "{refused:#?}");
    read_yaml(&files.get(file).expect("the host's file is made").text)
}

fn github() -> Value {
    document(&GitHub, ".github/workflows/example.yml", SAME, SAME)
}

fn gitlab() -> Value {
    document(&GitLab, ".gitlab-ci.yml", SAME, SAME)
}

fn jobs(workflow: &Value) -> &Map<String, Value> {
    workflow["jobs"].as_object().expect("a workflow has jobs")
}

/// GitLab's jobs are the top keys with a script.
fn scripts(pipeline: &Value) -> impl Iterator<Item = (&String, &Value)> {
    pipeline.as_object().expect("a pipeline is an object").iter().filter(|(_, job)| job.get("script").is_some())
}

fn steps(job: &Value) -> impl Iterator<Item = &Value> {
    job["steps"].as_array().expect("a job has steps").iter()
}

fn all_steps(workflow: &Value) -> impl Iterator<Item = &Value> {
    jobs(workflow).values().flat_map(steps)
}

/// The jobs that a job needs.
fn needs(job: &Value) -> Vec<&str> {
    let needs = job.get("needs").and_then(Value::as_array).into_iter().flatten();
    needs.map(|need| need.as_str().or_else(|| need["job"].as_str()).expect("a need names a job")).collect()
}

/// Whether one job comes after another, however many lie between.
fn comes_after(jobs: &Map<String, Value>, job: &str, before: &str) -> bool {
    needs(&jobs[job]).into_iter().any(|need| need == before || comes_after(jobs, need, before))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[test]
fn the_project_itself_is_right() {
    assert_eq!(said(SAME, SAME), Vec::<&str>::new());
}

/// "0 of 216 actions pinned"
#[test]
fn every_action_is_pinned_to_a_commit() {
    let workflow = github();
    let used: BTreeSet<&str> = all_steps(&workflow).filter_map(|step| step.get("uses")).map(text).collect();
    assert!(used.len() >= 4, "{used:?}");
    for action in used {
        let commit = action.split_once('@').map(|(_, commit)| commit).unwrap_or_default();
        assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{action}");
    }
    for (name, job) in scripts(&gitlab()).filter(|(_, job)| job.get("image").is_some()) {
        assert!(text(&job["image"]).contains("@sha256:"), "{name}: {}", job["image"]);
    }
}

const PLAN: &str = "plan: enterprise }";
const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// A project may say another release, and nothing less exact than a commit.
#[test]
fn a_pin_of_the_projects_own_is_as_exact() {
    let with = |action: &str, version: &str, commit: &str| {
        format!("plan: enterprise, actions: {{ \"{action}\": {{ version: \"{version}\", commit: \"{commit}\" }} }} }}")
    };
    let workflow =
        document(&GitHub, ".github/workflows/example.yml", PLAN, &with("actions/checkout", "v9.1.0", COMMIT));
    let checkouts: Vec<&str> = all_steps(&workflow)
        .filter_map(|step| step.get("uses"))
        .map(text)
        .filter(|used| used.starts_with("actions/checkout@"))
        .collect();
    assert!(checkouts.len() > 2 && checkouts.iter().all(|used| used.ends_with(COMMIT)), "{checkouts:?}");
    assert_eq!(said(PLAN, &with("actions/checkout", "v9.1.0", "v9")), ["refinement_broken"]);
    assert_eq!(said(PLAN, &with("actions/checkout", "main", COMMIT)), ["refinement_broken"]);
    let wrong = project(PLAN, &with("actions/chekout", "v9.1.0", COMMIT)).check().diagnostics;
    assert_eq!(wrong[0].code.slug(), "unknown_action");
    assert!(wrong[0].help.as_deref() == Some("did you mean `actions/checkout`?"), "{wrong:#?}");
    let daemon = "plan: premium, docker: \"docker.io/library/docker:28-cli\" }";
    assert_eq!(said("plan: premium }", daemon), ["refinement_broken"]);
}

/// "no timeout"
#[test]
fn every_job_and_every_command_ends_by_itself() {
    let workflow = github();
    for (name, job) in jobs(&workflow) {
        assert!(job["timeout-minutes"].as_u64().is_some_and(|minutes| minutes > 0), "{name}");
    }
    let operations: Vec<&Value> = all_steps(&workflow).filter(|step| text(&step["run"]).contains("mlp ")).collect();
    assert!(operations.len() > 4, "{operations:#?}");
    for step in operations {
        assert!(step["timeout-minutes"].as_u64().is_some_and(|minutes| minutes > 0), "{step}");
    }
    let pipeline = gitlab();
    for (name, job) in scripts(&pipeline) {
        let timeout = job.get("timeout").or_else(|| pipeline["default"].get("timeout"));
        assert!(timeout.is_some_and(|timeout| text(timeout).ends_with("minutes")), "{name}");
    }
}

/// "no rollback"
#[test]
fn a_deployment_that_fails_is_taken_back() {
    let workflow = github();
    let back = |step: &&Value| text(&step["run"]).contains("mlp rollback");
    let rollback: Vec<&Value> = steps(&jobs(&workflow)["staging-to-production"]).filter(back).collect();
    assert_eq!(rollback.len(), 1);
    assert!(text(&rollback[0]["if"]).contains("!success()"), "{}", rollback[0]);
    let pipeline = gitlab();
    let script = pipeline["staging-to-production"]["script"].to_string();
    assert!(script.contains("trap") && script.contains("mlp rollback"), "{script}");
    assert_eq!(said("  on failure { rollback }\n", ""), ["policy_broken"]);
}

/// "no attestation"
#[test]
fn where_an_image_comes_from_is_attested() {
    let workflow = github();
    let build = &jobs(&workflow)["build"];
    let attested = steps(build).find(|step| text(&step["uses"]).starts_with("actions/attest-build-provenance@"));
    let digest = text(&attested.expect("there is a step that attests")["with"]["subject-digest"]);
    assert!(digest.contains("outputs.digest"), "{digest}");
    assert_eq!(build["permissions"]["attestations"], "write");
    assert!(gitlab()["build"]["script"].to_string().contains("--provenance"));
}

/// "`python-version: 3.10` read as 3.1"
#[test]
fn a_version_is_text_to_whoever_reads_it() {
    let workflow = github();
    let versions: Vec<&Value> =
        all_steps(&workflow).map(|step| &step["with"]["python-version"]).filter(|version| !version.is_null()).collect();
    assert!(!versions.is_empty() && versions.iter().all(|version| **version == "3.10"), "{versions:?}");
    assert_eq!(said("python_setup(\"3.10\",", "python_setup(3.10,"), ["type_mismatch"]);
}

/// "a job that needs a job which does not exist"
#[test]
fn every_job_that_is_needed_exists() {
    let workflow = github();
    let names = jobs(&workflow);
    assert!(names.values().all(|job| needs(job).into_iter().all(|need| names.contains_key(need))), "{names:#?}");
    let pipeline = gitlab();
    let wanted: BTreeSet<&str> = scripts(&pipeline).flat_map(|(_, job)| needs(job)).collect();
    assert!(!wanted.is_empty() && wanted.iter().all(|need| pipeline.get(need).is_some()), "{wanted:?}");
    assert_eq!(said("staging -> production {", "stagin -> production {"), ["unknown_name"]);
    assert_eq!(said("build: [toolbox]", "build: [tolbox]"), ["unknown_name"]);
}

/// "a secret read that nobody declared"
#[test]
fn only_declared_secrets_are_read() {
    let read: BTreeSet<String> = all_steps(&github())
        .filter_map(|step| step["env"].as_object())
        .flat_map(Map::values)
        .filter_map(|value| text(value).strip_prefix("${{ secrets.")?.strip_suffix(" }}").map(str::to_owned))
        .collect();
    assert!(read.contains("SLACK_TOKEN"), "{read:?}");
    let known = ["SLACK_TOKEN", "REGISTRY_USERNAME", "REGISTRY_PASSWORD"];
    assert!(read.iter().all(|name| known.contains(&name.as_str())), "{read:?}");
    assert_eq!(said("token: slack_token)", "token: slack_tokn)"), ["unknown_name"]);
    assert_eq!(said("  secret slack_token = host_secret(\"SLACK_TOKEN\")\n", ""), ["unbound_need"]);
}

/// "a string compared with a boolean"
#[test]
fn only_like_is_compared_with_like() {
    let gate = "require smoke.healthy == true";
    assert_eq!(said(gate, "require smoke.healthy == \"true\""), ["cannot_compare"]);
}

/// "staging and production applied at once"
#[test]
fn production_waits_for_staging() {
    let workflow = github();
    assert!(comes_after(jobs(&workflow), "staging-to-production", "ci-to-staging"));
    let pipeline = gitlab();
    let all = pipeline.as_object().expect("a pipeline is an object");
    assert!(comes_after(all, "staging-to-production", "ci-to-staging"));
    assert_eq!(said("staging -> production {", "ci -> production {"), ["not_measured"]);
    let groups = ["ci-to-staging", "staging-to-production"].map(|job| jobs(&workflow)[job]["concurrency"].to_string());
    assert_ne!(groups[0], groups[1]);
}

/// "a staging test that is `echo "No issues found."`"
#[test]
fn a_check_that_cannot_fail_is_told() {
    for idle in ["echo 'No issues found.'", "printf fine", "true", ":", "exit 0"] {
        let found = said("run: \"pytest verify/smoke\"", &format!("run: \"{idle}\""));
        assert_eq!(found, ["checks_nothing"], "{idle}");
        assert_eq!(said("run: \"ruff check .\"", &format!("run: \"{idle}\"")), ["checks_nothing"], "{idle}");
    }
    for works in ["echo started && pytest verify/smoke", "echo $(cat verify/fine)", "truer"] {
        assert_eq!(said("run: \"pytest verify/smoke\"", &format!("run: \"{works}\"")), Vec::<&str>::new(), "{works}");
    }
}

/// "an image tagged `latest`"
#[test]
fn an_image_is_tagged_with_its_commit_and_known_by_its_digest() {
    let workflow = github();
    let tags: Vec<&str> =
        all_steps(&workflow).map(|step| text(&step["with"]["tags"])).filter(|tags| !tags.is_empty()).collect();
    assert_eq!(tags, ["registry.example.org/example/toolbox:${{ github.sha }}"]);
    let outputs = jobs(&workflow)["build"]["outputs"].to_string();
    assert!(outputs.contains("outputs.digest"), "{outputs}");
    let pipeline = gitlab();
    let scripts: Vec<String> = scripts(&pipeline).map(|(_, job)| job["script"].to_string()).collect();
    assert!(scripts.iter().any(|script| script.contains("${VERSION}")), "{scripts:#?}");
    assert!(scripts.iter().all(|script| !script.contains(":latest")), "{scripts:#?}");
}

/// The same of an image from elsewhere: what is deployed must be known by its digest, whatever it is called.
#[test]
fn an_image_that_is_pulled_is_deployed_by_its_digest_alone() {
    let folder = tempfile::tempdir().expect("a folder for the project");
    let pulled = RIGHT.replace("image toolbox { context: \".\" }", "image toolbox { reference: \"python:latest\" }");
    std::fs::write(folder.path().join("main.mlp"), pulled.replace("  build: [toolbox]\n", "")).expect("a file");
    std::fs::write(folder.path().join("images.json"), "{}").expect("a file");
    let said = mlp(folder.path(), &["build", "--images", "images.json"]).ends(1).err;
    assert!(said.contains("`toolbox`") && said.contains("digest"), "{said}");
}

/// What a build pins stands in its lock, the project's own pins too.
#[test]
fn the_lock_records_what_is_pinned() {
    let folder = tempfile::tempdir().expect("a folder for the project");
    let own = format!(
        "plan: enterprise, actions: {{ \"actions/checkout\": {{ version: \"v9.1.0\", commit: \"{COMMIT}\" }} }} }}"
    );
    std::fs::write(folder.path().join("main.mlp"), RIGHT.replace(PLAN, &own)).expect("a file");
    mlp(folder.path(), &["build"]).ends(0);
    let lock = std::fs::read_to_string(folder.path().join("mlp.lock.json")).expect("a build writes its lock");
    let lock: Value = serde_json::from_str(&lock).expect("a lock is JSON");
    let pins = &lock["files"][".github/workflows/example.yml"]["pins"];
    assert_eq!(pins["actions/checkout@v9.1.0"], COMMIT);
    assert_eq!(pins.as_object().map(Map::len), Some(6), "{pins}");
    let images = lock["files"][".gitlab-ci.yml"]["pins"].as_object().expect("a pipeline pins images");
    assert!(images.values().all(|digest| text(digest).starts_with("sha256:")) && images.len() == 2, "{images:?}");
    assert!(lock["files"]["plan.json"].get("pins").is_none());
}
