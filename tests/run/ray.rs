//! A program of Ray, submitted by `ray job submit` to a head of this machine that listens on the loopback alone.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{below, command, told};
use crate::cli::write;
use crate::conformance::setup;
use crate::project::{Project, repository};

/// How long the head may take to answer, and to stop.
const PATIENCE: Duration = Duration::from_secs(120);

/// A head, with every process that it starts in one group; gone when it is dropped.
struct Head {
    process: Child,
    address: String,
    /// Short, for sockets lie in it.
    _place: TempDir,
}

impl Head {
    fn new() -> Self {
        let [port, client, agent, dashboard] = free_ports();
        let place = TempDir::new().expect("a folder can be made");
        let mut ray = Command::new(setup::program("ray", "ray"));
        ray.args([
            "start",
            "--head",
            "--block",
            "--disable-usage-stats",
            "--num-cpus=1",
            "--object-store-memory=80000000",
        ]);
        for (option, port) in [
            ("port", port),
            ("ray-client-server-port", client),
            ("dashboard-agent-listen-port", agent),
            ("dashboard-port", dashboard),
        ] {
            ray.arg(format!("--{option}={port}"));
        }
        ray.arg("--temp-dir").arg(place.path()).env("PATH", path()).env("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0");
        let log = fs::File::create(below("run-ray-head").join("log")).expect("the log can be made");
        ray.stdin(Stdio::null()).stdout(log.try_clone().expect("a file is shared")).stderr(log).process_group(0);
        let process = ray.spawn().expect("Ray starts");
        let mut head = Self { process, address: format!("http://127.0.0.1:{dashboard}"), _place: place };
        head.wait(dashboard);
        head
    }

    fn wait(&mut self, port: u16) {
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            let ended = self.process.try_wait().expect("a process of ours can be asked");
            assert!(ended.is_none() && Instant::now() < until, "Ray's head does not answer: {ended:?}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn signal(&self, signal: &str) {
        let group = format!("-{}", self.process.id());
        let _ = Command::new("kill").args(["-s", signal, "--", &group]).stderr(Stdio::null()).status();
    }
}

impl Drop for Head {
    fn drop(&mut self) {
        self.signal("TERM");
        let until = Instant::now() + PATIENCE;
        while self.process.try_wait().is_ok_and(|ended| ended.is_none()) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(200));
        }
        self.signal("KILL");
        let _ = self.process.wait();
    }
}

/// Ports that nobody listens on.
fn free_ports() -> [u16; 4] {
    let listeners = [(); 4].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free"));
    listeners.map(|listener| listener.local_addr().expect("it has an address").port())
}

/// The PATH of a machine that has Ray: a job's `python` is found there too.
fn path() -> String {
    let programs = setup::program("ray", "ray").parent().expect("it lies in a folder").to_owned();
    format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default())
}

fn run(place: &Path, head: &Head, options: &[&str]) -> (Value, String) {
    let mut run = command(place, &["run", "search", "--env", "local"]);
    run.args(options).env("PATH", path()).env("RAY_ADDRESS", &head.address).env_remove("PYTHONPATH");
    let (found, ran) = told(&mut run);
    (found, ran.err)
}

#[test]
fn a_program_of_ray_is_run_with_the_modules_beside_it() {
    let place = below("run-ray");
    for (path, bytes) in &Project::read(&repository("tests/run/ray"), &[]).files {
        write(&place, path, bytes);
    }
    let head = Head::new();
    let (found, said) = run(&place, &head, &[]);
    assert_eq!(found["outputs"], json!({"best": 9.0}), "{found:#}\n{said}");
    let ran = found["run"].as_str().expect("a run has a name");
    let told = fs::read_to_string(place.join("store/search").join(ran).join("tuned/0/told")).expect("it was written");
    let told: Value = serde_json::from_str(&told).expect("it is JSON");
    assert_eq!(told["note"], "-it's \"1\" $(x)");
    assert_eq!(
        told["travelled"],
        json!(["jobs", "lib", "main.mlp", "steps", "store"]),
        "runs of this machine stay here"
    );

    // The same again is no new job; a changed module is one.
    assert_eq!(run(&place, &head, &[]).0["tasks"]["tuned"], "cached");
    write(&place, "lib/rates.py", "RATE = 'no score'\n");
    let (failed, said) = run(&place, &head, &["--set", "least=20"]);
    assert_eq!(failed["tasks"]["tuned"], "failed", "{said}");
    assert!(said.contains("can't multiply"), "{said}");
    write(&place, "lib/rates.py", "RATE = 2.0\n");
    assert_eq!(run(&place, &head, &["--set", "least=20"]).0["outputs"], json!({"best": 20.0}));
}
