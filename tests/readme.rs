//! The tour in the README is walked: its files are written, its commands run, and what they print is what it shows.
//!
//! `MLP_BLESS=1` writes the output anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use similar::TextDiff;

use crate::markdown::{Block, blocks};
use crate::project::repository;

#[test]
fn the_tour_is_true() {
    let page = fs::read_to_string(repository("README.md")).expect("the README");
    let folder = tempfile::tempdir().expect("a folder to walk in");
    let mut place = folder.path().to_owned();
    let mut found = page.clone();
    for block in blocks(&page).iter().filter(|block| block.headings.iter().any(|heading| heading.contains("tour"))) {
        match block.language.as_str() {
            "console" => {
                found = found.replacen(&fenced(block, &block.text), &fenced(block, &walk(&block.text, &mut place)), 1)
            }
            "mlp" | "python" => fs::write(place.join(&block.rest), &block.text).expect("the file can be written"),
            _ => {}
        }
    }
    if std::env::var_os("MLP_BLESS").is_some() {
        fs::write(repository("README.md"), found).expect("the README can be written");
        return;
    }
    let diff = TextDiff::from_lines(&page, &found).unified_diff().header("README.md", "what happens").to_string();
    assert!(diff.is_empty(), "{diff}\nIf that is what is meant: MLP_BLESS=1 cargo test readme");
}

#[test]
fn the_picture_is_the_example() {
    let mut mlp = Command::new(env!("CARGO_BIN_EXE_mlp"));
    mlp.args(["graph", "examples/tumour", "--as", "svg", "--only", "training-production"]);
    let output = mlp.current_dir(repository("")).output().expect("mlp runs");
    let drawn = String::from_utf8_lossy(&output.stdout);
    let picture = repository("docs/pictures/training.svg");
    if std::env::var_os("MLP_BLESS").is_some() {
        fs::write(&picture, drawn.as_bytes()).expect("the picture can be written");
    }
    let kept = fs::read_to_string(picture).unwrap_or_default();
    assert!(kept == drawn, "the picture in the README is an old one: MLP_BLESS=1 cargo test readme");
}

fn fenced(block: &Block, text: &str) -> String {
    format!("```{}\n{text}```", block.language)
}

/// The commands of a block, each with what it prints.
fn walk(block: &str, place: &mut PathBuf) -> String {
    let mut found = String::new();
    for command in block.lines().filter_map(|line| line.strip_prefix("$ ")) {
        found.push_str(&format!("$ {command}\n{}", run(command, place)));
    }
    found
}

fn run(command: &str, place: &mut PathBuf) -> String {
    if let Some(folder) = command.strip_prefix("cd ") {
        *place = place.join(folder);
        return String::new();
    }
    let program = Path::new(env!("CARGO_BIN_EXE_mlp")).parent().expect("the program is in a folder");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec 2>&1; {command}")]).current_dir(place).env("PATH", path).env("NO_COLOR", "1");
    let output = shell.output().expect("a shell runs");
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}
