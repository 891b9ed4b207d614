//! `mlflow_register(…)`: a model goes into MLflow's registry.

use super::{Checker, Tool, given, word, written};
use crate::diagnostics::report;
use crate::model::{Expr, Field, Type};

/// Registers a model in MLflow, which has no command for that.
const REGISTER: &str = include_str!("mlflow_register.py");

impl Checker<'_> {
    /// The command; none where the step has not one model, or gives what the registry does not know.
    pub(super) fn register(&mut self, tool: &Tool) -> Option<Vec<Expr>> {
        let [model] = tool.inputs.iter().filter(|input| input.ty.is_artifact()).collect::<Vec<_>>()[..] else {
            let message = "what is registered is one model, so the step has one input that is an artifact";
            self.report(
                report::tool_mismatch(tool.span, message).help("`step register(model: Model) -> (version: int) { … }`"),
            );
            return None;
        };
        let ([] | [Field { ty: Type::Int, .. }]) = tool.outputs else {
            let message = "the registry gives the number of the version, and nothing else";
            self.report(report::tool_mismatch(tool.span, message).help("`-> (version: int)`, or no output"));
            return None;
        };
        if matches!(model.ty.unrefined(), Type::Optional(_)) {
            let message = format!("nothing is registered where `{}` is absent", model.name);
            self.report(report::tool_mismatch(model.span, message).help("take away the `?`"));
        }
        if let Some(other) = tool.inputs.iter().find(|input| input.name != model.name) {
            let message = format!("nothing is registered of the input `{}`", other.name);
            self.report(report::tool_mismatch(other.span, message).help("remove it"));
        }
        let argument = |name: &str| word(tool.text(name).unwrap_or_default());
        let mut words: Vec<Expr> = ["python3", "-c", REGISTER].map(word).into();
        words.extend([argument("name"), argument("alias"), given(model)]);
        words.extend(tool.outputs.iter().map(written));
        Some(words)
    }
}
