//! Plans that the hosts' emitters are tried with, and where their files are put for the real linters.

mod limits;
mod mistakes;
mod raw;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use mlp::diagnostics::Severity;
use mlp::emit::Target;
use mlp::plan::Plan;

use super::setup;
use crate::project::{Project, folders, repository};

/// A project of four environments, one of one, one of six with every kind of wait and hostile text, and one to break.
pub(crate) const PLANS: &[(&str, &str)] = &[
    ("tumour", include_str!("tumour.plan.json")),
    ("one", include_str!("one.plan.json")),
    ("six", include_str!("six.plan.json")),
    ("short", include_str!("short.plan.json")),
];

/// Every plan that is tried: those beside, two of them one of several in their repository, secrets of every home, and every example's.
pub(crate) fn names() -> Vec<String> {
    let examples = folders("examples").into_iter().map(|name| format!("examples/{name}"));
    let others = ["one@churn", "six@teams/risk", "tests/conformance/delivery/secrets"].map(str::to_owned);
    PLANS.iter().map(|(name, _)| (*name).to_owned()).chain(others).chain(examples).collect()
}

/// The plan of that name; `NAME@FOLDER` is the same in that folder of its repository.
pub(crate) fn plan(name: &str) -> Plan {
    if let Some((name, folder)) = name.split_once('@') {
        let mut plan = plan(name);
        plan.project.folder = Some(folder.to_owned());
        return plan;
    }
    if let Some((_, json)) = PLANS.iter().find(|(known, _)| *known == name) {
        return serde_json::from_str(json).expect("a plan reads back from its JSON form");
    }
    let checked = Project::read(&repository(name), &[]).check();
    let refused: Vec<_> = checked.diagnostics.iter().filter(|one| one.severity == Severity::Error).collect();
    assert!(refused.is_empty(), "{name}: {refused:#?}");
    mlp::plan::lower(&checked.model, &indexmap::IndexMap::new())
}

/// Emits a plan for a host into a folder of its own; nothing may be refused.
pub(crate) fn emitted(target: &dyn Target, name: &str) -> PathBuf {
    emitted_as(target, name, name)
}

/// The same, into a folder of that name.
pub(crate) fn emitted_as(target: &dyn Target, name: &str, folder: &str) -> PathBuf {
    let plan = plan(name);
    let (files, diagnostics) = target.emit(&plan);
    assert!(diagnostics.is_empty(), "{name}: {diagnostics:#?}");
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("delivery").join(target.name()).join(folder.replace('/', "-"));
    let _ = fs::remove_dir_all(&folder);
    if let Some(own) = &plan.project.folder {
        // Linters look whether there is what a pattern of paths speaks of.
        fs::create_dir_all(folder.join(own)).expect("a folder can be made below target");
        fs::write(folder.join(own).join("main.mlp"), "").expect("a file can be written below target");
        check(Command::new("git").args(["init", "--quiet", "--initial-branch", "main"]).arg(&folder));
    }
    for (path, file) in files.iter() {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made below target");
        fs::write(&path, &file.text).expect("a file can be written below target");
        if file.executable {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a file can be made a program");
        }
    }
    folder
}

/// The file of a pipeline of GitLab's, below the repository's root.
pub(crate) fn pipeline_file(plan: &Plan) -> String {
    let file = || format!(".gitlab/mlp/{}.gitlab-ci.yml", plan.project.name);
    plan.project.folder.as_ref().map_or(".gitlab-ci.yml".to_owned(), |_| file())
}

/// A linter that finds the others.
pub(crate) fn linter(name: &str) -> Command {
    let program = setup::program("linters", name);
    let folder = program.parent().expect("a program is in a folder").to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder).chain(std::env::split_paths(&path));
    let mut command = Command::new(program);
    command.env("PATH", std::env::join_paths(folders).expect("a path has no separator in it"));
    command
}

/// Fails with whatever a program has to say.
pub(crate) fn check(command: &mut Command) {
    setup::run(command).unwrap_or_else(|why| panic!("{why}"));
}

/// Whether there is anything for a host to do.
pub(crate) fn is_delivered(name: &str) -> bool {
    let plan = plan(name);
    plan.delivery.ci.is_some() || !plan.delivery.promotions.is_empty()
}

/// What PyYAML reads.
pub(crate) fn read_yaml(text: &str) -> serde_json::Value {
    let read = "import json, sys, yaml\njson.dump(yaml.safe_load(sys.stdin), sys.stdout)";
    let mut python = Command::new(setup::python("linters"));
    python.args(["-c", read]).stdin(Stdio::piped()).stdout(Stdio::piped()).env("PYTHONUTF8", "1");
    let mut child = python.spawn().expect("Python starts");
    child.stdin.take().expect("it reads").write_all(text.as_bytes()).expect("it takes the text");
    let output = child.wait_with_output().expect("Python ends");
    serde_json::from_slice(&output.stdout).expect("PyYAML read a document")
}
