//! `--images FILE`: the digest of every image that CI has built.

use std::path::Path;

use indexmap::IndexMap;

use crate::diagnostics::{Diagnostic, report};
use crate::plan::Plan;

use super::project::{self, unreadable, without_place};

/// Reads `{"toolbox": "sha256:…"}`; the value may also be the whole reference, `registry/name@sha256:…`.
pub(super) fn read(path: &Path) -> Result<IndexMap<String, String>, Box<Diagnostic>> {
    let shown = path.display().to_string();
    let bytes = project::read(path).map_err(|error| Box::new(unreadable(&shown, &error.to_string())))?;
    let images: IndexMap<String, String> =
        serde_json::from_slice(&bytes).map_err(|error| bad(&shown, &error.to_string()))?;
    match images.iter().find(|(_, digest)| !is_pinned(digest)) {
        Some((name, digest)) => Err(bad(&shown, &format!("`{name}` has no SHA-256 digest but `{digest}`"))),
        None => Ok(images),
    }
}

/// Images of the plan that the file does not name.
pub(super) fn unpinned(plan: &Plan, images: &IndexMap<String, String>) -> Vec<Diagnostic> {
    let missing = plan.images.iter().filter(|image| !images.contains_key(&image.name));
    let said = missing.map(|image| {
        report::unpinned_image(image.span, format!("the images file gives no digest for `{}`", image.name))
            .help("build and push it before the files that run it are made")
    });
    let foreign = plan.foreign_images.iter().filter(|image| {
        let pinned = image.reference.split_once('@').is_some_and(|(_, digest)| is_pinned(digest));
        !pinned && !images.contains_key(&image.name)
    });
    let pulled = foreign.map(|image| {
        let message = format!("`{}` is pulled by a name that may come to mean another image", image.name);
        report::unpinned_image(image.span, message).help(format!(
            "add its digest, `reference: \"{}@sha256:…\"`, or name it in the images file",
            image.reference
        ))
    });
    said.chain(pulled).collect()
}

fn bad(shown: &str, reason: &str) -> Box<Diagnostic> {
    let bad = without_place(report::bad_images, format!("`{shown}` is no list of images: {reason}"))
        .help("it is one JSON object from an image's name to its digest, `\"toolbox\": \"sha256:…\"`");
    Box::new(bad)
}

fn is_pinned(digest: &str) -> bool {
    let Some((_, hex)) = digest.rsplit_once("sha256:") else { return false };
    hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
}
