//! A service on KServe by the real `kubectl`, against as much of the Kubernetes API as it asks for.

use std::fs;
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::measured::project;
use super::{free_port, mlp};
use crate::cli::{Ran, write};
use crate::conformance::setup;
use crate::project::repository;

/// A cluster with one service at most; it ends with it.
struct Cluster {
    folder: TempDir,
    path: String,
    server: Child,
}

impl Cluster {
    fn start() -> Self {
        let (folder, port) = (project(), free_port());
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "it", "cluster": {"server": format!("http://127.0.0.1:{port}")}}],
            "users": [{"name": "me", "user": {}}],
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": "me"}}],
            "current-context": "it",
        });
        write(folder.path(), "kubeconfig", config.to_string());
        let mut server = Command::new(setup::python("linters"));
        server.arg(repository("tests/operate/serving/kubernetes.py")).arg(port.to_string());
        server.arg(folder.path().join("service.json")).stdout(Stdio::null()).stderr(Stdio::null());
        let server = server.spawn().expect("the server starts");
        let kubectl = setup::kubectl();
        let programs = kubectl.parent().expect("it lies in a folder").display().to_string();
        let path = format!("{programs}:{}", std::env::var("PATH").unwrap_or_default());
        let until = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until, "the server never listened");
            thread::sleep(Duration::from_millis(50));
        }
        Self { folder, path, server }
    }

    fn mlp(&self, words: &[&str]) -> Ran {
        let home = self.folder.path().display().to_string();
        let config = self.folder.path().join("kubeconfig").display().to_string();
        mlp(self.folder.path(), words, &[("PATH", &self.path), ("HOME", &home), ("KUBECONFIG", &config)])
    }

    /// What the pipeline made.
    fn made(&self, model: &str) {
        write(self.folder.path(), "values/here.json", json!({"training": {"model": model}}).to_string());
    }

    fn send(&self, weight: &str, time: &str) -> Ran {
        let words = ["traffic", "here", "answers", "--weight", weight, "--version", "c0ffee", "--values", "values"];
        self.mlp(&[&words[..], &["--timeout", time]].concat())
    }

    /// The service's predictor, and whether it is ready.
    fn predictor(&self) -> Value {
        let text = fs::read_to_string(self.folder.path().join("service.json")).expect("there is a service");
        serde_json::from_str::<Value>(&text).expect("JSON")["spec"]["predictor"].clone()
    }

    fn share(&self) -> Option<u64> {
        self.predictor().get("canaryTrafficPercent").and_then(Value::as_u64)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[test]
fn a_share_of_the_traffic_goes_to_the_model_that_was_made() {
    let cluster = Cluster::start();
    let ran = cluster.send("0.25", "30").ends(1);
    assert!(ran.err.contains("does not say where `training.model` is"), "{}", ran.err);
    cluster.mlp(&["rollback", "here", "--to", "before"]).ends(0);
    assert!(!cluster.folder.path().join("service.json").exists(), "a service that is not there has no traffic");
    cluster.made("gs://acme/model");
    let ran = cluster.send("0.25", "30").ends(0);
    assert_eq!(ran.out, "answers serves gs://acme/model with 25% of its traffic\n");
    assert_eq!(
        cluster.predictor(),
        json!({
            "minReplicas": 2,
            "maxReplicas": 4,
            "canaryTrafficPercent": 25,
            "model": {"modelFormat": {"name": "sklearn"}, "storageUri": "gs://acme/model"},
        })
    );
    cluster.send("1", "30").ends(0);
    assert_eq!(cluster.share(), None, "all of it is the new one's");
    cluster.send("1.5", "30").ends(2);
}

#[test]
fn traffic_that_was_taken_back_comes_again() {
    let cluster = Cluster::start();
    cluster.made("gs://acme/first");
    cluster.send("1", "30").ends(0);
    cluster.made("gs://acme/second");
    cluster.send("0.05", "30").ends(0);
    assert_eq!(cluster.share(), Some(5));
    cluster.mlp(&["rollback", "here", "--to", "first"]).ends(0);
    assert_eq!(cluster.share(), Some(0), "the revision before has it all");
    // At once to all, as blue and green go over: what the way back said does not stay.
    cluster.made("gs://acme/third");
    cluster.send("1", "30").ends(0);
    assert_eq!((cluster.share(), &cluster.predictor()["model"]["storageUri"]), (None, &json!("gs://acme/third")));
}

#[test]
fn a_version_that_does_not_get_ready_has_an_end() {
    let cluster = Cluster::start();
    cluster.made("gs://acme/broken");
    let late = cluster.send("0.5", "4").ends(124);
    assert!(late.err.contains("the new version of answers was not ready within 4s"), "{}", late.err);
    let mut away = Cluster::start();
    away.made("gs://acme/model");
    away.server.kill().and_then(|()| away.server.wait()).expect("it ends");
    let away = away.send("0.5", "20").ends(1);
    assert!(away.err.contains("`kubectl` ended with 1: "), "{}", away.err);
}
