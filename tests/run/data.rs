//! Rows that a step wrote, against the schema that it claims.

use std::fs;

use serde_json::json;
use tempfile::TempDir;

use super::{command, project, ran, told};

const STEPS: &str = "schema Aspirate {\n  patient: string @pii\n  radius: float where it > 0\n  malignant: bool @label\n}\n\n\
                     step load() -> (rows: Dataset<Aspirate>) { run: command(\"cp\", \"source\", rows.path) }";

fn loads(rows: &str) -> TempDir {
    let pipeline = "pipeline p() -> (rows: Dataset<Aspirate>) {\n  rows = load()\n  return (rows: rows)\n}";
    let folder = project(STEPS, pipeline, &[("source", rows)]);
    let main = fs::read_to_string(folder.path().join("main.mlp")).expect("it is there");
    let main = main.replace("effects: allow", "effects: allow\n  access: { marks: [@pii] }");
    fs::write(folder.path().join("main.mlp"), main).expect("a file can be written");
    let test = "import \"main.mlp\" { here, p }\n\ntest \"loads\" {\n  run = p() in here\n  expect run.succeeded\n}\n";
    fs::write(folder.path().join("tests.mlp"), test).expect("a file can be written");
    folder
}

const GOOD: &str = "patient,radius,malignant\na,1.5,true\n";
const BAD: &str = "patient,radius,malignant\na,1.5,true\nb,-1.5,true\n";
const WHY: &str = "1 fault\n    row 2 (line 3), column radius: -1.5 does not meet `it > 0`";

#[test]
fn a_test_fails_on_rows_that_break_their_schema() {
    let good = ran(&mut command(loads(GOOD).path(), &["test"])).ends(0);
    assert!(good.out.contains("passes  loads") && !good.err.contains("not checked"), "{}{}", good.out, good.err);
    let bad = ran(&mut command(loads(BAD).path(), &["test"])).ends(1);
    assert!(bad.err.contains("rows: output rows breaks schema Aspirate, in "), "{}", bad.err);
    assert!(bad.err.contains(WHY), "{}", bad.err);
}

#[test]
fn a_run_checks_where_it_is_asked_and_what_it_has_not_checked_stands_for_nothing() {
    let folder = loads(BAD);
    let run = |more: &[&str]| told(&mut command(folder.path(), &[&["run", "p", "--env", "here"], more].concat())).0;
    assert_eq!(run(&[])["ending"], json!("succeeded"));
    let checked = run(&["--check-data"]);
    assert_eq!(checked["tasks"], json!({"rows": "failed"}));
    assert!(checked["faults"][0].as_str().expect("a fault").ends_with(WHY), "{checked}");
    assert_eq!(run(&[])["tasks"], json!({"rows": "cached"}));
}

#[test]
fn rows_that_cannot_be_read_are_said_to_be_unchecked_each_time() {
    let folder = loads("PK\u{3}\u{4}");
    for _ in 0..2 {
        let ran = ran(&mut command(folder.path(), &["test"])).ends(0);
        let why = "rows: output rows is not checked against schema Aspirate: it is no text and no Parquet, and only CSV, JSON lines and Parquet are read";
        assert!(ran.err.contains(why), "{}", ran.err);
    }
    let ran = ran(&mut command(folder.path(), &["run", "p", "--env", "here", "--check-data"])).ends(0);
    assert!(ran.err.contains("is not checked against schema Aspirate"), "{}", ran.err);
}
