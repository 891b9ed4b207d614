//! An edge that is held stays closed until a person lifts it, whoever else comes.

use std::fs;

use super::mlp;
use crate::cli::{Ran, folder};

const MAIN: &str = "import std.environment { folder, processes }\n\nproject small { language: 1 }\n\n\
                    step one() -> (n: int) { run: command(\"true\", n.path) }\n\npipeline p() { one() }\n\n\
                    environment test {\n  tier: test\n  orchestrator: processes\n  artifacts: folder(\"store\")\n}\n\n\
                    environment here {\n  tier: production\n  orchestrator: processes\n  artifacts: folder(\"store\")\n}\n\n\
                    promotion of p {\n  ci -> test { deploy }\n  ci -> here { deploy }\n  test -> here { deploy }\n}\n";

fn hold<'a>(edge: &'a str, version: &'a str, reason: &'a str) -> Vec<&'a str> {
    vec!["hold", "here", "--edge", edge, "--version", version, "--reason", reason]
}

#[test]
fn a_held_edge_is_closed_until_it_is_lifted() {
    let folder = folder(&[("main.mlp", MAIN)]);
    let mlp = |arguments: &[&str]| mlp(folder.path(), arguments, &[]);
    mlp(&["preflight", "here"]).ends(0);
    let mut arguments = hold("test-to-here", "one", "the gate on auc");
    arguments.extend(["--by", "ann", "--run", "https://ci.example/7"]);
    mlp(&arguments).ends(0);

    let refused = mlp(&["preflight", "here"]).ends(1).out;
    assert!(refused.contains("✗ no edge into it is held: `test-to-here` is held since 2"), "{refused}");
    assert!(refused.contains(" by ann, with one: the gate on auc (https://ci.example/7); "), "{refused}");
    assert!(refused.contains("mlp lift here --edge test-to-here --reason TEXT"), "{refused}");
    // A person who deploys by hand names no way, so every one must be open.
    let by_hand = mlp(&["deploy", "here", "--version", "two"]).ends(1).err;
    assert!(by_hand.contains("`test-to-here` is held since 2") && by_hand.contains("mlp lift here"), "{by_hand}");
    mlp(&["deploy", "here", "--version", "two", "--after", ""]).ends(0);
    mlp(&["rollback", "here"]).ends(0);
    // The other way in is open, and so is the other environment of the same store.
    mlp(&["preflight", "here", "--edge", "ci-to-here"]).ends(0);
    mlp(&["preflight", "here", "--edge", "test-to-here"]).ends(1);
    mlp(&["preflight", "test"]).ends(0);
    assert!(mlp(&["status", "here"]).ends(0).out.contains("`test-to-here` is held since"));
    let told: serde_json::Value =
        serde_json::from_str(&mlp(&["status", "here", "--format", "json"]).ends(0).out).expect("it is JSON");
    assert_eq!(told["held"][0]["version"], "one");
    assert_eq!(mlp(&["status", "here", "--format", "version"]).ends(0).out, "");

    let lifted = mlp(&["lift", "here", "--edge", "test-to-here", "--reason", "the data was late", "--by", "bob"]);
    assert_eq!(lifted.ends(0).out, "`test-to-here` is open again after one\n");
    mlp(&["preflight", "here"]).ends(0);
    let noted = noted(&folder.path().join("store/mlp/small/holds/here/lifted"));
    assert_eq!(noted.len(), 1);
    assert!(noted[0].contains("the data was late") && noted[0].contains("the gate on auc"), "{noted:?}");
}

/// The texts of the files below.
fn noted(folder: &std::path::Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("it is there").map(|entry| entry.expect("it can be read").path());
    let texts = entries.flat_map(|path| match path.is_dir() {
        true => noted(&path),
        false => vec![fs::read_to_string(&path).expect("it is text")],
    });
    texts.collect()
}

