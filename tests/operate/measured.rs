//! What verifications measure is taken over, and decides: `mlp record`, `mlp watch`, `mlp window`.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::mlp;
use crate::cli::{Ran, folder};

const MAIN: &str = r##"import std.delivery { canary, freeze, open, push }
import std.environment { folder, kserve, processes }

project small { language: 1 }

schema Row { a: float }

step make() -> (model: Model<Row, Row>) { run: command("sh", "-c", "echo m > $0", model.path) }

pipeline training() -> (model: Model<Row, Row>) {
  model = make()
  return (model: model)
}

service answers(request: Row) -> (b: float) { model: training.model }

verification benchmark -> (p95: duration, error_rate: percent) { run: "cat rate > \"$MLP_OUTPUTS\"; echo x >> runs" }

environment here {
  tier:         development
  orchestrator: processes
  artifacts:    folder("store")
  effects:      allow

  service answers = kserve(namespace: "small", replicas: 2, max_replicas: 4)
}

ci { triggers: [push] }

promotion of training {
  on failure { rollback }

  ci -> here {
    window open(days: [monday], from: "08:00", to: "16:00", timezone: "Europe/Berlin")
    window freeze(from: "2026-06-08", to: "2026-06-09")
    deploy
    run training
    verify [benchmark]
    release answers by canary([25%, 100%], every: 1s, watch: benchmark.error_rate < 2%)
  }
}
"##;

pub(super) fn project() -> tempfile::TempDir {
    folder(&[("main.mlp", MAIN), ("rate", r#"{"p95": 0.1, "error_rate": 0.01}"#)])
}

fn run(folder: &Path, words: &[&str]) -> Ran {
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
    mlp(folder, words, &[("PATH", &path)])
}

#[test]
fn what_was_measured_is_taken_if_it_is_what_was_declared() {
    let folder = project();
    let record = |text: &str| {
        fs::write(folder.path().join("out.json"), text).expect("a file can be written");
        run(folder.path(), &["record", "here", "benchmark", "out.json", "--values", "values"])
    };
    record(r#"{"p95": 0.12, "error_rate": 0.005, "more": 1}"#).ends(0);
    let values = fs::read_to_string(folder.path().join("values/here.json")).expect("it was written");
    assert_eq!(
        serde_json::from_str::<Value>(&values).expect("JSON"),
        json!({"benchmark": {"p95": 0.12, "error_rate": 0.005}})
    );
    for (text, said) in [
        (r#"{"p95": 0.12}"#, "`benchmark.error_rate` has no value"),
        (r#"{"p95": "fast", "error_rate": 0.1}"#, "`benchmark.p95` is \"fast\""),
        (r#"{"p95": NaN, "error_rate": 0.1}"#, "`benchmark.p95` is NaN"),
        ("{", "is no JSON"),
    ] {
        let ran = record(text).ends(1);
        assert!(ran.err.contains(said), "{text}: {}", ran.err);
    }
    assert_eq!(
        fs::read_to_string(folder.path().join("values/here.json")).expect("it is there"),
        values,
        "nothing was lost"
    );
    let ran = run(folder.path(), &["record", "here", "benchmak", "out.json", "--values", "values"]).ends(2);
    assert!(ran.err.contains("did you mean `benchmark`?"), "{}", ran.err);
    run(folder.path(), &["record", "here", "benchmark", "none.json", "--values", "values"]).ends(3);
}

#[test]
fn what_is_watched_is_measured_again_and_again() {
    let folder = project();
    let watch = |time: &str| {
        run(folder.path(), &["watch", "here", "answers", "--for", time, "--every", "300ms", "--values", "values"])
    };
    let ran = watch("1s").ends(0);
    assert!(ran.out.contains("met: benchmark.error_rate < 2%\n"), "{}", ran.out);
    let runs = fs::read_to_string(folder.path().join("runs")).expect("it was measured").lines().count();
    assert!((3..=6).contains(&runs), "{runs}");
    fs::write(folder.path().join("rate"), r#"{"p95": 0.1, "error_rate": 0.03}"#).expect("it can be written");
    let ran = watch("60s").ends(1);
    assert!(ran.out.contains("not met: benchmark.error_rate < 2%\n") && ran.out.contains("3%"), "{}", ran.out);
    fs::write(folder.path().join("rate"), "nothing").expect("it can be written");
    assert!(watch("60s").ends(1).err.contains("benchmark: what benchmark wrote is no JSON"));
    fs::remove_file(folder.path().join("rate")).expect("it can be removed");
    assert!(watch("60s").ends(1).err.contains("benchmark: ended with 1: cat: rate: "));
    run(folder.path(), &["watch", "here", "answer", "--for", "1s", "--values", "values"]).ends(2);
}

#[test]
fn a_window_is_open_or_says_until_when_it_is_not() {
    let folder = project();
    for (at, status, said) in [
        (
            "2026-06-01T07:00:00Z",
            0,
            "open until 2026-06-01 14:00 UTC: open 08:00 to 16:00, Europe/Berlin\nopen until 2026-06-08 00:00 UTC: ",
        ),
        ("2026-06-02T07:00:00Z", 1, "closed until 2026-06-08 06:00 UTC: "),
        ("2026-06-08T07:00:00Z", 1, "closed until 2026-06-10 00:00 UTC: frozen from 2026-06-08 to 2026-06-09, UTC\n"),
    ] {
        let ran = run(folder.path(), &["window", "ci", "here", "--at", at]).ends(status);
        assert!(ran.out.contains(said), "{at}: {}", ran.out);
    }
    run(folder.path(), &["window", "here", "ci"]).ends(2);
}
