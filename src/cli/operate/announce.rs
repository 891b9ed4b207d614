//! `mlp announce`: says that a table has new data, or has drifted, for the pipelines that wait for that.

use super::{Common, failed};
use crate::cli::{Console, Status};
use crate::diagnostics::did_you_mean;
use crate::emit::running::Event;
use crate::operate::orchestrator::connect;

const USUALLY: u64 = 300;

/// Say that a table of the environment has new data, or has drifted
///
/// Whoever loads data or watches it calls this; the pipelines whose schedule says `every: new_data(TABLE)` or `every: drift(TABLE)` are
/// started, and not waited for. Exit status: 0 it is said, also where no pipeline waits for it; 1 it failed, 2 usage, 124 its time was over.
#[derive(Debug, clap::Args)]
#[command(disable_version_flag = true)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    common: Common,

    /// The table, as `data TABLE` declares it
    #[arg(value_name = "TABLE")]
    table: String,

    /// It has drifted away from what was trained on
    #[arg(long)]
    drifted: bool,
}

pub(in crate::cli) fn run(arguments: &Arguments, console: &Console) -> Status {
    let chosen = match arguments.common.chosen(None, console) {
        Ok(chosen) => chosen,
        Err(status) => return status,
    };
    let (environment, table) = (chosen.environment(), arguments.table.as_str());
    let event = if arguments.drifted { Event::Drift(table) } else { Event::NewData(table) };
    if event.awaited_by(chosen.plan(), &environment.name).is_empty() {
        if environment.data.contains_key(table) {
            console.print(&format!("nothing in {} waits for that of `{table}`\n", environment.name));
            return Status::Fine;
        }
        let near = did_you_mean(table, environment.data.keys().map(String::as_str));
        let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        console.fail(format!("`{}` has no data `{table}`{near}", environment.name));
        return Status::Usage;
    }
    let deadline = arguments.common.deadline(USUALLY);
    let done = connect(chosen.plan(), environment, &chosen.folder, &deadline)
        .and_then(|there| there.announce(event, &deadline));
    match done {
        Ok(lines) => {
            lines.iter().for_each(|line| console.print(&format!("{line}\n")));
            Status::Fine
        }
        Err(failure) => failed(&failure, console),
    }
}
