//! Parquet as pyarrow, pandas and polars really write it, against the schema that it is claimed to have.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::setup;
use crate::cli::{folder, mlp};
use crate::project::repository;

const MAIN: &str = r#"import std.environment { processes, folder }

project small { language: 1 }

enum Kind { small, large }

type Size = float where it > 0

struct Place {
  x: int
  y: string?
}

schema Row {
  name:  string
  kind:  Kind
  score: float where it > 0
  count: int where it >= 0
  good:  bool
  at:    timestamp
  note:  string?
  sizes: list<Size>
  place: Place?
}

step load(file: string) -> (rows: Dataset<Row>) { run: command("cp", "-r", file, rows.path) }

pipeline p(file: string) -> (rows: Dataset<Row>) {
  rows = load(file)
  return (rows: rows)
}

environment here {
  tier: development
  orchestrator: processes
  artifacts: folder("store")
  effects: allow
  pipelines: [p]
}
"#;

/// The cases of `parquet/write.py` whose rows do not hold, or that are not read, and what is said of them; all others hold.
const TOLD: &[(&str, &str)] = &[
    ("at-dates", "1 fault\n    column at: it holds dates, and a `timestamp` is wanted"),
    ("codec-brotli", "unchecked: it is Parquet that is compressed by Brotli, which is not read"),
    ("count-decimal", "1 fault\n    row 6, column count: 1.5 is no `int`"),
    ("count-large", "1 fault\n    row 6, column count: 9007199254740992 is no `int`"),
    ("count-null", "1 fault\n    row 6, column count: null is no `int`"),
    ("cut", "1 fault\n    it begins as Parquet and does not end as Parquet: it was cut off"),
    ("damaged", "1 fault\n    row 1: it cannot be read, nor what comes after it: "),
    ("encrypted", "unchecked: it is Parquet whose footer is encrypted, and no key is known"),
    ("encrypted-columns", "unchecked: it is Parquet of which a column is encrypted, and no key is known"),
    ("good-twice", "1 fault\n    it has the column good twice"),
    ("kind-unknown", "1 fault\n    row 6, column kind: \"medium\" is no `Kind`"),
    ("name-bytes", "1 fault\n    column name: it holds bytes that are not said to be text, and a `string` is wanted"),
    ("no-parquet", "1 fault\n    its footer cannot be read: "),
    ("pandas-gap", "1 fault\n    row 8, column good: null is no `bool`"),
    ("pandas-no-zone", "1 fault\n    column at: it holds timestamps without a time zone, and a `timestamp` is wanted"),
    ("parts-broken", "part-1.parquet: 1 fault\n    row 6, column score: -1.0 does not meet `it > 0`"),
    ("parts-by-kind", "unchecked: it is a folder with another in it, kind="),
    ("parts-none", "unchecked: it is a folder without rows"),
    ("place-inside", "1 fault\n    row 7, column place: {\"x\":null,\"y\":\"north\"} is no `Place?`"),
    ("polars-nan", "3000 faults\n    row 1, column score: NaN is no value\n    row 2, "),
    ("score-breaks", "1 fault\n    row 2001, column score: -1.0 does not meet `it > 0`"),
    ("score-nan", "1 fault\n    row 6, column score: NaN is no value"),
    ("score-text", "1 fault\n    column score: it holds texts, and a `float` is wanted"),
    ("sizes-inside", "1 fault\n    row 6, column sizes: [1.0,-1.0] does not meet `it > 0`"),
    ("sizes-texts", "1 fault\n    column sizes: it holds texts, and a `list<float>` is wanted"),
    (
        "without-good",
        "1 fault\n    it has no column good: its schema has name, kind, score, count, at, note, sizes, place, extra",
    ),
];

/// What a run says of the rows in a file: nothing where they hold.
fn told(project: &Path, file: &Path) -> String {
    let mut run = Command::new(env!("CARGO_BIN_EXE_mlp"));
    let file = format!("file={}", file.display());
    run.args(["run", "p", "--env", "here", "--check-data", "--set", &file, "--format", "json"]).current_dir(project);
    let output = run.output().expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!errors.contains("panicked"), "{errors}");
    let run: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|why| panic!("{why}: {errors}"));
    if let Some((_, why)) = errors.split_once("is not checked against schema Row: ") {
        return format!("unchecked: {}", why.lines().next().unwrap_or_default());
    }
    match (run["ending"].as_str(), run["faults"][0].as_str()) {
        (Some("succeeded"), None) => String::new(),
        (Some("failed"), Some(fault)) => fault.splitn(3, ": ").last().unwrap_or_default().to_owned(),
        _ => panic!("{run}\n{errors}"),
    }
}

#[test]
fn what_other_programs_write_is_read_as_they_mean_it() {
    let project = folder(&[("main.mlp", MAIN)]);
    let files = tempfile::tempdir().expect("a folder");
    let script = repository("tests/conformance/parquet/write.py");
    let mut write = Command::new(setup::python("parquet"));
    setup::run(write.arg(script).arg(files.path())).unwrap_or_else(|why| panic!("{why}"));
    let mut wanted: BTreeMap<&str, &str> = TOLD.iter().copied().collect();
    let mut wrong = Vec::new();
    for entry in fs::read_dir(files.path()).expect("a folder can be read") {
        let path = entry.expect("a file").path();
        let case = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (told, wanted) = (told(project.path(), &path), wanted.remove(&*case).unwrap_or_default());
        if !told.starts_with(wanted) || told.is_empty() != wanted.is_empty() {
            wrong.push(format!("{case}: {told}\n  and not: {wanted}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(wanted.is_empty(), "no such cases are written: {wanted:?}");
}

/// What is expected of data is measured on Parquet too: over row groups, nulls and columns that nobody asks for.
#[test]
fn expectations_are_measured_on_what_pyarrow_writes() {
    let main = r#"import std.environment { folder, parquet, processes }

project small { language: 1 }

schema Visit { seconds: float, returned: bool? }

data visits: Table<Visit>

expectation usable on visits {
  assert rows == 5
  assert share(returned == none) == 40%
  assert minimum(seconds) > 0
}

step count(source: Table<Visit>) { run: command("true") }

pipeline p() { count(source: visits) }

environment here {
  tier:         development
  orchestrator: processes
  artifacts:    folder("store")
  effects:      allow
  pipelines:    [p]

  data visits = parquet("v.parquet")
}
"#;
    let here = folder(&[("main.mlp", main)]);
    let write = "import sys, pyarrow as pa, pyarrow.parquet as pq\n\
                 rows = {'more': list('abcde'), 'returned': [True, None, False, None, True], 'seconds': eval(sys.argv[1])}\n\
                 pq.write_table(pa.table(rows), 'v.parquet', row_group_size=2)";
    let run = |seconds: &str| {
        setup::run(Command::new(setup::python("parquet")).args(["-c", write, seconds]).current_dir(here.path()))
            .unwrap_or_else(|why| panic!("{why}"));
        mlp(here.path(), &["run", "p", "--env", "here"])
    };
    run("[1.5, 2.0, 3.0, 4.0, 5.0]").ends(0);
    let bad = run("[1.5, 2.0, -3.0, 4.0, 5.0]").ends(1).err;
    assert!(bad.contains("minimum(seconds) > 0\n    |                |\n    -3.0             false"), "{bad}");
}
