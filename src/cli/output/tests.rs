//! The output folder after builds that go well, go wrong or are killed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::transaction::Transaction;
use super::{LOCK_FILE, Owner, State, Wanted, WantedFiles, apply, compare, recover};

fn wanted(files: &[(&str, &str)]) -> WantedFiles {
    let file = |text: &str| Wanted {
        text: text.into(),
        target: "plan".into(),
        executable: text.starts_with("#!"),
        pins: BTreeMap::new(),
    };
    files.iter().map(|(path, text)| ((*path).to_owned(), file(text))).collect()
}

fn build(root: &Path, files: &[(&str, &str)]) {
    let wanted = wanted(files);
    let difference = compare(root, LOCK_FILE, &wanted, |_, _| true).unwrap();
    apply(root, &difference, &wanted).unwrap();
}

fn states(root: &Path, files: &[(&str, &str)]) -> BTreeMap<String, State> {
    compare(root, LOCK_FILE, &wanted(files), |_, _| true).unwrap().files
}

/// Every file with its text.
fn contents(root: &Path) -> BTreeMap<String, String> {
    fn collect(folder: &Path, below: &str, found: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = format!("{below}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                found.insert(format!("{path}/"), String::new());
                collect(&entry.path(), &format!("{path}/"), found);
            } else {
                found.insert(path, fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    collect(root, "", &mut found);
    found
}

#[test]
fn a_build_writes_changes_and_removes() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    build(root, &[("a/b/one", "1"), ("two", "2"), ("run", "#!/bin/sh\n")]);
    let first = contents(root);
    assert_eq!(first.keys().collect::<Vec<_>>(), ["a/", "a/b/", "a/b/one", "mlp.lock.json", "run", "two"]);
    build(root, &[("two", "2"), ("three", "3"), ("run", "#!/bin/bash\n")]);
    assert_eq!(contents(root).keys().collect::<Vec<_>>(), ["mlp.lock.json", "run", "three", "two"]);
    build(root, &[("a/b/one", "1"), ("two", "2"), ("run", "#!/bin/sh\n")]);
    assert_eq!(contents(root), first);
}

#[test]
fn a_second_build_touches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let files = [("a/one", "1"), ("two", "2")];
    build(folder.path(), &files);
    let times = || {
        let time = |path: &str| fs::metadata(folder.path().join(path)).unwrap().modified().unwrap();
        ["", "a", "a/one", "two", LOCK_FILE].map(time)
    };
    let before = times();
    build(folder.path(), &files);
    assert_eq!(times(), before);
}

#[test]
fn what_others_wrote_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    build(root, &[("mine", "1\n2\n3\n"), ("old", "x"), ("older", "x")]);
    fs::write(root.join("mine"), "1\n2\nthree\n").unwrap();
    fs::write(root.join("old"), "y").unwrap();
    fs::write(root.join("theirs"), "hello").unwrap();
    fs::write(root.join("same"), "s").unwrap();
    let states = states(root, &[("mine", "1\n2\n3\n"), ("theirs", "t"), ("same", "s"), ("new", "n")]);
    let of = |path: &str| states[path].clone();
    assert_eq!(of("mine"), State::Changed { owner: Owner::Edited, line: 3 });
    assert_eq!(of("theirs"), State::Changed { owner: Owner::Foreign, line: 1 });
    assert_eq!(of("old"), State::Obsolete { owner: Owner::Edited });
    assert_eq!(of("older"), State::Obsolete { owner: Owner::Build });
    assert_eq!(of("same"), State::Same);
    assert_eq!(of("new"), State::New);
}

#[test]
#[cfg(unix)]
fn links_and_escapes_are_refused() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let root = folder.path();
    std::os::unix::fs::symlink(elsewhere.path(), root.join("linked")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("x"), root.join("file")).unwrap();
    fs::create_dir(root.join("folder")).unwrap();
    fs::write(root.join("plain"), "").unwrap();
    let files = [("linked/a", "1"), ("file", "1"), ("folder", "1"), ("plain/a", "1"), ("../up", "1"), ("/etc/x", "1")];
    for (path, state) in states(root, &files) {
        assert!(matches!(state, State::Refused(_)), "{path}: {state:?}");
    }
}

#[test]
fn a_lock_that_names_other_folders_is_no_lock() {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path(), &[("a", "1")]);
    let lock = fs::read_to_string(folder.path().join(LOCK_FILE)).unwrap();
    for bad in [lock.replace("\"a\"", "\"../a\""), lock.replace("mlp.lock/1", "mlp.lock/9"), lock[..40].to_owned()] {
        fs::write(folder.path().join(LOCK_FILE), bad).unwrap();
        let difference = compare(folder.path(), LOCK_FILE, &wanted(&[]), |_, _| true).unwrap();
        assert!(difference.broken_lock.is_some() && difference.files.is_empty());
    }
}

#[test]
fn a_build_that_fails_half_way_leaves_everything_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    build(root, &[("a", "1"), ("b/c", "2"), ("z", "3")]);
    let files = wanted(&[("a", "changed"), ("n/e/w", "new"), ("z", "changed")]);
    let difference = compare(root, LOCK_FILE, &files, |_, _| true).unwrap();
    let before = contents(root);
    fs::remove_file(root.join("z")).unwrap();
    fs::create_dir_all(root.join("z/in the way")).unwrap();
    let error = apply(root, &difference, &files).unwrap_err();
    assert!(error.to_string().contains("z"), "{error}");
    fs::remove_dir_all(root.join("z")).unwrap();
    fs::write(root.join("z"), "3").unwrap();
    assert_eq!(contents(root), before);
}

#[test]
fn what_a_killed_build_left_is_undone() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    build(root, &[("a", "1"), ("b", "2"), ("c/d", "3")]);
    let before = contents(root);
    for killed_after in 0..=5 {
        let mut transaction = Transaction::begin(root).unwrap();
        transaction.write("a", b"changed", false).unwrap();
        transaction.write("new/one", b"new", false).unwrap();
        transaction.remove("c/d");
        transaction.write("b", b"changed", false).unwrap();
        transaction.kill_after(killed_after);
        recover(root).unwrap();
        assert_eq!(contents(root), before, "killed after {killed_after}");
    }
}
