//! The document to files.

use super::lower::Document;
use super::pins;
use crate::emit::{Files, header};
use crate::plan::Plan;
use crate::text::yaml;

const TARGET: &str = "github";
const APPLY: &str = include_str!("apply-protection.sh");
const CHECK: &str = include_str!("check-protection.sh");
const READ_SECRET: &str = include_str!("read-secret.sh");

/// The file of the workflow.
pub(super) fn workflow(project: &str) -> String {
    format!(".github/workflows/{project}.yml")
}

/// The files of a document.
pub(super) fn write(document: &Document, plan: &Plan) -> Files {
    let mut files = Files::default();
    let project = &document.project;
    let text = yaml::write_with_header(&header(plan, "main.mlp"), &document.workflow);
    let path = workflow(project);
    files.add(TARGET, path.as_str(), text);
    files.pin(&path, pins::used(&document.workflow));
    let head = yaml::comment(&header(plan, "main.mlp"));
    if super::secret::is_read(&document.workflow) {
        files.add_executable(TARGET, super::secret::script(project), with_head(READ_SECRET, &head));
    }
    if !document.protection.environments.is_empty() {
        let json =
            serde_json::to_string_pretty(&document.protection).expect("texts, numbers and lists are JSON") + "\n";
        files.add(TARGET, super::protection::file(project), json);
        files.add_executable(TARGET, super::protection::script(project, "apply"), with_head(APPLY, &head));
        files.add_executable(TARGET, super::protection::script(project, "check"), with_head(CHECK, &head));
    }
    files
}

/// A script with a comment below its first line.
fn with_head(script: &str, head: &str) -> String {
    match script.split_once('\n') {
        Some((first, rest)) => format!("{first}\n{head}{rest}"),
        None => script.to_owned(),
    }
}
