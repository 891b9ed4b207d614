//! What the pages say: a file a kind of page.
//!
//! In: the model and the plan. Out: [`Page`]s. It refuses to know how they are written.

mod delivery;
mod environment;
mod field;
mod index;
mod pipeline;
mod step;
mod types;

use super::page::Page;
use crate::ast::ItemKind;
use crate::model::Model;
use crate::plan::Plan;
use crate::resolve::{Decl, DeclId};

pub(super) fn pages(model: &Model, plan: &Plan) -> Vec<Page> {
    let mut pages: Vec<Page> = pipeline::pages(model, plan);
    pages.extend(environment::pages(model, plan));
    pages.extend([step::page(model), types::page(model), environment::needs(model, plan)].into_iter().flatten());
    pages.extend(delivery::page(model, plan));
    pages.insert(0, index::page(model, plan, &pages));
    pages
}

/// What the project declares of a kind, in the order of files and text.
fn own<'a>(model: &'a Model, is: impl Fn(&ItemKind) -> bool + 'a) -> impl Iterator<Item = (DeclId, &'a Decl)> {
    model.names.own().filter(move |(_, decl)| is(&decl.item.kind))
}

/// `steps.mlp, line 42`
fn place(model: &Model, decl: DeclId) -> String {
    let span = model.span(decl);
    let line = model.sources.file(span.file).position(span.start).line;
    format!("{}, line {line}", model.path(span))
}
