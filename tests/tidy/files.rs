//! What a file may be: its length, its name, its opening, and what may not be left in it.

use super::{exists, none, repository, sources};

#[test]
fn no_file_is_long() {
    let code = ["rs", "pest", "mlp", "py", "ts", "js", "mjs", "lua", "vim", "sh"];
    let files = repository().into_iter().filter(|file| file.has_extension(&code) && !is_generated(&file.text));
    let long = files.map(|file| (file.text.lines().count(), file.path)).filter(|(lines, _)| *lines > 600);
    let long = long.map(|(lines, path)| format!("{path} has {lines} lines")).collect();
    none(long, "A file is one type or one verb, and at most 600 lines: part it by what it says.");
}

#[test]
fn no_name_says_nothing() {
    let empty = ["util", "utils", "helper", "helpers", "common", "manager", "managers", "misc", "shared"];
    let wrong = repository().into_iter().map(|file| file.path).filter(|path| {
        let stem = |part: &str| part.split('.').next().unwrap_or(part).to_owned();
        path.split('/').any(|part| empty.contains(&stem(part).as_str()))
    });
    none(wrong.collect(), "A file or folder is named after the one type or verb that it holds.");
}

#[test]
fn every_module_says_what_it_is() {
    let silent = sources().into_iter().filter(|file| !file.text.starts_with("//!"));
    none(silent.map(|file| file.path).collect(), "A module opens with `//!`: what it is, in a sentence.");
    let is_stage = |path: &str| path.ends_with("/mod.rs") && path.split('/').count() == 3;
    let stages = sources().into_iter().filter(|file| is_stage(&file.path));
    let vague = stages.filter(|file| {
        let opening: String = file.text.lines().take_while(|line| line.starts_with("//!")).collect();
        !["In:", "Out:", "refuses"].iter().all(|part| opening.contains(part))
    });
    let mend = "A stage's module opens with what comes in (`In:`), what goes out (`Out:`) and what it refuses to know.";
    none(vague.map(|file| file.path).collect(), mend);
}

#[test]
fn every_module_is_compiled() {
    let files = repository().into_iter().filter(|file| file.has_extension(&["rs"]));
    let files: Vec<_> = files.filter(|file| file.path.starts_with("src/") || file.path.starts_with("tests/")).collect();
    let declares = |parent: &str, module: &str| {
        let file = files.iter().find(|file| file.path == parent);
        file.is_some_and(|file| file.text.lines().any(|line| line.trim_end().ends_with(&format!("mod {module};"))))
    };
    let mut forgotten = Vec::new();
    for file in &files {
        let path = file.path.trim_end_matches(".rs").trim_end_matches("/mod");
        let Some((folder, module)) = path.rsplit_once('/') else { continue };
        let root =
            ["src/lib", "src/main", "tests/main", "tests/corpus"].contains(&path) || folder.starts_with("tests/cases/");
        let parents = [
            format!("{folder}/mod.rs"),
            format!("{folder}.rs"),
            format!("{folder}/lib.rs"),
            format!("{folder}/main.rs"),
        ];
        if !root && !parents.iter().any(|parent| declares(parent, module)) {
            forgotten.push(file.path.clone());
        }
    }
    none(forgotten, "No module declares this file, so it is neither compiled nor tested: declare it, or remove it.");
}

#[test]
fn nothing_is_left_undone() {
    let marks = [
        ["TO", "DO"],
        ["FIX", "ME"],
        ["XX", "X"],
        ["#[ig", "nore"],
        ["todo", "!("],
        ["unimplemented", "!("],
        ["dbg", "!("],
    ];
    let mut wrong = Vec::new();
    for file in repository().iter().filter(|file| !file.path.contains("lock")) {
        for (number, line) in file.text.lines().enumerate() {
            if let Some(mark) = marks.iter().map(|parts| parts.concat()).find(|mark| line.contains(mark)) {
                wrong.push(format!("{}:{}: {mark}", file.path, number + 1));
            }
        }
    }
    none(wrong, "What is not done is not in the tree: do it, or leave it out and say so in CHANGELOG.md.");
}

#[test]
fn every_expected_file_is_there() {
    let expected = [
        ".ci/run",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
        "README.md",
        "clippy.toml",
        "deny.toml",
        "docs/README.md",
        "docs/reference.md",
        "grammar/README.md",
        "justfile",
    ];
    let missing = expected.iter().filter(|path| !exists(path)).map(|path| (*path).to_owned());
    none(missing.collect(), "Write it; CONTRIBUTING.md says what each is for.");
}

/// What `mlp build` wrote, a snapshot, or a vendor's own document.
fn is_generated(text: &str) -> bool {
    text.lines().take(3).any(|line| line.contains("DO NOT EDIT"))
}
