//! Writing the files that a person asked for by name: pictures and pages.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::diagnostics::{Diagnostic, report};

use super::project::without_place;

/// Writes files below a folder, which is made where it is missing; what is there is replaced. Gives the paths.
pub(super) fn write(folder: &Path, files: &BTreeMap<String, String>) -> Result<Vec<PathBuf>, Box<Diagnostic>> {
    let mut written = Vec::new();
    for (path, text) in files {
        let place = folder.join(path);
        write_one(&place, text)?;
        written.push(place);
    }
    Ok(written)
}

/// Writes a file and the folders above it.
pub(super) fn write_one(place: &Path, text: &str) -> Result<(), Box<Diagnostic>> {
    let above = place.parent().filter(|above| !above.as_os_str().is_empty());
    let made = above.map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| fs::write(place, text)).map_err(|error| {
        let message = format!("`{}` cannot be written: {error}", place.display());
        Box::new(without_place(report::unwritable, message))
    })
}
