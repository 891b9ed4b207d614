//! A process: started in a group of its own, watched, and ended with everything that it has started.

use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long a process may take to end once it has been asked to.
const GRACE: Duration = Duration::from_secs(3);
/// How often a process is looked at, at most and at least.
const LOOK: (Duration, Duration) = (Duration::from_micros(500), Duration::from_millis(8));

/// Whether something is to stop, and how often that was asked.
#[derive(Debug, Default)]
pub struct Stop {
    asked: AtomicUsize,
    above: Option<Arc<Stop>>,
}

impl Stop {
    /// One that stops whenever the other does, but not the other way round.
    pub fn below(above: &Arc<Stop>) -> Self {
        Self { asked: AtomicUsize::new(0), above: Some(above.clone()) }
    }

    /// Asks once more.
    pub fn ask(&self) {
        self.asked.fetch_add(1, Ordering::SeqCst);
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst) + self.above.as_ref().map_or(0, |above| above.asked())
    }
}

/// How a process ended.
#[derive(Debug)]
pub enum Exit {
    /// By itself.
    Ended(ExitStatus),
    /// Its time was over.
    TimedOut,
    /// The run was stopped.
    Stopped,
}

/// Runs a command to its end; where it prints to is said already. `stops` is how many calls to stop end it.
pub fn run(command: &mut Command, deadline: Option<Instant>, (stop, stops): (&Stop, usize)) -> io::Result<Exit> {
    command.stdin(Stdio::null());
    in_own_group(command);
    let mut child = command.spawn()?;
    let mut pause = LOOK.0;
    loop {
        if let Some(status) = child.try_wait()? {
            end_group(&child, true);
            return Ok(Exit::Ended(status));
        }
        let over = if stop.asked() >= stops {
            Some(Exit::Stopped)
        } else {
            deadline.filter(|deadline| Instant::now() >= *deadline).map(|_| Exit::TimedOut)
        };
        if let Some(over) = over {
            end(&mut child)?;
            return Ok(over);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(LOOK.1);
    }
}

/// Asks it to end, waits a little, and ends it.
fn end(child: &mut Child) -> io::Result<()> {
    end_group(child, false);
    let until = Instant::now() + GRACE;
    while Instant::now() < until && child.try_wait()?.is_none() {
        thread::sleep(LOOK.1);
    }
    end_group(child, true);
    if child.try_wait()?.is_none() {
        child.kill()?;
    }
    child.wait().map(drop)
}

#[cfg(unix)]
fn in_own_group(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

/// Ends what is left of a child's group: at once, or by asking.
#[cfg(unix)]
fn end_group(child: &Child, at_once: bool) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let signal = if at_once { Signal::KILL } else { Signal::TERM };
    if let Some(group) = Pid::from_raw(child.id() as i32) {
        // A group that is empty is gone, and that is what was wanted.
        let _ = kill_process_group(group, signal);
    }
}

#[cfg(not(unix))]
fn in_own_group(_: &mut Command) {}

#[cfg(not(unix))]
fn end_group(_: &Child, _: bool) {}
