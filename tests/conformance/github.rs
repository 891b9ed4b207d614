//! What GitHub's own parser and the strictest linters say of the workflows.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mlp::emit::github::GitHub;

use super::delivery::{PLANS, emitted};
use super::setup;

/// The workflow of a plan, emitted.
fn workflow(name: &str) -> PathBuf {
    let folder = emitted(&GitHub, name).join(".github/workflows");
    let mut files = fs::read_dir(folder).expect("there is a folder of workflows");
    files.next().expect("there is a workflow").expect("it can be listed").path()
}

fn check(command: &mut Command) {
    setup::run(command).unwrap_or_else(|why| panic!("{why}"));
}

fn linter(name: &str) -> Command {
    let program = setup::program("linters", name);
    let folder = program.parent().expect("a program is in a folder").to_owned();
    let mut command = Command::new(program);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder).chain(std::env::split_paths(&path));
    command.env("PATH", std::env::join_paths(folders).expect("a path has no separator in it"));
    command
}

fn for_each(check: impl Fn(&Path)) {
    PLANS.iter().for_each(|(name, _)| check(&workflow(name)));
}

#[test]
fn every_linter_is_content() {
    for_each(|file| {
        check(linter("zizmor").args(["--offline", "--persona=auditor", "--no-progress", "--quiet"]).arg(file));
        check(linter("actionlint").arg(file));
        check(linter("check-jsonschema").args(["--builtin-schema", "vendor.github-workflows"]).arg(file));
        check(linter("jactionlint").args(["--profile", "pedantic", "--strict-exit"]).arg(without_header(file)));
    });
}

/// jactionlint looks away from files that say that they are generated.
fn without_header(file: &Path) -> PathBuf {
    let text = fs::read_to_string(file).expect("a workflow can be read");
    let bare = file.with_file_name("bare.yml");
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    fs::write(&bare, lines.join("\n") + "\n").expect("a file can be written below target");
    bare
}
