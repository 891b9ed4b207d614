//! The house's rules that a program can check. Each failure says which file, and what to do about it.
//!
//! In: every file of the repository. Out: the rules that are broken. It refuses to judge what the compiler or clippy judges.

mod documents;
mod files;
mod targets;
mod walls;

use std::fs;
use std::path::Path;

/// A file of the repository.
struct Text {
    /// Its path from the repository's root, with `/`.
    path: String,
    text: String,
}

impl Text {
    fn has_extension(&self, extensions: &[&str]) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, extension)| extensions.contains(&extension))
    }

    /// Its lines without comments, and where the tests at its end begin, no more.
    fn code(&self) -> impl Iterator<Item = &str> {
        let lines = self.text.lines().take_while(|line| line.trim() != "#[cfg(test)]");
        lines.filter(|line| !line.trim_start().starts_with("//")).map(|line| line.split(" // ").next().unwrap_or(line))
    }
}

/// Every file of the repository that holds text and that a person writes.
fn repository() -> Vec<Text> {
    let mut found = Vec::new();
    collect(Path::new(env!("CARGO_MANIFEST_DIR")), "", &mut found);
    found
}

/// The Rust sources of the program itself.
fn sources() -> Vec<Text> {
    let mut found = repository();
    found.retain(|file| file.path.starts_with("src/") && file.has_extension(&["rs"]));
    found
}

fn collect(folder: &Path, below: &str, found: &mut Vec<Text>) {
    let unowned = ["target", "node_modules", ".git", "__pycache__", "corpus", ".pytest_cache", ".vscode-test", ".mlp"];
    let mut entries: Vec<_> =
        fs::read_dir(folder).expect("a folder of the repository").filter_map(Result::ok).collect();
    entries.sort_by_key(|entry| entry.file_name());
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{below}{name}");
        if entry.path().is_dir() {
            if !unowned.contains(&name.as_str()) {
                collect(&entry.path(), &format!("{path}/"), found);
            }
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            found.push(Text { path, text });
        }
    }
}

/// The folders directly below `parent`, by name.
fn folders(parent: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(parent);
    let entries = fs::read_dir(&root).unwrap_or_else(|why| panic!("{}: {why}", root.display()));
    let entries = entries.filter_map(Result::ok).filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn exists(path: &str) -> bool {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists()
}

/// Whether `word` stands in `line` as a whole word.
fn names(line: &str, word: &str) -> bool {
    let part_of_word = |character: char| character.is_alphanumeric() || character == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(part_of_word) && !after.is_some_and(part_of_word)
    })
}

/// Fails with everything that is wrong, and with what to do about it.
fn none(wrong: Vec<String>, mend: &str) {
    assert!(wrong.is_empty(), "{}\n\n{mend}\n", wrong.join("\n"));
}
