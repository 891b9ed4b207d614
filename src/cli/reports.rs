//! Diagnostics of one run, of however many projects, as they are printed.

use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::diagnostics::render::{self, Format, Layout};
use crate::diagnostics::{Diagnostic, any_error, sorted};
use crate::source::{FileId, SourceMap};

use super::project::is_of_the_disk;
use super::{Console, Status};

/// How diagnostics are printed, and which of them fail the command.
#[derive(Clone, Debug, clap::Args)]
#[group(skip)]
pub(super) struct Arguments {
    /// How diagnostics are printed
    #[arg(long, value_name = "FORMAT", default_value = "human", hide_default_value = true)]
    pub(super) format: Format,

    /// Fail on warnings too
    #[arg(long, value_name = "WHAT")]
    pub(super) deny: Option<Deny>,
}

/// What fails beside errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Deny {
    /// Warnings
    Warnings,
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &[Format::Human, Format::Narrated, Format::Short, Format::Json, Format::Sarif, Format::Github]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Format::Human => PossibleValue::new("human").help("Drawn, with the lines that they speak of"),
            Format::Narrated => PossibleValue::new("narrated").help("In sentences, for a screen reader"),
            Format::Short => PossibleValue::new("short").help("A line each"),
            Format::Json => PossibleValue::new("json").help("One JSON object"),
            Format::Sarif => PossibleValue::new("sarif").help("SARIF 2.1.0, for code scanning"),
            Format::Github => PossibleValue::new("github").help("Annotations of GitHub Actions"),
        })
    }
}

impl Arguments {
    /// For a person, errors alone failing: what a command has that takes no such options.
    pub(super) fn plain() -> Self {
        Self { format: Format::Human, deny: None }
    }

    /// Whether a machine reads what is printed.
    pub(super) fn for_machines(&self) -> bool {
        matches!(self.format, Format::Json | Format::Sarif | Format::Github)
    }
}

/// Diagnostics and the texts that they point into, under the paths that the reader knows.
#[derive(Debug, Default)]
pub(super) struct Reports {
    sources: SourceMap,
    diagnostics: Vec<Diagnostic>,
}

impl Reports {
    /// Adds the diagnostics of a project; `prefix` stands before its paths.
    pub(super) fn add(&mut self, prefix: &str, sources: &SourceMap, diagnostics: Vec<Diagnostic>) {
        for mut diagnostic in diagnostics {
            let edits = diagnostic.fixes.iter_mut().flat_map(|fix| &mut fix.edits).map(|edit| &mut edit.span);
            for span in diagnostic.labels.iter_mut().map(|label| &mut label.span).chain(edits) {
                span.file = self.file(prefix, sources, span.file);
            }
            self.diagnostics.push(diagnostic);
        }
    }

    /// Adds one that is of no text.
    pub(super) fn add_one(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Adds a text that a diagnostic of the command itself points into.
    pub(super) fn add_text(&mut self, path: &str, text: &str) -> FileId {
        self.sources.find(path).unwrap_or_else(|| self.sources.add(path, text))
    }

    fn file(&mut self, prefix: &str, sources: &SourceMap, id: FileId) -> FileId {
        let file = sources.file(id);
        let library = crate::library::module_of(&file.path).is_some();
        let path = if library { file.path.clone() } else { format!("{prefix}{}", file.path) };
        self.sources.find(&path).unwrap_or_else(|| self.sources.add(path, file.text.clone()))
    }

    /// Whether there is nothing to say.
    pub(super) fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// Whether there is an error.
    pub(super) fn any_error(&self) -> bool {
        any_error(&self.diagnostics)
    }

    /// How the command ends with these.
    pub(super) fn status(&self, deny: Option<Deny>) -> Status {
        if self.diagnostics.iter().any(|diagnostic| is_of_the_disk(diagnostic.code)) {
            return Status::Unreadable;
        }
        let failed = self.any_error() || (deny.is_some() && !self.diagnostics.is_empty());
        if failed { Status::Failed } else { Status::Fine }
    }

    /// Prints them where the command's product goes.
    pub(super) fn print(self, format: Format, console: &Console) {
        let text = self.text(format, console.colors_output());
        console.print(&text);
    }

    /// Prints them for a person beside the command's product, or in its place for a machine.
    pub(super) fn say(self, arguments: &Arguments, console: &Console) {
        if arguments.for_machines() {
            return self.print(arguments.format, console);
        }
        let text = self.text(arguments.format, console.colors_errors());
        console.say(&text);
    }

    fn text(self, format: Format, color: bool) -> String {
        let diagnostics = sorted(self.diagnostics);
        let layout = Layout { color, ..Layout::default() };
        let mut text = render::render(format, &self.sources, &diagnostics, &layout);
        if let (Format::Human | Format::Narrated, Some(count)) = (format, render::count(&diagnostics)) {
            text.push_str(&format!("{count}\n"));
        }
        text
    }
}
