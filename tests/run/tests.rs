//! `mlp test`: what is expected is met or is not, and the values that decided it are shown.

use std::fs;

use super::{command, project, ran};

const STEPS: &str = "step train(rate: float) -> (auc: float, loss: list<float>, model: Model) { run: python(\"train.py\", \"train\") }\n\n\
                     step publish(model: Model) {\n  run: command(\"publish\", model.path)\n  effects: external\n}";
const PIPELINE: &str = "pipeline p(rate: float = 0.5) -> (auc: float, model: Model) {\n  fit = for one in [0.25, 0.5] {\n    \
                        t = train(rate: one)\n    yield (auc: t.auc, loss: t.loss)\n  }\n  best = train(rate)\n  \
                        return (auc: best.auc, model: best.model)\n}";
const CODE: &str = "def train(rate: float, model) -> dict:\n    if rate > 100:\n        raise ValueError('too fast')\n    \
                    open(model, 'w').write('m')\n    return {'auc': rate, 'loss': [3.0, 2.0, 3.0 - rate]}\n";

fn tested(tests: &str, arguments: &[&str]) -> (crate::cli::Ran, tempfile::TempDir) {
    let folder = project(STEPS, PIPELINE, &[("train.py", CODE)]);
    let tests = format!(
        "import std.test {{ decreasing, exists, finite }}\nimport \"main.mlp\" {{ here, p, publish }}\n\n{tests}"
    );
    fs::write(folder.path().join("tests.mlp"), tests).expect("a file can be written");
    let ran = ran(&mut command(folder.path(), &[&["test"], arguments].concat()));
    (ran, folder)
}

#[test]
fn what_is_expected_and_met_passes() {
    let test = "test \"all is well\" {\n  run = p(rate: 0.75) in here\n  expect run.auc == 0.75 and run.succeeded\n  expect exists(run.model)\n  \
                expect not run.started(publish)\n  for loss in run.values.fit.loss {\n    expect finite(loss)\n    expect decreasing(loss)\n  }\n}\n";
    let (ran, folder) = tested(test, &["--report", "reports/model.xml"]);
    let ran = ran.ends(0);
    assert!(ran.out.starts_with("passes  all is well  (7 of 7 met, "), "{}", ran.out);
    let report = fs::read_to_string(folder.path().join("reports/model.xml")).expect("a report was written");
    assert!(report.contains("tests=\"1\"") && report.contains("failures=\"0\""), "{report}");
}

#[test]
fn what_is_not_met_shows_its_values() {
    let test = "test \"too much\" {\n  run = p() in here\n  expect run.auc > 0.9 or run.values.fit.auc[1] == 0.1\n}\n";
    let (ran, folder) = tested(test, &["--report", "r.xml"]);
    let ran = ran.ends(1);
    let lines: Vec<&str> = ran.out.lines().collect();
    let drawn = [
        "      run.auc > 0.9 or run.values.fit.auc[1] == 0.1",
        "      |       |     |  |                     |",
        "      0.5     false |  0.5                   false",
        "                    false",
    ];
    assert!(lines.windows(4).any(|window| window == drawn), "{}", ran.out);
    assert!(lines[0].starts_with("fails  too much  (0 of 1 met, "), "{}", ran.out);
    assert!(ran.out.ends_with("0 of 1 tests pass\n"), "{}", ran.out);
    let report = fs::read_to_string(folder.path().join("r.xml")).expect("a report was written");
    assert!(report.contains("<failure message=\"not every expectation is met\">"), "{report}");
}

#[test]
fn each_turn_of_a_loop_is_told_apart() {
    let test = "test \"one of two\" {\n  run = p() in here\n  for auc in run.values.fit.auc where auc > 0.1 { expect auc < 0.3 }\n}\n";
    let (ran, _) = tested(test, &[]);
    let ran = ran.ends(1);
    assert!(ran.out.contains("(1 of 2 met, ") && ran.out.contains("  not met, auc 2 of 2:\n"), "{}", ran.out);
}

#[test]
fn a_run_that_fails_fails_its_test_unless_that_is_asked() {
    let test = "test \"fails\" {\n  run = p(rate: 101.0) in here\n  expect run.auc > 0.0\n}\n\n\
                test \"is expected to\" {\n  run = p(rate: 101.0) in here\n  expect not run.succeeded\n}\n";
    let (ran, _) = tested(test, &[]);
    let ran = ran.ends(1);
    assert!(
        ran.out.contains("run = p in here: best: ended with 1: step train, train.py: ValueError: too fast"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("passes  is expected to  (1 of 1 met, "), "{}", ran.out);
    assert!(ran.out.ends_with("1 of 2 tests pass\n"), "{}", ran.out);
}

#[test]
fn a_run_over_its_deadline_leaves_the_other_tests_their_time() {
    let steps = r#"step wait(seconds: float) { run: command("sleep", "\(seconds)") }"#;
    let pipeline = "pipeline p(seconds: float) {\n  wait(seconds) with { timeout: 1s }\n}";
    let folder = project(steps, pipeline, &[]);
    let main = fs::read_to_string(folder.path().join("main.mlp")).expect("it is there");
    let main = main.replace("effects: allow", "effects: allow\n  deadline: 2s").replace(" with { timeout: 1s }", "");
    fs::write(folder.path().join("main.mlp"), main).expect("a file can be written");
    let tests = "import \"main.mlp\" { here, p }\n\ntest \"late\" {\n  run = p(seconds: 60.0) in here\n  expect not run.succeeded\n}\n\n\
                 test \"soon\" {\n  run = p(seconds: 0.0) in here\n  expect run.succeeded\n}\n";
    fs::write(folder.path().join("tests.mlp"), tests).expect("a file can be written");
    let ran = ran(&mut command(folder.path(), &["test"])).ends(0);
    assert!(ran.out.ends_with("2 of 2 tests pass\n"), "{}", ran.out);
}

#[test]
fn no_test_that_is_meant_is_no_success() {
    let test = "test \"all is well\" {\n  run = p() in here\n  expect run.succeeded\n}\n";
    let (ran, _) = tested(test, &["al is wel"]);
    assert!(ran.ends(2).err.contains("no test has `al is wel` in its title; did you mean \"all is well\"?"));
    let (ran, _) = tested("", &[]);
    assert!(ran.ends(2).err.contains("no `test` item"));
}
