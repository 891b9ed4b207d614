//! `mlp test`: the project's `test` items, run on this machine.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::diagnostics::did_you_mean;
use crate::model::Test;
use crate::run::expect::{Decided, Expectation, Verdict, Wanted, verdict};
use crate::run::{self, Event, How, Outcome};

use super::machine::{self, Machine, Refused};
use super::reports::{self};
use super::{Console, Status, expected, plan};

/// Run the project's tests: pipelines, and what is expected of what they make
///
/// A failed expectation shows the value under each of its parts. Exit status: 0 every test passes, 1 one does not or the project
/// has faults, 2 usage, 3 a file could not be read or written, 130 it was interrupted.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mlp test
  mlp test converges                       tests with that word in their title
  mlp test --report reports/model.xml      JUnit, for CI")]
pub(super) struct Arguments {
    /// Only tests whose title has one of these words
    #[arg(value_name = "WORD")]
    words: Vec<String>,

    /// Write what came of it as JUnit XML
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    #[command(flatten)]
    machine: machine::Machinery,

    /// The project's folder
    #[arg(long, value_name = "PATH")]
    project: Option<PathBuf>,

    #[command(flatten)]
    reports: reports::Arguments,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> Status {
    let ready = match plan::ready(arguments.project.as_deref(), None, &arguments.reports, console) {
        Ok(ready) => ready,
        Err(status) => return status,
    };
    let tests: Vec<&Test> = ready.checked.model.tests.iter().filter(|test| is_wanted(test, &arguments.words)).collect();
    if tests.is_empty() {
        return none(&ready.checked.model.tests, arguments, console);
    }
    let machine = Machine::new(&ready.folder, &arguments.machine, true);
    let machine = match machine {
        Ok(machine) => machine,
        Err((status, faults)) => {
            faults.iter().for_each(|fault| console.fail(fault));
            return status;
        }
    };
    let mut done = Vec::new();
    for test in tests {
        let begun = Instant::now();
        let mut interrupted = false;
        let found = verdict(&ready.checked.model, test, &mut |wanted| {
            let ran = ran(&machine, &ready, wanted, console);
            interrupted |= ran.as_ref().is_ok_and(|outcome| outcome.ending == run::flow::Ending::Cancelled);
            ran.map_err(|(_, faults)| faults)
        });
        console.print(&text(&found, begun.elapsed(), console.colors_output()));
        done.push((found, begun.elapsed()));
        if interrupted {
            return Status::Interrupted;
        }
    }
    summed(&done, &ready.planned.plan.project.name, arguments.report.as_deref(), console)
}

fn is_wanted(test: &Test, words: &[String]) -> bool {
    let title = test.title.to_lowercase();
    words.is_empty() || words.iter().any(|word| title.contains(&word.to_lowercase()))
}

fn none(all: &[Test], arguments: &Arguments, console: &Console) -> Status {
    let words = arguments.words.join(" ");
    match all {
        [] => console.fail("the project has no `test` item, so nothing was tested"),
        _ => {
            let titles = all.iter().map(|test| test.title.as_str());
            let near =
                did_you_mean(&words, titles).map_or_else(String::new, |near| format!("; did you mean \"{near}\"?"));
            console.fail(format!("no test has `{words}` in its title{near}"));
        }
    }
    Status::Usage
}

fn ran(machine: &Machine, ready: &plan::Ready, wanted: &Wanted, console: &Console) -> Result<Outcome, Refused> {
    let (pipeline, environment) = machine::chosen(&ready.planned.plan, &wanted.pipeline, &wanted.environment)?;
    let mut parameters = run::parameters(pipeline, &[]).unwrap_or_default();
    for parameter in &pipeline.parameters {
        let given = wanted.arguments.get(&parameter.name).or(parameter.default.as_ref());
        parameters.insert(parameter.name.clone(), given.cloned().unwrap_or_default());
    }
    expected::meets(ready, pipeline, &mut |_| {})?;
    let request = machine.request(pipeline, environment, parameters)?;
    machine::run(&request, &mut |event| {
        if let Event::Ended { task, how: How::Done(given) | How::Cached(given), .. } = event {
            given.unchecked.iter().for_each(|why| console.say(&format!("{task}: {why}\n")));
        }
        if let Event::Ended { task, how, log, .. } = event
            && let Some(why) = how.failure()
        {
            console.say(&format!("{task}: {why}\n  in {}\n", log.display()));
        }
    })
}

fn text(verdict: &Verdict, took: Duration, colored: bool) -> String {
    let paint = |word: &str, color: u8| match colored {
        true => format!("\u{1b}[1;{color}m{word}\u{1b}[0m"),
        false => word.to_owned(),
    };
    let word = if verdict.passes() { paint("passes", 32) } else { paint("fails", 31) };
    let count = verdict.expectations.iter().filter(|one| one.decided == Decided::Met).count();
    let mut text = format!(
        "{word}  {}  ({count} of {} met, {:.1} s)\n",
        verdict.title,
        verdict.expectations.len(),
        took.as_secs_f64()
    );
    text.push_str(&faults(verdict));
    text
}

/// What is not as expected.
fn faults(verdict: &Verdict) -> String {
    let mut text: String = verdict.faults.iter().map(|fault| format!("  {fault}\n")).collect();
    for one in verdict.expectations.iter().filter(|one| one.decided != Decided::Met) {
        text.push_str(&expectation(one));
    }
    text
}

fn expectation(one: &Expectation) -> String {
    let word = if one.decided == Decided::NoData { "no data" } else { "not met" };
    let turn = one.turn.as_ref().map_or_else(String::new, |turn| format!(", {turn}"));
    let mut text = format!("  {word}{turn}:\n\n");
    text.extend(one.drawing.lines().map(|line| format!("      {line}\n")));
    text.push('\n');
    text
}

fn summed(done: &[(Verdict, Duration)], project: &str, report: Option<&Path>, console: &Console) -> Status {
    let passed = done.iter().filter(|(verdict, _)| verdict.passes()).count();
    console.print(&format!("{passed} of {} tests pass\n", done.len()));
    if let Some(path) = report
        && let Err(error) = write(path, &junit(done, project))
    {
        console.fail(format!("{} cannot be written: {error}", path.display()));
        return Status::Unreadable;
    }
    if passed == done.len() { Status::Fine } else { Status::Failed }
}

fn junit(done: &[(Verdict, Duration)], project: &str) -> String {
    let mut suite = TestSuite::new(project);
    for (verdict, took) in done {
        let status = match verdict.passes() {
            true => TestCaseStatus::success(),
            false => {
                let kind = if verdict.faults.is_empty() { NonSuccessKind::Failure } else { NonSuccessKind::Error };
                let mut status = TestCaseStatus::non_success(kind);
                status.set_message("not every expectation is met").set_description(faults(verdict));
                status
            }
        };
        let mut case = TestCase::new(verdict.title.as_str(), status);
        case.set_classname(project).set_time(*took);
        suite.add_test_case(case);
    }
    let mut report = Report::new("mlp test");
    report.add_test_suite(suite);
    report.to_string().expect("a report has an XML form")
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text)
}
