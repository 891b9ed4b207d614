//! The project's folder on disk, as the compiler asks for it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::source::{ProjectFiles, normal_path};

/// A folder on disk. A path that leads out of it, by `..` or by a symbolic link, holds nothing.
pub(crate) struct Disk {
    root: PathBuf,
}

impl Disk {
    /// The folder at that path.
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: fs::canonicalize(root).unwrap_or_else(|_| root.to_owned()) }
    }

    fn place(&self, path: &str) -> Option<PathBuf> {
        let place = fs::canonicalize(self.root.join(normal_path(path)?)).ok()?;
        place.starts_with(&self.root).then_some(place)
    }
}

impl ProjectFiles for Disk {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let place = self.place(path)?;
        place.is_file().then(|| fs::read(place).ok())?
    }

    fn exists(&self, path: &str) -> bool {
        self.place(path).is_some()
    }
}
