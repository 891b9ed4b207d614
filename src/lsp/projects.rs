//! Projects that open texts belong to, and what is known of each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::documents::{Documents, Overlay};
use crate::ast;
use crate::cli::disk::Disk;
use crate::cli::project::{self, Located};
use crate::compile::{Checked, ParseCache, Texts};
use crate::diagnostics::Diagnostic;
use crate::source::{FileId, SourceFile};

/// Every project that was looked at, by what was looked at.
#[derive(Default)]
pub(super) struct Projects {
    known: BTreeMap<Key, Project>,
}

/// A project's folder; a file that belongs to no project stands for itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    folder: PathBuf,
    file: Option<String>,
}

/// What is known of a project.
#[derive(Default)]
pub(super) struct Project {
    cache: ParseCache,
    pub(super) analysis: Option<Analysis>,
    /// Files that the editor was told something of.
    pub(super) told: Vec<PathBuf>,
}

/// A project checked with the open texts in it.
pub(super) struct Analysis {
    pub(super) folder: PathBuf,
    pub(super) checked: Checked,
    files: BTreeMap<FileId, ast::File>,
}

impl Projects {
    /// The project that a file belongs to.
    pub(super) fn key(path: &Path) -> Option<Key> {
        let located = project::locate_any(path)?;
        let in_project = located.folder.join(project::MAIN).is_file() || located.file.as_deref() == Some(project::MAIN);
        Some(Key { folder: located.folder, file: located.file.filter(|_| !in_project) })
    }

    /// Forgets what is known: something has changed.
    pub(super) fn forget(&mut self) {
        self.known.values_mut().for_each(|project| project.analysis = None);
    }

    /// The project checked as it is now.
    pub(super) fn analysed(&mut self, key: &Key, documents: &Documents) -> &mut Project {
        let project = self.known.entry(key.clone()).or_default();
        if project.analysis.is_none() {
            project.analysis = Some(analyse(key, documents, &mut project.cache));
        }
        project
    }

    /// Every project that has open texts or was told of.
    pub(super) fn keys(&self, documents: &Documents) -> Vec<Key> {
        let mut keys: Vec<Key> = documents.paths().filter_map(Self::key).collect();
        keys.extend(self.known.keys().cloned());
        keys.sort();
        keys.dedup();
        keys
    }
}

fn analyse(key: &Key, documents: &Documents, cache: &mut ParseCache) -> Analysis {
    let overlay = Overlay { disk: Disk::new(&key.folder), folder: &key.folder, documents };
    let texts = match &key.file {
        Some(file) => Texts::one(file, &overlay),
        None => whole(key, documents),
    };
    let parsed = texts.parse_with(cache);
    let files = parsed.files().map(|file| (file.id, file.clone())).collect();
    let checked = parsed.check(&overlay).with_targets();
    Analysis { folder: key.folder.clone(), checked, files }
}

/// The project's files on disk and those that are only in the editor yet.
fn whole(key: &Key, documents: &Documents) -> Texts {
    let located = Located { folder: key.folder.clone(), file: None, prefix: String::new() };
    let (mut paths, _) = located.files(None);
    let open = documents.paths().filter_map(|path| project::below(&key.folder, path));
    paths.extend(open.filter(|path| project::is_source(path)));
    paths.sort();
    paths.dedup();
    let mut texts = Texts::default();
    for path in paths {
        let place = key.folder.join(&path);
        match documents.text(&place) {
            Some(text) => {
                texts.add(&path, text.as_bytes().to_vec());
            }
            None => match project::read(&place) {
                Ok(bytes) => {
                    texts.add(&path, bytes);
                }
                Err(error) => texts.report(project::unreadable(&path, &error.to_string())),
            },
        }
    }
    texts
}

impl Analysis {
    /// The file at a path on disk.
    pub(super) fn file(&self, path: &Path) -> Option<&SourceFile> {
        let sources = &self.checked.model.sources;
        sources.find(&project::below(&self.folder, path)?).map(|id| sources.file(id))
    }

    /// A file's syntax tree.
    pub(super) fn tree(&self, id: FileId) -> Option<&ast::File> {
        self.files.get(&id)
    }

    /// What is wrong, by file; what is of no file is said of the project's main one.
    pub(super) fn by_file(&self) -> BTreeMap<FileId, Vec<&Diagnostic>> {
        let main = self.checked.model.sources.find(project::MAIN).unwrap_or_default();
        let mut by_file: BTreeMap<FileId, Vec<&Diagnostic>> = BTreeMap::new();
        for diagnostic in &self.checked.diagnostics {
            let file = diagnostic.span().map_or(main, |span| span.file);
            by_file.entry(file).or_default().push(diagnostic);
        }
        by_file
    }
}
