//! A step's process: started in a group of its own, watched, and ended with everything that it has started.

use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long a process may take to end once it has been asked to.
const GRACE: Duration = Duration::from_secs(3);
/// How often a process is looked at, at most and at least.
const LOOK: (Duration, Duration) = (Duration::from_micros(500), Duration::from_millis(8));

/// Whether a run is to stop, and how often that was asked.
#[derive(Debug, Default)]
pub struct Stop(AtomicUsize);

impl Stop {
    /// Asks once more.
    pub fn ask(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// How a process ended.
#[derive(Debug)]
pub(super) enum Exit {
    /// By itself.
    Ended(ExitStatus),
    /// Its time was over.
    TimedOut,
    /// The run was stopped.
    Stopped,
}

/// Runs a command to its end, everything that it prints into a file. `stops` is how many calls to stop end it.
pub(super) fn run(
    command: &mut Command,
    log: &Path,
    deadline: Option<Instant>,
    (stop, stops): (&Stop, usize),
) -> io::Result<Exit> {
    let output = File::options().create(true).append(true).open(log)?;
    command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
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

/// Runs a command to its end within a time; a sentence where it did not end well.
pub fn step(command: &mut Command, log: &Path, time: Duration, stop: &Stop) -> Result<(), String> {
    let stops = stop.asked() + 1;
    match run(command, log, Some(Instant::now() + time), (stop, stops)) {
        Ok(Exit::Ended(status)) if status.success() => Ok(()),
        Ok(Exit::Ended(status)) => Err(super::task::said(status, log)),
        Ok(Exit::TimedOut) => Err(format!("did not end within {}", crate::plan::duration_text(time.as_secs_f64()))),
        Ok(Exit::Stopped) => Err("was stopped".to_owned()),
        Err(error) => Err(format!("cannot be run: {error}")),
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
