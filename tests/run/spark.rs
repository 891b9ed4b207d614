//! A program of Spark, run by `spark-submit` itself, with Spark's master and its worker in one process.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use super::{below, command, told};
use crate::cli::{Ran, write};
use crate::conformance::setup;
use crate::project::{Project, repository};

/// The project on this machine, with what it needs to start Spark.
struct Sales {
    place: PathBuf,
    path: String,
}

impl Sales {
    fn new() -> Self {
        let place = below("run-spark");
        for (path, bytes) in &Project::read(&repository("tests/run/spark"), &[]).files {
            write(&place, path, bytes);
        }
        let programs = setup::program("spark", "spark-submit").parent().expect("it lies in a folder").to_owned();
        let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
        Self { place, path }
    }

    fn run(&self, options: &[&str]) -> (Value, Ran) {
        let mut run = command(&self.place, &["run", "daily", "--env", "local", "--check-data"]);
        run.args(options).env("PATH", &self.path).env("JAVA_HOME", setup::java_home());
        run.env("SPARK_LOCAL_IP", "127.0.0.1").env_remove("SPARK_HOME").env_remove("PYTHONPATH");
        told(&mut run)
    }

    /// Where the last run's step wrote.
    fn written(&self, ran: &Value) -> PathBuf {
        let run = ran["run"].as_str().expect("a run has a name");
        self.place.join("store/daily").join(run).join("sums/0")
    }
}

#[test]
fn a_program_of_spark_is_run_and_its_rows_are_checked() {
    let sales = Sales::new();
    let (found, ran) = sales.run(&[]);
    assert_eq!(found["outputs"], json!({"orders": 4, "best": "south"}), "{found:#}\n{}", ran.err);
    // What Spark writes is a folder, and was held against the schema.
    assert!(!ran.err.contains("not checked"), "{}", ran.err);
    let totals = sales.written(&found).join("totals");
    let mut pandas = Command::new(setup::python("parquet"));
    let read =
        "import pandas, sys; print(pandas.read_parquet(sys.argv[1]).sort_values('shop').to_json(orient='values'))";
    let rows = setup::run(pandas.args(["-c", read]).arg(&totals)).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(rows.trim(), r#"[["north",3.5],["south",4.0]]"#);
    let told = |found: &Value| -> Value {
        let text = fs::read_to_string(sales.written(found).join("told")).expect("it was written");
        serde_json::from_str(&text).expect("it is JSON")
    };
    assert_eq!(told(&found), json!({"note": "-it's \"1\" $(x)", "rebate": null}));

    // The same again is no new run; a changed module is one, and so are other values.
    assert_eq!(sales.run(&[]).0["tasks"]["sums"], "cached");
    write(&sales.place, "lib/rates.py", "RATE = -1.0\n");
    let (broken, ran) = sales.run(&["--set", "rebate=0.25", "--set", "least=2"]);
    assert_eq!(told(&broken)["rebate"], 0.25, "{broken:#}\n{}", ran.err);
    let faults = broken["faults"].to_string();
    assert!(faults.contains("sums: output totals breaks schema Total") && faults.contains("it > 0"), "{faults}");
}
