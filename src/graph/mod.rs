//! Pictures of a project: its pipelines, and the way of a change through its environments.
//!
//! ```text
//! Plan -> Picture -> Scene -> SVG, HTML
//!                 -> Mermaid
//! ```
//! In: a [`Plan`](crate::plan::Plan). Out: text. It refuses to know any target, and to load anything: no font, no script.

mod html;
mod layout;
mod measure;
mod mermaid;
mod picture;
mod pipeline;
mod promotion;
mod simulated;
mod style;
mod svg;

pub use html::html;
pub use mermaid::mermaid;
pub use picture::Picture;
pub use pipeline::{form_text, pipeline, pipelines};
pub use promotion::promotions;
pub use simulated::simulated;
pub(crate) use style::PICTURE as STYLE;
pub(crate) use svg::element;
pub use svg::svg;

/// Every picture of a project: the promotions first, then each pipeline in each environment.
pub fn pictures(plan: &crate::plan::Plan) -> Vec<Picture> {
    let mut pictures = promotions(plan);
    pictures.extend(pipelines(plan));
    pictures
}

#[cfg(test)]
mod tests;
