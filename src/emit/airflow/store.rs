//! Where artifacts are: `<store>/<dag>/<run>/<task>[/<turn>]/<name>`, as steps see them and by their address.
//!
//! In: an environment's artifact store. Out: paths and addresses in the form that whoever reads them needs.

use super::model::{MOUNT, Volume};
use super::value::Source;
use crate::plan::Environment;
use crate::text::jinja::{Expression, Template};
use crate::text::python::{Expression as Python, FormatPart};

/// Where a DAG's artifacts are.
#[derive(Clone, Debug)]
pub(super) struct Store {
    /// What pods mount.
    pub(super) volume: Option<Volume>,
    /// The DAG's folder as steps see it.
    pub(super) path: String,
    /// The DAG's folder by its address.
    pub(super) uri: String,
}

/// Where processes keep artifacts unless it is said, below the project's folder.
const FOLDER: &str = ".mlp/artifacts";

/// The names under which a DAG file has the two: as constants, and in templates.
pub(super) const PATH: (&str, &str) = ("ARTIFACTS_PATH", "artifacts_path");
pub(super) const URI: (&str, &str) = ("ARTIFACTS_URI", "artifacts_uri");

/// A path or an address that is known when a task runs.
pub(super) struct Address {
    root: (&'static str, &'static str),
    between: String,
    in_turn: bool,
    after: String,
}

impl Store {
    /// The store of a DAG in an environment; what it cannot be is said in words.
    pub(super) fn of(environment: &Environment, dag: &str) -> Result<Self, String> {
        let address = environment.artifacts.as_ref().and_then(|form| form.arguments.values().next()?.as_str());
        let address = address.map(|address| address.trim_end_matches('/'));
        let is_folder = environment.artifacts.as_ref().is_none_or(|form| form.form == "folder");
        if !super::runs_in_pods(environment) {
            return match address.unwrap_or(FOLDER) {
                address if !is_folder => {
                    Err(format!("processes write to folders of their machine, and `{address}` is none"))
                }
                folder => Ok(Self::in_folder(format!("{folder}/{dag}"))),
            };
        }
        let path = format!("{MOUNT}/{dag}");
        let Some(address) = address else { return Ok(Self::in_folder(path)) };
        match address.strip_prefix("gs://") {
            Some(place) => {
                let (bucket, folder) = place.split_once('/').map_or((place, None), |(a, b)| (a, Some(b.to_owned())));
                let volume = Volume::GcsBucket { bucket: bucket.to_owned(), folder };
                Ok(Self { volume: Some(volume), path, uri: format!("{address}/{dag}") })
            }
            None if is_folder && address.starts_with('/') => {
                let volume = Volume::HostFolder(address.to_owned());
                Ok(Self { volume: Some(volume), path, uri: format!("file://{address}/{dag}") })
            }
            None if is_folder => {
                Err(format!("pods have no folder `{address}`: a folder that they mount is named from the root"))
            }
            None => Err(format!("pods can mount a bucket of Google Cloud Storage, and `{address}` is none")),
        }
    }

    /// A folder that steps see as it is; one that is not named from the root has no address but its path.
    fn in_folder(path: String) -> Self {
        let uri = if path.starts_with('/') { format!("file://{path}") } else { path.clone() };
        Self { volume: None, path, uri }
    }

    /// The folder of what a task writes, as a template.
    pub(super) fn folder(&self, source: &Source) -> Template {
        self.path_parts(source, "").template()
    }

    /// The address of an artifact, as a template.
    pub(super) fn uri(&self, source: &Source, name: &str) -> Template {
        self.uri_parts(source, name).template()
    }

    /// The path of an artifact, as a template.
    pub(super) fn path(&self, source: &Source, name: &str) -> Template {
        self.path_parts(source, name).template()
    }

    /// The address of an artifact.
    pub(super) fn uri_parts(&self, source: &Source, name: &str) -> Address {
        Address::new(URI, source, name)
    }

    /// The path of an artifact.
    pub(super) fn path_parts(&self, source: &Source, name: &str) -> Address {
        Address::new(PATH, source, name)
    }
}

impl Address {
    fn new(root: (&'static str, &'static str), source: &Source, name: &str) -> Self {
        Self { root, between: format!("/{}/", source.task_id), in_turn: source.in_turn, after: name.to_owned() }
    }

    fn template(self) -> Template {
        let template = Template::default().plain(Expression::name(self.root.1)).text("/");
        let template = template.plain(Expression::name("run_id")).text(self.between);
        if !self.in_turn {
            return template.text(self.after);
        }
        template.plain(Expression::name("ti").dot("map_index")).text("/").text(self.after)
    }

    /// As a Jinja expression.
    pub(super) fn jinja(self) -> Expression {
        let mut parts = vec![Expression::name(self.root.1), Expression::string("/"), Expression::name("run_id")];
        if self.in_turn {
            parts.extend([Expression::string(&self.between), Expression::name("ti").dot("map_index")]);
            parts.push(Expression::string(&format!("/{}", self.after)));
        } else {
            parts.push(Expression::string(&format!("{}{}", self.between, self.after)));
        }
        Expression::Concat(parts)
    }

    /// As Python text, the turn's number being `turn`.
    pub(super) fn python(self, turn: &Python) -> Python {
        let root = FormatPart::Value(Python::name(self.root.0));
        let mut parts = vec![root, FormatPart::Text("/".to_owned()), FormatPart::Value(Python::name("run_id"))];
        parts.push(FormatPart::Text(self.between));
        if self.in_turn {
            parts.extend([FormatPart::Value(turn.clone()), FormatPart::Text("/".to_owned())]);
        }
        parts.push(FormatPart::Text(self.after));
        Python::Format(parts)
    }
}
