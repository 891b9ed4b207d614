//! The first page: what the project is, and a way to every other page.

use super::super::page::{Inline, Page, code, first_sentence, link, page_link, text};
use crate::model::Model;
use crate::plan::Plan;

pub(super) fn page(model: &Model, plan: &Plan, others: &[Page]) -> Page {
    let mut page = Page::new("index", &plan.project.name, None);
    page.docs(plan.project.description.as_deref());
    let targets = plan.targets.iter().map(|target| match target.options.get("version").and_then(|it| it.as_str()) {
        Some(version) => format!("{} {version}", target.name),
        None => target.name.clone(),
    });
    let facts = [("owners", plan.project.owners.join(", ")), ("targets", targets.collect::<Vec<_>>().join(", "))];
    let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
    page.table(&["", " "], facts.map(|(name, value)| vec![text(name), text(value)]).collect());
    pipelines(&mut page, model, plan);
    environments(&mut page, plan);
    let rest = others.iter().filter(|other| other.group.is_none());
    let rest: Vec<Vec<Inline>> = rest.map(|other| vec![page_link(other)]).collect();
    if !rest.is_empty() {
        page.heading(2, "Also");
        page.list(rest);
    }
    page
}

fn pipelines(page: &mut Page, model: &Model, plan: &Plan) {
    let rows: Vec<_> = model
        .pipelines
        .keys()
        .map(|decl| {
            let name = model.name(*decl);
            let built = plan.pipelines.iter().filter(|pipeline| pipeline.name == name);
            let built: Vec<&str> = built.map(|pipeline| pipeline.environment.as_str()).collect();
            let what = first_sentence(model.docs(*decl));
            vec![vec![link(format!("pipelines/{name}"), None, name)], what, text(built.join(", "))]
        })
        .collect();
    if !rows.is_empty() {
        page.heading(2, "Pipelines");
        page.table(&["pipeline", "what", "runs in"], rows);
    }
}

fn environments(page: &mut Page, plan: &Plan) {
    let rows: Vec<_> = plan
        .environments
        .iter()
        .map(|environment| {
            let name = link(format!("environments/{}", environment.name), None, &environment.name);
            let what = first_sentence(environment.description.as_deref());
            vec![vec![name], text(&environment.tier), code(&environment.orchestrator.form), what]
        })
        .collect();
    if !rows.is_empty() {
        page.heading(2, "Environments");
        page.table(&["environment", "tier", "orchestrator", "what"], rows);
    }
}
