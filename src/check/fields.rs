//! What stands in an item's braces, held against the library's struct of that item.

use indexmap::IndexMap;

use super::checker::{Checker, Expected, Scope};
use crate::ast::{self, Entry};
use crate::diagnostics::{did_you_mean, report};
use crate::model::{Expr, Fields, Value};
use crate::resolve::DeclId;
use crate::source::Span;

/// An item whose fields are read.
pub(super) struct Owner<'a> {
    /// As a message names it: `step `train``.
    pub(super) title: String,
    /// Where its name stands.
    pub(super) span: Span,
    /// The library's struct.
    pub(super) of: DeclId,
    pub(super) entries: &'a [Entry],
    /// Other entries that its check reads itself: `target`, `check`, `schedule`, `on failure`, `data` …
    pub(super) others: &'a [&'a str],
    /// Whether what is left out and has no default is an error.
    pub(super) complete: bool,
}

/// What was read.
#[derive(Default)]
pub(super) struct Read {
    /// By name: what is said or, where the library has one, the default; in the order of the struct.
    pub(super) fields: Fields,
    /// Where the value of each field that is said stands.
    pub(super) said: IndexMap<String, Span>,
}

impl Checker<'_> {
    pub(super) fn read_fields(&mut self, scope: &mut Scope, owner: &Owner<'_>) -> Read {
        let known = self.model.structs.get(&owner.of).map(|found| found.fields.clone()).unwrap_or_default();
        let mut given: IndexMap<String, (Expr, Span)> = IndexMap::new();
        for entry in owner.entries {
            let Entry::Field { name, value, .. } = entry else {
                self.check_other(owner, entry);
                continue;
            };
            let Some(field) = known.iter().find(|field| field.name == name.text) else {
                self.unknown_field(owner, name, &known.iter().map(|field| field.name.as_str()).collect::<Vec<_>>());
                self.infer_lenient(scope, value);
                continue;
            };
            self.used_field(name, field);
            if let Some((_, first)) = given.get(&name.text) {
                let message = format!("`{}` is said twice", name.text);
                let first = *first;
                self.report(report::said_twice(name.span, message).label(first, "said first here"));
                continue;
            }
            let why = format!("`{}` is {}", field.name, super::expr::with_article(&self.show(shown(&field.ty))));
            let expected = match self.is_library(field.span) {
                true => Expected::because(&field.ty, name.span, why),
                false => Expected::because(&field.ty, field.span, why),
            };
            let value = self.expr(scope, value, &expected);
            given.insert(name.text.clone(), (value, name.span));
        }
        let mut read = Read::default();
        let mut missing = Vec::new();
        for field in &known {
            if let Some((value, span)) = given.shift_remove(&field.name) {
                read.fields.insert(field.name.clone(), value);
                read.said.insert(field.name.clone(), span);
            } else if let Some(default) = &field.default {
                read.fields.insert(field.name.clone(), default.clone());
            } else if !field.may_be_left_out() {
                missing.push(field);
            }
        }
        if owner.complete && !missing.is_empty() && !self.is_misread(owner.span) {
            let names: Vec<String> = missing.iter().map(|field| format!("`{}`", field.name)).collect();
            let message = format!("{} lacks {}", owner.title, names.join(" and "));
            let lines: Vec<String> = missing
                .iter()
                .map(|field| match &field.docs {
                    Some(docs) => format!("`{}: …` ({}): {docs}", field.name, self.show(&field.ty)),
                    None => format!("`{}: …` ({})", field.name, self.show(&field.ty)),
                })
                .collect();
            self.report(report::missing_field(owner.span, message).help(format!("add {}", lines.join("; "))));
        }
        read
    }

    fn is_library(&self, span: Span) -> bool {
        crate::library::module_of(&self.model.sources.file(span.file).path).is_some()
    }

    /// Looks into the value of a field that does not exist only for names, so that they count as used.
    fn infer_lenient(&mut self, scope: &mut Scope, value: &ast::Expr) {
        let before = self.diagnostics.len();
        self.infer(scope, value, None);
        self.diagnostics.truncate(before);
    }

    fn unknown_field(&mut self, owner: &Owner<'_>, name: &ast::Name, known: &[&str]) {
        let message = format!("{} has no field `{}`", owner.title, name.text);
        let mut diagnostic = report::unknown_field(name.span, message);
        if let Some(near) = did_you_mean(&name.text, known.iter().copied()) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?")).fix("rename it", name.span, near);
        } else {
            let list: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            diagnostic = diagnostic.help(format!("it has {}", list.join(", ")));
        }
        self.report(diagnostic);
    }

    fn check_other(&mut self, owner: &Owner<'_>, entry: &Entry) {
        let (word, span) = match entry {
            Entry::Binding { keyword, name, .. } => (keyword.text.clone(), keyword.span.to(name.span)),
            Entry::Section { keyword, name, .. } => (keyword.text.clone(), keyword.span.to(name.span)),
            Entry::OnFailure(on_failure) => ("on failure".to_owned(), on_failure.span),
            Entry::Field { .. } | Entry::Error(_) => return,
        };
        if owner.others.contains(&word.as_str()) {
            return;
        }
        let message = format!("`{word}` does not stand in {}", owner.title);
        let help = match word.as_str() {
            "data" | "secret" | "compute" | "service" | "var" => "a value of a need is said in an environment",
            "schedule" | "alert" => "schedules and alerts stand in an environment",
            "check" => "checks stand in `ci`",
            "target" => "targets stand in `project`",
            _ => "it stands in `ci`, in a promotion or an edge of it, and in a schedule",
        };
        self.report(report::misplaced_entry(span, message).help(help));
    }

    /// The values of fields that must all be constants.
    pub(super) fn values(&mut self, fields: &Fields) -> IndexMap<String, Value> {
        fields.iter().map(|(name, expr)| (name.clone(), self.constant(expr))).collect()
    }
}

/// A type as a message names it: that it may be left out is another matter.
fn shown(ty: &crate::model::Type) -> &crate::model::Type {
    match ty.unrefined() {
        crate::model::Type::Optional(inner) => inner,
        _ => ty,
    }
}
