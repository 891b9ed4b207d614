//! `mlp fmt`: lays out the sources.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::diagnostics::{Diagnostic, report};
use crate::format;
use crate::machine::file;
use crate::source::{FileId, SourceFile};
use crate::syntax;

use super::project::{self, Located, unreadable, without_place};
use super::reports::{self, Reports};
use super::{Console, Status};

/// Lay out sources as everybody does
///
/// A file with a mistake in its text is left as it is, and the mistake said. PATH is a folder or a file; `-` lays out
/// standard input. Without it, the project is the one whose `main.mlp` is nearest upward.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mlp fmt
  mlp fmt --check
  mlp fmt steps.mlp
  cat steps.mlp | mlp fmt -")]
pub(super) struct Arguments {
    /// Folders or files
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Write nothing, and fail if a file would change
    #[arg(long)]
    check: bool,

    #[command(flatten)]
    reports: reports::Arguments,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> Status {
    if arguments.paths.iter().any(|path| path.as_os_str() == "-") {
        return standard_input(arguments, console);
    }
    let mut run =
        Run { check: arguments.check, reports: Reports::default(), listing: String::new(), changed: 0, files: 0 };
    if arguments.paths.is_empty() {
        run.path(None);
    }
    arguments.paths.iter().for_each(|path| run.path(Some(path)));
    let Run { reports, listing, changed, files, .. } = run;
    let status = reports.status(arguments.reports.deny);
    reports.say(&arguments.reports, console);
    if !arguments.reports.for_machines() {
        console.print(&listing);
        if changed == 0 && status == Status::Fine {
            console.print(&format!("{files} file{} already laid out\n", if files == 1 { " is" } else { "s are" }));
        }
    }
    if arguments.check && changed > 0 { status.max(Status::Failed) } else { status }
}

struct Run {
    check: bool,
    reports: Reports,
    listing: String,
    changed: usize,
    files: usize,
}

impl Run {
    fn path(&mut self, path: Option<&Path>) {
        match sources(path) {
            Ok((located, files)) => files.iter().for_each(|file| self.file(&located, file)),
            Err(diagnostic) => self.reports.add_one(*diagnostic),
        }
    }

    fn file(&mut self, located: &Located, file: &str) {
        let (place, shown) = (located.folder.join(file), format!("{}{file}", located.prefix));
        self.files += 1;
        let bytes = match project::read(&place) {
            Ok(bytes) => bytes,
            Err(error) => return self.reports.add_one(unreadable(&shown, &error.to_string())),
        };
        let Some(laid_out) = laid_out(&shown, bytes, &mut self.reports) else { return };
        self.changed += 1;
        if self.check {
            return self.listing.push_str(&format!("would lay out {shown}\n"));
        }
        match replace(&place, &laid_out) {
            Ok(()) => self.listing.push_str(&format!("laid out {shown}\n")),
            Err(error) => {
                let message = format!("`{shown}` cannot be written: {error}");
                self.reports.add_one(without_place(report::unwritable, message));
            }
        }
    }
}

/// The text as it should be, where it is another; what is wrong with it goes to the reports.
fn laid_out(shown: &str, bytes: Vec<u8>, reports: &mut Reports) -> Option<String> {
    let mut texts = crate::compile::Texts::default();
    let file = texts.add(shown, bytes.clone());
    let Ok(text) = String::from_utf8(bytes) else {
        let (sources, diagnostics) = texts.into_parts();
        reports.add("", &sources, diagnostics);
        return None;
    };
    let source = SourceFile::new(FileId(file.0), shown, text.as_str());
    let parsed = syntax::parse(&source);
    match format::format(&source, &parsed) {
        Some(laid_out) => (laid_out != text).then_some(laid_out),
        None => {
            let (sources, _) = texts.into_parts();
            let said = parsed.diagnostics.into_iter();
            let left = |one: Diagnostic| one.note("the file is left as it is");
            reports.add("", &sources, said.map(left).collect());
            None
        }
    }
}

/// Puts a text in the place of a file's; a link stays a link.
fn replace(place: &Path, text: &str) -> io::Result<()> {
    file::replace(&fs::canonicalize(place)?, text.as_bytes())
}

fn sources(path: Option<&Path>) -> Result<(Located, Vec<String>), Box<Diagnostic>> {
    let located = match path {
        Some(path) if path.is_dir() => Located::folder(path),
        other => project::locate(other)?,
    };
    let files = match &located.file {
        Some(file) => vec![file.clone()],
        None => located.files(None).0,
    };
    Ok((located, files))
}

fn standard_input(arguments: &Arguments, console: &Console) -> Status {
    let mut reports = Reports::default();
    let bytes = match io::read_to_string(io::stdin().lock()) {
        Ok(text) => text.into_bytes(),
        Err(error) => {
            console.fail(format!("standard input cannot be read: {error}"));
            return Status::Unreadable;
        }
    };
    let laid_out = laid_out("<standard input>", bytes.clone(), &mut reports);
    let status = reports.status(arguments.reports.deny);
    reports.say(&arguments.reports, console);
    let changed = laid_out.is_some();
    if !arguments.check {
        console.print(&laid_out.unwrap_or_else(|| String::from_utf8_lossy(&bytes).into_owned()));
    }
    if arguments.check && changed { status.max(Status::Failed) } else { status }
}
