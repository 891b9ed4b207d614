//! `mlp diff`: what changes in meaning between two environments or two revisions.
//!
//! In: two plans, or two environments of one. Out: changes, what weakens a gate or widens access first.
//! It refuses to know the sources: what has the same plan means the same.

mod changes;
mod gates;
mod renamed;
mod subject;
#[cfg(test)]
mod tests;
mod ways;
mod written;

use std::path::PathBuf;
use std::process::Command;

use indexmap::IndexMap;

use crate::compile::{Planned, Texts};
use crate::diagnostics::did_you_mean;
use crate::plan::Plan;
use crate::source::ProjectFiles;

use super::project::{self, Located, is_source};
use super::reports::{self, Reports};
use super::{Console, Status, plan};
use changes::{Change, Effect};

/// Say what changes in meaning between two environments or two revisions
///
/// A and B are environments of the project, or else revisions that git knows; B left out is the project as it lies here.
/// What weakens a gate or widens access comes first. Exit status: 0 nothing changes, 1 something does (see `--fail-on`).
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mlp diff staging production
  mlp diff main
  mlp diff v1.4 v1.5 --json
  mlp diff origin/main --fail-on weaker
  mlp diff --schema")]
pub(super) struct Arguments {
    /// An environment or a revision
    #[arg(value_name = "A", required_unless_present = "schema")]
    before: Option<String>,

    /// Another
    #[arg(value_name = "B")]
    after: Option<String>,

    /// The project's folder
    #[arg(long, value_name = "PATH")]
    project: Option<PathBuf>,

    /// Take A and B for revisions even where environments have these names
    #[arg(long)]
    revisions: bool,

    /// Print one JSON object
    #[arg(long)]
    json: bool,

    /// Print the JSON Schema of what `--json` prints; no project is needed
    #[arg(long, exclusive = true)]
    schema: bool,

    /// What ends with status 1: `weaker` gates, those or `wider` access, or `any` change
    #[arg(long, value_name = "WHAT", default_value = "any")]
    fail_on: FailOn,

    #[command(flatten)]
    reports: reports::Arguments,
}

/// What is worth a failure.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum FailOn {
    Weaker,
    Wider,
    Any,
}

impl FailOn {
    fn counts(self, change: &Change) -> bool {
        match self {
            FailOn::Weaker => change.effect == Effect::Weakens,
            FailOn::Wider => change.effect <= Effect::Widens,
            FailOn::Any => true,
        }
    }
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> Status {
    let Some(first) = &arguments.before else {
        console.print(&written::schema());
        return Status::Fine;
    };
    let mut reports = Reports::default();
    let changes = compare(first, arguments, &mut reports);
    let status = reports.status(arguments.reports.deny);
    match changes {
        Ok(changes) => {
            if !arguments.json {
                reports.say(&arguments.reports, console);
            }
            console.print(&if arguments.json { written::json(&changes) } else { written::text(&changes) });
            let fails = changes.iter().any(|change| arguments.fail_on.counts(change));
            if fails { status.max(Status::Failed) } else { status }
        }
        Err(Stop::Reported) => {
            reports.say(&arguments.reports, console);
            status.max(Status::Failed)
        }
        Err(Stop::Usage(message)) => {
            console.fail(message);
            Status::Usage
        }
    }
}

enum Stop {
    Reported,
    Usage(String),
}

fn compare(before: &str, arguments: &Arguments, reports: &mut Reports) -> Result<Vec<Change>, Stop> {
    let after = arguments.after.as_deref();
    let here = match after {
        Some(_) if arguments.revisions => None,
        _ => Some(plan::of(arguments.project.as_deref(), &IndexMap::new(), reports).ok_or(Stop::Reported)?),
    };
    if let (Some(Planned { plan }), Some(after)) = (&here, after.filter(|_| !arguments.revisions)) {
        let known = |name: &str| plan.environments.iter().any(|environment| environment.name == name);
        match (known(before), known(after)) {
            (true, true) => return Ok(subject::of_environments(plan, before, after)),
            (true, false) => return Err(no_environment(plan, after)),
            (false, true) => return Err(no_environment(plan, before)),
            (false, false) => {}
        }
    }
    let old = at(before, arguments, reports)?;
    let new = match (after, here) {
        (Some(after), _) => at(after, arguments, reports)?,
        (None, Some(here)) => here,
        (None, None) => return Err(Stop::Reported),
    };
    Ok(subject::of_plans(&old.plan, &new.plan))
}

fn no_environment(plan: &Plan, name: &str) -> Stop {
    let names = plan.environments.iter().map(|environment| environment.name.as_str());
    let near = did_you_mean(name, names).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    Stop::Usage(format!("the project has no environment `{name}`{near}"))
}

/// The plan of the project as it was at a revision.
fn at(revision: &str, arguments: &Arguments, reports: &mut Reports) -> Result<Planned, Stop> {
    let located = project::locate(arguments.project.as_deref()).map_err(|diagnostic| {
        reports.add_one(*diagnostic);
        Stop::Reported
    })?;
    let files = Revision::new(&located, revision).map_err(Stop::Usage)?;
    let mut texts = Texts::default();
    for path in files.paths.iter().filter(|path| is_source(path)) {
        texts.add(path, files.read(path).unwrap_or_default());
    }
    let checked = texts.parse().check(&files);
    let prefix = format!("{revision}:{}", located.prefix);
    reports.add(&prefix, &checked.model.sources, checked.diagnostics.clone());
    checked.plan(&IndexMap::new()).ok_or(Stop::Reported)
}

/// The project's folder at a revision, as git has it.
struct Revision {
    folder: PathBuf,
    commit: String,
    paths: Vec<String>,
}

impl Revision {
    fn new(located: &Located, revision: &str) -> Result<Self, String> {
        let unknown = || format!("`{revision}` is no environment of the project and no revision that git knows");
        let folder = located.folder.clone();
        let wanted = format!("{revision}^{{commit}}");
        let commit =
            git(&folder, &["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted]).ok_or_else(unknown)?;
        let commit = String::from_utf8_lossy(&commit).trim().to_owned();
        let listed = git(&folder, &["ls-tree", "-r", "-z", "--name-only", &commit, "."]).ok_or_else(unknown)?;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let paths = listed.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect();
        Ok(Self { folder, commit, paths })
    }
}

impl ProjectFiles for Revision {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let path = crate::source::normal_path(path)?;
        self.paths.contains(&path).then(|| git(&self.folder, &["show", &format!("{}:./{path}", self.commit)]))?
    }

    fn exists(&self, path: &str) -> bool {
        let Some(path) = crate::source::normal_path(path) else { return false };
        let folder = format!("{path}/");
        path.is_empty() || self.paths.iter().any(|file| *file == path || file.starts_with(&folder))
    }
}

fn git(folder: &std::path::Path, arguments: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).output().ok()?;
    output.status.success().then_some(output.stdout)
}
