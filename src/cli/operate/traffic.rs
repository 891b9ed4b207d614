//! `mlp traffic`: gives a service's new version a share of its traffic.

use std::path::PathBuf;

use super::{Common, deploy, failed};
use crate::cli::{Console, Status};
use crate::operate::measured;
use crate::operate::serving::Server;

const USUALLY: u64 = 300;

/// Give a service's new version a share of its traffic
///
/// The model is the one that the service's pipeline returned when it was run here, as the measurements say. Exit status: 0 it serves, 1 it
/// does not, 2 usage, 124 its time was over.
#[derive(Debug, clap::Args)]
#[command(disable_version_flag = true)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    common: Common,

    /// The service
    #[arg(value_name = "SERVICE")]
    service: String,

    /// Its share: 0.05 is 5%
    #[arg(long, value_name = "SHARE", value_parser = share)]
    weight: f64,

    /// What the version is called: the commit
    #[arg(long, value_name = "VERSION", value_parser = deploy::name)]
    version: String,

    /// The folder of measurements
    #[arg(long, value_name = "FOLDER")]
    values: PathBuf,
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "a share is a number from 0 to 1".to_owned())
}

pub(in crate::cli) fn run(arguments: &Arguments, console: &Console) -> Status {
    let chosen = match arguments.common.chosen(None, console) {
        Ok(chosen) => chosen,
        Err(status) => return status,
    };
    let Some(service) = chosen.service(&arguments.service, console) else { return Status::Usage };
    let (pipeline, output) = (&service.pipeline, &service.output);
    let found = measured::value(&arguments.values, &arguments.common.env, pipeline, output);
    let model = match found.map(|found| found.and_then(|model| model.as_str().map(str::to_owned))) {
        Ok(Some(model)) => model,
        Ok(None) => {
            console.fail(format!(
                "{} does not say where `{pipeline}.{output}` is in {}, and that is what `{}` serves: run `{pipeline}` there first",
                arguments.values.display(),
                arguments.common.env,
                service.name
            ));
            return Status::Failed;
        }
        Err(fault) => {
            console.fail(fault);
            return Status::Unreadable;
        }
    };
    let percent = (arguments.weight * 100.0).round() as u32;
    let deadline = arguments.common.deadline(USUALLY);
    let done = Server::of(chosen.plan(), chosen.environment(), service, &chosen.folder)
        .and_then(|there| there.send(&model, percent, &arguments.version, &deadline));
    match done {
        Ok(()) => {
            console.print(&format!("{} serves {model} with {percent}% of its traffic\n", service.name));
            Status::Fine
        }
        Err(failure) => failed(&failure, console),
    }
}
