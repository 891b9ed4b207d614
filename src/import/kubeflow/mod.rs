//! Compiled Kubeflow pipelines to projects.
//!
//! `read/` takes files as specifications · `flow/` follows values and control flow · `catalog.rs` tells steps apart · `types.rs` finds what
//! values are · `write/` says it all in the language · `project.rs` puts files together · `compare/` proves that they mean the same.
//!
//! In: files' bytes. Out: a project's files, or every reason why there is none. It refuses to lose anything in silence.

mod catalog;
mod cluster;
mod compare;
mod flow;
mod lang;
mod project;
mod read;
mod types;
mod write;

use std::collections::BTreeMap;

use crate::diagnostics::{Diagnostic, any_error, report};
use crate::emit::kubeflow::model::{KubernetesSpec, PipelineSpec};
use crate::source::{FileId, SourceMap, Span};

/// What an import gives.
#[derive(Debug, Default)]
pub struct Imported {
    /// The project's files by their paths; none where something is wrong.
    pub files: BTreeMap<String, String>,
    /// The files that were read.
    pub sources: SourceMap,
    /// What is wrong with them, or left out.
    pub diagnostics: Vec<Diagnostic>,
}

/// A pipeline that was read.
struct Document {
    file: FileId,
    spec: PipelineSpec,
    platform: KubernetesSpec,
}

/// Makes a project of compiled pipelines, each file by its name and bytes.
pub fn import(files: Vec<(String, Vec<u8>)>) -> Imported {
    let mut imported = Imported::default();
    let documents = documents(files, &mut imported);
    if any_error(&imported.diagnostics) || documents.is_empty() {
        return imported;
    }
    let mut shared = write::Shared { several: documents.len() > 1, ..write::Shared::default() };
    let mut parts = Vec::new();
    let wanted = documents.iter().map(|document| lang::snake(&document.spec.pipeline_info.name));
    let roots: Vec<String> = wanted.map(|name| catalog::free(&[name], &mut shared.names)).collect();
    for (document, name) in documents.iter().zip(roots) {
        let (part, problems) = part(document, &name, &mut shared);
        for problem in problems {
            let message = format!("`{}`: {}", problem.path, problem.message);
            imported.diagnostics.push(report::cannot_import(place(document.file), message));
        }
        parts.push(part);
    }
    if any_error(&imported.diagnostics) {
        return imported;
    }
    let specs: Vec<(&PipelineSpec, &KubernetesSpec)> = documents.iter().map(|one| (&one.spec, &one.platform)).collect();
    let made = project::project(&specs, &parts, shared);
    match made.settle(&specs) {
        Ok(files) => imported.files = files,
        Err(faults) => {
            for fault in faults {
                let at = place(documents[fault.document.min(documents.len() - 1)].file);
                let diagnostic = report::import_differs(at, fault.message);
                imported.diagnostics.push(fault.notes.into_iter().fold(diagnostic, Diagnostic::note));
            }
        }
    }
    imported
}

fn place(file: FileId) -> Span {
    Span::new(file, 0, 0)
}

/// One pipeline as text.
fn part(document: &Document, name: &str, shared: &mut write::Shared) -> (write::Written, Vec<flow::Problem>) {
    let told = cluster::told(&document.platform);
    let (flows, problems) = flow::build(&document.spec, &told);
    if !problems.is_empty() {
        return (write::Written::default(), problems);
    }
    let catalog = catalog::catalog(&document.spec, &flows, &told, name, &mut shared.names);
    let types = types::types(&flows, &catalog);
    let read = write::Read { spec: &document.spec, platform: &document.platform, flows: &flows, catalog: &catalog };
    let mut written = write::write(&read, types, shared);
    let problems = std::mem::take(&mut written.problems);
    (written, problems)
}

/// Every pipeline with its platform document, which may be a file of its own.
fn documents(files: Vec<(String, Vec<u8>)>, imported: &mut Imported) -> Vec<Document> {
    let mut found: Vec<(FileId, Option<PipelineSpec>, Option<KubernetesSpec>)> = Vec::new();
    for (path, bytes) in files {
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let picture = error.as_bytes().starts_with(b"\x89PNG") || error.as_bytes().starts_with(b"\xff\xd8");
                let packed = error.as_bytes().starts_with(b"PK") || error.as_bytes().starts_with(b"\x1f\x8b");
                let file = imported.sources.add(path.as_str(), String::new());
                let what = match (picture, packed) {
                    (true, _) => "a picture",
                    (_, true) => "an archive: unpack it first",
                    _ => "no text",
                };
                imported.diagnostics.push(report::no_compiled_pipeline(place(file), format!("`{path}` is {what}")));
                continue;
            }
        };
        let file = imported.sources.add(path.as_str(), text.as_str());
        let mut document = read::read(file, &path, &text);
        if document.spec.is_none() && !document.diagnostics.is_empty() {
            // Its pipeline could not be read, which is said: its platform document is not one that stands alone.
            document.platform = None;
        }
        imported.diagnostics.extend(document.diagnostics);
        found.push((file, document.spec, document.platform));
    }
    let alone: Vec<usize> = (0..found.len()).filter(|at| found[*at].1.is_none() && found[*at].2.is_some()).collect();
    let mut platforms: Vec<KubernetesSpec> = Vec::new();
    for at in alone {
        platforms.extend(found[at].2.take());
        let pipelines = found.iter().filter(|one| one.1.is_some()).count();
        if pipelines != 1 || platforms.len() > 1 {
            let message = "this is a platform document alone, and it cannot be told to which pipeline it belongs";
            let help =
                "Put it behind its pipeline in one file, with `---` between them, or import the two by themselves.";
            imported.diagnostics.push(report::no_compiled_pipeline(place(found[at].0), message).help(help));
        }
    }
    let mut platforms = platforms.into_iter();
    let mut documents = Vec::new();
    for (file, spec, platform) in found {
        if let Some(spec) = spec {
            let platform = platform.or_else(|| platforms.next()).unwrap_or_default();
            documents.push(Document { file, spec, platform });
        }
    }
    documents
}
