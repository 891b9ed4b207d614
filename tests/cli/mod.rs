//! The command line, run as a person runs it: the built program on folders of its own.

mod build;
mod check;
mod diff;
mod fmt;
mod gate;
mod graph;
mod simulate;

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// How a run of the program ended.
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Fails unless the program ended so.
    pub(crate) fn ends(self, status: i32) -> Self {
        assert_eq!(self.status, status, "standard output:\n{}\nstandard error:\n{}", self.out, self.err);
        self
    }
}

/// Runs `mlp` in a folder.
pub(crate) fn mlp(folder: &Path, arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mlp"));
    let output = command
        .args(arguments)
        .current_dir(folder)
        .env_remove("CLICOLOR_FORCE")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program prints UTF-8");
    let ran = Ran { status: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) };
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
    ran
}

/// A folder with these files.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        write(folder.path(), path, text);
    }
    folder
}

/// Writes a file and the folders above it.
pub(crate) fn write(folder: &Path, path: &str, text: impl AsRef<[u8]>) {
    let place = folder.join(path);
    fs::create_dir_all(place.parent().expect("a file lies in a folder")).expect("a folder");
    fs::write(place, text).expect("a file");
}

/// The text of a file.
pub(crate) fn read(folder: &Path, path: &str) -> String {
    fs::read_to_string(folder.join(path)).unwrap_or_else(|why| panic!("{path}: {why}"))
}
