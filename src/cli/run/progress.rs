//! How a run is going: lines that change where a person watches, plain lines elsewhere.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::Console;
use crate::machine::file;
use crate::run::{Event, How, Request, flow::Note};

/// How often a line that changes is drawn.
const TICK: Duration = Duration::from_millis(100);
/// How much of the end of what it printed is read, in bytes.
const PRINTED: u64 = 64 << 10;
/// How many of the last lines that a failed step printed are shown.
const SHOWN: usize = 20;

/// Tells of a run on standard error.
pub(super) struct Progress<'c> {
    console: &'c Console,
    begun: Instant,
    lines: Option<Lines>,
    colored: bool,
}

/// The lines that change.
struct Lines {
    all: MultiProgress,
    running: BTreeMap<String, ProgressBar>,
}

impl<'c> Progress<'c> {
    pub(super) fn new(console: &'c Console, request: &Request) -> Self {
        let watched = std::io::stderr().is_terminal() && std::env::var_os("CI").is_none();
        let lines = watched.then(|| Lines {
            all: MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(15)),
            running: BTreeMap::new(),
        });
        let progress = Self { console, begun: Instant::now(), lines, colored: console.colors_errors() };
        let earlier = if request.earlier.of.is_some() { ", gone on with" } else { "" };
        progress.line(&format!(
            "run {} of {} in {}{earlier}",
            request.id, request.pipeline.name, request.pipeline.environment
        ));
        progress
    }

    /// Says what has happened.
    pub(super) fn tell(&mut self, event: &Event) {
        match event {
            Event::Started { task, attempt } => self.started(task, *attempt),
            Event::Ended { task, attempt, how, took, again, log } => {
                self.ended(task);
                let (sign, color, said) = self.end(how, *took, *again, *attempt);
                self.task(sign, color, task, &said);
                if let How::Done(given) | How::Cached(given) = how {
                    given.unchecked.iter().for_each(|why| self.task("!", 33, task, why));
                }
                if matches!(how, How::Failed(_) | How::TimedOut(_)) {
                    self.printed(log);
                }
            }
            Event::Noted(Note::Passed { name }) => self.task("-", 2, name, "not run"),
            Event::Noted(Note::Fault { name, message }) => self.task("✗", 31, name, message),
            Event::Noted(Note::Took { .. }) => {}
            Event::Stopping => self.line("stopping: what runs is ended, what runs whatever happened still does"),
        }
    }

    /// Takes away the lines that change.
    pub(super) fn finish(&mut self) {
        if let Some(lines) = &self.lines {
            let _ = lines.all.clear();
        }
    }

    fn started(&mut self, task: &str, attempt: u32) {
        let again = if attempt > 0 { format!(", attempt {}", attempt + 1) } else { String::new() };
        match &mut self.lines {
            None => self.task("·", 2, task, &format!("started{again}")),
            Some(lines) => {
                let style = ProgressStyle::with_template("  {spinner:.cyan} {msg} {elapsed:.dim}");
                let bar = lines.all.add(ProgressBar::new_spinner());
                bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
                bar.set_message(format!("{task}{again}"));
                bar.enable_steady_tick(TICK);
                lines.running.insert(task.to_owned(), bar);
            }
        }
    }

    fn ended(&mut self, task: &str) {
        if let Some(lines) = &mut self.lines
            && let Some(bar) = lines.running.remove(task)
        {
            bar.finish_and_clear();
            lines.all.remove(&bar);
        }
    }

    fn end(&self, how: &How, took: Duration, again: bool, attempt: u32) -> (&'static str, u8, String) {
        let next = if again { format!("; attempt {} follows", attempt + 2) } else { String::new() };
        match how {
            How::Done(_) => ("✓", 32, seconds(took)),
            How::Cached(_) => ("=", 36, "as before".to_owned()),
            How::Stopped => ("-", 33, "stopped".to_owned()),
            how => ("✗", 31, format!("{}{next}", how.failure().unwrap_or_default())),
        }
    }

    /// The last lines that a step printed.
    fn printed(&self, log: &std::path::Path) {
        let text = file::end_of(log, PRINTED).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        let from = lines.len().saturating_sub(SHOWN);
        for line in &lines[from..] {
            let clean: String = line.chars().filter(|letter| !letter.is_control() || *letter == '\t').collect();
            self.line(&format!("      {clean}"));
        }
        self.line(&format!("      in {}", log.display()));
    }

    fn task(&self, sign: &str, color: u8, task: &str, said: &str) {
        let sign = if self.colored { format!("\u{1b}[{color}m{sign}\u{1b}[0m") } else { sign.to_owned() };
        self.line(&format!("{} {sign} {task}: {said}", clock(self.begun.elapsed())));
    }

    fn line(&self, text: &str) {
        match &self.lines {
            Some(lines) => drop(lines.all.println(text)),
            None => self.console.say(&format!("{text}\n")),
        }
    }
}

fn clock(passed: Duration) -> String {
    let seconds = passed.as_secs();
    format!("{:02}:{:02}.{}", seconds / 60, seconds % 60, passed.subsec_millis() / 100)
}

/// `12 ms`, `3.4 s`, `2 min 5 s`.
pub(super) fn seconds(took: Duration) -> String {
    match took.as_secs() {
        0 => format!("{} ms", took.as_millis()),
        1..60 => format!("{:.1} s", took.as_secs_f64()),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}
