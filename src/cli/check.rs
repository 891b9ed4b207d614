//! `mlp check`: everything that is wrong with a project.

use std::path::{Path, PathBuf};

use crate::diagnostics::render::Format;

use super::reports::{self, Reports};
use super::{Console, Status, project};

/// Say everything that is wrong with a project
///
/// PATH is a project's folder (with its `main.mlp`), or one file, which is then checked alone with what it imports.
/// Without it, the project is the one whose `main.mlp` is nearest upward.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mlp check
  mlp check examples/churn --deny warnings
  mlp check --format sarif > mlp.sarif")]
pub(super) struct Arguments {
    /// Projects' folders or single files
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    reports: reports::Arguments,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> Status {
    let mut reports = Reports::default();
    let mut files = 0;
    if arguments.paths.is_empty() {
        files += check(None, &mut reports);
    }
    for path in &arguments.paths {
        files += check(Some(path), &mut reports);
    }
    let (status, format) = (reports.status(arguments.reports.deny), arguments.reports.format);
    let quiet = reports.is_empty() && matches!(format, Format::Human | Format::Narrated);
    if quiet {
        console.print(&format!("nothing is wrong in {files} file{}\n", if files == 1 { "" } else { "s" }));
    } else {
        reports.print(format, console);
    }
    status
}

/// Adds what is wrong at a path, and gives how many files of the project were looked at.
fn check(path: Option<&Path>, reports: &mut Reports) -> usize {
    let located = match project::locate(path) {
        Ok(located) => located,
        Err(diagnostic) => {
            reports.add_one(*diagnostic);
            return 0;
        }
    };
    let texts = located.load(None);
    let files = texts.count();
    let checked = texts.parse().check(&located.disk()).with_targets();
    reports.add(&located.prefix, &checked.model.sources, checked.diagnostics);
    files
}
