//! Whatever the documentation shows in the language compiles: the blocks of a section are one project.

use std::fs;

use mlp::diagnostics::{Severity, render};

use crate::markdown::{Block, blocks};
use crate::project::{Project, repository};

#[test]
fn the_reference() {
    compile("docs/reference.md");
}

#[test]
fn the_step_contract() {
    compile("docs/step-contract.md");
}

/// What lies in the folders that the pages speak of and do not show.
const FOLDERS: &[&str] = &["images/toolbox/Dockerfile", "packages/metrics/pyproject.toml", "requirements.lock"];

fn compile(path: &str) {
    let page = fs::read_to_string(repository(path)).unwrap_or_else(|why| panic!("{path}: {why}"));
    let mut sections: Vec<(String, Vec<Block>)> = Vec::new();
    for block in blocks(&page) {
        let section = block.headings.get(1).cloned().unwrap_or_default();
        match sections.last_mut() {
            Some((last, blocks)) if *last == section => blocks.push(block),
            _ => sections.push((section, vec![block])),
        }
    }
    let wrong: Vec<String> = sections.iter().filter_map(|(section, blocks)| faults(path, section, blocks)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// The errors of a section's project; what is only unused, is shown without a use.
fn faults(path: &str, section: &str, blocks: &[Block]) -> Option<String> {
    let mut files: Vec<(String, String)> = Vec::new();
    for block in blocks {
        let file = match (block.language.as_str(), block.rest.as_str()) {
            ("mlp", "") => "main.mlp",
            (_, "") => continue,
            (_, file) => file,
        };
        match files.iter_mut().find(|(known, _)| known == file) {
            Some((_, text)) => text.push_str(&format!("\n{}", block.text)),
            None => files.push((file.to_owned(), block.text.clone())),
        }
    }
    let mut project = Project::default();
    FOLDERS.iter().for_each(|file| project.add(file, ""));
    files.iter().for_each(|(file, text)| project.add(file, text));
    if !files.iter().any(|(_, text)| text.lines().any(|line| line.starts_with("project "))) {
        project.add("project.mlp", "project example { language: 1 }\n");
    }
    let mut checked = project.check();
    checked.diagnostics.retain(|diagnostic| diagnostic.severity == Severity::Error);
    let said = render::plain(&checked.model.sources, &checked.diagnostics);
    (!said.is_empty()).then(|| format!("{path}, section {section}:\n{said}"))
}
