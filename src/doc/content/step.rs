//! The steps: what each takes, gives and runs, and which pipelines call it.

use super::super::page::{Inline, Page, code, link, text};
use super::{field, place};
use crate::model::{Model, Run, Step};
use crate::resolve::DeclId;

pub(super) fn page(model: &Model) -> Option<Page> {
    if model.steps.is_empty() {
        return None;
    }
    let mut page = Page::new("steps", "Steps", None);
    for (decl, step) in &model.steps {
        one(&mut page, model, *decl, step);
    }
    Some(page)
}

fn one(page: &mut Page, model: &Model, decl: DeclId, step: &Step) {
    page.item(2, model.name(decl));
    page.docs(model.docs(decl));
    let mut facts = vec![vec![text("runs"), runs(&step.run)]];
    let said = step.fields.iter().filter(|(name, _)| *name != "run" && step.said.contains(name));
    facts.extend(said.map(|(name, value)| vec![text(name), code(model.sources.text(value.span))]));
    facts.push(vec![text("called by"), callers(model, decl)]);
    facts.push(vec![text("declared in"), text(place(model, decl))]);
    page.table(&["", " "], facts.into_iter().filter(|row| !row[1].is_empty()).collect());
    field::table(page, model, "input", &step.inputs);
    field::table(page, model, "output", &step.outputs);
}

fn runs(run: &Run) -> Vec<Inline> {
    match run {
        Run::Python { file, function, .. } => [code(function), text(" in "), code(file)].concat(),
        Run::Command(..) => text("a command"),
        Run::Importer(_) => text("nothing: it imports an artifact"),
        Run::Claim { delete: false } => text("nothing: it claims a volume"),
        Run::Claim { delete: true } => text("nothing: it gives up a claimed volume"),
        Run::Approval { question, .. } => text(format!("nothing: it asks “{question}”")),
        Run::Form(form, Some(source)) => [code(&form.name), text(" of "), code(&source.path)].concat(),
        Run::Form(form, None) => code(&form.name),
        Run::Unknown => Vec::new(),
    }
}

fn callers(model: &Model, step: DeclId) -> Vec<Inline> {
    let calling =
        model.pipelines.iter().filter(|(_, pipeline)| pipeline.calls().iter().any(|call| call.callee == step));
    let mut line = Vec::new();
    for (decl, _) in calling {
        if !line.is_empty() {
            line.extend(text(", "));
        }
        line.push(link(format!("pipelines/{}", model.name(*decl)), None, model.name(*decl)));
    }
    line
}
