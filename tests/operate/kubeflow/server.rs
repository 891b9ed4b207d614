//! A small Kubeflow on this machine, behind a proxy that holds every request and every answer against the API's own description.
//!
//! In: `../shared/corpus/kubeflow/api`, made stricter: no object may have a field that it does not name. Out: `mlp` on a project whose
//! environment it is, what the server holds, and troubles for it. Both processes end with it.

use std::fs::{self, File};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cli::{Ran, write};
use crate::conformance::setup;
use crate::operate::{free_port, mlp};
use crate::project::{Project, repository};

pub(super) const TOKEN: &str = "a-token-that-nobody-may-see";

pub(super) struct Server {
    pub(super) folder: TempDir,
    proxy: u16,
    direct: u16,
    children: Vec<Child>,
}

/// What a person compares of a recurring run: all but what the server gives it anew.
pub(super) type Recurring = (String, String, String, String, String);

impl Server {
    /// None where the description is not there; in CI that is a failure.
    pub(super) fn start() -> Option<Self> {
        let path = repository("../shared/corpus/kubeflow/api/kfp_api_v2beta1.swagger.json");
        let Ok(text) = fs::read_to_string(path) else {
            assert!(std::env::var_os("CI").is_none(), "the description of Kubeflow's API is not beside the project");
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let mut server = Self { folder, proxy: free_port(), direct: free_port(), children: Vec::new() };
        let mut description: Value = serde_json::from_str(&text).expect("the description is JSON");
        close(&mut description);
        write(server.path(), "api.json", description.to_string());
        server.project("project", server.proxy, |text| text);
        server.project("unchecked", server.direct, |text| text);
        server.begin();
        Some(server)
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The project in a folder of that name, changed.
    pub(super) fn project(&self, name: &str, port: u16, change: impl Fn(String) -> String) {
        for (path, bytes) in Project::read(&repository("tests/operate/kubeflow/project"), &[]).files {
            let text = String::from_utf8(bytes).expect("the project is text").replace("PORT", &port.to_string());
            write(&self.path().join(name), &path, change(text));
        }
        let digest = json!({"tools": format!("sha256:{}", "0".repeat(64))});
        write(&self.path().join(name), "images.json", digest.to_string());
    }

    /// The same, where every request and answer is looked at.
    pub(super) fn checked(&self, name: &str, change: impl Fn(String) -> String) {
        self.project(name, self.proxy, change);
    }

    fn begin(&mut self) {
        let packages = setup::npm_packages(
            "prism",
            "",
            include_str!("../../conformance/prism/package.json"),
            include_str!("../../conformance/prism/package-lock.json"),
        );
        let api = self.path().join("api.json");
        let mut server = Command::new(setup::python("linters"));
        server.arg(repository("tests/operate/kubeflow/server.py")).arg(self.direct.to_string()).arg(&api).arg(TOKEN);
        let mut proxy = Command::new("node");
        proxy.arg(packages.join("node_modules/@stoplight/prism-cli/dist/index.js")).arg("proxy").arg(&api);
        proxy.arg(format!("http://127.0.0.1:{}", self.direct)).args(["--errors", "--host", "127.0.0.1", "--port"]);
        proxy.arg(self.proxy.to_string());
        for (name, mut command) in [("server.log", server), ("proxy.log", proxy)] {
            let log = File::create(self.path().join(name)).expect("a log can be written");
            command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log has one more handle")).stderr(log);
            self.children.push(command.spawn().expect("it starts"));
        }
        let until = Instant::now() + Duration::from_secs(60);
        for port in [self.direct, self.proxy] {
            while TcpStream::connect(("127.0.0.1", port)).is_err() {
                assert!(Instant::now() < until, "nobody listens: {}", self.log());
                thread::sleep(Duration::from_millis(50));
            }
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.path().join("proxy.log")).unwrap_or_default()
    }

    /// Runs `mlp` on the project of that name.
    pub(super) fn mlp_on(&self, name: &str, words: &[&str]) -> Ran {
        self.mlp_as(TOKEN, name, words)
    }

    pub(super) fn mlp_as(&self, token: &str, name: &str, words: &[&str]) -> Ran {
        let ran = mlp(&self.path().join(name), words, &[("MLP_TOKEN", token)]);
        let is_shown = !token.is_empty() && [&ran.out, &ran.err].iter().any(|text| text.contains(token));
        assert!(!is_shown, "the token is shown: {}{}", ran.out, ran.err);
        ran
    }

    pub(super) fn mlp(&self, words: &[&str]) -> Ran {
        self.mlp_on("project", words)
    }

    pub(super) fn deploy_on(&self, name: &str, version: &str) -> Ran {
        self.mlp_on(name, &["deploy", "here", "--version", version, "--images", "images.json", "--timeout", "60"])
    }

    pub(super) fn deploy(&self, version: &str) -> Ran {
        self.deploy_on("project", version)
    }

    /// The one version that is live.
    pub(super) fn live(&self) -> String {
        self.mlp(&["status", "here", "--format", "version"]).ends(0).out
    }

    /// What the server holds.
    pub(super) fn holds(&self) -> Value {
        self.control(&json!({}))
    }

    /// What goes wrong from now on.
    pub(super) fn troubles(&self, troubles: Value) {
        self.control(&json!({"troubles": troubles}));
    }

    pub(super) fn control(&self, said: &Value) -> Value {
        let mut answer = ureq::post(format!("http://127.0.0.1:{}/control", self.direct))
            .send(said.to_string())
            .expect("the server answers");
        let text = answer.body_mut().read_to_string().expect("it answers whole");
        serde_json::from_str(&text).expect("it answers with JSON")
    }

    /// Each pipeline's recurring run: its name, version, cron expression, status and account.
    pub(super) fn recurring(&self) -> Vec<Recurring> {
        let holds = self.holds();
        let version = |id: &Value| {
            let versions = holds["versions"].as_array().expect("a list").iter();
            let found = versions.clone().find(|one| one["pipeline_version_id"] == *id).expect("it names a version");
            text(&found["name"])
        };
        let read = |run: &Value| {
            let cron = &run["trigger"]["cron_schedule"]["cron"];
            let named = version(&run["pipeline_version_reference"]["pipeline_version_id"]);
            (text(&run["display_name"]), named, text(cron), text(&run["status"]), text(&run["service_account"]))
        };
        let mut found: Vec<Recurring> = holds["recurring"].as_array().expect("a list").iter().map(read).collect();
        found.sort();
        found
    }

    /// How often a request was made that begins so.
    pub(super) fn asked(&self, begin: &str) -> usize {
        let holds = self.holds();
        let asked = holds["asked"].as_array().expect("a list").iter();
        asked.filter(|one| one.as_str().expect("a text").starts_with(begin)).count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
        // What the description does not allow is a fault, even where `mlp` got along with it.
        let log = self.log();
        let wrong = log.lines().find(|line| line.contains("prism/errors#"));
        if let (Some(wrong), false) = (wrong, thread::panicking()) {
            panic!("{wrong}\n{log}");
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Lets no object have a field that the description does not name.
fn close(description: &mut Value) {
    let definitions = description["definitions"].as_object_mut().expect("it defines objects");
    for definition in definitions.values_mut() {
        if definition.get("properties").is_some() && definition.get("additionalProperties").is_none() {
            definition["additionalProperties"] = json!(false);
        }
    }
}
