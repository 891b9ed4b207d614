//! `mlp hold` and `mlp lift`: an edge stays closed until a person lifts it.

use super::{Chosen, Common, deploy, failed};
use crate::cli::machine::now_utc;
use crate::cli::{Console, Status};
use crate::diagnostics::did_you_mean;
use crate::operate::hold::{Hold, Holds, Lifted, can_be_kept};
use crate::operate::store::Store;
use crate::operate::{Deadline, Done};

const USUALLY: u64 = 300;

/// Close an edge into the environment until a person lifts it
///
/// It is noted in the environment's store, and `mlp preflight` refuses while it is there. Exit status: 0 it is held, 1 it could not be noted,
/// 2 usage, 124 its time was over.
#[derive(Debug, clap::Args)]
#[command(disable_version_flag = true)]
pub(in crate::cli) struct Close {
    #[command(flatten)]
    common: Common,

    /// The edge: `staging-to-production`
    #[arg(long, value_name = "EDGE")]
    edge: String,

    /// The version that is not to go on: the commit
    #[arg(long, value_name = "VERSION", value_parser = deploy::name)]
    version: String,

    #[command(flatten)]
    why: Why,

    /// Where the run of CI is to be seen
    #[arg(long, value_name = "URL")]
    run: Option<String>,
}

/// Open an edge into the environment again
///
/// Who lifts what and why is noted in the environment's store. Exit status: 0 nothing is held any more, also where nothing was; 1 it failed,
/// and what is not said to be lifted is still held; 2 usage, 124 its time was over.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Open {
    #[command(flatten)]
    common: Common,

    /// The edge; left out, every edge into the environment
    #[arg(long, value_name = "EDGE")]
    edge: Option<String>,

    #[command(flatten)]
    why: Why,
}

/// Who does it, and why.
#[derive(Debug, clap::Args)]
struct Why {
    /// Why, for whoever comes next
    #[arg(long, value_name = "TEXT", value_parser = some)]
    reason: String,

    /// Who says so
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

fn some(text: &str) -> Result<String, String> {
    if text.trim().is_empty() { Err("a reason is not empty".to_owned()) } else { Ok(text.to_owned()) }
}

fn now() -> String {
    now_utc().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

pub(in crate::cli) fn hold(arguments: &Close, console: &Console) -> Status {
    let chosen = match arguments.common.chosen(None, console) {
        Ok(chosen) => chosen,
        Err(status) => return status,
    };
    if !leads_here(&chosen, &arguments.edge, console) {
        return Status::Usage;
    }
    let deadline = arguments.common.deadline(USUALLY);
    let hold = Hold {
        edge: arguments.edge.clone(),
        version: arguments.version.clone(),
        since: now(),
        reason: arguments.why.reason.clone(),
        by: arguments.why.by.clone(),
        run: arguments.run.clone(),
    };
    match holds(&chosen).and_then(|holds| holds.hold(&hold, &deadline)) {
        Ok(()) => {
            console.print(&format!("{}\n", hold.said()));
            Status::Fine
        }
        Err(failure) => failed(&failure, console),
    }
}

pub(in crate::cli) fn lift(arguments: &Open, console: &Console) -> Status {
    let chosen = match arguments.common.chosen(None, console) {
        Ok(chosen) => chosen,
        Err(status) => return status,
    };
    let deadline = arguments.common.deadline(USUALLY);
    let edge = arguments.edge.as_deref();
    let found = holds(&chosen).and_then(|holds| Ok((holds.held(edge, &deadline)?, holds)));
    let (held, holds) = match found {
        Ok(found) => found,
        Err(failure) => return failed(&failure, console),
    };
    if held.is_empty() {
        // An edge that the project no longer has can still be lifted; one that it never had is a slip.
        if edge.is_some_and(|edge| !leads_here(&chosen, edge, console)) {
            return Status::Usage;
        }
        console.print(&format!("nothing is held in {}\n", arguments.common.env));
    }
    for hold in held {
        let (edge, version) = (hold.edge.clone(), hold.version.clone());
        let lifted = Lifted { at: now(), reason: arguments.why.reason.clone(), by: arguments.why.by.clone(), hold };
        if let Err(failure) = holds.lift(&lifted, &deadline) {
            return failed(&failure, console);
        }
        console.print(&format!("`{edge}` is open again after {version}\n"));
    }
    Status::Fine
}

fn holds(chosen: &Chosen) -> Done<Holds> {
    let environment = chosen.environment();
    let store = Store::of(environment, &chosen.folder, &chosen.plan().project.name)?;
    Ok(Holds::of(&store, &environment.name))
}

/// Whether the edge leads into the environment; where it does not, that is said.
pub(super) fn leads_here(chosen: &Chosen, edge: &str, console: &Console) -> bool {
    let place = &chosen.environment().name;
    let edges = chosen.plan().delivery.promotions.iter().flat_map(|promotion| &promotion.edges);
    let here: Vec<&str> = edges.filter(|edge| edge.to == *place).map(|edge| edge.id.as_str()).collect();
    if here.contains(&edge) {
        return true;
    }
    let near = did_you_mean(edge, here.iter().copied());
    let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    console.fail(format!("no edge `{edge}` leads into `{place}`{near}"));
    false
}

/// What is held of an environment; nothing where it has no store to note it in.
pub(super) fn held(chosen: &Chosen, edge: Option<&str>, deadline: &Deadline) -> Done<Vec<Hold>> {
    match can_be_kept(chosen.environment()) {
        true => holds(chosen)?.held(edge, deadline),
        false => Ok(Vec::new()),
    }
}
