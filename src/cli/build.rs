//! `mlp build`: writes every target's files, all of them or none.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;

use crate::compile::{Checked, Planned};
use crate::diagnostics::{Diagnostic, did_you_mean, report};
use crate::emit::TARGETS;
use crate::source::Span;

use super::output::{self, Difference, Owner, State, Wanted, WantedFiles};
use super::placement::Placement;
use super::project::{self, Located, without_place};
use super::reports::{self, Reports};
use super::{Console, Status, images};

/// What stands as the target of `plan.json`.
const PLAN: &str = "plan";

/// Write every target's files
///
/// All files are written or none is. A file that `mlp` did not write, or that was edited since, is never overwritten
/// without `--force`; what is no longer made is removed. `mlp.lock.json` lists every file with its hash.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mlp build                          write the files below the project
  mlp build --check                  fail if any generated file is not what the sources make
  mlp build --out dist --env staging --images images.json")]
pub(super) struct Arguments {
    /// The project's folder
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,

    /// Where the files go [default: the project's folder]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Only this target's files; may be given again
    #[arg(long, value_name = "TARGET", value_parser = targets())]
    target: Vec<String>,

    /// Leave out the other environments' own files; may be given again
    #[arg(long, value_name = "ENVIRONMENT")]
    env: Vec<String>,

    /// Write nothing, and fail if a file is not what the sources make
    #[arg(long, conflicts_with_all = ["dry_run", "force"])]
    check: bool,

    /// Write nothing, and list what would be written
    #[arg(long)]
    dry_run: bool,

    /// Overwrite and remove files that were edited or that `mlp` did not write
    #[arg(long)]
    force: bool,

    /// A JSON file that gives the digest of every image: then every image that runs is pinned
    #[arg(long, value_name = "FILE")]
    images: Option<PathBuf>,

    #[command(flatten)]
    reports: reports::Arguments,
}

