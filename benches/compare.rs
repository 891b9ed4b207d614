//! How fast the compiler is: beside the kfp SDK on the same chain of steps, on longer chains, and on many sources.
//!
//! Whole processes, from nothing to files on the disk, the median of several where one is short. `docs/benchmarks.md` says
//! how to read it. `cargo bench`; `cargo bench -- quick` leaves out what takes minutes.

#[allow(dead_code)]
#[path = "../tests/conformance/setup.rs"]
mod setup;

mod team;

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What one process took.
#[derive(Clone, Copy)]
struct Cost {
    time: Duration,
    /// Of resident memory at its peak; where the system does not say, none.
    bytes: Option<u64>,
}

const PROJECT: &str = r#"import std.environment { bucket, kubeflow }

project bench {
  language: 1

  target kubeflow { version: "2.15" }
}

image toolbox { context: "." }

step first() -> (made: Dataset) {
  run:   command("first", made.path)
  image: toolbox
}

/// One link of the chain.
step work(given: Dataset, number: int) -> (made: Dataset) {
  run:   command("work", "--number", "\(number)", "--given", given.path, "--made", made.path)
  image: toolbox
}

environment test {
  tier:            test
  orchestrator:    kubeflow(endpoint: "https://kfp.example.org", namespace: "bench")
  registry:        "registry.example.org/bench"
  artifacts:       bucket("gs://bench")
  service_account: "bench"
  defaults:        { compute: { cpu: 1, memory: 1GiB } }
  pipelines:       [chain]
}
"#;

fn main() {
    let quick = std::env::args().any(|word| word == "quick");
    compare(if quick { &[10, 100] } else { &[10, 100, 1000, 3000] });
    grow(&[1_000, 3_000, 10_000, 30_000]);
    read(&[1, 4, 16]);
    whole(&[(5, 4), (50, 12)]);
}

fn whole(sizes: &[(usize, usize)]) {
    println!("\n`mlp build` of a team's whole project, for every target\n");
    println!("{:>9}  {:>12}  {:>5}  {:>10}", "pipelines", "environments", "edges", "time");
    for (pipelines, environments) in sizes {
        let project = tempfile::tempdir().expect("a folder");
        team::write(project.path(), *pipelines, *environments);
        let cost = median(5, || {
            let out = tempfile::tempdir().expect("a folder");
            measure(
                Command::new(env!("CARGO_BIN_EXE_mlp")).arg("build").arg(project.path()).arg("--out").arg(out.path()),
            )
        });
        println!("{pipelines:>9}  {environments:>12}  {:>5}  {:>10}", pipelines * 4, seconds(cost));
    }
}

fn compare(lengths: &[usize]) {
    println!("\nA chain of N container steps, compiled to Kubeflow's IR\n");
    println!("{:>7}  {:>10}  {:>10}  {:>8}", "N", "kfp SDK", "mlp", "faster");
    for length in lengths {
        let sdk = by_the_sdk(*length, if *length > 300 { 1 } else { 3 });
        let ours = by_mlp(*length, 9);
        let times = sdk.time.as_secs_f64() / ours.time.as_secs_f64();
        println!("{length:>7}  {:>10}  {:>10}  {:>7.0}x", seconds(sdk), seconds(ours), times);
    }
}

fn grow(lengths: &[usize]) {
    println!("\nTime and memory in proportion to N\n");
    println!("{:>7}  {:>10}  {:>12}  {:>10}  {:>12}", "N", "mlp", "per step", "memory", "per step");
    for length in lengths {
        let cost = by_mlp(*length, 3);
        let each = cost.time.as_secs_f64() * 1e6 / *length as f64;
        let memory = cost.bytes.map_or("-".to_owned(), |bytes| format!("{:.1} MiB", bytes as f64 / 1_048_576.0));
        let part =
            cost.bytes.map_or("-".to_owned(), |bytes| format!("{:.1} KiB", bytes as f64 / 1024.0 / *length as f64));
        println!("{length:>7}  {:>10}  {:>9.1} µs  {memory:>10}  {part:>12}", seconds(cost), each);
    }
}

fn read(megabytes: &[usize]) {
    println!("\n`mlp check` of a project of many items\n");
    println!("{:>8}  {:>10}  {:>9}", "source", "time", "MB/s");
    for size in megabytes {
        let folder = tempfile::tempdir().expect("a folder");
        let bytes = write_sources(folder.path(), size * 1_000_000);
        let cost = median(3, || measure(Command::new(env!("CARGO_BIN_EXE_mlp")).arg("check").arg(folder.path())));
        let megabytes = bytes as f64 / 1e6;
        println!("{megabytes:>5.1} MB  {:>10}  {:>9.1}", seconds(cost), megabytes / cost.time.as_secs_f64());
    }
}

