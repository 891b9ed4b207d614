//! Finding the project and reading its files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::compile::Texts;
use crate::diagnostics::{Code, Diagnostic, report};
use crate::source::Span;

use super::disk::Disk;

/// The file that makes a folder a project.
pub(crate) const MAIN: &str = "main.mlp";
/// Folders that hold what tools made.
const SKIPPED: &[&str] = &["target", "node_modules"];
/// A file larger than this is not read: spans are 32 bits wide.
const LARGEST: u64 = 1 << 30;

/// What a command works on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Located {
    /// The project's folder.
    pub(crate) folder: PathBuf,
    /// The one file to look at, below the folder with `/`; none: all of them.
    pub(crate) file: Option<String>,
    /// What stands before a path below the folder, for whoever reads it: empty or ending in `/`.
    pub(crate) prefix: String,
}

/// The project at a path, or the one whose `main.mlp` is nearest upward.
pub(crate) fn locate(path: Option<&Path>) -> Result<Located, Box<Diagnostic>> {
    let here = std::env::current_dir().unwrap_or_default();
    let Some(path) = path else {
        let folder = nearest(&here).ok_or_else(|| missing_main("this folder, and no folder above it, has"))?;
        return Ok(Located { prefix: prefix(&here, &folder, None), folder, file: None });
    };
    let place = here.join(path);
    if place.is_dir() {
        if !place.join(MAIN).is_file() {
            return Err(missing_main(&format!("the folder `{}` has", path.display())));
        }
        return Ok(Located { prefix: prefix(&here, &place, Some(path)), folder: place, file: None });
    }
    if !place.is_file() {
        return Err(Box::new(unreadable(&path.display().to_string(), "there is no such file or folder")));
    }
    locate_file(&here, path, &place)
}

fn locate_file(here: &Path, path: &Path, place: &Path) -> Result<Located, Box<Diagnostic>> {
    let shown = path.display().to_string();
    let place = normal(place);
    let own = place.parent().unwrap_or(here);
    let folder = nearest(own).unwrap_or_else(|| own.to_owned());
    let below = place.strip_prefix(&folder).ok().and_then(slashed);
    let file = below.ok_or_else(|| Box::new(unreadable(&shown, "its name is not UTF-8")))?;
    let given = shown.replace('\\', "/");
    let prefix = match given.strip_suffix(&file) {
        Some(before) if path.is_relative() => before.to_owned(),
        _ => prefix(here, &folder, None),
    };
    Ok(Located { folder, file: Some(file), prefix })
}

/// The project that a file belongs to, wherever it is and whether it is there yet or not.
pub(crate) fn locate_any(place: &Path) -> Option<Located> {
    let own = place.parent()?;
    let folder = nearest(own).unwrap_or_else(|| own.to_owned());
    let file = below(&folder, place)?;
    Some(Located { folder, file: Some(file), prefix: String::new() })
}

/// A path below a folder, with `/`.
pub(crate) fn below(folder: &Path, place: &Path) -> Option<String> {
    slashed(place.strip_prefix(folder).ok()?)
}

impl Located {
    /// Reads the files; `skipped` is a folder of generated files that is left out.
    pub(crate) fn load(&self, skipped: Option<&Path>) -> Texts {
        if let Some(file) = &self.file {
            return Texts::one(file, &self.disk());
        }
        let mut texts = Texts::default();
        let (files, mut faults) = self.files(skipped);
        for path in files {
            match read(&self.folder.join(&path)) {
                Ok(bytes) => {
                    texts.add(&path, bytes);
                }
                Err(error) => faults.push((path, error)),
            }
        }
        for (path, error) in faults {
            texts.report(unreadable(&format!("{}{path}", self.prefix), &error.to_string()));
        }
        texts
    }

    /// The project's files, sorted, and what could not be looked into.
    pub(crate) fn files(&self, skipped: Option<&Path>) -> (Vec<String>, Vec<(String, io::Error)>) {
        let here = std::env::current_dir().unwrap_or_default();
        let skipped = skipped.map(|folder| normal(&here.join(folder)));
        let mut walk = Walk { skipped, files: Vec::new(), faults: Vec::new() };
        walk.folder(&self.folder, "");
        walk.files.sort();
        (walk.files, walk.faults)
    }

