//! Files: put in their place whole or not at all, and read from their end.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Puts bytes in the place of a file's, whole or not at all; one that was there keeps its permissions, and a folder that is not there
/// is made.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut staged = tempfile::Builder::new().prefix(".mlp-").tempfile_in(folder)?;
    staged.write_all(bytes)?;
    match fs::metadata(path) {
        Ok(before) => staged.as_file().set_permissions(before.permissions())?,
        #[cfg(unix)]
        Err(_) => staged.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?,
        #[cfg(not(unix))]
        Err(_) => {}
    }
    staged.persist(path).map(drop).map_err(|error| error.error)
}

/// The last bytes of a file, however long it is.
pub fn end_of(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(most)))?;
    let mut end = Vec::new();
    file.take(most).read_to_end(&mut end)?;
    Ok(end)
}

/// The first bytes of a file.
pub fn beginning_of(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut begin = Vec::new();
    File::open(path)?.take(most).read_to_end(&mut begin)?;
    Ok(begin)
}
