//! However a step ends, the run has a clear end, and nothing is left of it.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{command, project, ran, told};

const SLOW: &str = r#"step slow(seconds: float) -> (file: Artifact) {
  run: command("python3", "-c", "import sys, time; open('begun', 'w').close(); time.sleep(float(sys.argv[1])); open(sys.argv[2], 'w').write('made')", "\(seconds)", file.path)
  timeout: 1min
}"#;

fn run(folder: &tempfile::TempDir, more: &[&str]) -> (Value, crate::cli::Ran) {
    told(&mut command(folder.path(), &[&["run", "p", "--env", "here"], more].concat()))
}

#[test]
fn a_step_that_writes_nothing_has_failed() {
    let step = r#"step nothing() -> (file: Artifact, n: int) { run: command("true", file.path, n.path) }"#;
    let (found, ran) = run(&project(step, "pipeline p() { nothing() }", &[]), &[]);
    assert_eq!((found["ending"].clone(), ran.status), (json!("failed"), 1));
    let fault = found["faults"][0].as_str().expect("a fault");
    assert!(fault.starts_with("nothing: the output file was not written to "), "{fault}");
}

#[test]
fn a_value_that_is_none_of_its_type_has_failed() {
    for (written, why) in
        [("NaN", "no JSON"), ("x", "no JSON"), ("1.5", "`output n` is 1.5"), ("9007199254740993", "`output n` is")]
    {
        let step = format!(r#"step one() -> (n: int) {{ run: command("sh", "-c", "printf {written} > $0", n.path) }}"#);
        let (found, _) = run(&project(&step, "pipeline p() { one() }", &[]), &[]);
        let fault = found["faults"][0].as_str().expect("a fault");
        assert!(fault.contains(why), "{written}: {fault}");
    }
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let step = r#"step gone() { run: command("no-such-program-anywhere") }"#;
    let (found, _) = run(&project(step, "pipeline p() { gone() }", &[]), &[]);
    assert_eq!(found["faults"], json!(["gone: there is no program `no-such-program-anywhere` on this machine"]));
}

#[test]
fn a_step_that_forks_and_hangs_ends_with_its_time_and_leaves_nothing() {
    let step = r#"step hang() {
  run:     command("sh", "-c", "sleep 987654 & echo $! > child; trap '' TERM; sleep 987654")
  timeout: 1s
}"#;
    let folder = project(step, "pipeline p() { hang() }", &[]);
    let (found, _) = run(&folder, &[]);
    assert_eq!(found["tasks"], json!({"hang": "timed_out"}));
    assert_eq!(found["faults"], json!(["hang: did not end within 1s"]));
    let child = fs::read_to_string(folder.path().join("child")).expect("the step wrote its child's number");
    assert!(!is_running(child.trim()), "process {child} is left");
}

/// Whether a process runs: one that has ended and that nobody has asked for yet does not.
fn is_running(process: &str) -> bool {
    let state = std::process::Command::new("ps").args(["-o", "stat=", "-p", process]).output().expect("ps runs");
    let state = String::from_utf8_lossy(&state.stdout).trim().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}

#[test]
fn a_step_is_tried_as_often_as_it_may() {
    let step = r#"step third() -> (n: int) {
  run:   command("sh", "-c", "echo x >> tries; test $(wc -l < tries) -ge 3 && printf 3 > $0", n.path)
  retry: { times: 3, backoff: 10ms, factor: 2.0 }
}"#;
    let folder = project(step, "pipeline p() -> (n: int) {\n  n = third()\n  return (n: n)\n}", &[]);
    let (found, _) = run(&folder, &[]);
    assert_eq!((&found["ending"], &found["outputs"]), (&json!("succeeded"), &json!({"n": 3})));
    assert_eq!(fs::read_to_string(folder.path().join("tries")).expect("it was tried"), "x\nx\nx\n");
}

#[test]
fn what_succeeded_is_not_run_again_until_something_changes() {
    let step = r#"step one(n: int) -> (n2: int) { run: python("one.py", "one") }"#;
    let pipeline = "pipeline p(n: int = 2) -> (n: int) {\n  a = one(n)\n  return (n: a)\n}";
    let code = "import other\n\ndef one(n: int) -> int:\n    return other.twice(n)\n";
    let folder = project(step, pipeline, &[("one.py", code), ("other.py", "def twice(n):\n    return 2 * n\n")]);
    let end = |more: &[&str]| {
        let (found, ran) = run(&folder, more);
        assert_eq!(ran.status, 0, "{}", ran.err);
        (found["tasks"]["a"].clone(), found["outputs"]["n"].clone())
    };
    assert_eq!(end(&[]), (json!("succeeded"), json!(4)));
    assert_eq!(end(&[]), (json!("cached"), json!(4)));
    assert_eq!(end(&["--set", "n=3"]), (json!("succeeded"), json!(6)));
    assert_eq!(end(&["--no-cache"]), (json!("succeeded"), json!(4)));
    fs::write(folder.path().join("other.py"), "def twice(n):\n    return 20 * n\n").expect("a file can be written");
    assert_eq!(end(&[]), (json!("succeeded"), json!(40)), "what it imports has changed");
}

