//! The documents' files.

use super::NAME;
use super::model::Document;
use crate::emit::{Files, header};
use crate::plan::{Environment, Plan};
use crate::text::yaml;

pub(super) fn write(plan: &Plan, environment: &Environment, document: &Document) -> Files {
    let mut files = Files::default();
    let header = header(plan, "main.mlp");
    files.add(NAME, format!("{NAME}/{}", rules_file(environment)), yaml::write_with_header(&header, &document.rules));
    let path = format!("{NAME}/{}.test.yml", environment.name);
    files.add(NAME, path, yaml::write_with_header(&header, &document.tests));
    files
}

/// The rules' file in the folder.
pub(super) fn rules_file(environment: &Environment) -> String {
    format!("{}.rules.yml", environment.name)
}
