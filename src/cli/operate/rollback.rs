//! `mlp rollback`: makes an earlier version live again.

use super::{Common, deploy, failed};
use crate::cli::{Console, Status};
use crate::operate::orchestrator::connect;
use crate::operate::serving::Server;

const USUALLY: u64 = 1800;

/// Make an earlier version live again
///
/// Without a version, or with an empty one, nothing is live afterwards: that is what was before the first deployment. Exit status:
/// 0 it is live again, 1 it failed, 2 usage, 124 its time was over.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    common: Common,

    /// The version that was live; empty: none was
    #[arg(long, value_name = "VERSION", default_value = "", value_parser = deploy::name_or_nothing)]
    to: String,
}

pub(in crate::cli) fn run(arguments: &Arguments, console: &Console) -> Status {
    let chosen = match arguments.common.chosen(None, console) {
        Ok(chosen) => chosen,
        Err(status) => return status,
    };
    let deadline = arguments.common.deadline(USUALLY);
    let to = Some(arguments.to.as_str()).filter(|to| !to.is_empty());
    // First the traffic, which harms people, then what made the model.
    let services = chosen.plan().services.iter().filter(|one| chosen.environment().services.contains_key(&one.name));
    let taken = services
        .map(|service| Server::of(chosen.plan(), chosen.environment(), service, &chosen.folder)?.take_back(&deadline));
    let taken = taken.collect::<Result<Vec<()>, _>>();
    let done = connect(chosen.plan(), chosen.environment(), &chosen.folder, &deadline)
        .and_then(|there| there.rollback(to, &deadline))
        .and_then(|lines| taken.map(|_| lines));
    match done {
        Ok(lines) => {
            lines.iter().for_each(|line| console.print(&format!("{line}\n")));
            Status::Fine
        }
        Err(failure) => failed(&failure, console),
    }
}
