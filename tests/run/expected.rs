//! Data against what the project expects of it: nothing runs on data that is not so.

use std::fs;

use tempfile::TempDir;

use super::{command, folder, ran};

const MAIN: &str = r#"import std.environment { csv, folder, json_lines, parquet, processes }

project small { language: 1 }

schema Visit { page: string, seconds: float, returned: bool?, email: string @pii }

data visits: Table<Visit>

expectation usable on visits {
  assert rows >= 3
  assert share(returned == none or (seconds ?? 0.0) > 60) <= 25%
  assert minimum(seconds) >= 0 and maximum(seconds) <= 3600
  assert mean(seconds) > 1
  assert drift(seconds) < 0.2
}

step count(source: Table<Visit>) { run: command("sh", "-c", "echo counted >> ran") }

pipeline p() {
  count(source: visits)
}

environment here {
  tier:         development
  orchestrator: processes
  artifacts:    folder("store")
  effects:      allow
  access:       { marks: [@pii] }
  pipelines:    [p]

  data visits = SOURCE
}
"#;

const GOOD: &str =
    "page,seconds,returned,email\n/,1.5,true,a@x\n\"/a, b\",61,true,b@x\n/c,2,false,c@x\n/d,3,true,d@x\n";

fn project(source: &str, files: &[(&str, &str)]) -> TempDir {
    let main = MAIN.replace("SOURCE", source);
    let mut all = vec![("main.mlp", main.as_str())];
    all.extend_from_slice(files);
    folder(&all)
}

fn runs(folder: &TempDir, status: i32) -> String {
    let _ = fs::remove_file(folder.path().join("ran"));
    let err = ran(&mut command(folder.path(), &["run", "p", "--env", "here"])).ends(status).err;
    assert_eq!(folder.path().join("ran").exists(), status == 0, "{err}");
    err
}

#[test]
fn good_rows_are_run_on_and_what_nobody_can_say_is_said() {
    let lines = "{\"page\": \"/\", \"seconds\": 2, \"email\": \"a\", \"returned\": true}\n\n\
                 {\"page\": \"é\", \"seconds\": 3.5, \"email\": \"a\", \"returned\": false}\n\
                 {\"page\": \"/\", \"seconds\": 4, \"email\": \"a\", \"returned\": true}\n";
    for (source, file, text) in [
        ("csv(\"v.csv\")", "v.csv", GOOD),
        ("csv(\"v.csv\")", "v.csv", &GOOD.replace('\n', "\r\n")),
        ("csv(\"v.csv\")", "v.csv", &format!("\u{feff}{GOOD}")),
        ("json_lines(\"v.jsonl\")", "v.jsonl", lines),
    ] {
        let folder = project(source, &[(file, text)]);
        let err = runs(&folder, 0);
        assert!(
            err.contains("`usable` of visits: nothing is known to decide `drift(seconds) < 0.2`"),
            "{source}: {err}"
        );
    }
}

#[test]
fn nothing_runs_on_rows_that_are_not_as_expected() {
    let bad = GOOD.replace("/c,2,false", "/c,-2,").replace("/d,3,true", "/d,3600.5,true");
    let err = runs(&project("csv(\"v.csv\")", &[("v.csv", &bad)]), 1);
    assert!(err.contains("`usable` does not hold of visits, so nothing was run:"), "{err}");
    assert!(
        err.contains("share(returned == none or (seconds ?? 0.0) > 60) <= 25%\n    |") && err.contains("    75%"),
        "{err}"
    );
    assert!(err.contains("minimum(seconds) >= 0 and maximum(seconds) <= 3600") && err.contains("3600.5"), "{err}");
    assert!(!err.contains("rows >= 3") && !err.contains("mean("), "what holds is not spoken of: {err}");
    assert!(!err.contains("@x"), "no value of a row is shown: {err}");
}

/// The smallest of a private column is a value of somebody's.
#[test]
fn no_value_of_a_private_column_is_shown() {
    let folder = project("csv(\"v.csv\")", &[("v.csv", GOOD)]);
    let main = fs::read_to_string(folder.path().join("main.mlp")).expect("it is there");
    let main = main
        .replace("seconds: float", "seconds: float @pii")
        .replace(">= 0 and", ">= 0 and minimum(seconds) + 1 > 9 and");
    fs::write(folder.path().join("main.mlp"), main).expect("it can be written");
    let err = runs(&folder, 1);
    assert!(err.contains("***") && err.contains("false") && !err.contains("1.5") && !err.contains("2.5"), "{err}");
}

/// As an environment takes them: so many rows, and with columns that it empties.
#[test]
fn rows_are_measured_as_they_are_delivered() {
    let few = runs(&project("csv(\"v.csv\", rows: 2)", &[("v.csv", GOOD)]), 1);
    assert!(few.contains("rows >= 3"), "{few}");
    let masked = runs(&project("csv(\"v.csv\", masked: [Visit.returned])", &[("v.csv", GOOD)]), 1);
    assert!(masked.contains("100.0%") || masked.contains("100%"), "{masked}");
}

#[test]
fn what_cannot_be_read_is_said_and_stops_nothing_of_itself() {
    for (source, files, why) in [
        ("csv(\"v.csv\")", vec![("v.csv", "\u{0}\u{1}\u{2}")], "it is no text"),
        ("json_lines(\"v.jsonl\")", vec![("v.jsonl", "{\"page\": 1}\nno json\n")], "row 2 is no JSON object"),
        ("json_lines(\"v.jsonl\")", vec![("v.jsonl", "[]")], "it is one JSON array"),
    ] {
        let err = runs(&project(source, &files), 0);
        assert!(err.contains("`usable` of visits was not looked at: ") && err.contains(why), "{source}: {err}");
    }
    // Nothing is known of no rows, but how many they are.
    let empty = runs(&project("csv(\"v.csv\")", &[("v.csv", "page,seconds,returned,email\n")]), 1);
    assert!(empty.contains("rows >= 3") && empty.contains("nothing is known to decide `mean(seconds) > 1`"), "{empty}");
}

#[test]
fn tests_and_preflight_look_too() {
    let test = "import \"main.mlp\" { here, p }\n\ntest \"counts\" {\n  run = p() in here\n  expect run.succeeded\n}\n";
    let bad = GOOD.replace("/d,3,true", "/d,-3,true");
    let folder = project("csv(\"v.csv\")", &[("v.csv", &bad), ("tests.mlp", test)]);
    let tested = ran(&mut command(folder.path(), &["test"])).ends(1);
    let said = format!("{}{}", tested.out, tested.err);
    assert!(said.contains("`usable` does not hold of visits") && !folder.path().join("ran").exists(), "{said}");
    let looked = ran(&mut command(folder.path(), &["preflight", "here"])).ends(1);
    assert!(
        looked.out.contains("✗ visits is as `usable` expects it: it is not\n    minimum(seconds) >= 0"),
        "{}",
        looked.out
    );
    fs::write(folder.path().join("v.csv"), GOOD).expect("it can be written");
    ran(&mut command(folder.path(), &["test"])).ends(0);
    let looked = ran(&mut command(folder.path(), &["preflight", "here"])).ends(0);
    assert!(looked.out.contains("✓ visits is as `usable` expects it\n"), "{}", looked.out);
}
