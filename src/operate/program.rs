//! The command-line tools of stores and of version control: started with words, ended with their time.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

use super::{Deadline, Done, Failure};
use crate::machine::file;
use crate::machine::process::{self, Exit, Stop};

/// Runs a program to its end and gives what it prints; one that does not end well is a failure with its last words.
pub(super) fn run(command: &mut Command, deadline: &Deadline) -> Done<Vec<u8>> {
    let name = command.get_program().to_string_lossy().into_owned();
    let folder = tempfile::tempdir().map_err(no_room)?;
    let (out, err) = (folder.path().join("out"), folder.path().join("err"));
    let printed = File::create(&out).map_err(no_room)?;
    let status = ended(command, (printed.into(), &err), deadline)?;
    if status.success() {
        return std::fs::read(&out).map_err(|error| Failure::new(format!("what `{name}` printed is gone: {error}")));
    }
    Err(failed(&name, status, &err))
}

/// The same; what it prints is in no file on the way.
pub(super) fn run_unwritten(mut command: Command, deadline: &Deadline) -> Done<Vec<u8>> {
    let name = command.get_program().to_string_lossy().into_owned();
    let folder = tempfile::tempdir().map_err(no_room)?;
    let err = folder.path().join("err");
    let (mut reader, writer) = std::io::pipe().map_err(no_room)?;
    let printed = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).map(|_| bytes)
    });
    let status = ended(&mut command, (writer.into(), &err), deadline);
    // The command holds an end of the pipe; without it there is nothing more to read.
    drop(command);
    let printed = printed.join().unwrap_or_else(|_| Err(std::io::ErrorKind::Other.into()));
    let status = status?;
    match status.success() {
        true => printed.map_err(|error| Failure::new(format!("what `{name}` printed is gone: {error}"))),
        false => Err(failed(&name, status, &err)),
    }
}

/// How it ended, and its last words.
fn failed(name: &str, status: ExitStatus, err: &Path) -> Failure {
    let said = file::end_of(err, 4096).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
    Failure::new(format!("`{name}` ended with {}: {}", status.code().unwrap_or(-1), last.trim()))
}

/// Runs a program that answers by its exit status.
pub(super) fn says_yes(command: &mut Command, deadline: &Deadline) -> Done<bool> {
    let folder = tempfile::tempdir().map_err(no_room)?;
    let printed = folder.path().join("printed");
    let out = File::create(&printed).map_err(no_room)?;
    ended(command, (out.into(), &printed), deadline).map(|status| status.success())
}

fn ended(command: &mut Command, (out, err): (Stdio, &Path), deadline: &Deadline) -> Done<ExitStatus> {
    let name = command.get_program().to_string_lossy().into_owned();
    command.stdout(out).stderr(File::create(err).map_err(no_room)?);
    let until = Instant::now() + deadline.left().unwrap_or_default();
    let exit = process::run(command, Some(until), (&Stop::default(), 1)).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::new(format!("the program `{name}` is not on this machine")),
        _ => Failure::new(format!("`{name}` cannot be run: {error}")),
    })?;
    match exit {
        Exit::Ended(status) => Ok(status),
        Exit::TimedOut | Exit::Stopped => Err(deadline.over(&format!("`{name}` did not end"))),
    }
}

fn no_room(error: std::io::Error) -> Failure {
    Failure::new(format!("there is no room for a file: {error}"))
}