fn targets() -> PossibleValuesParser {
    PossibleValuesParser::new(TARGETS.iter().map(|target| target.name()))
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> Status {
    let mut reports = Reports::default();
    let done = build(arguments, &mut reports);
    let status = reports.status(arguments.reports.deny);
    let listing = match done {
        Ok(listing) => listing,
        Err(Stop::Reported) => String::new(),
        Err(Stop::Usage(message)) => {
            console.fail(message);
            return Status::Usage;
        }
    };
    reports.say(&arguments.reports, console);
    if !arguments.reports.for_machines() {
        console.print(&listing);
    }
    status
}

/// Why a build does not go on.
enum Stop {
    /// The reports say it.
    Reported,
    /// The command was not understood.
    Usage(String),
}

fn build(arguments: &Arguments, reports: &mut Reports) -> Result<String, Stop> {
    let located = located(arguments, reports)?;
    let skipped = arguments.out.clone().unwrap_or_else(|| located.folder.clone());
    let images = match &arguments.images {
        Some(file) => Some(images::read(file).map_err(|diagnostic| stop(reports, *diagnostic))?),
        None => None,
    };
    let checked = check(&located, &skipped, reports);
    let planned = checked.plan(&images.clone().unwrap_or_default()).ok_or(Stop::Reported)?;
    let selection = Selection::new(arguments, &planned).map_err(Stop::Usage)?;
    let (files, refused) = planned.emit(|target| selection.has_target(target));
    reports.add(&located.prefix, &checked.model.sources, refused);
    if let Some(images) = &images {
        reports.add(&located.prefix, &checked.model.sources, images::unpinned(&planned.plan, images));
    }
    if reports.status(arguments.reports.deny) != Status::Fine {
        return Err(Stop::Reported);
    }
    let folder = planned.plan.project.folder.as_deref();
    let span = checked.model.project.as_ref().map_or(Span::default(), |project| project.span);
    let placement = Placement::of(&located.folder, folder, span, arguments.out.as_deref());
    let placement = placement.map_err(|misplaced| {
        reports.add(&located.prefix, &checked.model.sources, vec![*misplaced]);
        Stop::Reported
    })?;
    let mut wanted: WantedFiles = BTreeMap::new();
    for (path, file) in files.iter() {
        let (text, target, pins) = (file.text.clone(), file.target.to_owned(), file.pins.clone());
        wanted.insert(path.to_owned(), Wanted { text, target, executable: file.executable, pins });
    }
    let plan = Wanted { text: planned.json(), target: PLAN.to_owned(), executable: false, pins: BTreeMap::new() };
    wanted.insert("plan.json".to_owned(), plan);
    wanted.retain(|path, file| selection.has(path, &file.target));
    let wanted = wanted.into_iter().map(|(path, file)| (placement.place(&path, &file.target), file)).collect();
    let written = Written { arguments, placement: &placement, wanted: &wanted, selection: &selection };
    match written.settle(reports) {
        Ok(listing) => Ok(listing),
        Err(error) => Err(stop(reports, unwritable(&error))),
    }
}

fn stop(reports: &mut Reports, diagnostic: Diagnostic) -> Stop {
    reports.add_one(diagnostic);
    Stop::Reported
}

fn unwritable(error: &io::Error) -> Diagnostic {
    without_place(report::unwritable, format!("the files cannot be written: {error}")).note("nothing has been changed")
}

fn located(arguments: &Arguments, reports: &mut Reports) -> Result<Located, Stop> {
    let located = project::locate(arguments.path.as_deref()).map_err(|diagnostic| stop(reports, *diagnostic))?;
    match &located.file {
        Some(file) if file != project::MAIN => {
            Err(Stop::Usage(format!("`{file}` is one file: a build is of a whole project, so name its folder")))
        }
        _ => Ok(Located { file: None, ..located }),
    }
}

fn check(located: &Located, out: &Path, reports: &mut Reports) -> Checked {
    let checked = located.load(Some(out)).parse().check(&located.disk());
    reports.add(&located.prefix, &checked.model.sources, checked.diagnostics.clone());
    checked
}

/// Which files a build is about.
struct Selection {
    targets: BTreeSet<String>,
    /// Environments whose own files are left out.
    left_out: BTreeSet<String>,
    everything: bool,
}

impl Selection {
    fn new(arguments: &Arguments, planned: &Planned) -> Result<Self, String> {
        let plan = &planned.plan;
        for target in &arguments.target {
            if !plan.targets.iter().any(|request| request.name == *target) {
                return Err(format!("the project names no target `{target}`: write `target {target}` in `project`"));
            }
        }
        let environments: BTreeSet<&str> = plan.environments.iter().map(|one| one.name.as_str()).collect();
        for name in &arguments.env {
            if !environments.contains(name.as_str()) {
                let near = did_you_mean(name, environments.iter().copied());
                let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                return Err(format!("the project has no environment `{name}`{hint}"));
            }
        }
        let left_out = environments.iter().filter(|_| !arguments.env.is_empty()).map(|name| (*name).to_owned());
        Ok(Self {
            targets: arguments.target.iter().cloned().collect(),
            left_out: left_out.filter(|name| !arguments.env.contains(name)).collect(),
            everything: arguments.target.is_empty() && arguments.env.is_empty(),
        })
    }

    fn has_target(&self, target: &str) -> bool {
        self.targets.is_empty() || self.targets.contains(target)
    }

    /// A file is an environment's own where a part of its path is its name, or begins with it and a dot.
    fn has(&self, path: &str, target: &str) -> bool {
        let of_left_out = |part: &str| self.left_out.contains(part.split('.').next().unwrap_or(part));
        (target == PLAN && self.targets.is_empty() || self.has_target(target)) && !path.split('/').any(of_left_out)
    }
}

/// The files on their way to the disk.
struct Written<'a> {
    arguments: &'a Arguments,
    placement: &'a Placement,
    wanted: &'a WantedFiles,
    selection: &'a Selection,
}

