//! A branch by the real `git`, in a bare repository of this machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{FILE, Site};
use crate::cli::Ran;
use crate::conformance::setup;

/// The repository, with a file of somebody else's on its branch.
struct Remote {
    folder: tempfile::TempDir,
}

impl Remote {
    fn new() -> Self {
        let remote = Self { folder: tempfile::tempdir().expect("a folder") };
        let bare = remote.bare().display().to_string();
        git(remote.folder.path(), &["init", "--quiet", "--bare", "--initial-branch", "dags", &bare]);
        git(remote.folder.path(), &["init", "--quiet", "--initial-branch", "dags", "theirs"]);
        let theirs = remote.folder.path().join("theirs");
        git(&theirs, &["remote", "add", "origin", &bare]);
        remote.push("README", "theirs\n");
        remote
    }

    fn bare(&self) -> PathBuf {
        self.folder.path().join("dags.git")
    }

    /// Somebody else's push.
    fn push(&self, name: &str, text: &str) {
        let theirs = self.folder.path().join("theirs");
        crate::cli::write(&theirs, name, text);
        git(&theirs, &["add", "--all"]);
        git(&theirs, &["commit", "--quiet", "--message", "theirs"]);
        git(&theirs, &["push", "--quiet", "origin", "HEAD:dags"]);
    }

    /// The messages of the branch, the newest first.
    fn log(&self) -> Vec<String> {
        let log = git(&self.bare(), &["log", "--format=%s", "dags"]);
        log.lines().map(str::to_owned).collect()
    }

    /// The files of the branch.
    fn files(&self) -> Vec<String> {
        git(&self.bare(), &["ls-tree", "-r", "--name-only", "dags"]).lines().map(str::to_owned).collect()
    }

    fn site(&self) -> Site {
        let bare = self.bare().display().to_string();
        let dags = format!("dag_git(\"file://{bare}\", branch: \"dags\", path: \"team\")");
        let folder = format!("folder(\"{}\")", self.folder.path().join("kept").display());
        let file = format!("dags:team/{}", "FILE");
        let programs = self.folder.path().join("programs").display().to_string();
        let path = format!("{programs}:{}", std::env::var("PATH").unwrap_or_default());
        Site::new(&dags, &folder, &["git", "--git-dir", &bare, "show", &file], vec![("PATH", path)])
    }

    /// At the next push of `mlp`, this is done first, once or always.
    fn before_each_push(&self, script: &str) {
        let real = setup::on_path("git").expect("git is on the PATH").display().to_string();
        let theirs = self.folder.path().join("theirs").display().to_string();
        let name = "-c user.name=They -c user.email=they@localhost";
        let text = format!(
            "#!/bin/sh\nfor word in \"$@\"; do if [ \"$word\" = push ]; then\n(cd {theirs} && {real} pull --quiet origin dags && \
             {script} && {real} add --all && {real} {name} commit --quiet --message theirs && {real} push --quiet origin HEAD:dags)\n\
             fi; done\nexec {real} \"$@\"\n"
        );
        let place = self.folder.path().join("programs/git");
        std::fs::create_dir_all(place.parent().expect("it lies in a folder")).expect("a folder can be made");
        setup::write_program(&place, &text);
    }

    fn nobody_pushes(&self) {
        std::fs::remove_file(self.folder.path().join("programs/git")).expect("it can be removed");
    }
}

fn git(folder: &Path, words: &[&str]) -> String {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder).args(["-c", "user.name=They", "-c", "user.email=they@localhost"]).args(words);
    setup::run(&mut git).unwrap_or_else(|why| panic!("{why}"))
}

#[test]
fn a_branch_is_deployed_to_and_taken_back() {
    let remote = Remote::new();
    let site = remote.site();
    let place = format!("team/{FILE}");
    let lies = || git(&remote.bare(), &["show", &format!("dags:{place}")]);
    assert_eq!(site.live(), "");
    site.deploy("one").ends(0);
    let one = lies();
    assert_eq!((site.live().as_str(), remote.files()), ("one\n", vec!["README".to_owned(), place.clone()]));
    assert_eq!(site.deploy("one").ends(0).out, "one is live already\n");
    site.deploy("two").ends(0);
    assert_eq!(lies(), one.replace("mlp-version:one", "mlp-version:two"));
    site.mlp(&["rollback", "here", "--to", "zero"]).ends(1);
    site.mlp(&["rollback", "here", "--to", "one"]).ends(0);
    assert_eq!((site.live().as_str(), lies()), ("one\n", one));
    site.mlp(&["rollback", "here"]).ends(0);
    assert_eq!((site.live().as_str(), remote.files()), ("", vec!["README".to_owned()]));
    let said =
        ["take back to nothing", "back to one", "deploy two", "deploy one"].map(|what| format!("live in here: {what}"));
    assert_eq!(remote.log(), [said.as_slice(), &["theirs".to_owned()]].concat());
}

#[test]
fn somebody_elses_push_is_never_overwritten() {
    let remote = Remote::new();
    let site = remote.site();
    site.deploy("one").ends(0);
    // To another file: it is kept, and ours is pushed after it.
    remote.before_each_push("[ ! -e note ] && echo n > note");
    site.deploy("two").ends(0);
    assert_eq!(
        (site.live().as_str(), remote.log()[..2].to_vec()),
        ("two\n", vec!["live in here: deploy two".to_owned(), "theirs".to_owned()])
    );
    // To the same file: theirs is left as it is.
    remote.before_each_push(&format!("echo '\"mlp-version:theirs\"' > team/{FILE}"));
    let ran = site.deploy("three").ends(1);
    assert!(ran.err.contains("another deployment came between: nothing was changed"), "{}", ran.err);
    assert_eq!(site.live(), "theirs\n");
    assert!(!remote.folder.path().join("kept/mlp/live/here/releases/three").join(FILE).exists(), "it never went live");
    // Always, and to another file each time: it is given up.
    remote.before_each_push("date +%N >> note");
    let ran = site.deploy("four").ends(1);
    assert!(ran.err.contains("nothing was changed, for the branch took no push"), "{}", ran.err);
    remote.nobody_pushes();
    assert_eq!(site.live(), "theirs\n");
    site.deploy("five").ends(0);
    assert_eq!(site.live(), "five\n");
}

#[test]
fn a_repository_that_is_away_or_takes_nothing_changes_nothing() {
    let remote = Remote::new();
    let site = remote.site();
    site.deploy("one").ends(0);
    let log = remote.log();
    let hook = remote.bare().join("hooks/pre-receive");
    setup::write_program(&hook, "#!/bin/sh\necho 'the branch is closed' >&2\nexit 1\n");
    let closed = site.deploy("two").ends(1);
    assert!(closed.err.contains("nothing was changed, for the branch took no push"), "{}", closed.err);
    assert_eq!((site.live().as_str(), remote.log()), ("one\n", log.clone()));
    std::fs::rename(remote.bare(), remote.folder.path().join("elsewhere")).expect("it can be moved");
    let is_lost = |ran: Ran| {
        assert!(ran.err.contains("the branch `dags` of file://") && ran.err.contains("cannot be read"), "{}", ran.err);
    };
    is_lost(site.deploy("two").ends(1));
    is_lost(site.mlp(&["rollback", "here", "--to", "one"]).ends(1));
    std::fs::rename(remote.folder.path().join("elsewhere"), remote.bare()).expect("it can be moved");
    std::fs::remove_file(hook).expect("it can be removed");
    assert_eq!(remote.log(), log);
    site.deploy("two").ends(0);
    assert_eq!(site.live(), "two\n");
}
