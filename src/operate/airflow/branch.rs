//! A branch of a repository that Airflow reads its DAG files from: `git`, and a push that is never forced.

use std::path::Path;
use std::process::Command;

use crate::operate::store::Store;
use crate::operate::{Deadline, Done, Failure, program};

/// How often a push is tried again after somebody else's, which may have been to other files.
const PUSHES: usize = 3;

/// A branch of a repository.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    pub(super) repository: String,
    pub(super) branch: String,
    /// The folder in it.
    pub(super) path: String,
    /// What a commit's message begins with.
    pub(super) message: String,
}

impl Branch {
    /// Does something with the folder as it is there now.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Store) -> Done<T>, deadline: &Deadline) -> Done<T> {
        let clone = self.cloned(deadline)?;
        look(&self.folder(clone.path()))
    }

    /// Changes the folder by a commit; `change` is asked again with what lies there after somebody else's push, and may refuse.
    pub(super) fn change(&self, change: impl Fn(&Store) -> Done<bool>, what: &str, deadline: &Deadline) -> Done<bool> {
        let mut tries = PUSHES;
        loop {
            let clone = self.cloned(deadline)?;
            if !change(&self.folder(clone.path()))? {
                return Ok(false);
            }
            tries -= 1;
            match self.push(clone.path(), what, deadline) {
                Ok(()) => return Ok(true),
                Err(Failure::Failed(_)) if tries > 0 => {}
                Err(why) => return Err(why.while_doing("nothing was changed, for the branch took no push")),
            }
        }
    }

    fn folder(&self, clone: &Path) -> Store {
        Store::Folder(clone.join(&self.path))
    }

    fn cloned(&self, deadline: &Deadline) -> Done<tempfile::TempDir> {
        let folder =
            tempfile::tempdir().map_err(|error| Failure::new(format!("there is no room for a clone: {error}")))?;
        let mut git = git(Path::new("."));
        git.args(["clone", "--quiet", "--depth", "1", "--branch", &self.branch, "--", &self.repository])
            .arg(folder.path());
        program::run(&mut git, deadline).map_err(|why| {
            why.while_doing(&format!("the branch `{}` of {} cannot be read", self.branch, self.repository))
        })?;
        Ok(folder)
    }

    fn push(&self, clone: &Path, what: &str, deadline: &Deadline) -> Done<()> {
        program::run(git(clone).args(["add", "--all"]), deadline)?;
        if program::says_yes(git(clone).args(["diff", "--cached", "--quiet"]), deadline)? {
            return Ok(());
        }
        let message = format!("{}: {what}", self.message);
        program::run(git(clone).args(["commit", "--quiet", "--message", &message]), deadline)?;
        // Not forced: a commit that came between is refused by the server.
        let to = format!("HEAD:{}", self.branch);
        program::run(git(clone).args(["push", "--quiet", "origin", &to]), deadline).map(drop)
    }
}

fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder);
    for setting in
        ["user.name=mlp", "user.email=mlp@localhost", "commit.gpgsign=false", "advice.pushUpdateRejected=false"]
    {
        command.args(["-c", setting]);
    }
    // Nobody is there to be asked for a password.
    command.env("GIT_TERMINAL_PROMPT", "0");
    command
}
