//! An environment on this machine: what is live is only noted, in its store.

use super::mlp;
use crate::cli::folder;

pub(super) const MAIN: &str = "import std.environment { folder, processes }\n\nproject small { language: 1 }\n\n\
                    step one() -> (n: int) { run: command(\"true\", n.path) }\n\npipeline p() { one() }\n\n\
                    environment here {\n  tier: development\n  orchestrator: processes\n  artifacts: folder(\"store\")\n  \
                    pipelines: [p]\n}\n";

#[test]
fn what_is_live_is_noted() {
    let folder = folder(&[("main.mlp", MAIN)]);
    let mlp = |arguments: &[&str]| mlp(folder.path(), arguments, &[]);
    let live = || mlp(&["status", "here", "--format", "version"]).ends(0).out;
    assert_eq!(live(), "");
    mlp(&["preflight", "here"]).ends(0);
    mlp(&["deploy", "here", "--version", "one"]).ends(0);
    assert_eq!(live(), "one\n");
    mlp(&["deploy", "here", "--version", "two"]).ends(0);
    mlp(&["rollback", "here", "--to", "one"]).ends(0);
    assert_eq!(live(), "one\n");
    mlp(&["rollback", "here"]).ends(0);
    assert_eq!(live(), "");
}

#[test]
fn what_is_asked_for_wrongly_is_said() {
    let folder = folder(&[("main.mlp", MAIN)]);
    let mlp = |arguments: &[&str]| mlp(folder.path(), arguments, &[]);
    assert!(mlp(&["status", "hare"]).ends(2).err.contains("no environment `hare`; did you mean `here`?"));
    for version in ["", "a b", "$(x)", "..", &"x".repeat(64)] {
        assert!(mlp(&["deploy", "here", "--version", version]).ends(2).err.contains("a version is at most 63 letters"));
    }
    assert_eq!(mlp(&["deploy", "here", "--version", "one", "--images", "none.json"]).ends(3).out, "");
}
