//! What this machine makes of the constructs is what Airflow makes of them: the runs of `airflow/runs.json`.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{below, command, told};
use crate::project::{Project, repository};

/// What Airflow says of a task, by what this machine says.
fn state(end: &Value) -> &'static str {
    match end.as_str() {
        Some("succeeded" | "cached") => "success",
        Some("failed") => "failed",
        Some("not_run") => "upstream_failed",
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_constructs_run_as_they_do_on_airflow() {
    let code = repository("tests/conformance/airflow/constructs");
    let folder = below("run-constructs-here");
    for (path, bytes) in &Project::read(&code, &[]).files {
        crate::cli::write(&folder, path, bytes);
    }
    let program = folder.join("record-words");
    #[cfg(unix)]
    fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("it can be made one");
    let runs: Vec<Value> =
        serde_json::from_str(include_str!("../conformance/airflow/runs.json")).expect("runs.json is a list of runs");
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
    for wanted in runs {
        let mut run = command(&folder, &["run", wanted["pipeline"].as_str().expect("a name"), "--env", "machine"]);
        run.env("PATH", &path)
            .env("TOKEN", "t")
            .env("KEY", "k")
            .env("TOLD", folder.join("told"))
            .env("WORDS", folder.join("words"));
        for (name, value) in wanted["conf"].as_object().into_iter().flatten() {
            run.arg("--set").arg(format!("{name}={value}"));
        }
        let (found, ran) = told(&mut run);
        let name = format!("{} {}: {found:#}\n{}", wanted["pipeline"], wanted["conf"], ran.err);
        let ending = if wanted["state"] == "success" { "succeeded" } else { "failed" };
        assert_eq!(found["ending"], ending, "{name}");
        if let Some(outputs) = wanted.get("outputs") {
            assert_eq!(&found["outputs"], outputs, "{name}");
        }
        for (task, states) in
            wanted["tasks"].as_object().into_iter().flatten().filter(|(task, _)| *task != "run-outputs")
        {
            let states: Vec<&str> = states.as_array().expect("a list").iter().filter_map(Value::as_str).collect();
            assert_eq!(here(&found, task, states.len()), states, "{task} of {name}");
        }
    }
    statuses(&folder.join("told"));
    hostile(&folder.join("words"));
}

/// The states of a task, one a turn; one that no arm took is there skipped.
fn here(found: &Value, task: &str, turns: usize) -> Vec<&'static str> {
    let (of_loop, name) = task.split_once('.').map_or((false, task), |(_, name)| (true, name));
    let state_of = |name: String| found["tasks"].get(&name).map_or("skipped", state);
    match of_loop || turns > 1 {
        true => (0..turns).map(|turn| state_of(format!("{name}[{turn}]"))).collect(),
        false => vec![state_of(name.to_owned())],
    }
}

fn statuses(told: &Path) {
    let told = fs::read_to_string(told).expect("`finally` was told how runs ended");
    let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let states: Vec<&Value> = told.iter().map(|status| &status["state"]).collect();
    assert_eq!(states, ["SUCCEEDED", "FAILED", "SUCCEEDED", "FAILED"]);
    assert!(told[1]["error"].as_str().is_some_and(|error| error.starts_with("a: ")), "{}", told[1]);
}

fn hostile(words: &Path) {
    let meant = "it's \"quoted\" {{ ds }} {% raw %} {# c #} $(HOME) $$ $x \\ back\r\nnew é 🎉 ${A} {";
    let words: Value = serde_json::from_str(&fs::read_to_string(words).expect("words were written")).expect("JSON");
    let given = ["given a \"literal\"", "a \"literal\"", "maybe "];
    let words_of_run =
        [meant, meant, "n=1.0", "true", &format!("{{{meant}}}"), "[1,2]", r#"["it's <b> & $(HOME)","é"]"#];
    let expected = [&words_of_run[..], &given].concat();
    assert_eq!(words["words"], json!(expected));
    assert_eq!(words["variable"], meant);
}
