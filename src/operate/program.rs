//! The command-line tools of stores and of version control: started with words, ended with their time.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::{Deadline, Done, Failure};

/// Runs a program to its end and gives what it prints; `missing` says how it is got where it is not there.
pub(super) fn run(command: &mut Command, deadline: &Deadline) -> Done<Vec<u8>> {
    let name = command.get_program().to_string_lossy().into_owned();
    let folder = tempfile::tempdir().map_err(|error| Failure::new(format!("there is no room for a file: {error}")))?;
    let (out, err) = (folder.path().join("out"), folder.path().join("err"));
    let file = |path: &std::path::Path| {
        std::fs::File::create(path).map_err(|error| Failure::new(format!("there is no room for a file: {error}")))
    };
    command.stdin(Stdio::null()).stdout(file(&out)?).stderr(file(&err)?);
    let mut child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::new(format!("the program `{name}` is not on this machine")),
        _ => Failure::new(format!("`{name}` cannot be run: {error}")),
    })?;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if deadline.left().is_none() => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(deadline.over(&format!("`{name}` did not end")));
            }
            Ok(None) => deadline.sleep(Duration::from_millis(10)),
            Err(error) => return Err(Failure::new(format!("`{name}` was lost: {error}"))),
        }
    };
    if status.success() {
        return std::fs::read(&out).map_err(|error| Failure::new(format!("what `{name}` printed is gone: {error}")));
    }
    let said = std::fs::read(&err).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
    Err(Failure::new(format!("`{name}` ended with {}: {}", status.code().unwrap_or(-1), last.trim())))
}