#[test]
fn an_artifact_that_was_changed_since_is_made_again() {
    let step = r#"step make() -> (file: Artifact) { run: command("sh", "-c", "echo made > $0", file.path) }"#;
    let folder = project(step, "pipeline p() -> (file: Artifact) {\n  file = make()\n  return (file: file)\n}", &[]);
    let (first, _) = run(&folder, &[]);
    let path = first["outputs"]["file"]["path"].as_str().expect("a path");
    fs::write(path, "changed").expect("a file can be written");
    let (second, _) = run(&folder, &[]);
    assert_eq!(second["tasks"], json!({"file": "succeeded"}));
    let again = second["outputs"]["file"]["path"].as_str().expect("a path");
    assert_eq!(fs::read_to_string(again).expect("it was made"), "made\n");
}

#[test]
fn a_run_that_was_killed_is_gone_on_with() {
    let steps = format!(
        "{SLOW}\n\nstep first() -> (n: float) {{\n  run: command(\"sh\", \"-c\", \"echo x >> firsts; printf 0.2 > $0\", n.path)\n  cache: off\n}}"
    );
    let pipeline = "pipeline p(n: float = 30.0) -> (file: Artifact) {\n  a = first()\n  file = slow(seconds: n) with { after: [a] }\n  return (file: file)\n}";
    let folder = project(&steps, pipeline, &[]);
    let mut killed = command(folder.path(), &["run", "p", "--env", "here"]);
    let mut killed = killed.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    wait_for(&folder, "begun");
    killed.kill().expect("it can be killed");
    killed.wait().expect("it has ended");
    fs::remove_file(folder.path().join("begun")).expect("it is there");
    let mut resumed = command(folder.path(), &["run", "p", "--env", "here", "--resume"]);
    let mut resumed = resumed.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
    wait_for(&folder, "begun");
    interrupt(&resumed);
    assert_eq!(resumed.wait().expect("it has ended").code(), Some(130));
    assert_eq!(fs::read_to_string(folder.path().join("firsts")).expect("it ran"), "x\n", "what succeeded stands");
    let (found, _) = run(&folder, &["--set", "n=0.1"]);
    assert_eq!(found["ending"], "succeeded");
}

