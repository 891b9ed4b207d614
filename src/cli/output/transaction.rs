//! Several files written and removed as one: all of it happens, or none.
//!
//! New texts are staged beside the old ones, in a folder of their own on the same disk. Committing moves every old file
//! into that folder and every new one to its place; a step that fails moves all of them back. What a killed build left
//! half done is undone by the next one, which finds its folder and its journal.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::place;
use crate::source::normal_path;

const STAGE: &str = ".mlp-build-";
const JOURNAL: &str = "journal.json";

/// Writes and removals that are about to happen.
pub(crate) struct Transaction {
    root: PathBuf,
    stage: PathBuf,
    steps: Vec<Step>,
}

/// One file: by its number it lies in the stage as `N.new` and, moved away, as `N.old`.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Step {
    path: String,
    /// Whether a new text is put there.
    writes: bool,
    /// Whether there is an old one.
    replaces: bool,
}

impl Transaction {
    /// Begins in a folder that is there.
    pub(crate) fn begin(root: &Path) -> io::Result<Self> {
        let stage = tempfile::Builder::new().prefix(STAGE).tempdir_in(root).map_err(|error| named(root, error))?;
        Ok(Self { root: root.to_owned(), stage: stage.keep(), steps: Vec::new() })
    }

    /// Stages a file.
    pub(crate) fn write(&mut self, path: &str, bytes: &[u8], executable: bool) -> io::Result<()> {
        let staged = self.new_file(self.steps.len());
        self.steps.push(self.step(path, true));
        fs::write(&staged, bytes).map_err(|error| named(&self.root.join(path), error))?;
        if executable {
            make_executable(&staged).map_err(|error| named(&self.root.join(path), error))?;
        }
        Ok(())
    }

    /// Stages a removal.
    pub(crate) fn remove(&mut self, path: &str) {
        self.steps.push(self.step(path, false));
    }

    fn step(&self, path: &str, writes: bool) -> Step {
        let replaces = self.root.join(path).symlink_metadata().is_ok();
        Step { path: path.to_owned(), writes, replaces }
    }

    /// Does all of it, or puts everything back and says why.
    pub(crate) fn commit(self) -> io::Result<()> {
        self.keep_journal()?;
        for (index, step) in self.steps.iter().enumerate() {
            if let Err(error) = self.do_one(index, step) {
                let error = named(&self.root.join(&step.path), error);
                undo(&self.root, &self.stage, &self.steps)?;
                return Err(error);
            }
        }
        // Without its journal the stage is only litter: from here on the build has happened.
        fs::remove_file(self.stage.join(JOURNAL))?;
        for step in self.steps.iter().filter(|step| !step.writes) {
            remove_empty_folders(&self.root, &step.path);
        }
        Ok(())
    }

    /// Does so many steps and then leaves everything as it is, as a killed program would.
    #[cfg(test)]
    pub(super) fn kill_after(self, steps: usize) {
        self.keep_journal().expect("the stage can be written");
        for (index, step) in self.steps.iter().enumerate().take(steps) {
            self.do_one(index, step).expect("a step can be done");
        }
        std::mem::forget(self);
    }

    fn keep_journal(&self) -> io::Result<()> {
        let journal = serde_json::to_vec(&self.steps).expect("text has a JSON form");
        fs::write(self.stage.join(JOURNAL), journal).map_err(|error| named(&self.root, error))
    }

    fn do_one(&self, index: usize, step: &Step) -> io::Result<()> {
        let to = place(&self.root, &step.path).map_err(io::Error::other)?;
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        match fs::rename(&to, old_file(&self.stage, index)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        if step.writes {
            fs::rename(self.new_file(index), &to)?;
        }
        Ok(())
    }

    fn new_file(&self, index: usize) -> PathBuf {
        self.stage.join(format!("{index}.new"))
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.stage);
    }
}

fn old_file(stage: &Path, index: usize) -> PathBuf {
    stage.join(format!("{index}.old"))
}

/// Puts every old file back. It can be done again after it was broken off.
fn undo(root: &Path, stage: &Path, steps: &[Step]) -> io::Result<()> {
    for (index, step) in steps.iter().enumerate().rev() {
        if normal_path(&step.path).as_ref() != Some(&step.path) {
            continue;
        }
        let (to, old) = (root.join(&step.path), old_file(stage, index));
        if old.exists() {
            fs::rename(old, &to)?;
        } else if !step.replaces && !stage.join(format!("{index}.new")).exists() && to.exists() {
            fs::remove_file(&to)?;
        }
        remove_empty_folders(root, &step.path);
    }
    match fs::remove_file(stage.join(JOURNAL)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Undoes what killed builds left half done in the folder.
pub(crate) fn recover(root: &Path) -> io::Result<()> {
    for entry in fs::read_dir(root).map_err(|error| named(root, error))? {
        let entry = entry?;
        let is_stage = entry.file_name().to_string_lossy().starts_with(STAGE) && entry.file_type()?.is_dir();
        if !is_stage {
            continue;
        }
        let journal = fs::read(entry.path().join(JOURNAL)).unwrap_or_default();
        if let Ok(steps) = serde_json::from_slice::<Vec<Step>>(&journal) {
            undo(root, &entry.path(), &steps)?;
        }
        fs::remove_dir_all(entry.path())?;
    }
    Ok(())
}

/// Removes the folders above a file that hold nothing any more, up to the root.
fn remove_empty_folders(root: &Path, path: &str) {
    let mut folder = path;
    while let Some((above, _)) = folder.rsplit_once('/') {
        if fs::remove_dir(root.join(above)).is_err() {
            break;
        }
        folder = above;
    }
}

fn named(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(unix)]
fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)?.permissions().mode();
    fs::set_permissions(path, fs::Permissions::from_mode(mode | 0o111))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}
