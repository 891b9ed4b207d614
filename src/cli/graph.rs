//! `mlp graph`: pictures of pipelines and of the way of a change.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use indexmap::IndexMap;

use crate::diagnostics::{Diagnostic, did_you_mean};
use crate::graph::{Picture, html, mermaid, pictures, svg};

use super::reports::{self, Reports};
use super::{Console, Status, plan, text_files};

/// Draw the project's pipelines and promotions
///
/// A picture is called after what it shows: `promotion`, `training-production`. Without `--out` it is printed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mlp graph --out graph.html                    every picture on one page
  mlp graph --as svg --out pictures             each picture as a file
  mlp graph --as mermaid --only promotion       one picture, printed
  mlp graph --list                              what pictures there are")]
pub(super) struct Arguments {
    /// The project's folder
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,

    /// What is made
    #[arg(long = "as", value_name = "FORM", value_enum, default_value_t = Form::Html)]
    form: Form,

    /// A file for the page; a folder for pictures
    #[arg(long, value_name = "PLACE")]
    out: Option<PathBuf>,

    /// Only this picture; may be given again
    #[arg(long, value_name = "PICTURE")]
    only: Vec<String>,

    /// List the pictures
    #[arg(long, conflicts_with_all = ["out", "only"])]
    list: bool,

    #[command(flatten)]
    reports: reports::Arguments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
enum Form {
    /// One page that needs nothing beside it
    Html,
    /// A picture a file
    Svg,
    /// A flowchart a file, for Markdown
    Mermaid,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> Status {
    let mut reports = Reports::default();
    let planned = plan::of(arguments.path.as_deref(), &IndexMap::new(), &mut reports);
    let status = reports.status(arguments.reports.deny);
    let Some(planned) = planned.filter(|_| status == Status::Fine) else {
        reports.say(&arguments.reports, console);
        return status.max(Status::Failed);
    };
    let made = chosen(arguments, pictures(&planned.plan)).and_then(|chosen| {
        if arguments.list {
            return Ok(chosen.iter().map(|picture| format!("{}\n", picture.name)).collect());
        }
        match &arguments.out {
            Some(out) => write(arguments.form, out, &planned.plan.project.name, &chosen).map_err(Stop::Disk),
            None => printed(arguments.form, &planned.plan.project.name, &chosen).map_err(Stop::Usage),
        }
    });
    match made {
        Ok(text) => {
            reports.say(&arguments.reports, console);
            console.print(&text);
            status
        }
        Err(Stop::Usage(reason)) => {
            console.fail(reason);
            Status::Usage
        }
        Err(Stop::Disk(diagnostic)) => {
            reports.add_one(*diagnostic);
            let status = reports.status(arguments.reports.deny);
            reports.say(&arguments.reports, console);
            status
        }
    }
}

/// Why nothing is drawn.
enum Stop {
    Usage(String),
    Disk(Box<Diagnostic>),
}

fn chosen(arguments: &Arguments, all: Vec<Picture>) -> Result<Vec<Picture>, Stop> {
    let names = || all.iter().map(|picture| picture.name.as_str());
    for name in &arguments.only {
        if !names().any(|known| known == name) {
            let similar = did_you_mean(name, names()).map(|similar| format!("; did you mean `{similar}`?"));
            let listed = || format!("; there are {}", names().collect::<Vec<_>>().join(", "));
            return Err(Stop::Usage(format!("there is no picture `{name}`{}", similar.unwrap_or_else(listed))));
        }
    }
    let wanted = |picture: &Picture| arguments.only.is_empty() || arguments.only.contains(&picture.name);
    Ok(all.into_iter().filter(wanted).collect())
}

/// The text of one picture or of the page.
fn printed(form: Form, project: &str, pictures: &[Picture]) -> Result<String, String> {
    let draw = match form {
        Form::Html => return Ok(html(project, pictures)),
        Form::Svg => svg,
        Form::Mermaid => mermaid,
    };
    match pictures {
        [picture] => Ok(draw(picture)),
        pictures => {
            let names: Vec<&str> = pictures.iter().map(|picture| picture.name.as_str()).collect();
            Err(format!(
                "one picture can be printed, not {}; choose one by --only, or a folder by --out: {}",
                names.len(),
                names.join(", ")
            ))
        }
    }
}

fn write(form: Form, out: &Path, project: &str, pictures: &[Picture]) -> Result<String, Box<Diagnostic>> {
    let (draw, ending): (fn(&Picture) -> String, &str) = match form {
        Form::Html => {
            let place = if out.is_dir() { out.join("index.html") } else { out.to_owned() };
            text_files::write_one(&place, &html(project, pictures))?;
            return Ok(format!("{}\n", place.display()));
        }
        Form::Svg => (svg, "svg"),
        Form::Mermaid => (mermaid, "mmd"),
    };
    let files: BTreeMap<String, String> =
        pictures.iter().map(|picture| (format!("{}.{ending}", picture.name), draw(picture))).collect();
    let written = text_files::write(out, &files)?;
    Ok(written.iter().map(|place| format!("{}\n", place.display())).collect())
}
