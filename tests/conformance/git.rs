//! A repository of git on this machine, as a host's checkout of it looks.

use std::path::Path;
use std::process::Command;

use super::setup;

/// Runs git in a folder, as somebody.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> String {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=a", "-c", "user.email=a@example.org"]).args(arguments).current_dir(folder);
    setup::run(&mut git).unwrap_or_else(|why| panic!("{why}")).trim().to_owned()
}

/// Commits everything in a folder, which becomes a repository if it is none yet, and names the commit.
pub(crate) fn commit(folder: &Path) -> String {
    run(folder, &["init", "--quiet", "--initial-branch=main"]);
    run(folder, &["add", "--all", "--force"]);
    run(folder, &["commit", "--quiet", "--allow-empty", "--message", "A change"]);
    run(folder, &["rev-parse", "HEAD"])
}

/// Makes it look as if the last commit were what the default branch of that remote is at.
pub(crate) fn pushed_to(folder: &Path, remote: &str) {
    run(folder, &["config", "remote.origin.url", remote]);
    run(folder, &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    run(folder, &["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
}
