//! A folder a case: a project below `tests/cases/`, and beside its files what the compiler gives for it.
//!
//! In: the project's files. Out, beside them: `expected.txt`, the diagnostics; and for a case with a folder `expected/`,
//! every generated file in it. `MLP_BLESS=1` writes them anew: read the difference before it is committed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use mlp::diagnostics::render;
use similar::TextDiff;

use crate::project::{Project, folders, repository};

const DIAGNOSTICS: &str = "expected.txt";
const GENERATED: &str = "expected";

#[test]
fn every_case_gives_what_is_expected() {
    let wanted = std::env::var("MLP_CASE").ok();
    let mut names = folders("tests/cases");
    names.retain(|name| wanted.as_deref().is_none_or(|wanted| wanted == name));
    let wrong: Vec<String> = names.iter().flat_map(|name| judge(name)).collect();
    assert!(wrong.is_empty(), "{}\n\nIf that is what is meant: MLP_BLESS=1 cargo test cases", wrong.join("\n"));
}

fn judge(name: &str) -> Vec<String> {
    let folder = repository("tests/cases").join(name);
    let project = Project::read(&folder, &[DIAGNOSTICS, GENERATED]);
    let checked = project.check();
    let mut found = BTreeMap::new();
    found.insert(DIAGNOSTICS.to_owned(), render::plain(&checked.model.sources, &checked.diagnostics));
    if std::env::var_os("MLP_BLESS").is_some() {
        bless(&folder, &found);
        return Vec::new();
    }
    compare(&folder, name, &found)
}

fn bless(folder: &Path, found: &BTreeMap<String, String>) {
    if folder.join(GENERATED).is_dir() {
        fs::remove_dir_all(folder.join(GENERATED)).expect("the expected files can be removed");
    }
    for (path, text) in found {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("the folder can be made");
        fs::write(path, text).expect("the expected file can be written");
    }
}

fn compare(folder: &Path, name: &str, found: &BTreeMap<String, String>) -> Vec<String> {
    let mut expected = Project::read(folder, &[]).files;
    expected.retain(|path, _| path == DIAGNOSTICS || path.starts_with(&format!("{GENERATED}/")));
    let mut wrong = Vec::new();
    for (path, text) in found {
        let before = expected.remove(path).unwrap_or_default();
        let before = String::from_utf8_lossy(&before);
        if before != *text {
            let file = format!("tests/cases/{name}/{path}");
            let diff = TextDiff::from_lines(before.as_ref(), text);
            wrong.push(diff.unified_diff().header(&format!("{file}, expected"), &format!("{file}, found")).to_string());
        }
    }
    wrong.extend(expected.keys().map(|path| format!("tests/cases/{name}/{path} is no longer made")));
    wrong
}