    /// A folder, whether it has a `main.mlp` or not.
    pub(crate) fn folder(path: &Path) -> Self {
        let here = std::env::current_dir().unwrap_or_default();
        let folder = here.join(path);
        Self { prefix: prefix(&here, &folder, Some(path)), folder, file: None }
    }

    /// The folder as the compiler asks for it.
    pub(crate) fn disk(&self) -> Disk {
        Disk::new(&self.folder)
    }
}

/// Looks for sources.
struct Walk {
    skipped: Option<PathBuf>,
    files: Vec<String>,
    faults: Vec<(String, io::Error)>,
}

impl Walk {
    fn folder(&mut self, folder: &Path, below: &str) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.faults.push((below.trim_end_matches('/').to_owned(), error)),
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{below}{name}");
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                let hidden = name.starts_with('.') || SKIPPED.contains(&name.as_str());
                if !hidden && self.skipped.as_ref() != Some(&normal(&entry.path())) {
                    self.folder(&entry.path(), &format!("{path}/"));
                }
            } else if is_source(&path) {
                self.files.push(path);
            }
        }
    }
}

/// Whether a path below the project's folder is one of its sources.
pub(crate) fn is_source(path: &str) -> bool {
    let mut parts = path.split('/').rev();
    let is_named_so = parts.next().is_some_and(|name| name.ends_with(".mlp") && !name.starts_with('.'));
    is_named_so && parts.all(|folder| !folder.starts_with('.') && !SKIPPED.contains(&folder))
}

/// The bytes of a plain file.
pub(crate) fn read(place: &Path) -> io::Result<Vec<u8>> {
    let metadata = fs::metadata(place)?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no plain file"));
    }
    if metadata.len() > LARGEST {
        return Err(io::Error::other("it is larger than 1 GiB"));
    }
    fs::read(place)
}

fn nearest(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|folder| folder.join(MAIN).is_file()).map(Path::to_owned)
}

/// What a reader puts before a path below a folder that they named or that the project lies in.
pub(super) fn prefix_of(folder: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    match prefix(&here, &here.join(folder), Some(folder)) {
        prefix if prefix.is_empty() && normal(&here.join(folder)) != here => format!("{}/", folder.display()),
        prefix => prefix,
    }
}

/// What a reader puts before a path: the way from where they stand, or what they wrote; nothing where that is elsewhere.
fn prefix(here: &Path, folder: &Path, written: Option<&Path>) -> String {
    let way = match (normal(folder).strip_prefix(here), written) {
        (Ok(way), _) => slashed(way),
        (Err(_), Some(written)) if written.is_relative() => slashed(written),
        _ => None,
    };
    match way.unwrap_or_default().trim_end_matches('/') {
        "" | "." => String::new(),
        way => format!("{way}/"),
    }
}

/// A path without `.` and, where that needs no look at the disk, without `..`.
pub(super) fn normal(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if normal.file_name().is_some() => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

fn slashed(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.components().map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}

fn missing_main(place: &str) -> Box<Diagnostic> {
    let missing = without_place(report::missing_main, format!("{place} no `{MAIN}`"));
    Box::new(missing.help("`mlp init` makes a small project; or name the project's folder"))
}

pub(crate) fn unreadable(path: &str, reason: &str) -> Diagnostic {
    without_place(report::unreadable, format!("`{path}` cannot be read: {reason}"))
}

/// A diagnostic that is of no text.
pub(super) fn without_place(new: fn(Span, String) -> Diagnostic, message: String) -> Diagnostic {
    let mut diagnostic = new(Span::default(), message);
    diagnostic.labels.clear();
    diagnostic
}

/// Whether a code says that the disk is at fault, and not the project.
pub(super) fn is_of_the_disk(code: Code) -> bool {
    matches!(code.slug(), "unreadable" | "unwritable")
}
