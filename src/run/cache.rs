//! What an earlier step gave, found by what runs and what it is given.
//!
//! A key is the hash of a step's code with what it imports from the project, its inputs by their content, and its
//! environment. An entry is written whole or not at all, and counts only while its artifacts are as they were.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::flow::Values;
use crate::machine::file;

/// What a step gave.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Given {
    /// By output; an artifact is `{"path", "uri"}`.
    pub outputs: Values,
    /// Its artifacts' contents, by path.
    pub contents: IndexMap<String, Content>,
    /// Why the rows of an output could not be checked, where they should have been.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unchecked: Vec<String>,
}

/// What is in a file or folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// SHA-256, in hexadecimal.
    pub hash: String,
    /// Bytes, and nanoseconds since 1970 of the last change: of a file; they tell cheaply that nothing has changed.
    pub stamp: Option<(u64, u128)>,
}

/// Contents that are known, by path.
#[derive(Debug, Default)]
pub(super) struct Contents(BTreeMap<PathBuf, Content>);

impl Contents {
    /// Remembers what a step wrote.
    pub(super) fn add(&mut self, given: &Given) {
        self.0.extend(given.contents.iter().map(|(path, content)| (PathBuf::from(path), content.clone())));
    }

    /// The hash of a file or folder, looked at again only where it has changed.
    pub(super) fn hash(&mut self, path: &Path) -> io::Result<String> {
        let stamp = stamp(path)?;
        if let Some(known) = self.0.get(path).filter(|known| stamp.is_some() && known.stamp == stamp) {
            return Ok(known.hash.clone());
        }
        let content = content(path)?;
        let hash = content.hash.clone();
        self.0.insert(path.to_owned(), content);
        Ok(hash)
    }

    /// A value in which every artifact that stands in it is told by what is in it.
    pub(super) fn resolve(&mut self, value: &Json) -> io::Result<Json> {
        Ok(match value {
            Json::Array(items) => Json::Array(items.iter().map(|item| self.resolve(item)).collect::<Result<_, _>>()?),
            Json::Object(fields) => match artifact(value) {
                Some(path) => {
                    let mut hashes = vec![self.hash(path)?];
                    let beside = metadata_file(path);
                    if beside.exists() {
                        hashes.push(self.hash(&beside)?);
                    }
                    Json::from(hashes)
                }
                None => {
                    let resolved = fields.iter().map(|(name, field)| Ok((name.clone(), self.resolve(field)?)));
                    Json::Object(resolved.collect::<io::Result<_>>()?)
                }
            },
            other => other.clone(),
        })
    }
}

/// The path of an artifact that this machine has.
fn artifact(value: &Json) -> Option<&Path> {
    let fields = value.as_object().filter(|fields| fields.contains_key("uri"))?;
    fields.get("path")?.as_str().map(Path::new).filter(|path| path.is_absolute())
}

/// What is known of an artifact, beside it.
pub(super) fn metadata_file(path: &Path) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".metadata.json");
    PathBuf::from(beside)
}

/// What a step gave before, if all of it is still there.
pub(super) fn find(folder: &Path, key: &str) -> Option<Given> {
    let given: Given = serde_json::from_slice(&fs::read(entry(folder, key)).ok()?).ok()?;
    is_there(&given).then_some(given)
}

/// Whether the artifacts are as they were when they were written.
pub(super) fn is_there(given: &Given) -> bool {
    given.contents.iter().all(|(path, known)| {
        let path = Path::new(path);
        match stamp(path) {
            Ok(found) if found.is_some() && found == known.stamp => true,
            Ok(_) => content(path).is_ok_and(|found| found.hash == known.hash),
            Err(_) => false,
        }
    })
}

/// Remembers what a step gave.
pub(super) fn keep(folder: &Path, key: &str, given: &Given) -> io::Result<()> {
    file::replace(&entry(folder, key), &serde_json::to_vec(given)?)
}

fn entry(folder: &Path, key: &str) -> PathBuf {
    folder.join(format!("{key}.json"))
}

/// The content of a file, or of a folder with the names in it.
pub(super) fn content(path: &Path) -> io::Result<Content> {
    let mut hash = Sha256::new();
    add(&mut hash, path, "")?;
    Ok(Content { hash: hex(&hash.finalize()), stamp: stamp(path)? })
}

fn add(hash: &mut Sha256, path: &Path, name: &str) -> io::Result<()> {
    if fs::metadata(path)?.is_dir() {
        let mut names: Vec<_> = fs::read_dir(path)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<_>>()?;
        names.sort();
        for inner in names {
            add(hash, &path.join(&inner), &format!("{name}/{}", inner.to_string_lossy()))?;
        }
        return Ok(());
    }
    let mut file = File::open(path)?;
    hash.update(format!("{name}\0{}\0", file.metadata()?.len()));
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            read => hash.update(&buffer[..read]),
        }
    }
}

fn stamp(path: &Path) -> io::Result<Option<(u64, u128)>> {
    let metadata = fs::metadata(path)?;
    let changed = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    Ok(changed.filter(|_| metadata.is_file()).map(|at| (metadata.len(), at.as_nanos())))
}

/// SHA-256, in hexadecimal.
pub(super) fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
