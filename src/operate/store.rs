//! Small files in an environment's store: earlier releases, what is held, what was measured.
//!
//! They lie at `STORE/mlp/PROJECT/NAME`. A folder is written to by renaming; a bucket by its own command-line tool, which
//! replaces an object whole as well: `gcloud storage`, or `aws s3`, which reaches MinIO too where AWS_ENDPOINT_URL says so.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Deadline, Done, Failure, program};
use crate::machine::file;
use crate::plan::{Environment, Form};

/// A place for small files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Store {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A bucket, or a part of one: `gs://acme/mlp`.
    Bucket(String),
}

impl Store {
    /// The store of an environment; `project` is the project's folder.
    pub fn of(environment: &Environment, folder: &Path, project: &str) -> Done<Self> {
        let Some(form) = &environment.artifacts else {
            return Err(Failure::new(format!(
                "`{}` has no `artifacts`, and nothing can be kept without",
                environment.name
            )));
        };
        match Self::at(form, folder)? {
            Some(store) => Ok(store.below(&format!("mlp/{project}"))),
            None => Err(Failure::new(format!(
                "the store of `{}` is the orchestrator's own, which nobody else can write to: say `artifacts: bucket(…)`",
                environment.name
            ))),
        }
    }

    /// A store by the form that names it; none: it is the orchestrator's own.
    pub fn at(form: &Form, folder: &Path) -> Done<Option<Self>> {
        let text = |name: &str| form.arguments.get(name).and_then(|value| value.as_str()).unwrap_or_default();
        match form.form.as_str() {
            "folder" | "dag_folder" => Ok(Some(Store::Folder(folder.join(text("path"))))),
            "bucket" | "dag_bucket" => Ok(Some(Store::Bucket(text("address").trim_end_matches('/').to_owned()))),
            _ => Ok(None),
        }
    }

    /// A part of it.
    pub fn below(&self, name: &str) -> Self {
        match self {
            Store::Folder(folder) => Store::Folder(folder.join(name)),
            Store::Bucket(address) => Store::Bucket(format!("{address}/{name}")),
        }
    }

    /// Where a file is.
    pub fn place(&self, name: &str) -> String {
        match self {
            Store::Folder(folder) => folder.join(name).display().to_string(),
            Store::Bucket(address) => format!("{address}/{name}"),
        }
    }

    /// A file; none where there is none.
    pub fn read(&self, name: &str, deadline: &Deadline) -> Done<Option<Vec<u8>>> {
        match self {
            Store::Folder(folder) => match fs::read(folder.join(name)) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(self.cannot("read", name, &error.to_string())),
            },
            Store::Bucket(_) if !self.names(deadline)?.iter().any(|known| known == name) => Ok(None),
            Store::Bucket(_) => {
                let place = self.place(name);
                let mut command = self.tool(&["cat", &place], &["cp", "--only-show-errors", &place, "-"]);
                program::run(&mut command, deadline).map(Some).map_err(|why| self.cannot("read", name, why.reason()))
            }
        }
    }

    /// Writes a file whole, in place of one that is there.
    pub fn write(&self, name: &str, bytes: &[u8], deadline: &Deadline) -> Done<()> {
        match self {
            Store::Folder(folder) => {
                file::replace(&folder.join(name), bytes).map_err(|error| self.cannot("write", name, &error.to_string()))
            }
            Store::Bucket(_) => {
                let no_room = |error: io::Error| self.cannot("write", name, &error.to_string());
                let mut file = tempfile::NamedTempFile::new().map_err(no_room)?;
                file.write_all(bytes).map_err(no_room)?;
                let (from, to) = (file.path().display().to_string(), self.place(name));
                let mut command = self.tool(&["cp", "--quiet", &from, &to], &["cp", "--only-show-errors", &from, &to]);
                let done = program::run(&mut command, deadline);
                done.map(drop).map_err(|why| self.cannot("write", name, why.reason()))
            }
        }
    }

    /// Takes a file away; one that is not there is no fault.
    pub fn remove(&self, name: &str, deadline: &Deadline) -> Done<()> {
        match self {
            Store::Folder(folder) => match fs::remove_file(folder.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    Err(self.cannot("remove", name, &error.to_string()))
                }
                _ => Ok(()),
            },
            Store::Bucket(_) if !self.names(deadline)?.iter().any(|known| known == name) => Ok(()),
            Store::Bucket(_) => {
                let place = self.place(name);
                let mut command = self.tool(&["rm", "--quiet", &place], &["rm", "--only-show-errors", &place]);
                let done = program::run(&mut command, deadline);
                done.map(drop).map_err(|why| self.cannot("remove", name, why.reason()))
            }
        }
    }

    /// The files in it and below, by name with `/`, sorted.
    pub fn names(&self, deadline: &Deadline) -> Done<Vec<String>> {
        let mut names = match self {
            Store::Folder(folder) => {
                let mut names = Vec::new();
                walk(folder, "", &mut names).map_err(|error| self.cannot("list", "", &error.to_string()))?;
                names
            }
            Store::Bucket(address) => {
                let all = format!("{address}/");
                let mut command = self.tool(&["ls", &format!("{address}/**")], &["ls", "--recursive", &all]);
                match program::run(&mut command, deadline) {
                    Ok(printed) => listed(&String::from_utf8_lossy(&printed), address),
                    // Each tool fails where nothing matches.
                    Err(why) if is_nothing(why.reason()) => Vec::new(),
                    Err(why) => return Err(self.cannot("list", "", why.reason())),
                }
            }
        };
        names.sort();
        Ok(names)
    }

    /// `gcloud storage …`, or `aws s3 …`
    fn tool(&self, gcloud: &[&str], aws: &[&str]) -> Command {
        let is_google = matches!(self, Store::Bucket(address) if address.starts_with("gs://"));
        let (program, first, words) = if is_google { ("gcloud", "storage", gcloud) } else { ("aws", "s3", aws) };
        let mut command = Command::new(program);
        let words = words
            .iter()
            .map(|word| word.strip_prefix("minio://").map_or((*word).to_owned(), |rest| format!("s3://{rest}")));
        command.arg(first).args(words);
        command
    }

    fn cannot(&self, what: &str, name: &str, why: &str) -> Failure {
        Failure::new(format!("cannot {what} {}: {why}", self.place(name)))
    }
}

fn is_nothing(reason: &str) -> bool {
    ["matched no objects", "NoSuchKey", "Object does not exist", "ended with 1: it said nothing"]
        .iter()
        .any(|known| reason.contains(known))
}

/// Names below the address: of `gcloud storage ls` whole addresses, of `aws s3 ls --recursive` day, time, size and key.
fn listed(printed: &str, address: &str) -> Vec<String> {
    let (_, bucket) = address.split_once("://").unwrap_or(("", address));
    let below = bucket.split_once('/').map_or("", |(_, below)| below);
    let name = |line: &str| match line.strip_prefix(address) {
        Some(name) => Some(name.to_owned()),
        None => {
            let (_, after_time) = line.trim_start().split_once(' ')?.1.trim_start().split_once(' ')?;
            let (_, key) = after_time.trim_start().split_once(' ')?;
            key.strip_prefix(below).map(str::to_owned)
        }
    };
    let names = printed.lines().filter_map(name).map(|name| name.trim_start_matches('/').to_owned());
    names.filter(|name| !name.is_empty() && !name.ends_with('/')).collect()
}

fn walk(folder: &Path, below: &str, names: &mut Vec<String>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        match entry.file_type()?.is_dir() {
            true => walk(&entry.path(), &format!("{name}/"), names)?,
            false => names.push(name),
        }
    }
    Ok(())
}
