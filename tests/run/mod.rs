//! Pipelines run on this machine, by the built program as a person runs it.

mod data;
mod ends;
mod engines;
mod expected;
mod query;
mod ray;
mod spark;
mod tests;
mod tools;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::cli::{Ran, folder};

/// `mlp` in a folder, with the Python that has what the examples need where `python` says so.
fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mlp"));
    command.args(arguments).current_dir(folder).env_remove("CLICOLOR_FORCE");
    command
}

fn ran(command: &mut Command) -> Ran {
    let output = command.output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program prints UTF-8");
    let ran = Ran { status: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) };
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
    ran
}

/// What a run came to, and its exit status.
fn told(command: &mut Command) -> (Value, Ran) {
    let ran = ran(command.args(["--format", "json"]));
    let told = serde_json::from_str(&ran.out).unwrap_or_else(|why| panic!("{why}: {}\n{}", ran.out, ran.err));
    (told, ran)
}

/// A project whose one pipeline `p` is this body, with these steps, on this machine.
fn project(steps: &str, pipeline: &str, files: &[(&str, &str)]) -> TempDir {
    let main = format!(
        "import std.environment {{ processes, folder }}\n\nproject small {{ language: 1 }}\n\n{steps}\n\n{pipeline}\n\n\
         environment here {{\n  tier: development\n  orchestrator: processes\n  artifacts: folder(\"store\")\n  \
         effects: allow\n  pipelines: [p]\n}}\n"
    );
    let mut all = vec![("main.mlp", main.as_str())];
    all.extend_from_slice(files);
    folder(&all)
}

/// A folder below the tests' own.
fn below(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}
