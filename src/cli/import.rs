//! `mlp import`: what other tools made becomes a project.
//!
//! In: files' paths and a folder. Out: the project's files in it, all of them or none. It refuses to overwrite what is there.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::diagnostics::{Diagnostic, report};
use crate::import::{Imported, kubeflow};

use super::output;
use super::project::{self, Located, unreadable, without_place};
use super::reports::{self, Reports};
use super::{Console, Status};

/// Make a project of compiled pipelines
///
/// Before anything is written, the project is compiled and compared with the files: it means the same, or the command says
/// what differs and fails. Files that are there already are not overwritten.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mlp import kubeflow pipeline.yaml --out pipelines
  mlp import kubeflow train.yaml serve.yaml --out pipelines
  mlp import kubeflow pipeline.yaml platform.yaml --out pipelines")]
pub(super) struct Arguments {
    #[command(subcommand)]
    from: From,
}

/// What the files are of.
#[derive(Debug, clap::Subcommand)]
enum From {
    Kubeflow(Kubeflow),
}

/// Compiled Kubeflow pipelines, version 2: YAML, JSON, a PipelineJob or a Kubernetes manifest
#[derive(Debug, clap::Args)]
struct Kubeflow {
    /// Compiled pipelines, each with its platform document behind it or in a file of its own
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// The project's folder; it is made if it is not there
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,

    /// Overwrite files that are there already
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    reports: reports::Arguments,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> Status {
    let From::Kubeflow(arguments) = &arguments.from;
    let mut reports = Reports::default();
    let listing = made(arguments, &mut reports);
    let status = reports.status(arguments.reports.deny);
    reports.say(&arguments.reports, console);
    if !arguments.reports.for_machines() {
        console.print(&listing);
    }
    status
}

/// What was written.
fn made(arguments: &Kubeflow, reports: &mut Reports) -> String {
    let mut files = Vec::new();
    for path in &arguments.files {
        let shown = path.display().to_string();
        match project::read(path) {
            Ok(bytes) => files.push((shown, bytes)),
            Err(error) => reports.add_one(unreadable(&shown, &error.to_string())),
        }
    }
    if !reports.is_empty() {
        return String::new();
    }
    let Imported { files, sources, diagnostics } = kubeflow::import(files);
    reports.add("", &sources, diagnostics);
    if reports.any_error() || files.is_empty() {
        return String::new();
    }
    if !arguments.force {
        refusals(&arguments.out, &files).into_iter().for_each(|diagnostic| reports.add_one(diagnostic));
        if reports.any_error() {
            return String::new();
        }
    }
    match written(&arguments.out, &files) {
        Ok(listing) => listing,
        Err(error) => {
            let message = format!("the project cannot be written: {error}");
            reports.add_one(without_place(report::unwritable, message).note("nothing has been changed"));
            String::new()
        }
    }
}

/// What stands in the way: files with another text, and sources that would become part of the project.
fn refusals(out: &Path, files: &BTreeMap<String, String>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let taken = |path: &str| {
        let place = out.join(path);
        let same =
            || project::read(&place).is_ok_and(|bytes| files.get(path).is_some_and(|text| bytes == text.as_bytes()));
        place.symlink_metadata().is_ok() && !same()
    };
    for path in files.keys().filter(|path| taken(path)) {
        let shown = out.join(path).display().to_string();
        let help = "name a folder without it, or overwrite it with `--force`";
        found.push(without_place(report::foreign_file, format!("`{shown}` is there already")).help(help));
    }
    if out.is_dir() {
        let (sources, _) = Located::folder(out).files(None);
        for path in sources.iter().filter(|path| !files.contains_key(*path)) {
            let shown = out.join(path).display().to_string();
            let message = format!("`{shown}` is there already, and would become part of the project");
            found.push(
                without_place(report::foreign_file, message).help("name a folder of its own for what is imported"),
            );
        }
    }
    found
}

fn written(out: &Path, files: &BTreeMap<String, String>) -> io::Result<String> {
    std::fs::create_dir_all(out)?;
    let _kept_to_the_end = output::exclusive(out)?;
    output::write_all(out, files)?;
    Ok(files.keys().map(|path| format!("wrote {}\n", out.join(path).display())).collect())
}
