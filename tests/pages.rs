//! The page of a diagnostic is its test: the program that causes it gives that code and no other, the mended one nothing.

use mlp::diagnostics::{Code, render};

use crate::markdown::{Block, blocks};
use crate::project::Project;

#[test]
fn every_page_tells_the_truth() {
    let wanted = std::env::var("MLP_PAGE").ok();
    let codes = Code::all().filter(|code| wanted.as_deref().is_none_or(|wanted| wanted == code.slug()));
    let wrong: Vec<String> = codes.flat_map(judge).collect();
    assert!(wrong.is_empty(), "{}\n\n(MLP_PAGE=slug tries one page alone.)", wrong.join("\n\n"));
}

fn judge(code: Code) -> Vec<String> {
    let blocks = blocks(code.page());
    let part = |heading: &str| blocks.iter().filter(|block| block.headings.iter().any(|one| one == heading)).collect();
    let (causes, mended): (Vec<&Block>, Vec<&Block>) = (part("Causes it"), part("Mended"));
    let mut wrong = Vec::new();
    for (heading, blocks, expected) in [("Causes it", causes, Some(code)), ("Mended", mended, None)] {
        let Some(project) = project(&blocks) else { continue };
        let checked = project.check();
        let mut found: Vec<Code> = checked.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        found.dedup();
        if found != expected.into_iter().collect::<Vec<_>>() {
            let said = render::plain(&checked.model.sources, &checked.diagnostics);
            let said = if said.is_empty() { "nothing is said of it".to_owned() } else { said };
            wrong.push(format!("src/diagnostics/pages/{}.md, `## {heading}`:\n{said}", code.slug()));
        }
    }
    wrong
}

/// The files of a page's part; none where it shows a command, not a program. A `project` item is added where there is
/// none, unless the block says that it is the `whole` project.
fn project(blocks: &[&Block]) -> Option<Project> {
    let mut project = Project::default();
    for block in blocks {
        match (block.language.as_str(), block.rest.as_str()) {
            ("console" | "text", _) => {}
            ("mlp", "" | "whole") => project.add("main.mlp", &block.text),
            (_, "") => {}
            (_, path) => project.add(path, &block.text),
        }
    }
    let sources = || project.files.iter().filter(|(path, _)| path.ends_with(".mlp"));
    sources().next()?;
    let begins = |text: &[u8]| String::from_utf8_lossy(text).lines().any(|line| line.starts_with("project "));
    let whole = blocks.iter().any(|block| block.rest == "whole");
    if !whole && !sources().any(|(_, text)| begins(text)) {
        let beside = if project.files.contains_key("main.mlp") { "project.mlp" } else { "main.mlp" };
        project.add(beside, "project example { language: 1 }\n");
    }
    Some(project)
}
