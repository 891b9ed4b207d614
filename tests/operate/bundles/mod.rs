//! Where Airflow finds its DAG files, and where releases are kept: a bucket by the real `aws`, a branch by the real `git`.

mod branch;
pub(crate) mod bucket;

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{free_port, mlp};
use crate::cli::{Ran, write};
use crate::conformance::setup;
use crate::project::{Project, repository};

/// A process that ends with it.
struct Running(Child);

impl Running {
    /// Starts a server, and waits until it listens.
    fn start(command: &mut Command, port: u16) -> Self {
        let running = Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts"));
        let until = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until, "{command:?} does not listen");
            thread::sleep(Duration::from_millis(50));
        }
        running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A project whose environment is an Airflow that reads its DAG files by a command.
struct Site {
    folder: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
    _airflow: Running,
}

const FILE: &str = "live-here-training.py";

impl Site {
    fn new(dags: &str, artifacts: &str, read: &[&str], variables: Vec<(&'static str, String)>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = free_port();
        project(&folder.path().join("project"), port, dags, artifacts);
        let mut airflow = Command::new(setup::python("linters"));
        airflow.arg(repository("tests/operate/bundles/airflow.py")).arg(port.to_string()).args(read);
        airflow.envs(variables.iter().map(|(name, value)| (name, value)));
        Self { folder, _airflow: Running::start(&mut airflow, port), variables }
    }

    fn mlp(&self, words: &[&str]) -> Ran {
        let mut variables: Vec<(&str, &str)> =
            self.variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        variables.push(("MLP_TOKEN", "a-password-that-nobody-may-see"));
        mlp(&self.folder.path().join("project"), words, &variables)
    }

    fn deploy(&self, version: &str) -> Ran {
        self.mlp(&["deploy", "here", "--version", version, "--images", "images.json", "--timeout", "60"])
    }

    fn live(&self) -> String {
        self.mlp(&["status", "here", "--format", "version"]).ends(0).out
    }
}

/// The project that is deployed to a real Airflow elsewhere, with its files in another place.
fn project(folder: &Path, port: u16, dags: &str, artifacts: &str) {
    for (path, bytes) in Project::read(&repository("tests/operate/live"), &["pods.py"]).files {
        let text = String::from_utf8(bytes).expect("the project is text").replace("PORT", &port.to_string());
        let text = text.replace("dag_folder(\"dags\")", dags).replace("folder(\"STORE\")", artifacts);
        let used = ["dag_bucket", "dag_git", "bucket"].into_iter().filter(|form| text.contains(&format!(" {form}(")));
        let used: String = used.map(|form| format!("{form}, ")).collect();
        write(folder, &path, text.replace("dag_folder, ", &used));
    }
    write(folder, "images.json", json!({"tools": format!("sha256:{}", "0".repeat(64))}).to_string());
}
