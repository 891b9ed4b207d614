//! The files that hold the rows of an output: the file itself, or of a folder, as Spark writes one, the files in it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The files in the order of their names; of a folder without those whose name begins with `_` or `.`, which hold no rows, and without empty
/// ones, of which Spark writes one for a worker that has no row. The inner error says why a folder cannot be read as rows.
pub(super) fn parts(path: &Path) -> io::Result<Result<Vec<PathBuf>, String>> {
    if !path.is_dir() {
        return Ok(Ok(vec![path.to_owned()]));
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(['_', '.']) {
            continue;
        }
        let about = fs::metadata(entry.path())?;
        if about.is_dir() {
            return Ok(Err(format!("it is a folder with another in it, {name}, and one folder of files is read")));
        }
        if about.len() > 0 {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(if found.is_empty() { Err("it is a folder without rows".to_owned()) } else { Ok(found) })
}
