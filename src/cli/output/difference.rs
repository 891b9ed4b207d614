//! What stands between the output folder and what the sources make.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::lock::{Lock, hash};
use super::{WantedFiles, place};

/// Every file that is made, or was made before, and how the disk stands to it.
#[derive(Clone, Debug)]
pub(crate) struct Difference {
    /// By path.
    pub(crate) files: BTreeMap<String, State>,
    /// Where the lock is.
    pub(crate) lock_file: String,
    /// The lock as it should be.
    pub(crate) lock: Lock,
    /// Whether the lock on disk is another.
    pub(crate) lock_changes: bool,
    /// What is wrong with the lock on disk, if it cannot be read as one.
    pub(crate) broken_lock: Option<String>,
}

/// How the disk stands to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It is there and right.
    Same,
    /// It is not there.
    New,
    /// It is there and different.
    Changed {
        /// Whose it is.
        owner: Owner,
        /// The first line that differs, from 1.
        line: usize,
    },
    /// It is there and no longer made.
    Obsolete {
        /// Whose it is.
        owner: Owner,
    },
    /// It cannot be written there; the reason, a sentence.
    Refused(String),
}

/// Who wrote what is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The build before, and nobody since.
    Build,
    /// The build before, and somebody since.
    Edited,
    /// Somebody else.
    Foreign,
}

impl Difference {
    /// Whether the folder is as it should be.
    pub(crate) fn is_nothing(&self) -> bool {
        !self.lock_changes && self.files.values().all(|state| *state == State::Same)
    }
}

/// Compares the folder with what should be in it, and `lock_file` below it with the list of that. `selected` says which of the files before are this build's concern.
pub(crate) fn compare(
    root: &Path,
    lock_file: &str,
    wanted: &WantedFiles,
    selected: impl Fn(&str, &str) -> bool,
) -> io::Result<Difference> {
    let (before, broken_lock) = read_lock(root, lock_file)?;
    let mut files = BTreeMap::new();
    for (path, file) in wanted {
        files.insert(path.clone(), wanted_state(root, path, file, before.as_ref())?);
    }
    let mut lock = Lock::of(wanted);
    for (path, locked) in before.iter().flat_map(|lock| &lock.files) {
        if wanted.contains_key(path) {
            continue;
        }
        if !selected(path, &locked.target) {
            lock.files.insert(path.clone(), locked.clone());
        } else if let Some(state) = obsolete_state(root, path, &locked.sha256)? {
            files.insert(path.clone(), state);
        }
    }
    let lock_changes = match place(root, lock_file) {
        Ok(place) => read(&place)?.as_deref() != Some(lock.to_text().as_bytes()),
        Err(reason) => {
            files.insert(lock_file.to_owned(), State::Refused(reason));
            false
        }
    };
    Ok(Difference { files, lock_file: lock_file.to_owned(), lock, lock_changes, broken_lock })
}

fn wanted_state(root: &Path, path: &str, file: &super::Wanted, before: Option<&Lock>) -> io::Result<State> {
    let place = match place(root, path) {
        Ok(place) => place,
        Err(reason) => return Ok(State::Refused(reason)),
    };
    let Some(bytes) = read(&place)? else { return Ok(State::New) };
    if bytes == file.text.as_bytes() {
        let same_mode = !file.executable || is_executable(&place);
        return Ok(if same_mode { State::Same } else { State::Changed { owner: Owner::Build, line: 1 } });
    }
    let owner = match before.and_then(|lock| lock.files.get(path)) {
        Some(locked) if locked.sha256 == hash(&bytes) => Owner::Build,
        Some(_) => Owner::Edited,
        None => Owner::Foreign,
    };
    Ok(State::Changed { owner, line: first_difference(&bytes, file.text.as_bytes()) })
}

fn obsolete_state(root: &Path, path: &str, sha256: &str) -> io::Result<Option<State>> {
    let place = match place(root, path) {
        Ok(place) => place,
        Err(reason) => return Ok(Some(State::Refused(reason))),
    };
    let Some(bytes) = read(&place)? else { return Ok(None) };
    let owner = if hash(&bytes) == sha256 { Owner::Build } else { Owner::Edited };
    Ok(Some(State::Obsolete { owner }))
}

fn read_lock(root: &Path, lock_file: &str) -> io::Result<(Option<Lock>, Option<String>)> {
    let Ok(place) = place(root, lock_file) else { return Ok((None, None)) };
    match read(&place)?.map(|bytes| Lock::parse(&bytes)) {
        None => Ok((None, None)),
        Some(Ok(lock)) => Ok((Some(lock), None)),
        Some(Err(reason)) => Ok((None, Some(reason))),
    }
}

fn read(place: &Path) -> io::Result<Option<Vec<u8>>> {
    match std::fs::read(place) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io::Error::new(error.kind(), format!("{}: {error}", place.display()))),
    }
}

fn first_difference(a: &[u8], b: &[u8]) -> usize {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    1 + a[..same].iter().filter(|byte| **byte == b'\n').count()
}

#[cfg(unix)]
fn is_executable(place: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    place.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    true
}
