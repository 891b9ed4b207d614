//! `mlp gate` on the examples.

use serde_json::Value;
use snapbox::str;

use super::{folder, mlp, write};
use crate::project::repository;

fn tumour() -> String {
    repository("examples/tumour").display().to_string()
}

const GOOD: &str = r#"{"training": {"auc": 0.97}, "benchmark": {"p95": 0.0201, "error_rate": 0.004}}"#;

/// Runs `mlp gate staging production` on these values.
fn decided(values: &str, more: &[&str]) -> super::Ran {
    let here = folder(&[("staging.json", values)]);
    let tumour = tumour();
    let arguments = ["gate", "staging", "production", "--values", ".", "--project", &tumour];
    mlp(here.path(), &[&arguments[..], more].concat())
}

#[test]
fn a_gate_that_is_met_lets_through() {
    let ran = decided(GOOD, &[]).ends(0);
    assert_eq!(ran.err, "");
    snapbox::assert_data_eq!(
        ran.out,
        str![[r#"
met: training.auc >= required_auc and benchmark.error_rate < 1%
measured in staging

    training.auc >= 0.9 and benchmark.error_rate < 1%
    |            |      |   |                    |
    0.97         true   |   0.4%                 true
                        true

staging -> production: met

"#]]
    );
}

#[test]
fn a_gate_that_is_not_met_shows_why() {
    let values = r#"{"training": {"auc": 0.88}, "benchmark": {"p95": 0.0201, "error_rate": 0.004}}"#;
    snapbox::assert_data_eq!(
        decided(values, &["--require", "require"]).ends(1).out,
        str![[r#"
not met: training.auc >= required_auc and benchmark.error_rate < 1%
measured in staging

    training.auc >= 0.9 and benchmark.error_rate < 1%
    |            |      |   |                    |
    0.88         false  |   0.4%                 true
                        false

staging -> production: not met

"#]]
    );
}

#[test]
fn a_gate_without_data_lets_nobody_through() {
    snapbox::assert_data_eq!(
        decided(r#"{"training": {"auc": 0.97}, "benchmark": {"error_rate": NaN}}"#, &[]).ends(1).out,
        str![[r#"
no data: training.auc >= required_auc and benchmark.error_rate < 1%
measured in staging

    training.auc >= 0.9 and benchmark.error_rate < 1%
    |            |          |
    0.97         true       NaN

  `benchmark.error_rate` is NaN, which is no value: whoever measured it has failed

staging -> production: no data

"#]]
    );
    for nothing in ["", "{}", "\n"] {
        assert!(decided(nothing, &[]).ends(1).out.ends_with("staging -> production: no data\n"));
    }
    let here = folder(&[]);
    let ran = mlp(here.path(), &["gate", "staging", "production", "--values", ".", "--project", &tumour()]).ends(1);
    assert!(ran.out.contains("nothing was measured by `training`"), "{}", ran.out);
}

#[test]
fn machines_get_json_that_fits_its_schema() {
    let decision: Value = serde_json::from_str(&decided(GOOD, &["--format", "json"]).ends(0).out).unwrap();
    assert_eq!(decision["schema"], mlp::gate::SCHEMA);
    assert_eq!(decision["result"], "met");
    let gate = &decision["gates"][0];
    assert_eq!((&gate["id"], &gate["measured_in"]), (&"require".into(), &"staging".into()));
    let part = &gate["parts"][0];
    assert_eq!((&part["text"], &part["value"], &part["column"]), (&"training.auc".into(), &0.97.into(), &0.into()));
    let here = folder(&[]);
    let schema: Value = serde_json::from_str(&mlp(here.path(), &["gate", "--schema"]).ends(0).out).unwrap();
    let named = |names: &Value| names.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(named(&decision), named(&schema["properties"]));
    assert_eq!(named(gate), named(&schema["$defs"]["Gate"]["properties"]));
    let nothing: Value = serde_json::from_str(&decided("", &["--format", "json"]).ends(1).out).unwrap();
    assert_eq!(nothing["result"], "no_data");
    assert_eq!(nothing["gates"][0]["parts"][0]["shown"], "no data");
}

#[test]
fn what_is_asked_wrongly_is_said() {
    let here = folder(&[("values.json", GOOD), ("list.json", "[]"), ("broken.json", "{")]);
    let tumour = tumour();
    let run = |arguments: &[&str]| mlp(here.path(), &[&["gate"], arguments, &["--project", &tumour]].concat());
    assert!(
        run(&["staging", "prodution", "--values", "values.json"]).ends(2).err.contains("did you mean `production`?")
    );
    assert!(run(&["test", "production", "--values", "values.json"]).ends(2).err.contains("no promotion leads"));
    let gate = run(&["staging", "production", "--require", "require-9", "--values", "values.json"]).ends(2).err;
    assert!(gate.contains("it has `require`"), "{gate}");
    let edge = run(&["staging", "production", "--edge", "x", "--values", "values.json"]).ends(2).err;
    assert!(edge.contains("`training/staging-to-production`"), "{edge}");
    run(&["staging", "production", "--edge", "training/staging-to-production", "--values", "values.json"]).ends(0);
    run(&["staging", "production"]).ends(2);
    for (file, why) in [("none.json", "cannot be read"), ("list.json", "a list"), ("broken.json", "EOF")] {
        assert!(run(&["staging", "production", "--values", file]).ends(3).err.contains(why), "{file}");
    }
    write(here.path(), "main.mlp", "project p { language: 1 }\nlet a = b\n");
    assert!(mlp(here.path(), &["gate", "a", "b", "--values", "values.json"]).ends(1).err.contains("MLP0201"));
}

#[test]
fn the_edge_that_is_meant_is_said_where_its_ends_do_not() {
    let here = folder(&[("values.json", r#"{"m": {"x": 1}, "n": {"x": 1}}"#)]);
    let project = include_str!("gate/two_ways.mlp");
    write(here.path(), "main.mlp", project);
    let plan: Value = serde_json::from_str(&mlp(here.path(), &["plan", "--json"]).ends(0).out).unwrap();
    let mut commands = Vec::new();
    for edge in
        plan["delivery"]["promotions"].as_array().unwrap().iter().flat_map(|one| one["edges"].as_array().unwrap())
    {
        for operation in edge["operations"].as_array().unwrap() {
            if operation["action"]["action"] == "require" {
                let words = operation["command"]["words"].as_array().unwrap().iter();
                let words: Vec<String> = words.filter_map(|word| Some(word["text"].as_str()?.to_owned())).collect();
                commands.push(words);
            }
        }
    }
    let texts: Vec<String> = commands.iter().map(|words| words.join(" ")).collect();
    assert_eq!(
        texts,
        [
            "mlp gate one last --edge first/one-and-two-to-last --require require --values",
            "mlp gate one last --edge first/one-and-two-to-last --require require-2 --values",
            "mlp gate one last --edge second/one-to-last --require require --values",
        ]
    );
    for words in &commands {
        let words: Vec<&str> = words[1..].iter().map(String::as_str).chain(["values.json"]).collect();
        mlp(here.path(), &words).ends(0);
    }
    let several = mlp(here.path(), &["gate", "one", "last", "--values", "values.json"]).ends(2).err;
    assert!(several.contains("choose one by --edge: `first/one-and-two-to-last`, `second/one-to-last`"), "{several}");
}

/// What a `preflight` asserts is decided as a gate is, right before the standard list.
#[test]
fn what_must_hold_before_a_deployment_is_a_gate() {
    let here = folder(&[("values.json", r#"{"m": {"x": 0.5}}"#)]);
    let project = include_str!("gate/two_ways.mlp");
    let asserts = "preflight { assert m.x >= 0.1\n assert m.x >= 1.0 }";
    write(here.path(), "main.mlp", project.replacen("    require m.x >= 1.0", asserts, 2));
    let plan: Value = serde_json::from_str(&mlp(here.path(), &["plan", "--json"]).ends(0).out).unwrap();
    let edge = &plan["delivery"]["promotions"][1]["edges"][1];
    let operations: Vec<&str> =
        edge["operations"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(operations, ["require", "require-2", "preflight", "live-version", "deploy"]);
    let decide = |which: &str| {
        let edge =
            ["gate", "one", "last", "--edge", "second/one-to-last", "--require", which, "--values", "values.json"];
        mlp(here.path(), &edge)
    };
    decide("require").ends(0);
    assert!(decide("require-2").ends(1).out.starts_with("not met: m.x >= 1.0\n"));
    // It is asked of what was measured on the way, as every gate is.
    write(
        here.path(),
        "main.mlp",
        project.replacen("deploy\n    verify [m]", "preflight { assert m.x >= 0.1 }\n    deploy", 1),
    );
    let early = mlp(here.path(), &["check"]).ends(1).out;
    assert!(early.contains("MLP0813"), "{early}");
}
