//! Steps that claim a volume of the cluster or give it up: what they take is said to the cluster by name, so it is known.

use indexmap::IndexMap;

use super::checker::Checker;
use super::fields::Read;
use crate::ast;
use crate::diagnostics::report;
use crate::model::{Expr, Field, Type};
use crate::source::Span;

/// What a claim is asked for with, and whether it must be said.
const ASKED: &[(&str, bool)] = &[
    ("pvc_name", false),
    ("pvc_name_suffix", false),
    ("access_modes", true),
    ("size", true),
    ("storage_class_name", false),
    ("volume_name", false),
    ("annotations", false),
    ("data_source", false),
];

/// What is said of programs alone.
const OF_PROGRAMS: &[&str] = &["image", "compute", "timeout", "env", "secrets"];

impl Checker<'_> {
    /// What starts no program has no image, no machine and no variables.
    pub(super) fn check_claims_fields(&mut self, read: &Read, own: &[String]) {
        for name in OF_PROGRAMS {
            if let Some(span) = read.said.get(*name).filter(|_| own.iter().any(|field| field == name)) {
                self.report_claim_without(name, *span);
            }
        }
    }

    /// The same of a call.
    pub(super) fn check_with_of_claim(&mut self, step: &ast::Step, with: &IndexMap<String, Expr>) {
        if super::flow::run_form(step) == Some("approval") {
            return self.check_with_of_approval(with);
        }
        if !matches!(super::flow::run_form(step), Some("create_claim" | "delete_claim")) {
            return;
        }
        for (name, value) in with.iter().filter(|(name, _)| OF_PROGRAMS.contains(&name.as_str())) {
            self.report_claim_without(name, value.span);
        }
    }

    fn report_claim_without(&mut self, name: &str, span: Span) {
        let message = format!("a claim starts no program, and has no `{name}`");
        self.report(report::claim_step(span, message).help("leave it out"));
    }

    pub(super) fn check_claim(&mut self, run: Span, delete: bool, inputs: &[Field], outputs: &[Field]) {
        let known: &[(&str, bool)] = if delete { &[("pvc_name", true)] } else { ASKED };
        let verb = if delete { "giving up a claim" } else { "claiming a volume" };
        for input in inputs {
            let fits = match input.name.as_str() {
                "access_modes" => matches!(input.ty.required(), Type::List(_)),
                "annotations" | "data_source" => {
                    matches!(input.ty.required(), Type::Map(_) | Type::Struct(_) | Type::Json)
                }
                _ => matches!(input.ty.required(), Type::String),
            };
            if !known.iter().any(|(name, _)| *name == input.name) {
                let names: Vec<String> = known.iter().map(|(name, _)| format!("`{name}`")).collect();
                let message = format!("{verb} takes no `{}`", input.name);
                let help = format!("it takes {}", names.join(", "));
                self.report(report::claim_step(input.span, message).label(run, "by this").help(help));
            } else if !fits {
                let message = format!("{verb} takes no `{}` as `{}`", self.show(&input.ty), input.name);
                let help = "names and sizes are `string`, access modes a `list<string>`, annotations a `map<string>`";
                self.report(report::claim_step(input.span, message).label(run, "by this").help(help));
            }
        }
        for (name, _) in known.iter().filter(|(name, must)| *must && !inputs.iter().any(|input| input.name == *name)) {
            let message = format!("{verb} needs the input `{name}`");
            self.report(report::claim_step(run, message).help("give the step that input"));
        }
        let named = matches!(outputs, [one] if one.name == "name" && matches!(one.ty.unrefined(), Type::String));
        if delete != outputs.is_empty() || !(delete || named) {
            let at = outputs.first().map_or(run, |output| output.span);
            let (message, help) = match delete {
                true => ("giving up a claim gives nothing", "take the outputs away"),
                false => ("claiming a volume gives its name, and nothing else", "write `-> (name: string)`"),
            };
            self.report(report::claim_step(at, message).help(help));
        }
    }
}
