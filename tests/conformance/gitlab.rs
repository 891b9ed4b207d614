//! What GitLab's schema and the strictest linters say of the pipelines.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mlp::emit::gitlab::GitLab;

use super::delivery::{check, emitted_as, is_delivered, linter, names, read_yaml};

/// Every plan, emitted into a folder of the test's own: tests run side by side.
fn for_each(test: &str, check: impl Fn(&Path)) {
    let emitted = |name: &str| emitted_as(&GitLab, name, &format!("{name}-{test}"));
    names().iter().filter(|name| is_delivered(name)).for_each(|name| check(&emitted(name)));
}

#[test]
fn every_linter_is_content() {
    for_each("linted", lint);
}

/// Every linter at its strictest level.
pub(super) fn lint(folder: &Path) {
    let file = folder.join(".gitlab-ci.yml");
    let schema = ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"];
    check(linter("check-jsonschema").args(schema).arg(&file));
    check(Command::new("git").args(["init", "--quiet"]).arg(folder));
    check(linter("gitlab-ci-verify").args(["--no-lint-api", "--gitlab-ci-file", ".gitlab-ci.yml"]).current_dir(folder));
}

/// The scripts of every job, as GitLab's runner puts them together, under every check of shellcheck.
#[test]
fn every_script_is_clean() {
    for_each("read", |folder| {
        for (number, script) in scripts(folder).iter().enumerate() {
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

fn scripts(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join(".gitlab-ci.yml")).expect("the pipeline can be read");
    let document = read_yaml(&text);
    let jobs = document.as_object().expect("a pipeline is an object").values();
    let scripts = jobs.filter_map(|job| job.get("script")?.as_array());
    scripts.map(|lines| lines.iter().filter_map(|line| line.as_str()).collect::<Vec<_>>().join("\n") + "\n").collect()
}
