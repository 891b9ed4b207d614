//! An older version never goes over a newer one.

use std::path::Path;
use std::process::Command;

use super::mlp;
use super::store::MAIN;
use crate::cli::folder;

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=a", "-c", "user.email=a@example.org"]).args(arguments).current_dir(folder);
    let output = git.output().expect("git runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// An empty commit, by its name.
fn commit(folder: &Path) -> String {
    git(folder, &["commit", "--quiet", "--allow-empty", "--message", "A change"]);
    git(folder, &["rev-parse", "HEAD"])
}

#[test]
fn what_does_not_follow_the_live_version_is_refused() {
    let folder = folder(&[("main.mlp", MAIN)]);
    let folder = folder.path();
    git(folder, &["init", "--quiet", "--initial-branch=main"]);
    let (older, newer) = (commit(folder), commit(folder));
    let deploy =
        |version: &str, after: &str| mlp(folder, &["deploy", "here", "--version", version, "--after", after], &[]);
    deploy(&older, "").ends(0);
    deploy(&newer, &older).ends(0);
    deploy(&newer, &newer).ends(0);
    let refused = deploy(&older, &newer).ends(1).err;
    assert!(refused.contains("something newer has been deployed"), "{refused}");
    let unknown = deploy(&newer, "v0").ends(1).err;
    assert!(unknown.contains("has no commit `v0`"), "{unknown}");
    assert_eq!(mlp(folder, &["status", "here", "--format", "version"], &[]).ends(0).out, format!("{newer}\n"));
}
