//! A project's documentation as pages: what `///` lines say, beside everything that the compiler knows.
//!
//! In: a checked model and its plan. Out: [`Page`]s, and from them files of HTML or Markdown.
//! It refuses to know targets. A page loads nothing from elsewhere.

mod content;
mod html;
mod markdown;
mod page;

use std::collections::BTreeMap;

pub use page::Page;

use crate::model::Model;
use crate::plan::Plan;

/// How pages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `index.html` and its neighbours, with their pictures inside.
    Html,
    /// `index.md` and its neighbours, with pictures beside them.
    Markdown,
}

/// The pages of a project, the first its index.
pub fn pages(model: &Model, plan: &Plan) -> Vec<Page> {
    content::pages(model, plan)
}

/// The files of pages: path with `/`, and text.
pub fn files(pages: &[Page], format: Format) -> BTreeMap<String, String> {
    match format {
        Format::Html => html::files(pages),
        Format::Markdown => markdown::files(pages),
    }
}
