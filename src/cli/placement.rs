//! Where a build's files go: beside the project, or, what belongs to the repository, at its root.
//!
//! In: the project's folder, what it says of its place in the repository, and `--out`. Out: one root, and paths below it.

use std::path::{Path, PathBuf};

use super::output::LOCK_FILE;
use crate::diagnostics::{Diagnostic, report};
use crate::emit::TARGETS;
use crate::source::Span;

/// Where files go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placement {
    /// The folder that everything is below: the project's, or its repository's, or the one that `--out` names in its stead.
    pub(super) root: PathBuf,
    /// The project's place below it: empty, or ending in `/`.
    project: String,
}

impl Placement {
    /// Of the project in the folder `here`, which says at `span` that it lies in `folder` of its repository.
    pub(super) fn of(
        here: &Path,
        folder: Option<&str>,
        span: Span,
        out: Option<&Path>,
    ) -> Result<Self, Box<Diagnostic>> {
        let project = folder.map_or_else(String::new, |folder| format!("{folder}/"));
        let root = match (out, folder) {
            (Some(out), _) => out.to_owned(),
            (None, None) => here.to_owned(),
            (None, Some(folder)) => root_of(here, folder).ok_or_else(|| Box::new(misplaced(here, folder, span)))?,
        };
        Ok(Self { root, project })
    }

    /// Where a target's file goes, below the root.
    pub(super) fn place(&self, path: &str, target: &str) -> String {
        let at_root = TARGETS.iter().any(|one| one.name() == target && one.lies_at_root());
        if at_root { path.to_owned() } else { format!("{}{path}", self.project) }
    }

    /// The list of files, below the root: each project has its own.
    pub(super) fn lock(&self) -> String {
        format!("{}{LOCK_FILE}", self.project)
    }

    /// What the project calls a file below the root.
    pub(super) fn own<'p>(&self, path: &'p str) -> &'p str {
        path.strip_prefix(&self.project).unwrap_or(path)
    }
}

/// The repository's root, if the project's folder lies there so.
fn root_of(here: &Path, folder: &str) -> Option<PathBuf> {
    let here = here.canonicalize().ok()?;
    if !here.ends_with(folder) {
        return None;
    }
    here.ancestors().nth(folder.split('/').count()).map(Path::to_owned)
}

fn misplaced(here: &Path, folder: &str, span: Span) -> Diagnostic {
    let message =
        format!("the project says that it lies in `{folder}` of its repository, and it lies in `{}`", here.display());
    report::misplaced_project(span, message)
        .help("write its path from the repository's root, or leave `folder` out where it is the only project")
}
