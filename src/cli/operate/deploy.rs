//! `mlp deploy`: makes a version live.

use std::path::PathBuf;

use super::{Common, failed, hold, preflight};
use crate::cli::{Console, Status};
use crate::operate::ancestry::follows;
use crate::operate::hold::can_be_kept;
use crate::operate::orchestrator::{Live, connect, version};
use crate::operate::{Done, Failure};

/// How long it may take, in seconds.
const USUALLY: u64 = 1800;

/// Make a version of the environment's pipelines live
///
/// What is live already is left alone; where it fails, what was live before is live. Exit status: 0 it is live, 1 it was refused or
/// failed, 2 usage, 3 a file could not be read, 124 its time was over.
#[derive(Debug, clap::Args)]
#[command(disable_version_flag = true)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    common: Common,

    /// What the version is called: the commit
    #[arg(long, value_name = "VERSION", value_parser = name)]
    version: String,

    /// A JSON file that gives the digest of every image
    #[arg(long, value_name = "FILE")]
    images: Option<PathBuf>,

    /// The version that was read as live: it is refused unless VERSION follows it in the repository; empty: none was
    #[arg(long, value_name = "VERSION", value_parser = name_or_nothing)]
    after: Option<String>,
}

/// The name of a version, or nothing where there is none.
pub(super) fn name_or_nothing(text: &str) -> Result<String, String> {
    if text.is_empty() { Ok(String::new()) } else { name(text) }
}

/// A name that every server and store takes.
pub(super) fn name(text: &str) -> Result<String, String> {
    let good = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    match !text.is_empty() && text.len() <= 63 && !text.starts_with('.') && text.chars().all(good) {
        true => Ok(text.to_owned()),
        false => Err("a version is at most 63 letters, digits, `.`, `_` and `-`, such as a commit".to_owned()),
    }
}

/// Whether something else is live than was read before; where pipelines differ, a deployment brings them together.
fn came_between(live: &[Live], after: &str) -> Done<()> {
    let Ok(now) = version(live) else { return Ok(()) };
    let now = now.unwrap_or_default();
    if now == after {
        return Ok(());
    }
    let word = |version: &str| if version.is_empty() { "nothing".to_owned() } else { format!("`{version}`") };
    Err(Failure::new(format!(
        "{} is live now, and {} was when this delivery looked: another came between; begin it again",
        word(&now),
        word(after)
    )))
}

pub(in crate::cli) fn run(arguments: &Arguments, console: &Console) -> Status {
    let mut chosen = match arguments.common.chosen(arguments.images.as_deref(), console) {
        Ok(chosen) => chosen,
        Err(status) => return status,
    };
    if arguments.images.is_none() && chosen.runs_images() {
        console.fail(format!(
            "`{}` runs images, and what is deployed runs them by digest: give the file of digests by --images",
            arguments.common.env
        ));
        return Status::Usage;
    }
    chosen.deployed_as(&arguments.version);
    let deadline = arguments.common.deadline(USUALLY);
    let release = match chosen.release() {
        Ok(release) => release,
        Err(fault) => {
            console.fail(fault);
            return Status::Failed;
        }
    };
    let open = match arguments.after {
        // A delivery has asked by `mlp preflight`, for its own edge.
        Some(_) => Ok(()),
        None if can_be_kept(chosen.environment()) => {
            hold::held(&chosen, None, &deadline).and_then(|held| preflight::opened(&held, chosen.environment()))
        }
        None => Ok(()),
    };
    let there = open.and_then(|()| connect(chosen.plan(), chosen.environment(), &chosen.folder, &deadline));
    let done = there.and_then(|there| {
        let before = there.live(&deadline)?;
        let was = version(&before).unwrap_or(None);
        console.say(&format!("live now: {}\n", was.as_deref().unwrap_or("nothing that is known")));
        if let Some(after) = arguments.after.as_deref() {
            if !after.is_empty() {
                follows(&chosen.folder, &arguments.version, after, &deadline)?;
            }
            came_between(&before, after)?;
        }
        there.deploy(&release, &deadline)
    });
    match done {
        Ok(lines) => {
            lines.iter().for_each(|line| console.print(&format!("{line}\n")));
            Status::Fine
        }
        Err(failure) => failed(&failure, console),
    }
}
