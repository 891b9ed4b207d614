//! The runner, started by the real Python as orchestrators start it.

use std::process::Command;

use mlp::emit::step::RUNNER;

use super::setup;

#[test]
fn the_runner_keeps_its_contract() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/step/runner_test.py");
    let runner = concat!(env!("CARGO_TARGET_TMPDIR"), "/runner.py");
    std::fs::write(runner, RUNNER).expect("a file can be written");
    let mut python = Command::new(setup::on_path("python3").expect("python3 is on the PATH"));
    setup::run(python.arg(folder).env("RUNNER", runner)).unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn the_runner_is_read_by_python_3_9() {
    let parse = "import ast, sys; ast.parse(sys.argv[1], feature_version=(3, 9))";
    let mut python = Command::new(setup::on_path("python3").expect("python3 is on the PATH"));
    setup::run(python.args(["-c", parse, RUNNER])).unwrap_or_else(|why| panic!("{why}"));
}

/// It passes through Jinja, Argo's and Kubeflow's placeholders and Kubernetes' variables, and fits into one argument.
#[test]
fn the_runner_is_inert_and_small() {
    assert!(RUNNER.len() < 64 * 1024 && RUNNER.is_ascii());
    for mark in ["{{", "}}", "{%", "%}", "{#", "#}", "$"] {
        let line = RUNNER.lines().find(|line| line.contains(mark));
        assert_eq!(line, None, "{mark} means something to an orchestrator");
    }
}
