//! `mlp window`: whether an edge may be passed now.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use crate::gate::window::{Opening, decide};
use crate::plan::{Action, Edge};

use super::edges::edge;
use super::reports::{self};
use super::{Console, Status, plan};

/// Say whether the windows of an edge are open now
///
/// Exit status: 0 every window is open, 1 one is not, 2 usage.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mlp window staging production
  mlp window staging production --at 2026-12-24T09:00:00Z")]
pub(super) struct Arguments {
    /// The environment that the edge leaves, or `ci`
    #[arg(value_name = "FROM")]
    from: String,

    /// The environment that it enters
    #[arg(value_name = "TO")]
    to: String,

    /// Which edge, where several lead there
    #[arg(long, value_name = "EDGE")]
    edge: Option<String>,

    /// At another moment than now
    #[arg(long, value_name = "MOMENT")]
    at: Option<DateTime<Utc>>,

    /// The project's folder
    #[arg(long, value_name = "PATH")]
    project: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> Status {
    let ready = match plan::ready(arguments.project.as_deref(), None, &reports::Arguments::plain(), console) {
        Ok(ready) => ready,
        Err(status) => return status,
    };
    let at = arguments.at.unwrap_or_else(super::machine::now_utc);
    let found = edge(&ready.planned.plan, (&arguments.from, &arguments.to), arguments.edge.as_deref());
    match found.and_then(|edge| openings(edge, at)) {
        Err(fault) => {
            console.fail(fault);
            Status::Usage
        }
        Ok(openings) if openings.is_empty() => {
            console.print("the edge has no window: it is always open\n");
            Status::Fine
        }
        Ok(openings) => {
            openings.iter().for_each(|one| console.print(&said(one)));
            if openings.iter().all(|one| one.open) { Status::Fine } else { Status::Failed }
        }
    }
}

fn openings(edge: &Edge, at: DateTime<Utc>) -> Result<Vec<Opening>, String> {
    let windows = edge.operations.iter().filter_map(|operation| match &operation.action {
        Action::Window { window } => Some(decide(window, at)),
        _ => None,
    });
    windows.collect()
}

fn said(opening: &Opening) -> String {
    let word = if opening.open { "open" } else { "closed" };
    let until = match &opening.until {
        Some(until) => format!(" until {}", until.format("%Y-%m-%d %H:%M UTC")),
        None if opening.open => String::new(),
        None => " for good".to_owned(),
    };
    format!("{word}{until}: {}\n", opening.window)
}
