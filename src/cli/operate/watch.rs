//! `mlp watch`: looks after a service while its traffic goes over.

use std::path::PathBuf;
use std::time::Duration;

use super::{Common, failed};
use crate::cli::{Console, Status, gate, machine};
use crate::operate::Deadline;
use crate::operate::watch::{Place, Watch, Watched};
use crate::run::seconds;

/// Watch a service for a while: what must hold of it is measured again and again
///
/// The verifications that its condition speaks of are run in turn, what they measure is taken among the measurements, and the condition is
/// decided. The first time that it does not hold, or that there is no data, ends the watch. Exit status: 0 it held all the while, 1 it did
/// not, 2 usage, 130 it was interrupted.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    common: Common,

    /// The service
    #[arg(value_name = "SERVICE")]
    service: String,

    /// How long: `1800s`, `30min`
    #[arg(long = "for", value_name = "DURATION", value_parser = seconds)]
    long: f64,

    /// How often
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = seconds)]
    every: f64,

    /// The folder of measurements
    #[arg(long, value_name = "FOLDER")]
    values: PathBuf,
}

pub(in crate::cli) fn run(arguments: &Arguments, console: &Console) -> Status {
    let chosen = match arguments.common.chosen(None, console) {
        Ok(chosen) => chosen,
        Err(status) => return status,
    };
    let Some(service) = chosen.service(&arguments.service, console) else { return Status::Usage };
    let watch = Watch::of(chosen.plan(), chosen.environment(), &service.name);
    let place = Place { project: &chosen.folder, values: &arguments.values, stop: machine::stop() };
    let over = Deadline::after(Duration::from_secs_f64(arguments.long));
    let every = Duration::from_secs_f64(arguments.every);
    let colored = console.colors_output();
    match watch.until(&over, every, &place, &mut |decided| console.print(&gate::one(decided, colored))) {
        Ok(Watched::Held) => Status::Fine,
        Ok(Watched::Broken) => Status::Failed,
        Ok(Watched::Interrupted) => Status::Interrupted,
        Err(failure) => failed(&failure, console),
    }
}
