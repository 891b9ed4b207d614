//! Steps that ask people: they start no program and give nothing, and whoever is asked can be named.

use indexmap::IndexMap;

use super::checker::Checker;
use super::fields::Read;
use crate::diagnostics::report;
use crate::model::{Expr, Field, Run, Value};
use crate::source::Span;

/// What is said of programs alone.
const OF_PROGRAMS: &[&str] = &["image", "compute", "env", "secrets", "retry", "cache", "effects", "stub"];

impl Checker<'_> {
    /// `approval(team: TEAM, question: "…")`
    pub(super) fn approval_run(&mut self, run: &Expr, outputs: &[Field]) -> Run {
        if let Some(output) = outputs.first() {
            let message = format!("asking for an approval gives no `{}`: it succeeds or fails", output.name);
            let help = "take the outputs away, and let what needs the approval wait for it by `with { after: […] }`";
            self.report(report::approval_step(output.span, message).label(run.span, "by this").help(help));
        }
        let Value::Form(value) = self.constant(run) else { return Run::Unknown };
        let argument = |name: &str| value.arguments.get(name);
        match (argument("team"), argument("question").and_then(Value::as_text)) {
            (Some(Value::Reference(by)), Some(question)) => Run::Approval { by: *by, question: question.to_owned() },
            _ => Run::Unknown,
        }
    }

    /// What starts no program has no image, no machine and no variables.
    pub(super) fn check_approvals_fields(&mut self, read: &Read, own: &[String]) {
        for name in OF_PROGRAMS {
            if let Some(span) = read.said.get(*name).filter(|_| own.iter().any(|field| field == name)) {
                self.report_approval_without(name, *span);
            }
        }
    }

    /// The same of a call.
    pub(super) fn check_with_of_approval(&mut self, with: &IndexMap<String, Expr>) {
        for (name, value) in with.iter().filter(|(name, _)| OF_PROGRAMS.contains(&name.as_str())) {
            self.report_approval_without(name, value.span);
        }
    }

    fn report_approval_without(&mut self, name: &str, span: Span) {
        let message = format!("an approval starts no program, and has no `{name}`");
        self.report(report::approval_step(span, message).help("leave it out"));
    }
}
