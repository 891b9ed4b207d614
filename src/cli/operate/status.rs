//! `mlp status`: which version is live, and what is held.

use clap::ValueEnum;
use serde_json::json;

use super::{Common, failed, hold};
use crate::cli::{Console, Status};
use crate::operate::hold::Hold;
use crate::operate::orchestrator::{Live, connect, version};

const USUALLY: u64 = 300;

/// Say which version of each pipeline is live in the environment, and which edges into it are held
///
/// Exit status: 0 it is known, also where nothing is live; 1 it cannot be told, 2 usage, 124 its time was over.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    common: Common,

    /// How it is said
    #[arg(long, value_name = "FORM", value_enum, default_value_t = Form::Human)]
    format: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
enum Form {
    /// A line each
    Human,
    /// One object
    Json,
    /// The one version alone; nothing where nothing is live
    Version,
}

pub(in crate::cli) fn run(arguments: &Arguments, console: &Console) -> Status {
    let chosen = match arguments.common.chosen(None, console) {
        Ok(chosen) => chosen,
        Err(status) => return status,
    };
    let deadline = arguments.common.deadline(USUALLY);
    let live =
        connect(chosen.plan(), chosen.environment(), &chosen.folder, &deadline).and_then(|there| there.live(&deadline));
    // Who asks for the version alone reads no more than that.
    let held = match arguments.format {
        Form::Version => Ok(Vec::new()),
        _ => hold::held(&chosen, None, &deadline),
    };
    let said = live.and_then(|live| written(&live, &held?, &arguments.common.env, arguments.format));
    match said {
        Ok(text) => {
            console.print(&text);
            Status::Fine
        }
        Err(failure) => failed(&failure, console),
    }
}

fn written(live: &[Live], held: &[Hold], environment: &str, form: Form) -> crate::operate::Done<String> {
    Ok(match form {
        Form::Version => version(live)?.map_or_else(String::new, |version| version + "\n"),
        Form::Json => {
            let one =
                |one: &Live| json!({"pipeline": one.pipeline, "version": one.version, "scheduled": one.scheduled});
            let all: Vec<_> = live.iter().map(one).collect();
            let told = json!({"schema": "mlp.status/1", "environment": environment, "pipelines": all, "held": held});
            serde_json::to_string_pretty(&told).expect("a status has a JSON form") + "\n"
        }
        Form::Human => {
            let line = |one: &Live| {
                let version = one.version.as_deref().unwrap_or("nothing is live");
                let schedule = if one.scheduled { ", runs by itself" } else { "" };
                format!("{}  {version}{schedule}\n", one.pipeline)
            };
            let held = held.iter().map(|hold| format!("{}\n", hold.said()));
            live.iter().map(line).chain(held).collect()
        }
    })
}
