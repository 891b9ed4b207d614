//! A page a pipeline: what it takes and gives, a picture in each environment, the steps that it calls.

use super::super::page::{Inline, Page, code, first_sentence, link, text};
use super::{field, place};
use crate::graph;
use crate::model::{Model, Pipeline as Typed};
use crate::plan::{Node, Pipeline, Plan, Run, Task};
use crate::resolve::DeclId;

pub(super) fn pages(model: &Model, plan: &Plan) -> Vec<Page> {
    model.pipelines.iter().map(|(decl, typed)| page(model, plan, *decl, typed)).collect()
}

fn page(model: &Model, plan: &Plan, decl: DeclId, typed: &Typed) -> Page {
    let name = model.name(decl);
    let mut page = Page::new(format!("pipelines/{name}"), name, Some("Pipelines"));
    page.docs(model.docs(decl));
    page.paragraph(text(format!("Declared in {}.", place(model, decl))));
    if !typed.parameters.is_empty() {
        page.heading(2, "Parameters");
        field::table(&mut page, model, "parameter", &typed.parameters);
    }
    if !typed.outputs.is_empty() {
        page.heading(2, "Outputs");
        field::table(&mut page, model, "output", &typed.outputs);
    }
    let built: Vec<&Pipeline> = plan.pipelines.iter().filter(|pipeline| pipeline.name == name).collect();
    schedules(&mut page, &built);
    if let Some(first) = built.first() {
        page.heading(2, "Steps");
        page.table(&["task", "step", "in", "what"], calls(first));
    }
    for pipeline in &built {
        page.heading(2, &format!("In {}", pipeline.environment));
        let place = vec![link(format!("environments/{}", pipeline.environment), None, &pipeline.environment)];
        page.paragraph([text("The environment: "), place].concat());
        page.picture(graph::pipeline(pipeline));
    }
    page
}

fn schedules(page: &mut Page, built: &[&Pipeline]) {
    let rows: Vec<_> = built
        .iter()
        .filter_map(|pipeline| {
            let schedule = pipeline.schedule.as_ref()?;
            let told: Vec<&str> = schedule.notices.iter().map(|notice| notice.notifier.form.as_str()).collect();
            let mut failure: Vec<String> = schedule.rollback.then(|| "roll back".to_owned()).into_iter().collect();
            failure.extend(told.into_iter().map(|one| format!("tell {one}")));
            let environment = vec![link(format!("environments/{}", pipeline.environment), None, &pipeline.environment)];
            Some(vec![environment, code(graph::form_text(&schedule.every)), text(failure.join(", "))])
        })
        .collect();
    if !rows.is_empty() {
        page.heading(2, "Runs by itself");
        page.table(&["environment", "when", "on failure"], rows);
    }
}

/// Every task with the blocks around it.
fn calls(pipeline: &Pipeline) -> Vec<Vec<Vec<Inline>>> {
    let mut rows = Vec::new();
    collect(&pipeline.body, "", &mut rows);
    collect(pipeline.finally.as_deref().map_or(&[], std::slice::from_ref), "finally", &mut rows);
    rows
}

fn collect(nodes: &[Node], around: &str, rows: &mut Vec<Vec<Vec<Inline>>>) {
    let within = |what: String| if around.is_empty() { what } else { format!("{around}, {what}") };
    for node in nodes {
        match node {
            Node::Task(task) => rows.push(row(task, around)),
            Node::Loop(node) => collect(&node.body, &within(format!("for {} in {}", node.item, node.items)), rows),
            Node::Group(node) => collect(&node.body, &within(format!("pipeline {}", node.pipeline)), rows),
            Node::Try(node) => {
                collect(&node.body, &within("try".to_owned()), rows);
                collect(std::slice::from_ref(&*node.last), &within("finally".to_owned()), rows);
            }
            Node::Branch(node) => {
                for arm in &node.arms {
                    let when = arm.condition.as_ref().map_or("else".to_owned(), |condition| format!("if {condition}"));
                    collect(&arm.body, &within(when), rows);
                }
            }
        }
    }
}

fn row(task: &Task, around: &str) -> Vec<Vec<Inline>> {
    let what = first_sentence(task.description.as_deref());
    let step = match &task.run {
        Run::Gate { .. } => code(&task.step),
        _ => vec![link("steps", Some(&task.step), &task.step)],
    };
    vec![code(&task.id), step, code(around), what]
}
