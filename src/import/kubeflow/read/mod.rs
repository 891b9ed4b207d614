//! Files as compiled pipelines.
//!
//! In: a file's bytes. Out: its specification and its platform document, or in words what it is instead. It takes YAML of one or
//! two documents, JSON, a `PipelineJob`, and the form of a Kubernetes manifest. It refuses to know what a pipeline means.

mod node;
mod scalar;
mod typed;
mod yaml;

use std::ops::Range;

use crate::diagnostics::{Diagnostic, report};
use crate::emit::kubeflow::model::{KubernetesSpec, PipelineSpec, PlatformSpec};
use crate::source::{FileId, Span};

use node::{Kind, Node};

/// What a file is.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// The pipeline, if the file has one.
    pub(super) spec: Option<PipelineSpec>,
    /// What the cluster must know, if the file has it.
    pub(super) platform: Option<KubernetesSpec>,
    /// What is wrong, or not carried over.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// The largest file that is read.
const LARGEST: usize = 256 << 20;

/// Reads a file.
pub(super) fn read(file: FileId, path: &str, text: &str) -> Document {
    let mut reader = Reader { file, document: Document::default() };
    reader.file(path, text);
    reader.document
}

struct Reader {
    file: FileId,
    document: Document,
}

impl Reader {
    fn span(&self, at: &Range<usize>) -> Span {
        Span::new(self.file, at.start, at.end.max(at.start))
    }

    fn refuse(&mut self, at: &Range<usize>, message: impl Into<String>, help: &str) {
        let diagnostic = report::no_compiled_pipeline(self.first_line(at), message);
        self.document.diagnostics.push(if help.is_empty() { diagnostic } else { diagnostic.help(help) });
    }

    /// A long part is shown by its beginning alone.
    fn first_line(&self, at: &Range<usize>) -> Span {
        self.span(&(at.start..at.end.min(at.start + 1)))
    }

    fn file(&mut self, path: &str, text: &str) {
        let start = 0..0;
        if text.len() > LARGEST {
            return self.refuse(&start, format!("`{path}` is larger than any compiled pipeline"), "");
        }
        if text.chars().all(char::is_whitespace) {
            return self.refuse(
                &start,
                format!("`{path}` is empty"),
                "Name a file that `kfp dsl compile` or `mlp build` wrote.",
            );
        }
        let documents = match yaml::documents(text) {
            Ok(documents) => documents,
            Err(broken) => {
                let at = broken.at.start.min(text.len());
                let diagnostic = report::no_compiled_pipeline(
                    Span::new(self.file, at, at),
                    format!("`{path}` is no YAML and no JSON"),
                )
                .here(broken.message)
                .help("If it was cut off or edited by hand, compile the pipeline again.");
                return self.document.diagnostics.push(diagnostic);
            }
        };
        for document in documents.iter().filter(|document| !document.is_null()) {
            self.one(path, document);
        }
        if self.document.spec.is_none() && self.document.platform.is_none() && self.document.diagnostics.is_empty() {
            self.refuse(&start, format!("`{path}` holds no compiled pipeline"), "");
        }
    }

    /// One document of a file, by what is in it.
    fn one(&mut self, path: &str, node: &Node) {
        let at = node.at.clone();
        let Kind::Map(entries) = &node.kind else {
            return self.refuse(&at, format!("`{path}` holds no compiled pipeline: its document is no map"), "");
        };
        let says = |key: &str| node.get(key).and_then(Node::text).unwrap_or_default();
        let kind = says("kind");
        let version = says("apiVersion");
        if version.starts_with("argoproj.io") {
            let message = format!(
                "`{path}` is an Argo {}, what version 1 of the SDK compiled",
                if kind.is_empty() { "workflow" } else { kind }
            );
            return self.refuse(
                &at,
                message,
                "Compile the pipeline with version 2 of the SDK (`pip install kfp`), and import that.",
            );
        }
        if version.starts_with("pipelines.kubeflow.org") {
            return self.manifest(path, node, kind);
        }
        if let Some(inner) = node.get("pipelineSpec") {
            for (key, part) in entries
                .iter()
                .filter(|(key, _)| !matches!(key.text.as_str(), "pipelineSpec" | "platformSpec" | "platforms"))
            {
                self.left_out(&key.text, &part.at, "a run of the pipeline");
            }
            if let Some(platform) = node.get("platformSpec").or(node.get("platforms").map(|_| node)) {
                self.platform(platform);
            }
            return self.one(path, inner);
        }
        if node.get("root").is_some() || node.get("schemaVersion").is_some() || node.get("deploymentSpec").is_some() {
            return self.specification(path, node);
        }
        if node.get("platforms").is_some() {
            return self.platform(node);
        }
        if node.get("implementation").is_some() {
            let message = format!("`{path}` is a component of version 1, not a compiled pipeline");
            return self.refuse(
                &at,
                message,
                "Call it in a pipeline, compile that with version 2 of the SDK, and import what comes out.",
            );
        }
        let found: Vec<&str> = entries.iter().take(4).map(|(key, _)| key.text.as_str()).collect();
        let message = format!("`{path}` holds no compiled pipeline: it has no `root`");
        let note = format!("What it has is {}.", found.join(", "));
        self.document.diagnostics.push(report::no_compiled_pipeline(self.first_line(&at), message).note(note));
    }

