//! What GitLab's schema and the strictest linters say of the pipelines.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mlp::emit::gitlab::GitLab;

use super::delivery::{check, emitted_as, is_delivered, linter, names, pipeline_file, plan, read_yaml};

/// Every plan, emitted into a folder of the test's own: tests run side by side.
fn for_each(test: &str, check: impl Fn(&Path, &str)) {
    let emitted = |name: &str| emitted_as(&GitLab, name, &format!("{name}-{test}"));
    let delivered = names().into_iter().filter(|name| is_delivered(name));
    delivered.for_each(|name| check(&emitted(&name), &pipeline_file(&plan(&name))));
}

#[test]
fn every_linter_is_content() {
    for_each("linted", |folder, file| {
        lint(folder, file);
        if let Some(before) = file.strip_suffix(".gitlab-ci.yml").filter(|before| !before.is_empty()) {
            // The repository's own pipeline takes what starts each project's.
            let start = format!("{before}.trigger.yml");
            let root = folder.join(".gitlab-ci.yml");
            fs::write(root, format!("include:\n- local: {start}\n")).expect("a file can be written below target");
            lint(folder, &start);
            lint(folder, ".gitlab-ci.yml");
        }
    });
}

/// Every linter at its strictest level.
pub(super) fn lint(folder: &Path, file: &str) {
    let schema = ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"];
    check(linter("check-jsonschema").args(schema).arg(folder.join(file)));
    check(Command::new("git").args(["init", "--quiet"]).arg(folder));
    check(linter("gitlab-ci-verify").args(["--no-lint-api", "--gitlab-ci-file", file]).current_dir(folder));
}

/// The scripts of every job, as GitLab's runner puts them together, under every check of shellcheck.
#[test]
fn every_script_is_clean() {
    for_each("read", |folder, file| {
        for (number, script) in scripts(&folder.join(file)).iter().enumerate() {
            let file: PathBuf = folder.join(format!("script-{number}.sh"));
            fs::write(&file, script).expect("a file can be written below target");
            // What GitLab sets (SC2154), an output whose failure does not matter (SC2312), what plain shells lack (SC2292).
            check(
                linter("shellcheck")
                    .args(["--shell=bash", "--enable=all", "--exclude=SC2154,SC2312,SC2292"])
                    .arg(&file),
            );
        }
    });
}

/// A job that waits for one that is not in the pipeline is refused, and the pipeline with it.
#[test]
fn whatever_a_job_waits_for_is_there_when_it_is() {
    for_each("needs", |folder, file| {
        let text = fs::read_to_string(folder.join(file)).expect("the pipeline can be read");
        let document = read_yaml(&text);
        let conditions = |job: &serde_json::Value| -> Vec<String> {
            let rules = job["rules"].as_array().into_iter().flatten();
            rules.map(|rule| rule["if"].as_str().unwrap_or_default().to_owned()).collect()
        };
        for (name, job) in document.as_object().expect("a pipeline is an object") {
            for needed in job["needs"].as_array().into_iter().flatten().filter_map(|one| one.as_str()) {
                let there = conditions(&document[needed]);
                let mine = conditions(job);
                let always = there.is_empty() || there.iter().any(String::is_empty);
                let covered = !mine.is_empty() && mine.iter().all(|one| there.contains(one));
                assert!(always || covered, "{file}: {name} waits for {needed}: {mine:?}, {there:?}");
            }
        }
    });
}

fn scripts(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).expect("the pipeline can be read");
    let document = read_yaml(&text);
    let jobs = document.as_object().expect("a pipeline is an object").values();
    let scripts = jobs.filter_map(|job| job.get("script")?.as_array());
    scripts.map(|lines| lines.iter().filter_map(|line| line.as_str()).collect::<Vec<_>>().join("\n") + "\n").collect()
}