#[test]
fn two_holds_are_both_there_and_lifted_together() {
    let folder = folder(&[("main.mlp", MAIN)]);
    let path = folder.path();
    let run = |arguments: &[&str]| mlp(path, arguments, &[]);
    std::thread::scope(|scope| {
        let both = ["one", "two"].map(|version| scope.spawn(move || run(&hold("test-to-here", version, "broken"))));
        both.into_iter().for_each(|one| drop(one.join().expect("it runs").ends(0)));
    });
    run(&hold("ci-to-here", "three", "broken")).ends(0);
    // The same again is held once.
    run(&hold("ci-to-here", "three", "still broken")).ends(0);
    assert_eq!(run(&["status", "here"]).ends(0).out.matches("is held since").count(), 3);
    let lifted: Ran = run(&["lift", "here", "--reason", "all looked into"]).ends(0);
    assert_eq!(lifted.out.lines().count(), 3);
    assert_eq!(run(&["lift", "here", "--reason", "again"]).ends(0).out, "nothing is held in here\n");
    assert_eq!(
        run(&["lift", "here", "--edge", "ci-to-here", "--reason", "x"]).ends(0).out,
        "nothing is held in here\n"
    );
}

#[test]
fn what_is_asked_for_wrongly_is_said() {
    let folder = folder(&[("main.mlp", MAIN)]);
    let mlp = |arguments: &[&str]| mlp(folder.path(), arguments, &[]);
    let slip = mlp(&hold("test-to-hare", "one", "x")).ends(2).err;
    assert!(slip.contains("no edge `test-to-hare` leads into `here`; did you mean `test-to-here`?"), "{slip}");
    mlp(&hold("ci-to-test", "one", "x")).ends(2);
    mlp(&hold("test-to-here", "../one", "x")).ends(2);
    assert!(mlp(&hold("test-to-here", "one", " ")).ends(2).err.contains("a reason is not empty"));
    assert!(mlp(&["lift", "here", "--edge", "hare", "--reason", "x"]).ends(2).err.contains("no edge `hare`"));
    mlp(&["preflight", "here", "--edge", "hare"]).ends(2);
}

/// A reason is anybody's text: on a terminal it moves no cursor, and forges no line.
#[test]
fn a_hostile_reason_is_one_line() {
    let folder = folder(&[("main.mlp", MAIN)]);
    let mlp = |arguments: &[&str]| mlp(folder.path(), arguments, &[]);
    mlp(&hold("test-to-here", "one", "\u{1b}[2Jx\n✓ all is well\r$(false) \"'{}")).ends(0);
    let said = mlp(&["status", "here"]).ends(0).out;
    assert!(said.contains(" [2Jx ✓ all is well $(false) \"'{}"), "{said}");
    assert_eq!(said.lines().count(), 2);
}

/// A store that is away, or holds nonsense, is no leave to go on.
#[test]
fn what_cannot_be_read_is_refused() {
    let folder = folder(&[("main.mlp", MAIN)]);
    let mlp = |arguments: &[&str]| mlp(folder.path(), arguments, &[]);
    mlp(&hold("test-to-here", "one", "x")).ends(0);
    let place = folder.path().join("store/mlp/small/holds/here/held/test-to-here/one.json");
    fs::write(&place, "{").expect("it can be written");
    assert!(mlp(&["preflight", "here"]).ends(1).out.contains("one.json is no hold"));
    assert!(mlp(&["lift", "here", "--reason", "x"]).ends(1).err.contains("one.json is no hold"));
    fs::remove_dir_all(folder.path().join("store")).expect("it can be removed");
    fs::write(folder.path().join("store"), "no folder").expect("it can be written");
    mlp(&hold("test-to-here", "one", "x")).ends(1);
    mlp(&["preflight", "here"]).ends(1);
    mlp(&["lift", "here", "--reason", "x"]).ends(1);
}

#[test]
fn an_environment_without_a_store_holds_nothing() {
    let main = MAIN.replace("\n  artifacts: folder(\"store\")", "");
    let folder = folder(&[("main.mlp", &main)]);
    let refused = mlp(folder.path(), &hold("test-to-here", "one", "x"), &[]).ends(1).err;
    assert!(refused.contains("`here` has no `artifacts`, and nothing can be kept without"), "{refused}");
}
