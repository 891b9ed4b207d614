//! `mlp check`: everything that is wrong with a project.

use std::path::{Path, PathBuf};

use crate::diagnostics::render::Format;
use crate::model::{Model, Value};

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
    let mut seen = Seen::default();
    if arguments.paths.is_empty() {
        check(None, &mut reports, &mut seen);
    }
    for path in &arguments.paths {
        check(Some(path), &mut reports, &mut seen);
    }
    let Seen { files, raw } = seen;
    let (status, format) = (reports.status(arguments.reports.deny), arguments.reports.format);
    let quiet = reports.is_empty() && matches!(format, Format::Human | Format::Narrated);
    if quiet {
        console.print(&format!("nothing is wrong in {files} file{}\n", if files == 1 { "" } else { "s" }));
    } else {
        reports.print(format, console);
    }
    if raw > 0 && matches!(format, Format::Human | Format::Narrated) {
        console.print(&format!("{raw} raw key{}\n", if raw == 1 { "" } else { "s" }));
    }
    status
}

/// What was looked at.
#[derive(Default)]
struct Seen {
    files: usize,
    /// Keys of hosts' own that are added to generated jobs: nothing but the host's linters checks them.
    raw: usize,
}

/// Adds what is wrong at a path, and what was looked at.
fn check(path: Option<&Path>, reports: &mut Reports, seen: &mut Seen) {
    let located = match project::locate(path) {
        Ok(located) => located,
        Err(diagnostic) => {
            reports.add_one(*diagnostic);
            return;
        }
    };
    let texts = located.load(None);
    seen.files += texts.count();
    let checked = texts.parse().check(&located.disk()).with_targets();
    seen.raw += raw_keys(&checked.model);
    reports.add(&located.prefix, &checked.model.sources, checked.diagnostics);
}

fn raw_keys(model: &Model) -> usize {
    let targets = model.project.iter().flat_map(|project| &project.targets);
    let raw = targets.filter_map(|target| target.fields.get("raw"));
    raw.map(|raw| if let Value::Record(keys) = raw { keys.len() } else { 0 }).sum()
}
