//! The upstream project's own pipelines, run by Kubeflow's local runner as they are and as they come out of an import and a build.
//!
//! In: `../shared/corpus/kubeflow/pipelines`; where it is not there, nothing is tried. Out: those that do not end alike: the same tasks
//! started, the same outputs, the same end. What this runner cannot run at all, it cannot run in both forms.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::rows::again;
use super::{run, script_of};
use crate::project::repository;

/// How many of the corpus run, and how many of those to their end, so that nothing falls away unseen.
const RUN: usize = 49;
const TO_THE_END: usize = 33;

#[test]
fn what_was_imported_runs_as_the_original_does() {
    let corpus = repository("../shared/corpus/kubeflow/pipelines");
    let mut files: Vec<PathBuf> =
        fs::read_dir(corpus).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort();
    if files.is_empty() {
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("runs");
    fs::create_dir_all(&folder).expect("a folder can be made");
    let pair = |first: &PathBuf| {
        let text = again(first).unwrap_or_else(|why| panic!("{}: {why}", first.display()));
        let second = folder.join(first.file_name().expect("a file has a name"));
        fs::write(&second, text).expect("a file can be written");
        json!({"first": first, "second": second})
    };
    let pairs: Vec<Value> = files.iter().map(pair).collect();
    let list = folder.join("pairs.json");
    fs::write(&list, Value::from(pairs).to_string()).expect("the pairs can be written");
    let said = run(script_of("kfp", "pairs.py").arg(list));
    let answers = said.lines().filter(|line| line.starts_with("[{"));
    let answers: Vec<Value> = answers.map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    assert_eq!(answers.len(), files.len());
    let differ = answers.iter().zip(&files).filter(|(answer, _)| answer[0] != answer[1]);
    let differ: Vec<String> =
        differ.map(|(answer, file)| format!("{}:\n{}\n{}", file.display(), answer[0], answer[1])).collect();
    assert!(differ.is_empty(), "{}", differ.join("\n\n"));
    let run = answers.iter().filter(|answer| answer[0]["refused"].is_null()).count();
    let ended = answers.iter().filter(|answer| answer[0]["failed"] == json!(false)).count();
    assert!(run >= RUN && ended >= TO_THE_END, "{run} are run, and {ended} of them to their end");
}
