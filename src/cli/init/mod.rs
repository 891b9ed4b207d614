//! `mlp init`: a small project to begin with.
//!
//! In: a folder's path. Out: the files under `project/`, named after the folder. It refuses to overwrite anything.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::diagnostics::{Diagnostic, report};
use crate::syntax::KEYWORDS;

use super::project::{normal, without_place};
use super::reports::{self, Reports};
use super::{Console, Status};

/// The name that the templates have in its place.
const NAME: &str = "example_project";

/// Every file of a new project. `mlp fmt` leaves them as they are, and `mlp check` finds nothing.
const FILES: &[(&str, &str)] = &[
    ("main.mlp", include_str!("project/main.mlp")),
    ("steps/numbers.py", include_str!("project/numbers.py")),
    ("image/Dockerfile", include_str!("project/Dockerfile")),
];

/// Make a small project to begin with
///
/// It has a step in Python, a pipeline and two environments, and builds as it is. Nothing that is there already is
/// overwritten.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mlp init churn
  cd churn && mlp check && mlp build")]
pub(super) struct Arguments {
    /// The project's folder; it is made if it is not there
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,

    #[command(flatten)]
    reports: reports::Arguments,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> Status {
    let mut reports = Reports::default();
    let listing = match make(&arguments.path, &mut reports) {
        Ok(listing) => listing,
        Err(error) => {
            reports.add_one(without_place(report::unwritable, format!("the project cannot be made: {error}")));
            String::new()
        }
    };
    let status = reports.status(arguments.reports.deny);
    reports.say(&arguments.reports, console);
    console.print(&listing);
    status
}

fn make(path: &Path, reports: &mut Reports) -> io::Result<String> {
    let taken: Vec<Diagnostic> = FILES
        .iter()
        .filter(|(file, _)| path.join(file).symlink_metadata().is_ok())
        .map(|(file, _)| {
            let shown = path.join(file).display().to_string();
            without_place(report::foreign_file, format!("`{shown}` is there already"))
                .help("name a folder without it; `mlp init` overwrites nothing")
        })
        .collect();
    if !taken.is_empty() {
        taken.into_iter().for_each(|diagnostic| reports.add_one(diagnostic));
        return Ok(String::new());
    }
    let name = name_of(path);
    let mut listing = String::new();
    for (file, text) in FILES {
        let place = path.join(file);
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&place, text.replace(NAME, &name))?;
        listing.push_str(&format!("wrote {}\n", place.display()));
    }
    Ok(listing)
}

/// A name of the language from the folder's.
fn name_of(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let folder = normal(&here.join(path));
    let name = folder.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let letters = name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' });
    let name: String = letters.collect();
    let name = name.trim_matches('_');
    match name.chars().next() {
        Some(first) if first.is_ascii_alphabetic() && !KEYWORDS.reserved.contains(&name) => name.to_owned(),
        Some(_) => format!("project_{name}"),
        None => NAME.to_owned(),
    }
}
