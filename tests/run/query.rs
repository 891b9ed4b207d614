//! The words of a query, as the parser that `bq` reads them with understands them.

use std::fs;

use serde_json::{Value, json};

use super::{below, command, told};
use crate::cli::write;
use crate::conformance::setup;
use crate::project::repository;

const MAIN: &str = r#"import std.environment { folder, processes }
import std.tools { query }

project shop { language: 1 }

step load(since: timestamp, least: float, only: string, most: int?, all: bool?) {
  run:     query("load.sql", into: "acme.shop.daily", project: "acme-billing", location: "EU")
  effects: external
}

pipeline daily(only: string, most: int? = none) { load(since: "2026-01-01T00:00:00Z", least: 0.5, only, most, all: none) }

environment local {
  tier: development, orchestrator: processes, artifacts: folder("store"), effects: allow, pipelines: [daily]
}
"#;

const SQL: &str =
    "-- Of a day.\nSELECT day FROM t WHERE day > @since AND x > @least AND (y = @only OR z < @most OR @all)\n";

#[test]
fn a_query_asks_bigquery_for_what_is_meant() {
    let place = below("run-query");
    write(&place, "main.mlp", MAIN);
    write(&place, "load.sql", SQL);
    let (python, bq) = (setup::python("bigquery"), repository("tests/run/query/bq.py"));
    let starter = format!("#!/bin/sh\nexec '{}' '{}' \"$@\"\n", python.display(), bq.display());
    fs::create_dir(place.join("bin")).expect("a folder can be made");
    setup::write_program(&place.join("bin/bq"), &starter);
    let path = format!("{}:{}", place.join("bin").display(), std::env::var("PATH").unwrap_or_default());
    let asked = |options: &[&str]| -> Value {
        let mut run = command(&place, &["run", "daily", "--env", "local"]);
        let (found, ran) = told(run.args(options).env("PATH", &path).env("ASKED", place.join("asked")));
        assert_eq!(found["ending"], "succeeded", "{found:#}\n{}", ran.err);
        serde_json::from_slice(&fs::read(place.join("asked")).expect("bq was started")).expect("it is JSON")
    };
    let only = "--it's \"1\":STRING:$(x)";
    let job = |most: Value| {
        json!({
            "project_id": "acme-billing", "location": "EU", "format": "none", "use_legacy_sql": false, "replace": true,
            "destination_table": "acme:shop.daily", "query": format!("\n{SQL}"),
            "parameter": [
                {"name": "since", "type": "TIMESTAMP", "value": "2026-01-01T00:00:00Z"},
                {"name": "least", "type": "FLOAT64", "value": "0.5"},
                {"name": "only", "type": "STRING", "value": only},
                {"name": "most", "type": "INT64", "value": most},
                {"name": "all", "type": "BOOL", "value": null},
            ],
        })
    };
    let only = format!("only={only}");
    assert_eq!(asked(&["--set", &only]), job(Value::Null));
    assert_eq!(asked(&["--set", &only, "--set", "most=7"]), job(json!("7")));
}
