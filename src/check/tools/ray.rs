//! `ray(…)`: a program, by `ray job submit`.

use serde_json::json;

use super::program::folder_of;
use super::{Checker, Tool, word};
use crate::model::Expr;

impl Checker<'_> {
    /// The command. The project's folder travels with the job, what runs on this machine left there excluded.
    pub(super) fn ray(&mut self, tool: &Tool) -> Option<Vec<Expr>> {
        self.file_of_tool(tool)?;
        let mut words: Vec<Expr> = ["ray", "job", "submit"].map(word).into();
        words.extend(tool.text("address").into_iter().flat_map(|address| [word("--address"), word(address)]));
        words.extend(["--working-dir", ".", "--runtime-env-json", &environment(tool.file())].map(word));
        words.extend(["--", "python", tool.file()].map(word));
        words.extend(self.options(tool));
        Some(words)
    }
}

/// What Ray's workers find: what the program does, which looks beside itself too.
/// <https://docs.ray.io/en/latest/ray-core/handling-dependencies.html#api-reference>
fn environment(file: &str) -> String {
    let mut environment = json!({"excludes": ["/.mlp"]});
    let folder = folder_of(file);
    if !folder.is_empty() {
        environment["env_vars"] = json!({"PYTHONPATH": folder});
    }
    environment.to_string()
}
