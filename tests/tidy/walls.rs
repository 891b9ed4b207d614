//! Which folder may name what: the absences that `ARCHITECTURE.md` tells of.

use super::{Text, names, none, sources};

/// Lines of code in `files` that name one of `words`.
fn naming(files: &[Text], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        for line in file.code() {
            if let Some(word) = words.iter().find(|word| names(line, word)) {
                found.push(format!("{} names {word}: {}", file.path, line.trim()));
            }
        }
    }
    found
}

fn outside(folders: &[&str]) -> Vec<Text> {
    program().filter(|file| !folders.iter().any(|folder| file.path.starts_with(folder))).collect()
}

fn inside(folders: &[&str]) -> Vec<Text> {
    program().filter(|file| folders.iter().any(|folder| file.path.starts_with(folder))).collect()
}

/// The sources without the modules that test them.
fn program() -> impl Iterator<Item = Text> {
    sources().into_iter().filter(|file| !file.path.ends_with("/tests.rs") && !file.path.contains("/tests/"))
}

#[test]
fn only_syntax_names_the_parser() {
    let mend = "The rest of the program would not notice another parser: give what you need as part of `ast`.";
    none(naming(&outside(&["src/syntax/"]), &["pest", "pest_derive"]), mend);
}

#[test]
fn only_lsp_names_the_protocol() {
    let mend = "Editor features are plain data in `ide`; `lsp` alone turns them into the protocol's types.";
    none(naming(&outside(&["src/lsp/"]), &["ls_types", "lsp_server"]), mend);
}

#[test]
fn only_the_outermost_touches_the_world() {
    let world =
        ["std::fs", "std::env", "std::time", "std::process", "std::net", "std::thread", "std::io", "tempfile::"];
    let mend = "The same sources give the same bytes: only `cli`, `lsp`, `run`, `operate` and `machine` know a disk, a clock, or an environment.";
    let outermost = ["src/cli/", "src/lsp/", "src/run/", "src/operate/", "src/machine/", "src/main.rs"];
    let touching = naming(&outside(&outermost), &world);
    // Targets are emitted side by side, and put together in their own order.
    none(touching.into_iter().filter(|line| !line.starts_with("src/compile.rs names std::thread")).collect(), mend);
}

#[test]
fn only_operations_use_the_network() {
    let mend = "Compiling reads the project alone: what asks a server is an operation.";
    none(naming(&outside(&["src/operate/"]), &["ureq", "lettre", "std::net"]), mend);
}

#[test]
fn what_is_due_in_a_run_is_decided_without_the_world() {
    let world =
        ["std::fs", "std::env", "std::time", "std::process", "std::net", "std::thread", "std::io", "tempfile::"];
    let flow: Vec<_> = outside(&[]).into_iter().filter(|file| file.path.starts_with("src/run/flow")).collect();
    assert!(flow.len() > 2, "the control flow of a run lies in src/run/flow");
    none(naming(&flow, &world), "`flow` is told how tasks end, so that every engine can be held against it.");
}

#[test]
fn only_the_command_line_names_its_library() {
    let mend = "Options are read in `cli` and handed on as plain values.";
    none(naming(&outside(&["src/cli/"]), &["clap", "clap_complete"]), mend);
}

#[test]
fn only_the_renderers_name_the_libraries_that_draw() {
    let mend = "A diagnostic is plain data; `diagnostics::render` alone draws it.";
    none(naming(&outside(&["src/diagnostics/render/"]), &["miette", "codespan_reporting"]), mend);
}

#[test]
fn only_text_names_the_libraries_that_write() {
    let mend = "What a target is written in is laid out and quoted in `text`, and nowhere else.";
    none(naming(&outside(&["src/text/"]), &["serde_saphyr"]), mend);
}

#[test]
fn only_the_rows_of_a_run_name_the_library_that_reads_parquet() {
    let mend = "What is not checked against a contract is not read: give `run::data` the file.";
    none(naming(&outside(&["src/run/data/"]), &["parquet"]), mend);
}

/// A stage, and the stages after it, which it may not name.
const LATER: &[(&[&str], &[&str])] = &[
    (
        &["src/source/"],
        &["ast", "syntax", "resolve", "check", "model", "plan", "emit", "text", "format", "ide", "cli", "lsp"],
    ),
    (
        &["src/diagnostics/"],
        &["ast", "syntax", "resolve", "check", "model", "plan", "emit", "text", "ide", "cli", "lsp"],
    ),
    (&["src/ast/"], &["syntax", "resolve", "check", "model", "plan", "emit", "text", "format", "ide", "cli", "lsp"]),
    (&["src/syntax/"], &["resolve", "check", "model", "plan", "emit", "text", "format", "ide", "cli", "lsp"]),
    (&["src/resolve/"], &["check", "model", "plan", "emit", "text", "format", "ide", "cli", "lsp"]),
    (&["src/check/", "src/model/"], &["emit", "text", "format", "ide", "cli", "lsp"]),
    (&["src/plan/"], &["emit", "text", "format", "ide", "cli", "lsp"]),
    (&["src/emit/"], &["ast", "syntax", "resolve", "check", "model", "format", "ide", "cli", "lsp"]),
    (&["src/text/"], &["ast", "syntax", "resolve", "check", "model", "plan", "emit", "format", "ide", "cli", "lsp"]),
    (
        &["src/python/"],
        &["ast", "syntax", "resolve", "check", "model", "plan", "emit", "text", "format", "ide", "cli", "lsp"],
    ),
    (&["src/format/"], &["resolve", "check", "model", "plan", "emit", "ide", "cli", "lsp"]),
    (&["src/ide/"], &["emit", "cli", "lsp"]),
];

#[test]
fn no_stage_names_a_later_one() {
    let mut wrong = Vec::new();
    for (folders, later) in LATER {
        let paths: Vec<String> = later.iter().map(|stage| format!("crate::{stage}")).collect();
        let words: Vec<&str> = paths.iter().map(String::as_str).collect();
        let files = inside(folders);
        wrong.extend(naming(&files, &words));
        let grouped = naming(&files, later).into_iter().filter(|line| line.contains("use crate::{"));
        wrong.extend(grouped);
    }
    let mend = "Each stage takes the one before it and knows nothing of those after it (an emitter: of nothing but the plan). \
                Move what both need to the earlier one.";
    none(wrong, mend);
}

#[test]
fn no_emitter_names_another() {
    let mut wrong = Vec::new();
    for target in mlp::emit::TARGETS {
        for other in mlp::emit::TARGETS.iter().filter(|other| other.name() != target.name()) {
            let path = format!("emit::{}", other.name());
            wrong.extend(naming(&inside(&[&format!("src/emit/{}/", target.name())]), &[&path]));
        }
    }
    none(wrong, "What two targets share is no target's: give it a module of its own in `emit`.");
}

#[test]
fn nothing_before_emit_names_a_target() {
    let before = [
        "src/source/",
        "src/diagnostics/",
        "src/ast/",
        "src/syntax/",
        "src/resolve/",
        "src/model/",
        "src/check/",
        "src/plan/",
    ];
    let mut wrong = Vec::new();
    for target in mlp::emit::TARGETS {
        let quoted = format!("\"{}\"", target.name());
        for file in inside(&before) {
            wrong.extend(
                file.code().filter(|line| line.contains(&quoted)).map(|line| format!("{}: {}", file.path, line.trim())),
            );
        }
    }
    none(wrong, "What a target can do is a list of capabilities; what a name means is said in `stdlib/`.");
}
