//! `spark(…)`: a program, by `spark-submit`.

use super::program::folder_of;
use super::{Checker, Tool, word};
use crate::model::{Expr, Value};
use crate::source::normal_path;

impl Checker<'_> {
    /// The command, with the modules that lie beside the program: Spark's workers find those only that are handed over.
    pub(super) fn spark(&mut self, tool: &Tool) -> Option<Vec<Expr>> {
        self.file_of_tool(tool)?;
        let file = normal_path(tool.file())?;
        let mut modules = self.imported(&file);
        let is_beside = |module: &str| folder_of(module) == folder_of(&file) && !module.ends_with("__init__.py");
        modules.retain(|module| *module != file && is_beside(module));
        let mut words = vec![word("spark-submit")];
        let mut option = |name: &str, value: &str| words.extend([word(name), word(value)]);
        for (name, argument) in [("--master", "master"), ("--deploy-mode", "deploy_mode")] {
            tool.text(argument).into_iter().for_each(|value| option(name, value));
        }
        let packages = tool.arguments.get("packages").and_then(Value::as_list).unwrap_or_default();
        let packages: Vec<&str> = packages.iter().filter_map(Value::as_text).collect();
        for (name, listed) in [("--packages", packages.join(",")), ("--py-files", modules.join(","))] {
            (!listed.is_empty()).then(|| option(name, &listed));
        }
        if let Some(Value::Record(conf)) = tool.arguments.get("conf") {
            for (key, value) in conf {
                value.as_text().into_iter().for_each(|value| option("--conf", &format!("{key}={value}")));
            }
        }
        words.push(word(tool.file()));
        words.extend(self.options(tool));
        Some(words)
    }
}
