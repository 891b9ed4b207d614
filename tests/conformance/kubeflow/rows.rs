//! Pages of rows: a pipeline in Python and the same in the language, which Kubeflow's SDK and we compile to the same.
//!
//! In: a Markdown page. A row is a heading with a block of Python, one of the language, and the files that they need. Before the first row
//! stand a block of each that all rows begin with. Out: the rows that do not mean the same, or do not come back when they are imported. A block `mlp refuses SLUG` is what the
//! SDK lets through and we refuse by that code; in one that is `mlp undescribed` the descriptions may differ. `MLP_ROW=WORD` tries the rows alone whose heading has the word.

use std::fs;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use mlp::diagnostics::{Severity, render};
use mlp::emit::Target;
use mlp::emit::kubeflow::Kubeflow;
use serde_json::{Value, json};

use super::{run, script_of};
use crate::markdown::{Block, blocks};
use crate::project::{Project, repository};

#[test]
fn the_page_from_kfp_tells_the_truth() {
    hold("docs/from-kfp.md");
}

#[test]
fn what_the_corpus_has_no_file_for_is_as_the_sdk_has_it() {
    hold("tests/conformance/kubeflow/beyond.md");
}

#[test]
fn what_the_reference_compiler_lets_through_is_refused() {
    hold("tests/conformance/kubeflow/refused.md");
}

/// A row: its heading, its blocks, and the code by which it is refused.
struct Row {
    heading: String,
    line: usize,
    python: String,
    source: String,
    refused: Option<String>,
    undescribed: bool,
    files: Vec<(String, String)>,
}

/// What all rows begin with, and the rows.
fn rows(page: &str) -> (Row, Vec<Row>) {
    let mut sections: Vec<(Vec<String>, Vec<Block>)> = Vec::new();
    for block in blocks(page) {
        match sections.last_mut() {
            Some((last, blocks)) if *last == block.headings => blocks.push(block),
            _ => sections.push((block.headings.clone(), vec![block])),
        }
    }
    let mut rows: Vec<Row> = sections.into_iter().map(|(headings, blocks)| row(&headings, &blocks)).collect();
    assert!(rows.len() > 1, "a page has a beginning and rows");
    (rows.remove(0), rows)
}

fn row(headings: &[String], blocks: &[Block]) -> Row {
    let of = |language: &str, rest: &dyn Fn(&str) -> bool| {
        let found = blocks.iter().find(|block| block.language == language && rest(&block.rest));
        found.map(|block| block.text.clone()).unwrap_or_default()
    };
    let refused = blocks.iter().find_map(|block| block.rest.strip_prefix("refuses ").map(str::to_owned));
    let files = blocks.iter().filter(|block| block.rest.contains('.'));
    Row {
        heading: headings.last().cloned().unwrap_or_default(),
        line: blocks[0].line,
        python: of("python", &|rest| rest.is_empty()),
        source: of("mlp", &|rest| !rest.contains('.')),
        undescribed: blocks.iter().any(|block| block.rest == "undescribed"),
        refused,
        files: files.map(|block| (block.rest.clone(), block.text.clone())).collect(),
    }
}

/// The project of a row: the beginning of all, the row, and an environment where it has none.
fn project(beginning: &Row, row: &Row) -> Project {
    let mut project = Project::default();
    let names: Vec<&str> = row.source.lines().filter_map(|line| line.strip_prefix("pipeline ")).collect();
    let last = names.last().map_or("", |line| &line[..line.find(['(', ' ']).unwrap_or(line.len())]);
    let common = beginning.source.replace("PIPELINE", last);
    let own = row.source.lines().any(|line| line.starts_with("environment "));
    let place = if own { "" } else { "environment cluster extends base {}\n" };
    project.add("main.mlp", &format!("{common}\n{}\n{place}", row.source));
    for (path, text) in beginning.files.iter().chain(&row.files) {
        project.add(path, text);
    }
    project
}

/// The one compiled pipeline of a project; else the codes and words against it.
fn emitted(project: &Project) -> Result<String, (Vec<String>, String)> {
    let checked = project.check();
    let mut errors = checked.diagnostics.clone();
    errors.retain(|diagnostic| diagnostic.severity == Severity::Error);
    let codes: Vec<String> = errors.iter().map(|diagnostic| diagnostic.code.slug().to_owned()).collect();
    if !codes.is_empty() {
        return Err((codes, render::plain(&checked.model.sources, &errors)));
    }
    let plan = mlp::plan::lower(&checked.model, &IndexMap::new());
    let (files, _) = Kubeflow.emit(&plan);
    let mut files = files.iter();
    match (files.next(), files.next()) {
        (Some((_, file)), None) => Ok(file.text.clone()),
        _ => Err((Vec::new(), "not one pipeline is built".to_owned())),
    }
}

