//! Texts that are open in the editor: they stand before what is on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ls_types::TextDocumentContentChangeEvent;

use super::position;
use crate::cli::disk::Disk;
use crate::source::{FileId, ProjectFiles, SourceFile, normal_path};

/// Open texts by path.
#[derive(Debug, Default)]
pub(super) struct Documents {
    open: BTreeMap<PathBuf, Document>,
}

#[derive(Debug)]
struct Document {
    text: Arc<str>,
    version: i32,
}

impl Documents {
    pub(super) fn open(&mut self, path: PathBuf, text: &str, version: i32) {
        self.open.insert(path, Document { text: text.into(), version });
    }

    pub(super) fn close(&mut self, path: &Path) {
        self.open.remove(path);
    }

    /// Applies an editor's changes in their order.
    pub(super) fn change(&mut self, path: &Path, changes: Vec<TextDocumentContentChangeEvent>, version: i32) {
        let Some(document) = self.open.get_mut(path) else { return };
        document.version = version;
        for change in changes {
            document.text = match change.range {
                None => change.text.into(),
                Some(range) => {
                    let file = SourceFile::new(FileId::default(), "", document.text.clone());
                    let start = position::offset(&file, range.start) as usize;
                    let end = (position::offset(&file, range.end) as usize).max(start);
                    [&file.text[..start], &change.text, &file.text[end..]].concat().into()
                }
            };
        }
    }

    pub(super) fn text(&self, path: &Path) -> Option<&str> {
        Some(&self.open.get(path)?.text)
    }

    pub(super) fn version(&self, path: &Path) -> Option<i32> {
        Some(self.open.get(path)?.version)
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.open.keys().map(PathBuf::as_path)
    }
}

/// A project's folder with the open texts before those on disk.
pub(super) struct Overlay<'a> {
    pub(super) disk: Disk,
    pub(super) folder: &'a Path,
    pub(super) documents: &'a Documents,
}

impl ProjectFiles for Overlay<'_> {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let open = self.documents.text(&self.folder.join(normal_path(path)?));
        open.map(|text| text.as_bytes().to_vec()).or_else(|| self.disk.read(path))
    }

    fn exists(&self, path: &str) -> bool {
        self.read(path).is_some() || self.disk.exists(path)
    }
}