#[test]
fn a_run_that_has_succeeded_is_not_gone_on_with() {
    let folder = project(r#"step one() { run: command("true") }"#, "pipeline p() { one() }", &[]);
    run(&folder, &[]).1.ends(0);
    let again = ran(&mut command(folder.path(), &["run", "p", "--env", "here", "--resume"])).ends(1);
    assert!(again.err.contains(" has succeeded, so there is nothing to go on with"), "{}", again.err);
}

#[test]
fn a_loop_whose_turns_do_nothing_is_over_once() {
    let steps = r#"step one(n: int) -> (twice: int) { run: command("true", "\(n)", twice.path) }"#;
    let pipeline = "pipeline p(ns: list<int> = [1, 2, 3]) {\n  for n in ns {\n    if n > 100 { one(n: n) }\n  }\n}";
    for parallel in ["1", "3"] {
        let (found, ran) = run(&project(steps, pipeline, &[]), &["--parallel", parallel]);
        assert_eq!(found["ending"], "succeeded", "{}", ran.err);
    }
}

#[test]
fn an_interrupt_ends_what_runs_and_what_runs_last_still_does() {
    let steps = format!("{SLOW}\n\nstep tell(status: RunStatus) {{ run: python(\"tell.py\", \"tell\") }}");
    let pipeline = "pipeline p() {\n  slow(seconds: 100.0)\n\n  finally status { tell(status) }\n}";
    let code = "def tell(status):\n    open('told', 'w').write(status.state)\n";
    let folder = project(&steps, pipeline, &[("tell.py", code)]);
    let begun = Instant::now();
    let child =
        command(folder.path(), &["run", "p", "--env", "here"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.expect("it starts");
    wait_for(&folder, "begun");
    interrupt(&child);
    let output = child.wait_with_output().expect("it has ended");
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(fs::read_to_string(folder.path().join("told")).expect("`finally` ran"), "CANCELLED");
    assert!(begun.elapsed() < Duration::from_secs(60), "nothing was waited for");
}

#[test]
fn a_megabyte_of_text_arrives_as_it_is() {
    let steps = "step long(n: int) -> (text: string) { run: python(\"long.py\", \"long\") }\n\n\
                 step measure(text: string) -> (n: int) { run: python(\"long.py\", \"measure\") }";
    let pipeline = "pipeline p() -> (n: int) {\n  text = long(n: 1_000_000)\n  n = measure(text)\n  return (n: n)\n}";
    let code = "def long(n: int) -> str:\n    return 'é\"$(x)' * (n // 6)\n\ndef measure(text: str) -> int:\n    return len(text)\n";
    let (found, ran) = run(&project(steps, pipeline, &[("long.py", code)]), &[]);
    assert_eq!(found["outputs"], json!({"n": 999_996}), "{}", ran.err);
}

#[test]
fn a_store_that_cannot_be_written_to_is_said_before_anything_starts() {
    let folder = project(SLOW, "pipeline p() { slow(seconds: 0.0) }", &[("store", "a file is in the way")]);
    let ran = ran(&mut command(folder.path(), &["run", "p", "--env", "here"]));
    let ran = ran.ends(3);
    assert!(ran.err.contains("cannot be kept in"), "{}", ran.err);
    assert!(!folder.path().join("begun").exists());
}

#[test]
fn what_is_asked_for_wrongly_is_said_at_once() {
    let step = r#"step one(n: int, p: percent) { run: command("true", "\(n)", "\(p)") }"#;
    let pipeline = "pipeline p(n: int where it < 5, p: percent = 5%) { one(n, p) }";
    let folder = project(step, pipeline, &[]);
    for (arguments, status, said) in [
        (&["run", "q", "--env", "here"][..], 2, "`here` has no pipeline `q`; did you mean `p`?"),
        (&["run", "p", "--env", "hare"], 2, "no environment `hare`; did you mean `here`?"),
        (&["run", "p", "--env", "here"], 2, "`n` must be given: `--set n=…`"),
        (&["run", "p", "--env", "here", "--set", "n=7"], 2, "`n` is 7, and `it < 5` does not hold"),
        (&["run", "p", "--env", "here", "--set", "n=x"], 2, "`n` is \"x\", and a `int`"),
        (&["run", "p", "--env", "here", "--set", "m=1", "--set", "n=1"], 2, "has no parameter `m`; did you mean"),
        (&["run", "p", "--env", "here", "--set", "n=1", "--set", "n=2"], 2, "`n` is given twice"),
        (&["run", "p", "--env", "here", "--resume"], 1, "there is no run of p in here yet"),
        (&["run", "p", "--env", "here", "--set", "n=1", "--set", "p=25%"], 0, ""),
    ] {
        let ran = ran(&mut command(folder.path(), arguments)).ends(status);
        assert!(ran.err.contains(said), "{arguments:?}: {}", ran.err);
    }
}

fn wait_for(folder: &tempfile::TempDir, name: &str) {
    let until = Instant::now() + Duration::from_secs(60);
    while !folder.path().join(name).exists() {
        assert!(Instant::now() < until, "{name} was never written");
        thread::sleep(Duration::from_millis(10));
    }
}

fn interrupt(child: &std::process::Child) {
    let done = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(done.success());
}

/// Nobody is asked here: whoever started the run has it before them. What waits for the answer goes on, and an approval costs nothing.
#[test]
fn an_approval_holds_nobody_up_on_this_machine() {
    let steps = r#"import std.approval { approval }

team somebody { users: ["ada"] }

step count() -> (n: int) { run: command("sh", "-c", "printf 4 > $0", n.path) }

step may_go_on(n: int) {
  run:     approval(team: somebody, question: "Go on with é?")
  timeout: 30d
}

step after_it(n: int) { run: command("sh", "-c", "printf %s $0 > went-on", "\(n)") }"#;
    let pipeline = "pipeline p() {\n  n  = count()\n  ok = may_go_on(n)\n  after_it(n) with { after: [ok] }\n}";
    let folder = project(steps, pipeline, &[]);
    let (found, ran) = run(&folder, &[]);
    assert_eq!((found["ending"].clone(), ran.status), (json!("succeeded"), 0), "{found:#}{}", ran.err);
    assert_eq!(std::fs::read_to_string(folder.path().join("went-on")).expect("it went on"), "4");
    let logs = folder.path().join(".mlp/runs").join(found["run"].as_str().expect("a run")).join("logs");
    let logs = std::fs::read_dir(logs).expect("there are logs").flatten();
    let said: Vec<String> = logs.map(|log| std::fs::read_to_string(log.path()).unwrap_or_default()).collect();
    assert!(said.iter().any(|log| log == "nobody is asked on this machine: Go on with é?\n"), "{said:?}");
}
