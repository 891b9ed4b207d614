//! What GitHub's own parser and the strictest linters say of the workflows.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mlp::emit::github::GitHub;

use super::delivery::{check, emitted, emitted_as, is_delivered, linter, names};
use super::setup;

/// The workflow of a plan, emitted into a folder of the test's own: tests run side by side.
fn workflow(name: &str, test: &str) -> PathBuf {
    let folder = emitted_as(&GitHub, name, &format!("{name}-{test}")).join(".github/workflows");
    let mut files = fs::read_dir(folder).expect("there is a folder of workflows");
    files.next().expect("there is a workflow").expect("it can be listed").path()
}

fn for_each(test: &str, check: impl Fn(&Path)) {
    names().iter().filter(|name| is_delivered(name)).for_each(|name| check(&workflow(name, test)));
}

#[test]
fn every_linter_is_content() {
    for_each("linted", lint);
}

/// Every linter at its strictest level.
pub(super) fn lint(file: &Path) {
    check(linter("zizmor").args(["--offline", "--persona=auditor", "--no-progress", "--quiet"]).arg(file));
    check(linter("actionlint").arg(file));
    check(linter("check-jsonschema").args(["--builtin-schema", "vendor.github-workflows"]).arg(file));
    check(linter("jactionlint").args(["--profile", "pedantic", "--strict-exit"]).arg(without_header(file)));
}

/// jactionlint looks away from files that say that they are generated.
fn without_header(file: &Path) -> PathBuf {
    let text = fs::read_to_string(file).expect("a workflow can be read");
    let bare = file.with_file_name("bare.yml");
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    fs::write(&bare, lines.join("\n") + "\n").expect("a file can be written below target");
    bare
}

#[test]
fn the_hosts_own_parser_is_content() {
    let modules = setup::node_modules();
    let source = modules.with_file_name("workflow-parser.mjs");
    let bundle = modules.with_file_name("workflow-parser.bundle.mjs");
    fs::write(&source, include_str!("delivery/workflow-parser.mjs")).expect("a file can be written below target");
    let require = "import { createRequire } from 'module'; const require = createRequire(import.meta.url);";
    check(
        Command::new(setup::node_tool("esbuild"))
            .arg(&source)
            .args(["--bundle", "--platform=node", "--format=esm", "--log-level=error"])
            .arg(format!("--banner:js={require}"))
            .arg(format!("--outfile={}", bundle.display())),
    );
    for_each("parsed", |file| check(Command::new("node").arg(&bundle).arg(file)));
    let wrong = workflow("one", "wrong").with_file_name("wrong.yml");
    fs::write(&wrong, "on: push\njobs: {a: {needs: [b], runs-on: x, steps: []}}\n").expect("a file can be written");
    setup::run(Command::new("node").arg(&bundle).arg(&wrong)).expect_err("a job that needs a missing one is refused");
}

#[test]
fn the_scripts_beside_are_clean() {
    let folder = emitted(&GitHub, "tumour").join(".github/mlp");
    for script in ["tumour-apply-protection.sh", "tumour-check-protection.sh"] {
        check(linter("shellcheck").args(["--enable=all", "--exclude=SC2312,SC2154"]).arg(folder.join(script)));
    }
}
