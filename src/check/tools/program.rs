//! How a program of Spark or Ray is told what its step takes and gives.

use super::{Checker, Tool, given, joined, word, written};
use crate::model::Expr;

impl Checker<'_> {
    /// `--NAME=VALUE` for every input that is there, `--NAME=PATH` for every output: one word each, so that no value is taken for an option.
    pub(super) fn options(&self, tool: &Tool) -> Vec<Expr> {
        let option = |name: &str, value: Expr| joined(vec![word(&format!("--{name}=")), value]);
        let mut options = Vec::new();
        for input in tool.inputs {
            options.extend(self.if_given(input, vec![option(&input.name, given(input))], None));
        }
        options.extend(tool.outputs.iter().map(|output| option(&tool.told(output), written(output))));
        options
    }
}

/// The folder of a file of the project; empty where it lies in the project's own.
pub(super) fn folder_of(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}
