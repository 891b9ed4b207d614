//! What each target and each diagnostic brings with it.

use mlp::diagnostics::Code;
use mlp::emit::TARGETS;

use super::{exists, folders, none, repository};

#[test]
fn a_target_is_a_folder_of_three() {
    let mut wrong = Vec::new();
    for target in TARGETS {
        for part in ["model", "lower", "write"] {
            let folder = format!("src/emit/{}/{part}", target.name());
            if !exists(&format!("{folder}.rs")) && !exists(&format!("{folder}/mod.rs")) {
                wrong.push(format!("{folder}.rs is missing"));
            }
        }
    }
    let mend =
        "A target is its document (`model.rs`), the way from the plan to it (`lower.rs`) and its writer (`write.rs`).";
    none(wrong, mend);
}

#[test]
fn a_target_is_tried_for_real_and_told_of() {
    let mut wrong = Vec::new();
    for name in TARGETS.iter().map(|target| target.name()) {
        let tests = format!("tests/conformance/{name}");
        if !exists(&format!("{tests}.rs")) && !exists(&format!("{tests}/mod.rs")) {
            wrong.push(format!("{tests}.rs is missing: what the real {name} says of every example"));
        }
        if !exists(&format!("docs/targets/{name}.md")) {
            wrong.push(format!("docs/targets/{name}.md is missing: what is written for {name}, and what it cannot do"));
        }
    }
    none(wrong, "One name a target: the folder, the value on the command line, the test and the page.");
}

#[test]
fn a_diagnostic_has_a_page_that_shows_it() {
    let mut wrong = Vec::new();
    for code in Code::all() {
        let page = code.page();
        let parts = ["# ", "\n## Causes it\n", "\n## Mended\n", "```"];
        if let Some(part) = parts.iter().find(|part| !page.contains(**part)) {
            wrong.push(format!("src/diagnostics/pages/{}.md has no `{}`", code.slug(), part.trim()));
        }
    }
    let known = |path: &str| Code::all().any(|code| path == format!("src/diagnostics/pages/{}.md", code.slug()));
    let pages =
        repository().into_iter().map(|file| file.path).filter(|path| path.starts_with("src/diagnostics/pages/"));
    wrong.extend(pages.filter(|path| !known(path)).map(|path| format!("{path} is the page of no code")));
    none(
        wrong,
        "A page says what the diagnostic means, a program that causes it (`## Causes it`) and the same one mended (`## Mended`).",
    );
}

#[test]
fn numbers_of_codes_are_unique_and_in_order() {
    let numbers: Vec<&str> = Code::all().map(Code::number).collect();
    let wrong = numbers
        .windows(2)
        .filter(|pair| pair[0] >= pair[1])
        .map(|pair| format!("{} stands before {}", pair[0], pair[1]));
    none(wrong.collect(), "Rows stand in the order of their numbers, and a number is never used twice.");
}

#[test]
fn an_example_is_a_project() {
    let missing = folders("examples").into_iter().filter(|name| !exists(&format!("examples/{name}/main.mlp")));
    none(
        missing.collect(),
        "An example is a folder with a `main.mlp`; every one is built by the tests for every target.",
    );
}
