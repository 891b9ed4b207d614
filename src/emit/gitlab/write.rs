//! The document to files.

use indexmap::IndexMap;

use super::lower::Document;
use super::pins;
use crate::emit::{Files, header};
use crate::plan::Plan;
use crate::text::yaml;

const TARGET: &str = "gitlab";
const PROGRAM: &str = include_str!("protection.py");

/// The file with the rules of the live environments.
pub(super) fn rules(project: &str) -> String {
    format!(".gitlab/mlp/{project}-protection.json")
}

/// The program that applies them, or holds the live ones against them.
pub(super) fn program(project: &str) -> String {
    format!(".gitlab/mlp/{project}-protection.py")
}

/// The file of the pipeline, where the repository holds other projects too.
pub(super) fn pipeline(project: &str) -> String {
    format!(".gitlab/mlp/{project}.gitlab-ci.yml")
}

/// The files of a document.
pub(super) fn write(document: &Document, plan: &Plan) -> Files {
    let mut files = Files::default();
    let text = yaml::write_with_header(&header(plan, "main.mlp"), &document.pipeline);
    let path = match &document.start {
        Some(_) => pipeline(&document.project),
        None => ".gitlab-ci.yml".to_owned(),
    };
    files.add(TARGET, path.as_str(), text);
    files.pin(&path, pins::used(&document.pipeline));
    if let Some(start) = &document.start {
        let job = IndexMap::from([(document.project.as_str(), start)]);
        let text = yaml::write_with_header(&header(plan, "main.mlp"), &job);
        files.add(TARGET, format!(".gitlab/mlp/{}.trigger.yml", document.project), text);
    }
    if !document.protection.environments.is_empty() {
        let json =
            serde_json::to_string_pretty(&document.protection).expect("texts, numbers and lists are JSON") + "\n";
        files.add(TARGET, rules(&document.project), json);
        let head = yaml::comment(&header(plan, "main.mlp"));
        let (first, rest) = PROGRAM.split_once('\n').expect("the program begins with a line of its own");
        files.add_executable(TARGET, program(&document.project), format!("{first}\n{head}{rest}"));
    }
    files
}
