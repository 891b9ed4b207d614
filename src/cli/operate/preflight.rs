//! `mlp preflight`: the checklist before a deployment.

use std::path::PathBuf;

use super::{Common, failed};
use crate::cli::{Console, Status};
use crate::operate::orchestrator::{Checked, connect};
use crate::operate::store::Store;

const USUALLY: u64 = 600;

/// Look whether an environment is ready for a deployment
///
/// The server answers and knows who asks, its parts are healthy, its store and its DAG files can be reached, every image is pinned, the
/// secrets that it keeps are there. Exit status: 0 everything is well, 1 something is not, 2 usage, 124 its time was over.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    common: Common,

    /// A JSON file that gives the digest of every image
    #[arg(long, value_name = "FILE")]
    images: Option<PathBuf>,
}

pub(in crate::cli) fn run(arguments: &Arguments, console: &Console) -> Status {
    let chosen = match arguments.common.chosen(arguments.images.as_deref(), console) {
        Ok(chosen) => chosen,
        Err(status) => return status,
    };
    let deadline = arguments.common.deadline(USUALLY);
    let environment = chosen.environment();
    let mut checked = vec![Checked { what: "the project is whole for this environment".to_owned(), fault: None }];
    if arguments.images.is_some() {
        checked.push(Checked { what: "every image is known by its digest".to_owned(), fault: None });
    }
    match connect(chosen.plan(), environment, &chosen.folder, &deadline) {
        Ok(there) => checked.extend(there.preflight(&deadline)),
        Err(failure) => return failed(&failure, console),
    }
    if environment.artifacts.as_ref().is_some_and(|store| store.form != "cluster_store") {
        let store = Store::of(environment, &chosen.folder, &chosen.plan().project.name);
        let listed = store.and_then(|store| store.names(&deadline)).map(drop);
        checked.push(Checked::of("the store of artifacts can be listed", listed));
    }
    for one in &checked {
        match &one.fault {
            None => console.print(&format!("✓ {}\n", one.what)),
            Some(fault) => console.print(&format!("✗ {}: {fault}\n", one.what)),
        }
    }
    let faults = checked.iter().filter(|one| one.fault.is_some()).count();
    match (faults, deadline.left()) {
        (0, _) => Status::Fine,
        (_, None) => Status::TimedOut,
        (count, _) => {
            console.fail(format!("{count} of {} are not well: `{}` is not ready", checked.len(), environment.name));
            Status::Failed
        }
    }
}
