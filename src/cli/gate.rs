//! `mlp gate`: decides the gates of an edge on what was measured, and shows the values that decided.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use crate::diagnostics::Diagnostic;
use crate::diagnostics::render::Format;
use crate::gate::{self, Decision, Gate, Measured, Outcome};
use crate::plan::{Edge, Operation};

use super::edges::edge;
use super::project::{self, unreadable};
use super::reports::{self, Reports};
use super::{Console, Status, plan};

/// Decide the gates of an edge on what was measured
///
/// A gate is met, not met, or without data; only one that is met lets a change through. Exit status: 0 every gate is met,
/// 1 one is not or has no data, 2 usage, 3 the values cannot be read.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mlp gate staging production --values values/
  mlp gate staging production --values staging.json --require require-2
  mlp gate staging production --values values/ --format json
  mlp gate --schema")]
pub(super) struct Arguments {
    /// The environment that the edge leaves, or `ci`
    #[arg(value_name = "FROM", required_unless_present = "schema")]
    from: Option<String>,

    /// The environment that it enters
    #[arg(value_name = "TO", required_unless_present = "schema")]
    to: Option<String>,

    /// What was measured: a folder with ENVIRONMENT.json for each environment, or one file that holds for every gate
    #[arg(long, value_name = "FILE", required_unless_present = "schema")]
    values: Option<PathBuf>,

    /// Only this gate, by its id in the plan; may be given again
    #[arg(long, value_name = "ID")]
    require: Vec<String>,

    /// Which edge, where several lead from FROM to TO: its id in the plan, or PIPELINE/ID
    #[arg(long, value_name = "EDGE")]
    edge: Option<String>,

    /// Print the JSON Schema of what `--format json` prints; no project is needed
    #[arg(long, exclusive = true)]
    schema: bool,

    /// The project's folder
    #[arg(long, value_name = "PATH")]
    project: Option<PathBuf>,

    #[command(flatten)]
    reports: reports::Arguments,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> Status {
    let (Some(from), Some(to), Some(values)) = (&arguments.from, &arguments.to, &arguments.values) else {
        console.print(&schema());
        return Status::Fine;
    };
    let ready = match plan::ready(arguments.project.as_deref(), None, &arguments.reports, console) {
        Ok(ready) => ready,
        Err(status) => return status,
    };
    let chosen = edge(&ready.planned.plan, (from, to), arguments.edge.as_deref())
        .and_then(|edge| gates(edge, &arguments.require).map(|gates| (edge, gates)));
    let (edge, gates) = match chosen {
        Ok(chosen) => chosen,
        Err(message) => {
            console.fail(message);
            return Status::Usage;
        }
    };
    let measured = match read(edge, values) {
        Ok(measured) => measured,
        Err(fault) => {
            let mut reports = Reports::default();
            reports.add_one(*fault);
            reports.say(&arguments.reports, console);
            return Status::Unreadable;
        }
    };
    let decision = gate::decide(edge, &gates, |environment| &measured[environment]);
    console.print(&match arguments.reports.format {
        Format::Json => json(&decision),
        _ => text(&decision, console.colors_output()),
    });
    if decision.result == Outcome::Met { Status::Fine } else { Status::Failed }
}

fn schema() -> String {
    let schema = schemars::schema_for!(Decision);
    serde_json::to_string_pretty(&schema).expect("a schema has a JSON form") + "\n"
}

fn json(decision: &Decision) -> String {
    serde_json::to_string_pretty(decision).expect("a decision has a JSON form") + "\n"
}

/// The gates that are asked for.
fn gates<'p>(edge: &'p Edge, wanted: &[String]) -> Result<Vec<&'p Operation>, String> {
    let all: Vec<&Operation> = gate::gates(edge).collect();
    let ids = || all.iter().map(|gate| gate.id.as_str());
    for id in wanted {
        if !ids().any(|known| known == id) {
            let listed = match all.is_empty() {
                true => "it has none".to_owned(),
                false => format!("it has {}", ids().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")),
            };
            return Err(format!("the edge `{}` has no gate `{id}`; {listed}", edge.id));
        }
    }
    Ok(all.into_iter().filter(|gate| wanted.is_empty() || wanted.contains(&gate.id)).collect())
}

/// The measurements of every environment of the edge; in a folder, where there is no file nothing was measured.
fn read(edge: &Edge, place: &Path) -> Result<IndexMap<String, Measured>, Box<Diagnostic>> {
    let environments = edge.from.iter().chain([&edge.to]).map(String::as_str).chain(["ci"]);
    let mut measured = IndexMap::new();
    for environment in environments {
        let file = if place.is_dir() { place.join(format!("{environment}.json")) } else { place.to_owned() };
        let found = match place.is_dir() && !file.exists() {
            true => Ok(Measured::default()),
            false => read_one(&file),
        };
        let found = found.map_err(|reason| Box::new(unreadable(&file.display().to_string(), &reason)))?;
        measured.insert(environment.to_owned(), found);
    }
    Ok(measured)
}

fn read_one(file: &Path) -> Result<Measured, String> {
    let bytes = project::read(file).map_err(|error| error.to_string())?;
    let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())?;
    Measured::read(&text)
}

fn text(decision: &Decision, colored: bool) -> String {
    let mut text: String = decision.gates.iter().map(|gate| one(gate, colored)).collect();
    let from = if decision.from.is_empty() { "ci".to_owned() } else { decision.from.join(", ") };
    let result = match decision.gates.is_empty() {
        true => "no gate, nothing is required".to_owned(),
        false => word(decision.result, colored),
    };
    text.push_str(&format!("{from} -> {}: {result}\n", decision.to));
    text
}

/// A gate as it was decided, with the value under each part.
pub(super) fn one(gate: &Gate, colored: bool) -> String {
    let mut text = format!("{}: {}\n", word(gate.result, colored), gate.condition);
    text.push_str(&format!("measured in {}\n\n", gate.measured_in));
    text.extend(gate.drawing().lines().map(|line| format!("    {line}\n")));
    text.push('\n');
    if !gate.problems.is_empty() {
        text.extend(gate.problems.iter().map(|problem| format!("  {problem}\n")));
        text.push('\n');
    }
    text
}

fn word(outcome: Outcome, colored: bool) -> String {
    let (word, color) = match outcome {
        Outcome::Met => ("met", 32),
        Outcome::NotMet => ("not met", 31),
        Outcome::NoData => ("no data", 33),
    };
    if colored { format!("\u{1b}[1;{color}m{word}\u{1b}[0m") } else { word.to_owned() }
}
