//! A project in memory: files by path, and what the compiler says of them.
//!
//! In: files from a folder or from a page's blocks. Out: diagnostics and generated files.
//! It refuses to touch the disk once the files are read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use mlp::compile::{Checked, Texts};

/// Files by path below the project's folder.
#[derive(Clone, Debug, Default)]
pub(crate) struct Project {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

impl Project {
    /// What lies in a folder of the repository; `skipped` are names directly in it.
    pub(crate) fn read(folder: &Path, skipped: &[&str]) -> Self {
        let mut project = Self::default();
        project.collect(folder, "", skipped);
        project
    }

    fn collect(&mut self, folder: &Path, below: &str, skipped: &[&str]) {
        for entry in fs::read_dir(folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display())) {
            let entry = entry.expect("an entry of a folder");
            let name = entry.file_name().to_string_lossy().into_owned();
            if skipped.contains(&name.as_str()) {
                continue;
            }
            let path = format!("{below}{name}");
            if entry.path().is_dir() {
                self.collect(&entry.path(), &format!("{path}/"), &[]);
            } else {
                self.files.insert(path, fs::read(entry.path()).expect("a file of the project"));
            }
        }
    }

    /// Adds a file.
    pub(crate) fn add(&mut self, path: &str, text: &str) {
        self.files.insert(path.to_owned(), text.into());
    }

    /// Everything that the compiler finds.
    pub(crate) fn check(&self) -> Checked {
        let mut texts = Texts::default();
        for (path, bytes) in self.files.iter().filter(|(path, _)| path.ends_with(".mlp")) {
            texts.add(path, bytes.clone());
        }
        texts.parse().check(&self.files).with_targets()
    }
}

/// A path of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The folders directly in a folder of the repository, by name.
pub(crate) fn folders(path: &str) -> Vec<String> {
    let entries = fs::read_dir(repository(path)).unwrap_or_else(|why| panic!("{path}: {why}"));
    let folders = entries.filter_map(Result::ok).filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> = folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