impl Written<'_> {
    fn settle(&self, reports: &mut Reports) -> io::Result<String> {
        if self.arguments.check || self.arguments.dry_run {
            let difference = self.compare()?;
            if self.arguments.check {
                self.report_drift(&difference, reports);
            } else {
                self.report_refusals(&difference, reports);
            }
            return Ok(if self.arguments.check { self.agreement(&difference) } else { self.listing(&difference) });
        }
        let root = &self.placement.root;
        std::fs::create_dir_all(root)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", root.display())))?;
        let _kept_to_the_end = output::exclusive(root)?;
        output::recover(root)?;
        let difference = self.compare()?;
        self.report_refusals(&difference, reports);
        if reports.any_error() {
            return Ok(String::new());
        }
        output::apply(root, &difference, self.wanted)?;
        Ok(self.listing(&difference))
    }

    fn compare(&self) -> io::Result<Difference> {
        let Placement { root, .. } = self.placement;
        output::compare(root, &self.placement.lock(), self.wanted, |path, target| {
            self.selection.everything || self.selection.has(self.placement.own(path), target)
        })
    }

    /// What stands in the way of writing.
    fn report_refusals(&self, difference: &Difference, reports: &mut Reports) {
        if let Some(reason) = difference.broken_lock.as_ref().filter(|_| !self.arguments.force) {
            reports.add_one(broken_lock(&difference.lock_file, reason));
        }
        for (path, state) in &difference.files {
            let refusal = match state {
                State::Refused(reason) => Some(without_place(report::refused_path, reason.clone())),
                _ if self.arguments.force => None,
                State::Changed { owner: Owner::Foreign, .. } => Some(self.foreign(path, reports)),
                State::Changed { owner: Owner::Edited, line } => Some(self.edited(path, *line, reports)),
                State::Obsolete { owner: Owner::Edited | Owner::Foreign } => Some(self.edited_obsolete(path, reports)),
                _ => None,
            };
            refusal.into_iter().for_each(|diagnostic| reports.add_one(diagnostic));
        }
    }

    fn foreign(&self, path: &str, reports: &mut Reports) -> Diagnostic {
        report::foreign_file(
            self.line(path, 1, reports),
            format!("`{path}` is there already, and `mlp` did not write it"),
        )
        .help("move it away, or overwrite it with `--force`")
    }

    fn edited(&self, path: &str, line: usize, reports: &mut Reports) -> Diagnostic {
        report::edited_file(self.line(path, line, reports), format!("`{path}` was edited since `mlp` wrote it"))
            .here("it differs from here on")
            .help("change the sources instead, and overwrite the file with `--force`")
    }

    fn edited_obsolete(&self, path: &str, reports: &mut Reports) -> Diagnostic {
        let message = format!("`{path}` is no longer made, and was edited since `mlp` wrote it");
        report::edited_file(self.line(path, 1, reports), message).help("remove it yourself, or with `--force`")
    }

    /// Every file that is not what the sources make.
    fn report_drift(&self, difference: &Difference, reports: &mut Reports) {
        for (path, state) in &difference.files {
            let drift = match state {
                State::Same => continue,
                State::New => without_place(report::out_of_date, format!("`{path}` is missing")),
                State::Changed { line, .. } => {
                    let span = self.line(path, *line, reports);
                    report::out_of_date(span, format!("`{path}` is not what the sources make"))
                        .here("it differs from here on")
                }
                State::Obsolete { .. } => {
                    report::out_of_date(self.line(path, 1, reports), format!("`{path}` is no longer made"))
                }
                State::Refused(reason) => without_place(report::refused_path, reason.clone()),
            };
            reports.add_one(drift.help("run `mlp build`, and commit what it writes"));
        }
        if difference.lock_changes {
            let file = &difference.lock_file;
            let message = match &difference.broken_lock {
                Some(reason) => format!("`{file}` cannot be read: {reason}"),
                None if self.placement.root.join(file).exists() => format!("`{file}` is not what the sources make"),
                None => format!("`{file}` is missing"),
            };
            let drift = without_place(report::out_of_date, message);
            reports.add_one(drift.help("run `mlp build`, and commit what it writes"));
        }
    }

    /// A line of a file in the output folder, for a report.
    fn line(&self, path: &str, line: usize, reports: &mut Reports) -> Span {
        let bytes = std::fs::read(self.placement.root.join(path)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let shown = format!("{}{path}", project::prefix_of(&self.placement.root));
        let file = reports.add_text(&shown, &text);
        let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
        let length = text[start..].lines().next().map_or(0, str::len);
        Span::new(file, start, start + length)
    }

    fn agreement(&self, difference: &Difference) -> String {
        let files = match self.wanted.len() {
            1 => "1 file is".to_owned(),
            many => format!("{many} files are"),
        };
        if difference.is_nothing() {
            format!(
                "{files} what the sources make
"
            )
        } else {
            String::new()
        }
    }

    /// What was (or would be) written and removed, and a line for each target.
    fn listing(&self, difference: &Difference) -> String {
        let would = if self.arguments.dry_run { "would " } else { "" };
        let (write, remove) = if self.arguments.dry_run { ("write", "remove") } else { ("wrote", "removed") };
        let mut text = String::new();
        let mut targets: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for (path, state) in &difference.files {
            let written = matches!(state, State::New | State::Changed { .. });
            match state {
                State::Obsolete { .. } => text.push_str(&format!("{would}{remove} {path}\n")),
                _ if written => text.push_str(&format!("{would}{write} {path}\n")),
                _ => {}
            }
            if let Some(file) = self.wanted.get(path) {
                let counts = targets.entry(&file.target).or_default();
                counts.0 += 1;
                counts.1 += usize::from(written);
            }
        }
        if difference.lock_changes {
            text.push_str(&format!("{would}{write} {}\n", difference.lock_file));
        }
        for (target, (files, written)) in targets {
            let state = if written == 0 { "unchanged".to_owned() } else { format!("{would}{write} {written}") };
            let files = format!("{files} file{}", if files == 1 { "" } else { "s" });
            text.push_str(&format!("{target:<12} {files:<10} {state}\n"));
        }
        text
    }
}

fn broken_lock(file: &str, reason: &str) -> Diagnostic {
    without_place(report::broken_lock, format!("`{file}` cannot be read: {reason}"))
        .note("it says which files are `mlp`'s own")
        .help("bring back a good one, or build with `--force`, which then overwrites whatever stands in the way")
}
