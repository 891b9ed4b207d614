//! The way of a change: checks, promotion, verifications, teams, policies and tests.

use super::super::page::{Inline, Page, code, inline, text};
use super::{field, own};
use crate::ast::{ItemKind, Proposition};
use crate::graph;
use crate::model::Model;
use crate::plan::{Edge, Plan, duration_text};

pub(super) fn page(model: &Model, plan: &Plan) -> Option<Page> {
    let mut page = Page::new("delivery", "The way of a change", None);
    graph::promotions(plan).into_iter().for_each(|picture| page.picture(picture));
    checks(&mut page, plan);
    for edge in plan.delivery.promotions.iter().flat_map(|promotion| &promotion.edges) {
        self::edge(&mut page, edge);
    }
    verifications(&mut page, model, plan);
    teams(&mut page, plan);
    policies(&mut page, model);
    if !model.tests.is_empty() {
        page.heading(2, "Tests");
        page.list(model.tests.iter().map(|test| text(&test.title)).collect());
    }
    (!page.blocks.is_empty()).then_some(page)
}

fn checks(page: &mut Page, plan: &Plan) {
    let Some(ci) = &plan.delivery.ci else { return };
    page.heading(2, "What every change must pass");
    let rows = ci.checks.iter().map(|check| {
        let what = inline(check.description.as_deref().unwrap_or_default());
        vec![code(&check.name), code(&check.run), text(duration_text(check.timeout)), what]
    });
    page.table(&["check", "runs", "at most", "what"], rows.collect());
    if !ci.builds.is_empty() {
        page.paragraph([text("Then it is built: "), code(ci.builds.join(", ")), text(".")].concat());
    }
}

fn edge(page: &mut Page, edge: &Edge) {
    let from = if edge.from.is_empty() { "ci".to_owned() } else { edge.from.join(" and ") };
    page.heading(2, &format!("From {from} to {}", edge.to));
    page.docs(edge.description.as_deref());
    page.ordered(edge.operations.iter().map(|operation| inline(&operation.title)).collect());
    let failure = &edge.on_failure;
    let mut done: Vec<String> =
        failure.rollback.iter().map(|_| "the version that was live comes back".to_owned()).collect();
    done.extend(failure.hold.then(|| "the edge stays closed until a person opens it".to_owned()));
    done.extend(failure.notices.iter().map(|notice| format!("{} is told", notice.notifier.form)));
    if !done.is_empty() {
        page.paragraph(text(format!("When something fails: {}.", done.join("; "))));
    }
}

fn verifications(page: &mut Page, model: &Model, plan: &Plan) {
    if plan.delivery.verifications.is_empty() {
        return;
    }
    page.heading(2, "Verifications");
    for verification in &plan.delivery.verifications {
        page.item(3, &verification.name);
        page.docs(verification.description.as_deref());
        let time = text(format!(" for at most {}.", duration_text(verification.timeout)));
        page.paragraph([text("Runs "), code(&verification.run), time].concat());
        let typed = model.verifications.iter().find(|(decl, _)| model.name(**decl) == verification.name);
        if let Some((_, typed)) = typed {
            field::table(page, model, "measures", &typed.outputs);
        }
    }
}

fn teams(page: &mut Page, plan: &Plan) {
    if plan.delivery.teams.is_empty() {
        return;
    }
    page.heading(2, "Teams");
    let rows = plan.delivery.teams.iter().map(|team| {
        let hosts: Vec<String> = team.hosts.iter().map(|(host, name)| format!("{host}: {name}")).collect();
        vec![code(&team.name), code(hosts.join(", ")), inline(team.description.as_deref().unwrap_or_default())]
    });
    page.table(&["team", "is", "what"], rows.collect());
}

fn policies(page: &mut Page, model: &Model) {
    let policies: Vec<_> = own(model, |kind| matches!(kind, ItemKind::Policy(_))).collect();
    if policies.is_empty() {
        return;
    }
    page.heading(2, "Policies");
    for (decl, declared) in policies {
        let ItemKind::Policy(policy) = &declared.item.kind else { continue };
        page.item(3, model.name(decl));
        page.docs(model.docs(decl));
        page.list(policy.propositions.iter().map(|proposition| stated(model, proposition)).collect());
    }
}

/// A proposition as it is written, on one line.
fn stated(model: &Model, proposition: &Proposition) -> Vec<Inline> {
    code(model.sources.text(proposition.span).split_whitespace().collect::<Vec<_>>().join(" "))
}
