//! The operations on an environment, as CI calls them: the only commands that use the network.

mod announce;
mod deploy;
mod environment;
mod hold;
mod preflight;
mod rollback;
mod status;
mod traffic;
mod watch;

pub(super) use announce::{Arguments as Announce, run as announce};
pub(super) use deploy::{Arguments as Deploy, run as deploy};
use environment::{Chosen, Common};
pub(super) use hold::{Close, Open, hold, lift};
pub(super) use preflight::{Arguments as Preflight, run as preflight};
pub(super) use rollback::{Arguments as Rollback, run as rollback};
pub(super) use status::{Arguments as State, run as status};
pub(super) use traffic::{Arguments as Traffic, run as traffic};
pub(super) use watch::{Arguments as Watch, run as watch};

use crate::operate::Failure;

use super::{Console, Status};

/// The exit status of a failure, and its reason for whoever reads.
pub(super) fn failed(failure: &Failure, console: &Console) -> Status {
    console.fail(failure);
    match failure {
        Failure::Failed(_) => Status::Failed,
        Failure::TimedOut(_) => Status::TimedOut,
    }
}