    /// `kind: Pipeline` says only that there is one; `kind: PipelineVersion` holds it.
    fn manifest(&mut self, path: &str, node: &Node, kind: &str) {
        if kind == "Pipeline" {
            return;
        }
        let spec = node.get("spec");
        let Some(inner) = spec.and_then(|spec| spec.get("pipelineSpec")) else {
            let message = format!("`{path}` is a Kubernetes manifest without a `pipelineSpec`");
            return self.refuse(&node.at.clone(), message, "");
        };
        if let Some(platform) = spec.and_then(|spec| spec.get("platformSpec")) {
            self.platform(platform);
        }
        self.one(path, inner);
    }

    fn left_out(&mut self, key: &str, at: &Range<usize>, of: &str) {
        let message = format!("`{key}` belongs to {of}, and is left out");
        self.document.diagnostics.push(report::not_carried(self.first_line(at), message));
    }

    fn specification(&mut self, path: &str, node: &Node) {
        if self.document.spec.is_some() {
            return self.refuse(
                &node.at.clone(),
                format!("`{path}` holds a second pipeline"),
                "Put each into a file of its own.",
            );
        }
        let version = node.get("schemaVersion").and_then(Node::text).unwrap_or_default().to_owned();
        if version != "2.1.0" {
            let at = node.get("schemaVersion").unwrap_or(node).at.clone();
            let message = match version.is_empty() {
                true => format!("`{path}` does not say which `schemaVersion` it has"),
                false => format!("`{path}` has the schema version {version}, and 2.1.0 is what servers read"),
            };
            return self.refuse(&at, message, "Compile the pipeline again with version 2 of the SDK.");
        }
        if node.get("root").is_none() {
            return self.refuse(
                &node.at.clone(),
                format!("`{path}` has no `root`: its end may be missing"),
                "Compile the pipeline again.",
            );
        }
        if let Some(platforms) = node.get("platforms") {
            let inner = Node {
                kind: Kind::Map(vec![(
                    node::Key { text: "platforms".into(), at: platforms.at.clone() },
                    platforms.clone(),
                )]),
                at: platforms.at.clone(),
            };
            self.platform(&inner);
        }
        let mut own = node.clone();
        if let Kind::Map(entries) = &mut own.kind {
            entries.retain(|(key, _)| key.text != "platforms");
        }
        self.document.spec = self.typed(&own);
    }

    fn platform(&mut self, node: &Node) {
        if self.document.platform.is_some() {
            return self.refuse(&node.at.clone(), "a second platform document stands here", "");
        }
        let mut own = node.clone();
        if let Kind::Map(entries) = &mut own.kind {
            entries.retain(|(key, _)| key.text == "platforms");
        }
        self.document.platform = self.typed::<PlatformSpec>(&own).map(|spec| spec.platforms.kubernetes);
    }

    fn typed<T: serde::de::DeserializeOwned>(&mut self, node: &Node) -> Option<T> {
        match typed::read(node) {
            Ok(value) => Some(value),
            Err(faults) => {
                for fault in faults {
                    let diagnostic = report::broken_specification(self.first_line(&fault.at), fault.message);
                    self.document.diagnostics.push(diagnostic);
                }
                None
            }
        }
    }
}
