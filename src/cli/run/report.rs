//! What a run came to, on a terminal.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::progress::seconds;
use crate::run::flow::{Ending, Values};
use crate::run::report::{metrics, shown};
use crate::run::{End, Outcome, Request};

/// What a run came to, for machines.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Told<'a> {
    /// `mlp.run/1`
    schema: &'static str,
    /// The run.
    run: &'a str,
    /// Its pipeline.
    pipeline: &'a str,
    /// Its environment.
    environment: &'a str,
    /// How it ended.
    ending: Ending,
    /// How long it took.
    seconds: f64,
    /// What it gives; an artifact is `{"path", "uri"}`.
    outputs: &'a Values,
    /// How each task ended, by its name in the run.
    tasks: &'a BTreeMap<String, End>,
    /// What went wrong, in order.
    faults: &'a [String],
}

/// As JSON.
pub(super) fn json(request: &Request, outcome: &Outcome) -> String {
    let told = Told {
        schema: "mlp.run/1",
        run: &request.id,
        pipeline: &request.pipeline.name,
        environment: &request.pipeline.environment,
        ending: outcome.ending,
        seconds: outcome.took.as_secs_f64(),
        outputs: &outcome.outputs,
        tasks: &outcome.ends,
        faults: &outcome.faults,
    };
    serde_json::to_string_pretty(&told).expect("a run has a JSON form") + "\n"
}

/// The end, the outputs, the metrics.
pub(super) fn text(request: &Request, outcome: &Outcome, colored: bool) -> String {
    let (word, color) = match outcome.ending {
        Ending::Succeeded => ("succeeded", 32),
        Ending::Failed => ("failed", 31),
        Ending::Cancelled => ("was stopped", 33),
    };
    let word = if colored { format!("\u{1b}[1;{color}m{word}\u{1b}[0m") } else { word.to_owned() };
    let mut text = format!("{} {word} in {}\n", request.pipeline.name, seconds(outcome.took));
    if outcome.ending != Ending::Succeeded {
        text.extend(outcome.faults.iter().map(|fault| format!("  {fault}\n")));
        text.push_str(&format!(
            "  go on with it: mlp run {} --env {} --resume {}\n",
            request.pipeline.name, request.pipeline.environment, request.id
        ));
        return text;
    }
    let outputs = outcome.typed_outputs.iter();
    let rows: Vec<_> =
        outputs.map(|(name, (value, ty))| (name.clone(), shown(ty, value, &request.place.project))).collect();
    text.push_str(&table(&rows));
    let measured = metrics(outcome);
    if !measured.is_empty() {
        text.push_str("\nmeasured\n");
        let rows: Vec<_> =
            measured.iter().map(|(of, name, number)| (format!("{of}  {name}"), number.to_string())).collect();
        text.push_str(&table(&rows));
    }
    text
}

fn table(rows: &[(String, String)]) -> String {
    let widest = rows.iter().map(|(name, _)| unicode_width::UnicodeWidthStr::width(name.as_str())).max().unwrap_or(0);
    let row = |(name, value): &(String, String)| {
        let space = " ".repeat(widest - unicode_width::UnicodeWidthStr::width(name.as_str()));
        format!("  {name}{space}  {value}\n")
    };
    rows.iter().map(row).collect()
}
