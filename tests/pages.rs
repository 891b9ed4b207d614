//! The page of a diagnostic is its test: the program that causes it gives that code and no other, the mended one nothing.

use mlp::compile::Checked;
use mlp::diagnostics::{Code, Diagnostic, any_error, render};
use mlp::emit::{TARGETS, Target};

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
        let mut checked = project.check();
        checked.diagnostics.extend(refused(&checked));
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

/// What the targets that a project names cannot do of it.
fn refused(checked: &Checked) -> Vec<Diagnostic> {
    if any_error(&checked.diagnostics) {
        return Vec::new();
    }
    let plan = mlp::plan::lower(&checked.model, &indexmap::IndexMap::new());
    let named = |target: &&&dyn Target| plan.targets.iter().any(|request| request.name == target.name());
    TARGETS.iter().filter(named).flat_map(|target| target.emit(&plan).1).collect()
}

/// The files of a page's part; none where it shows a command, not a program.
fn project(blocks: &[&Block]) -> Option<Project> {
    let mut project = Project::default();
    for block in blocks {
        match (block.language.as_str(), block.rest.as_str()) {
            ("console" | "text", _) => {}
            ("mlp", "") => project.add("main.mlp", &block.text),
            (_, "") => {}
            (_, path) => project.add(path, &block.text),
        }
    }
    let sources = || project.files.iter().filter(|(path, _)| path.ends_with(".mlp"));
    sources().next()?;
    let begins = |text: &[u8]| String::from_utf8_lossy(text).lines().any(|line| line.starts_with("project "));
    if !sources().any(|(_, text)| begins(text)) {
        let beside = if project.files.contains_key("main.mlp") { "project.mlp" } else { "main.mlp" };
        project.add(beside, "project example { language: 1 }\n");
    }
    Some(project)
}
