//! Whether a version follows another in the history of the sources: an older one never goes over a newer.
//!
//! In: two commits, and the folder of the repository. Out: nothing, or why it cannot be said that the one follows the other.

use std::path::Path;
use std::process::Command;

use super::{Deadline, Done, Failure, program};

/// Whether everything that is in `live` is in `version` too.
pub fn follows(folder: &Path, version: &str, live: &str, deadline: &Deadline) -> Done<()> {
    if version == live {
        return Ok(());
    }
    for commit in [live, version] {
        let object = format!("{commit}^{{commit}}");
        if !program::says_yes(&mut git(folder, ["cat-file", "-e", &object]), deadline)? {
            return Err(Failure::new(format!(
                "`{version}` cannot be shown to follow `{live}`, which is live: this repository has no commit `{commit}`; \
                 fetch its whole history, or roll back to a version that it has"
            )));
        }
    }
    match program::says_yes(&mut git(folder, ["merge-base", "--is-ancestor", live, version]), deadline)? {
        true => Ok(()),
        false => Err(Failure::new(format!(
            "`{version}` does not follow `{live}`, which is live: something newer has been deployed; \
             deliver a commit that has `{live}` before it, or roll back"
        ))),
    }
}

fn git<'a>(folder: &Path, words: impl IntoIterator<Item = &'a str>) -> Command {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder).args(words);
    git
}
