//! The operations on an environment, by the built program against real servers on this machine.

mod airflow;
mod ancestry;
pub(crate) mod bundles;
mod hold;
mod kubeflow;
mod measured;
mod own;
mod people;
mod secret;
mod serving;
mod store;

use std::path::Path;
use std::process::Command;

use crate::cli::Ran;

/// Runs `mlp` in a folder with these variables.
fn mlp(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mlp"));
    command.args(arguments).current_dir(folder).envs(variables.iter().copied());
    let output = command.output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program prints UTF-8");
    let ran = Ran { status: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) };
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
    ran
}

/// A port of this machine that nobody listens on.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it has an address").port()
}
