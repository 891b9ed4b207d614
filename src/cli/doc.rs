//! `mlp doc`: the project's documentation as pages.

use std::path::PathBuf;

use clap::ValueEnum;
use indexmap::IndexMap;

use crate::doc::{self, files, pages};

use super::reports::{self, Reports};
use super::{Console, Status, plan, text_files};

/// Write the project's documentation as pages
///
/// Pipelines, steps, types, environments and the way of a change: what `///` lines say, beside what the compiler knows.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mlp doc --out site
  mlp doc --as markdown --out docs/pipelines")]
pub(super) struct Arguments {
    /// The project's folder
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,

    /// The folder that the pages are written to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// How the pages are written
    #[arg(long = "as", value_name = "FORM", value_enum, default_value_t = Form::Html)]
    form: Form,

    #[command(flatten)]
    reports: reports::Arguments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
enum Form {
    /// Pages that need nothing beside them
    Html,
    /// Markdown, with pictures beside it
    Markdown,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> Status {
    let mut reports = Reports::default();
    let found = plan::checked(arguments.path.as_deref(), &IndexMap::new(), &mut reports);
    let status = reports.status(arguments.reports.deny);
    let Some((checked, planned)) = found.filter(|_| status == Status::Fine) else {
        reports.say(&arguments.reports, console);
        return status.max(Status::Failed);
    };
    let format = match arguments.form {
        Form::Html => doc::Format::Html,
        Form::Markdown => doc::Format::Markdown,
    };
    let pages = pages(&checked.model, &planned.plan);
    let text = match text_files::write(&arguments.out, &files(&pages, format)) {
        Ok(written) => {
            let index = written.iter().find(|place| place.file_stem().is_some_and(|stem| stem == "index"));
            let index = index.map(|index| index.display().to_string()).unwrap_or_default();
            format!("{} files are written; begin with {index}\n", written.len())
        }
        Err(diagnostic) => {
            reports.add_one(*diagnostic);
            String::new()
        }
    };
    let status = reports.status(arguments.reports.deny);
    reports.say(&arguments.reports, console);
    console.print(&text);
    status
}