/// What comes out of the SDK's own pipeline when it is imported and built again.
pub(super) fn again(theirs: &Path) -> Result<String, String> {
    let bytes = fs::read(theirs).map_err(|why| why.to_string())?;
    let imported = mlp::import::kubeflow::import(vec![("sdk.yaml".to_owned(), bytes)]);
    if mlp::diagnostics::any_error(&imported.diagnostics) {
        return Err(render::plain(&imported.sources, &imported.diagnostics));
    }
    let mut project = Project::default();
    imported.files.iter().for_each(|(path, text)| project.add(path, text));
    emitted(&project).map_err(|(_, said)| said)
}

/// What the SDK answers for each row.
fn asked(list: &Path, what: &str) -> Vec<Value> {
    let said = run(script_of("kfp-2.17", "sdk.py").arg(list).arg(what));
    let answers = said.lines().filter(|line| line.starts_with('{'));
    answers.map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

fn hold(page: &str) {
    let text = fs::read_to_string(repository(page)).unwrap_or_else(|why| panic!("{page}: {why}"));
    let (beginning, rows) = rows(&text);
    let wanted = std::env::var("MLP_ROW").unwrap_or_default().to_lowercase();
    let mut rows: Vec<Row> = rows.into_iter().filter(|row| row.heading.to_lowercase().contains(&wanted)).collect();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rows").join(page.replace('/', "-"));
    let _ = fs::remove_dir_all(&folder);
    let python = |at: usize| folder.join(at.to_string()).join("row.py");
    for (at, row) in rows.iter().enumerate() {
        write(&python(at), &format!("{}\n\n{}", beginning.python, row.python));
    }
    let all: Vec<Value> = (0..rows.len()).map(|at| json!({"python": python(at)})).collect();
    let theirs = asked(&write(&folder.join("rows.json"), &Value::from(all).to_string()), "compile");
    let mut wrong: Vec<(usize, String)> = Vec::new();
    let mut tried: Vec<Value> = Vec::new();
    for (at, (row, answer)) in rows.iter_mut().zip(&theirs).enumerate() {
        row.fill(&answer["sources"]);
        let failed = answer["failed"].as_str();
        wrong.extend(failed.map(|said| (at, said.to_owned())));
        let mut ours = Value::Null;
        match (emitted(&project(&beginning, row)), &row.refused) {
            (Ok(text), None) => ours = json!(write(&python(at).with_file_name("ours.yaml"), &text)),
            (Ok(_), Some(code)) => wrong.push((at, format!("mlp does not refuse it by {code}"))),
            (Err((codes, _)), Some(code)) if codes.contains(code) => {}
            (Err((_, said)), _) => wrong.push((at, said)),
        }
        let ours = if failed.is_some() { Value::Null } else { ours };
        tried.push(json!({"python": python(at), "ours": ours, "undescribed": row.undescribed}));
        let mut imported = Value::Null;
        if row.refused.is_none() && failed.is_none() {
            match again(&python(at).with_file_name("row.sdk.yaml")) {
                Ok(text) => imported = json!(write(&python(at).with_file_name("again.yaml"), &text)),
                Err(said) => wrong.push((at, format!("it cannot be imported:\n{said}"))),
            }
        }
        tried.push(json!({"python": python(at), "ours": imported, "undescribed": false}));
    }
    let list = write(&folder.join("rows.json"), &Value::from(tried).to_string());
    for (at, answer) in asked(&list, "compare").iter().enumerate() {
        let (at, which) = (at / 2, ["", "imported and built again: "][at % 2]);
        let differences = answer["differences"].as_array().into_iter().flatten();
        let said = differences.chain([&answer["failed"]]).filter_map(Value::as_str);
        wrong.extend(said.map(|said| (at, format!("{which}{said}"))));
    }
    let told =
        |(at, said): &(usize, String)| format!("{page}:{}: {} [{at}]\n{said}", rows[*at].line, rows[*at].heading);
    let faults: Vec<String> = wrong.iter().map(told).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

impl Row {
    /// Fills the files that are too long to be shown, `FILE of EXECUTOR`, with what the SDK has put into that executor.
    fn fill(&mut self, sources: &Value) {
        for (path, text) in &mut self.files {
            if let Some((file, executor)) = path.clone().split_once(" of ") {
                let source = sources[executor].as_str().unwrap_or_default();
                let source = source.strip_prefix('\n').unwrap_or(source);
                *text = source.strip_suffix('\n').unwrap_or(source).to_owned();
                *path = file.to_owned();
            }
        }
    }
}

fn write(path: &Path, text: &str) -> PathBuf {
    fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder can be made");
    fs::write(path, text).expect("a file can be written");
    path.to_owned()
}