fn by_the_sdk(length: usize, times: usize) -> Cost {
    let folder = tempfile::tempdir().expect("a folder");
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/chain.py");
    median(times, || {
        let mut python = Command::new(setup::python("kfp"));
        measure(python.arg(&program).arg(length.to_string()).arg(folder.path().join("chain.yaml")))
    })
}

fn by_mlp(length: usize, times: usize) -> Cost {
    let project = tempfile::tempdir().expect("a folder");
    let mut text = PROJECT.to_owned();
    text.push_str("\npipeline chain() {\n  link_0 = first()\n");
    for number in 1..length {
        writeln!(text, "  link_{number} = work(given: link_{}, number: {number})", number - 1).expect("a text grows");
    }
    text.push_str("}\n");
    fs::write(project.path().join("main.mlp"), text).expect("the project can be written");
    median(times, || {
        let out = tempfile::tempdir().expect("a folder");
        let mut mlp = Command::new(env!("CARGO_BIN_EXE_mlp"));
        measure(mlp.arg("build").arg(project.path()).args(["--target", "kubeflow", "--out"]).arg(out.path()))
    })
}

/// Files of about 100 kB of items as people write them; gives how many bytes there are.
fn write_sources(folder: &Path, wanted: usize) -> usize {
    let main = "project bench { language: 1 }\n".to_owned();
    let mut bytes = main.len();
    fs::write(folder.join("main.mlp"), main).expect("the project can be written");
    for file in 0.. {
        let mut text = String::new();
        for item in 0.. {
            if text.len() > 100_000 || bytes + text.len() > wanted {
                break;
            }
            text.push_str(&ITEMS.replace("NAME", &format!("_{file}_{item}")));
        }
        bytes += text.len();
        fs::write(folder.join(format!("file_{file}.mlp")), text).expect("a source can be written");
        if bytes >= wanted {
            return bytes;
        }
    }
    bytes
}

const ITEMS: &str = r#"
/// One measurement of a cell's nucleus.
schema RowNAME {
  patient: string @pii
  radius:  float where it > 0
  area:    float where it > 0 and it < 10_000
  sick:    bool  @label
}

/// How strongly a fit is held back.
type PenaltyNAME = float where it > 0

/// Below this nothing is promoted.
let thresholdNAME = 0.9 + 0.05

step loadNAME(limit: int where it > 0 = 10_000) -> (rows: Dataset<RowNAME>) {
  run:     command("load", "--limit", "\(limit)", rows.path)
  timeout: 30min
}

/// Fits a model, again where it fails.
step trainNAME(rows: Dataset<RowNAME>, penalty: float where it > 0, seed: int) -> (model: Model, auc: float) {
  run:     command("train", "--penalty", "\(penalty)", "--seed", "\(seed)", rows.path, model.path, auc.path)
  timeout: 2h
  retry:   { times: 2, backoff: 30s, factor: 2.0 }
}

step publishNAME(model: Model, auc: float) {
  run:     command("publish", "--auc", "\(auc)", model.path)
  effects: external
}

/// Trains one model for each penalty, and publishes the best.
pipeline trainingNAME(penalties: list<PenaltyNAME> = [0.01, 0.1], seed: int = 42) -> (scores: list<float>) {
  rows = loadNAME()

  trials = for penalty in penalties parallel: 2 {
    fit = trainNAME(rows, penalty, seed)
    yield (model: fit.model, auc: fit.auc)
  }

  last = trainNAME(rows, penalty: 0.5, seed)

  if last.auc >= thresholdNAME {
    publishNAME(model: last.model, auc: last.auc)
  }

  return (scores: trials.auc)
}
"#;

fn median(times: usize, mut cost: impl FnMut() -> Cost) -> Cost {
    let mut costs: Vec<Cost> = (0..times).map(|_| cost()).collect();
    costs.sort_by_key(|cost| cost.time);
    costs[costs.len() / 2]
}

/// Runs a process to its end; its memory's peak is what the system last said of it.
fn measure(command: &mut Command) -> Cost {
    let log = tempfile::NamedTempFile::new().expect("a file for what it says");
    let said = || log.reopen().expect("the file can be opened");
    let begun = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(said()).stderr(said()).spawn().expect("the program starts");
    let status = format!("/proc/{}/status", child.id());
    let mut bytes = None;
    let ended = loop {
        bytes = peak(&status).or(bytes);
        match child.try_wait().expect("the program can be waited for") {
            Some(ended) => break ended,
            None => std::thread::sleep(Duration::from_micros(500)),
        }
    };
    let time = begun.elapsed();
    assert!(ended.success(), "{command:?}\n{}", fs::read_to_string(log.path()).unwrap_or_default());
    Cost { time, bytes }
}

fn peak(status: &str) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes * 1024)
}

fn seconds(cost: Cost) -> String {
    let seconds = cost.time.as_secs_f64();
    if seconds < 1.0 { format!("{:.1} ms", seconds * 1e3) } else { format!("{seconds:.2} s") }
}
