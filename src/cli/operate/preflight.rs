//! `mlp preflight`: the checklist before a deployment.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::{Common, failed, hold};
use crate::cli::{Console, Status, expected};
use crate::operate::hold::{Hold, can_be_kept};
use crate::operate::orchestrator::{Checked, connect};
use crate::operate::store::Store;
use crate::operate::{Done, Failure};
use crate::plan::Environment;

const USUALLY: u64 = 600;

/// Look whether an environment is ready for a deployment
///
/// The server answers and knows who asks, its parts are healthy, its store and its DAG files can be reached, every image is pinned, the
/// secrets that it keeps are there, no edge into it is held, and files that it binds as data are as the project's expectations say. Exit status: 0 everything is well, 1 something is not, 2 usage, 124 its time was over.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    common: Common,

    /// A JSON file that gives the digest of every image
    #[arg(long, value_name = "FILE")]
    images: Option<PathBuf>,

    /// The edge by which it is entered; left out, a hold of any edge into it is a refusal
    #[arg(long, value_name = "EDGE")]
    edge: Option<String>,
}

pub(in crate::cli) fn run(arguments: &Arguments, console: &Console) -> Status {
    let chosen = match arguments.common.chosen(arguments.images.as_deref(), console) {
        Ok(chosen) => chosen,
        Err(status) => return status,
    };
    if arguments.edge.as_deref().is_some_and(|edge| !hold::leads_here(&chosen, edge, console)) {
        return Status::Usage;
    }
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
    if can_be_kept(environment) {
        let store = Store::of(environment, &chosen.folder, &chosen.plan().project.name);
        let listed = store.and_then(|store| store.names(&deadline)).map(drop);
        checked.push(Checked::of("the store of artifacts can be listed", listed));
        let open =
            hold::held(&chosen, arguments.edge.as_deref(), &deadline).and_then(|held| opened(&held, environment));
        checked.push(Checked::of("no edge into it is held", open));
    }
    let looked = expected::of_environment(chosen.checked(), &environment.name, &chosen.folder);
    for one in looked.iter().filter(|one| one.found.is_ok()) {
        let broken = expected::broken(one).concat();
        checked.push(Checked {
            what: format!("{} is as `{}` expects it", one.table, one.expectation),
            fault: (!broken.is_empty()).then(|| format!("it is not\n{}", broken.trim_end())),
        });
    }
    looked.iter().flat_map(expected::unsaid).for_each(|line| console.print(&format!("· {line}\n")));
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

/// Nothing is held; else what, why, and how it is opened.
pub(super) fn opened(held: &[Hold], environment: &Environment) -> Done<()> {
    if held.is_empty() {
        return Ok(());
    }
    let said: Vec<String> = held.iter().map(Hold::said).collect();
    let edges: BTreeSet<&str> = held.iter().map(|hold| hold.edge.as_str()).collect();
    let lift = |edge: &&str| format!("mlp lift {} --edge {edge} --reason TEXT", environment.name);
    let lifts: Vec<String> = edges.iter().map(lift).collect();
    Err(Failure::new(format!("{}; once it is looked into: {}", said.join("; "), lifts.join(", "))))
}
