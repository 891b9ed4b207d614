//! What is done in an environment: a version is made live, is read, is run, is taken back.
//!
//! In: a plan, an environment's name, and the files that its orchestrator runs. Out: what was done, or a [`Failure`] with its
//! reason. It speaks to servers by their own REST APIs and to stores by their own command-line tools, and is the only code that
//! uses the network. It refuses to know the language: what must be done stands in the plan.

pub mod airflow;
pub mod ancestry;
pub mod hold;
pub mod http;
pub mod kubeflow;
pub mod login;
pub mod measured;
pub mod notify;
pub mod orchestrator;
mod own;
pub mod processes;
mod program;
pub mod secret;
pub mod serving;
pub mod store;
pub mod watch;

pub use crate::machine::secrecy;

use std::fmt;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It was refused, or it failed.
    Failed(String),
    /// Its time was over.
    TimedOut(String),
}

/// What was done, or why it was not.
pub type Done<T> = Result<T, Failure>;

impl Failure {
    /// It failed for that reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Failure::Failed(reason.into())
    }

    /// The reason.
    pub fn reason(&self) -> &str {
        match self {
            Failure::Failed(reason) | Failure::TimedOut(reason) => reason,
        }
    }

    /// The same, and what became of it.
    pub fn and(self, more: &str) -> Self {
        match self {
            Failure::Failed(reason) => Failure::Failed(format!("{reason}; {more}")),
            Failure::TimedOut(reason) => Failure::TimedOut(format!("{reason}; {more}")),
        }
    }

    /// The same, after what was tried.
    pub fn while_doing(self, what: &str) -> Self {
        match self {
            Failure::Failed(reason) => Failure::Failed(format!("{what}: {reason}")),
            Failure::TimedOut(reason) => Failure::TimedOut(format!("{what}: {reason}")),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}

/// A moment after which nothing is waited for any more.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    until: Instant,
    of: Duration,
}

impl Deadline {
    /// So long from now on.
    pub fn after(of: Duration) -> Self {
        Self { until: Instant::now() + of, of }
    }

    /// What is left; nothing: it is over.
    pub fn left(&self) -> Option<Duration> {
        self.until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }

    /// Whether no more than one more look fits in.
    pub fn is_nearly_over(&self, look: Duration) -> bool {
        self.left().is_none_or(|left| left <= look)
    }

    /// Sleeps so long, or as long as is left.
    pub fn sleep(&self, pause: Duration) {
        if let Some(left) = self.left() {
            std::thread::sleep(pause.min(left));
        }
    }

    /// That it is over before `what` was there.
    pub fn over(&self, what: &str) -> Failure {
        Failure::TimedOut(format!("{what} within {}", crate::plan::duration_text(self.of.as_secs_f64())))
    }

    /// Looks at a run, which is to be seen at an address, every `pause` until it has ended, and says how.
    ///
    /// # Errors
    ///
    /// What the look says of a run that ended badly; that the run did not end in time; that nobody knows how it ends.
    pub fn wait_for_run(
        &self,
        run: &str,
        address: &str,
        pause: Duration,
        look: impl Fn() -> Done<ControlFlow<Done<()>>>,
    ) -> Done<()> {
        let late = || self.over(&format!("run {run} did not end ({address})"));
        loop {
            let is_last = self.is_nearly_over(pause);
            match look() {
                Ok(ControlFlow::Break(end)) => return end,
                Ok(ControlFlow::Continue(())) if is_last => return Err(late()),
                Ok(ControlFlow::Continue(())) => self.sleep(pause),
                Err(Failure::TimedOut(why)) => return Err(late().and(&why)),
                Err(why) => {
                    return Err(why.while_doing(&format!("run {run} goes on, and its end is not known ({address})")));
                }
            }
        }
    }
}
