//! Commands that cannot fail where a failure is what they are for.
//!
//! In: what a check or a verification runs. Out: a warning where it only says something, and so passes whatever is wrong.
//! It refuses to guess about anything that a shell could do more with.

use indexmap::IndexMap;

use super::checker::Checker;
use crate::diagnostics::report;
use crate::model::Value;
use crate::source::Span;

/// Programs that succeed and leave nothing behind.
const IDLE: &[&str] = &["echo", "printf", "true", ":"];

impl Checker<'_> {
    /// Warns of a check or verification that passes whatever it is given.
    pub(super) fn warn_of_pretence(&mut self, title: &str, fields: &IndexMap<String, Value>, span: Span) {
        let Some(run) = fields.get("run").and_then(Value::as_text).filter(|run| cannot_fail(run)) else { return };
        let message = format!("{title} cannot fail: `{}` tries nothing", run.trim());
        let diagnostic = report::checks_nothing(span, message)
            .note("Whoever reads the delivery takes it for a proof, and policies count it as one.")
            .help("run what tries something, or leave it out");
        self.report(diagnostic);
    }
}

/// Whether a command only says something: one program that does no more, and nothing that a shell could do with it.
fn cannot_fail(command: &str) -> bool {
    let command = command.trim();
    let program = command.split_whitespace().next().unwrap_or_default();
    command == "exit 0" || IDLE.contains(&program) && !command.contains([';', '|', '&', '<', '>', '`', '$', '\n'])
}
