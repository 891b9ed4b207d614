//! What a build writes, kept true on disk.
//!
//! In: the files that the sources make and the output folder. Out: a [`Difference`], and by [`apply`] a folder that
//! equals it: all of it or nothing. It refuses to overwrite what `mlp` did not write, and to leave the folder.

mod difference;
mod lock;
#[cfg(test)]
mod tests;
mod transaction;

pub(crate) use difference::{Difference, Owner, State, compare};
pub(crate) use lock::LOCK_FILE;
use transaction::Transaction;
pub(crate) use transaction::recover;

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// A file as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Its text.
    pub(crate) text: String,
    /// The target that makes it.
    pub(crate) target: String,
    /// Whether it may be run.
    pub(crate) executable: bool,
    /// What of others' it uses, and the commit or digest of it.
    pub(crate) pins: BTreeMap<String, String>,
}

/// Files by path below the output folder.
pub(crate) type WantedFiles = BTreeMap<String, Wanted>;

/// Makes the folder equal the difference's wish: writes what is new or changed, removes what is no longer made.
pub(crate) fn apply(root: &Path, difference: &Difference, wanted: &WantedFiles) -> io::Result<()> {
    if difference.is_nothing() {
        return Ok(());
    }
    let mut transaction = Transaction::begin(root)?;
    for (path, state) in &difference.files {
        match (state, wanted.get(path)) {
            (State::New | State::Changed { .. }, Some(file)) => {
                transaction.write(path, file.text.as_bytes(), file.executable)?;
            }
            (State::Obsolete { .. }, _) => transaction.remove(path),
            _ => {}
        }
    }
    if difference.lock_changes {
        transaction.write(&difference.lock_file, difference.lock.to_text().as_bytes(), false)?;
    }
    transaction.commit()
}

/// Writes files below the folder, all of them or none, whatever stood there.
pub(crate) fn write_all(root: &Path, files: &BTreeMap<String, String>) -> io::Result<()> {
    for path in files.keys() {
        place(root, path).map_err(io::Error::other)?;
    }
    let mut transaction = Transaction::begin(root)?;
    for (path, text) in files {
        transaction.write(path, text.as_bytes(), false)?;
    }
    transaction.commit()
}

/// Waits until no other build works in the folder, and keeps others out until it is dropped.
pub(crate) fn exclusive(root: &Path) -> io::Result<Option<File>> {
    // A folder can be opened and locked on Unix; where it cannot, builds are not kept apart.
    let Ok(folder) = File::open(root) else { return Ok(None) };
    match folder.lock() {
        Ok(()) => Ok(Some(folder)),
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(None),
        Err(error) => Err(error),
    }
}

/// The path on disk of a file below the folder, if no link stands in its way.
pub(super) fn place(root: &Path, path: &str) -> Result<PathBuf, String> {
    if crate::source::normal_path(path).as_deref() != Some(path) || path.is_empty() {
        return Err(format!("`{path}` would leave the output folder"));
    }
    let parts: Vec<&str> = path.split('/').collect();
    let mut place = root.to_owned();
    for (index, part) in parts.iter().enumerate() {
        place.push(part);
        let Ok(metadata) = place.symlink_metadata() else { continue };
        let here = parts[..=index].join("/");
        let last = index + 1 == parts.len();
        if metadata.is_symlink() {
            return Err(format!("`{here}` is a symbolic link, and a build writes through none"));
        }
        if last && metadata.is_dir() {
            return Err(format!("`{here}` is a folder, and a file is to be written there"));
        }
        if !last && !metadata.is_dir() {
            return Err(format!("`{here}` is a file, and a folder is to be made there"));
        }
    }
    Ok(place)
}
