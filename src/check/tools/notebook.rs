//! `notebook(…)`: a notebook, by papermill.

use std::collections::BTreeSet;

use super::{Checker, Tool, given, joined, value, word, written};
use crate::diagnostics::report;
use crate::model::{Expr, Field, Type};
use crate::python;
use crate::source::Span;

/// What a notebook's executed form is called.
const EXECUTED: &str = "executed";

impl Checker<'_> {
    /// The command; the notebook's cell of parameters is held against what the step takes and gives.
    pub(super) fn notebook(&mut self, tool: &Tool) -> Option<Vec<Expr>> {
        let text = self.file_of_tool(tool)?;
        let (executed, outputs): (Vec<&Field>, Vec<&Field>) =
            tool.outputs.iter().partition(|output| output.name == EXECUTED);
        let kept = executed.first().map_or_else(|| word("/dev/null"), |output| written(output));
        let mut words = vec![word("papermill"), word(tool.file()), kept];
        words.extend(tool.text("kernel").into_iter().flat_map(|kernel| [word("--kernel"), word(kernel)]));
        for input in tool.inputs {
            words.extend(self.if_given(input, set(input), None));
        }
        for output in &outputs {
            words.extend([word("-r"), word(&tool.told(output)), written(output)]);
        }
        let inputs = tool.inputs.iter().map(|input| (input.name.clone(), input.span));
        let named: Vec<_> = inputs.chain(outputs.iter().map(|output| (tool.told(output), output.span))).collect();
        self.held_against_cell(tool, &text, &named);
        Some(words)
    }

    /// What papermill sets is what the notebook's cell of parameters names.
    fn held_against_cell(&mut self, tool: &Tool, text: &str, named: &[(String, Span)]) {
        let (file, at) = (tool.file(), tool.span);
        let known = match parameters(text) {
            Ok(known) => known,
            Err(why) => {
                let diagnostic = report::tool_mismatch(at, format!("`{file}` {why}"));
                return self.report(
                    diagnostic
                        .help("give one of its cells the tag `parameters`, and assign each input and output there"),
                );
            }
        };
        for (name, span) in named.iter().filter(|(name, _)| !known.contains(name)) {
            let message = format!("the notebook `{file}` has no parameter `{name}`");
            let help = format!("assign it in the cell with the tag `parameters`: `{name} = None`");
            self.report(report::tool_mismatch(*span, message).label(at, "it is run here").help(help));
        }
        for name in known.iter().filter(|name| !named.iter().any(|(given, _)| given == *name)) {
            let message = format!("the notebook `{file}` has a parameter `{name}` that the step does not give");
            self.report(
                report::tool_mismatch(at, message).help("make it an input of the step, or assign it in another cell"),
            );
        }
    }
}

/// The words that set a parameter: a text or a path as it is, anything else as YAML, of which JSON is a part. So no text becomes a number.
fn set(input: &Field) -> Vec<Expr> {
    let ty = input.ty.required();
    let is_text = matches!(ty, Type::String | Type::Uri | Type::Cron | Type::Enum(_) | Type::Timestamp);
    if is_text || ty.is_artifact() {
        return vec![word("-r"), word(&input.name), joined(vec![given(input)])];
    }
    vec![word("-y"), joined(vec![word(&format!("{{\"{}\": ", input.name)), value(input), word("}")])]
}

/// The names that the cell with the tag `parameters` of a notebook assigns, or what is wrong with the notebook.
/// <https://nbformat.readthedocs.io/en/latest/format_description.html>
fn parameters(text: &str) -> Result<BTreeSet<String>, String> {
    let cells = python::notebook::cells(text).map_err(|why| format!("is no notebook: {why}"))?;
    let is_tagged = |cell: &&python::notebook::Cell| cell.tags.iter().any(|tag| tag == "parameters");
    let cell = cells.iter().find(is_tagged).ok_or("has no cell with the tag `parameters`")?;
    python::assigned(&cell.source).map_err(|_| "has parameters that are no Python".to_owned())
}
