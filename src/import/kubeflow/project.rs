//! The project's files, and the proof that they mean what was imported.
//!
//! In: the documents as text. Out: files by path, laid out, once they compile to the same pipelines; else every difference.
//! It refuses to write anything.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::compare;
use super::lang;
use super::read;
use super::write::{Binding, Shared, Written, image_items};
use crate::compile::{ProjectFiles, Texts};
use crate::diagnostics::{Diagnostic, any_error, render};
use crate::emit::kubeflow::model::{KubernetesSpec, PipelineSpec};
use crate::format;
use crate::source::{FileId, SourceFile, SourceMap};
use crate::syntax;

/// The newest version that is known.
const NEWEST: &str = "2.17";
/// What a server must be that reads everything.
const LATEST: &str = "2.18";

/// A fault of what was made.
pub(super) struct Fault {
    /// Of which document.
    pub(super) document: usize,
    pub(super) message: String,
    pub(super) notes: Vec<String>,
}

/// A project before its proof.
pub(super) struct Made {
    files: BTreeMap<String, String>,
    /// Where the compiled pipeline of each document will be.
    outputs: Vec<String>,
    /// Versions to try, the one that the files were compiled with first.
    versions: Vec<String>,
}

/// What differs from environment to environment.
#[derive(Clone, Debug, PartialEq)]
struct Conditions {
    root: String,
    deadline: i32,
    keep: [i32; 3],
}

/// Puts the files together.
pub(super) fn project(specs: &[(&PipelineSpec, &KubernetesSpec)], parts: &[Written], shared: Shared) -> Made {
    let several = parts.len() > 1;
    let mut files = shared.files;
    let mut environments: IndexMap<String, (Conditions, Vec<usize>)> = IndexMap::new();
    let mut outputs = Vec::new();
    for (at, (spec, platform)) in specs.iter().enumerate() {
        let config = &platform.pipeline_config;
        let conditions = Conditions {
            root: spec.default_pipeline_root.clone(),
            deadline: config.active_deadline_seconds,
            keep: [config.resource_ttl_on_completion, config.resource_ttl_on_success, config.resource_ttl_on_failure],
        };
        let known = environments.iter().find(|(_, (one, _))| *one == conditions).map(|(name, _)| name.clone());
        let name = known.unwrap_or_else(|| match environments.len() {
            0 => "cluster".to_owned(),
            count => format!("cluster_{}", count + 1),
        });
        environments.entry(name.clone()).or_insert_with(|| (conditions, Vec::new())).1.push(at);
        outputs.push(format!("kubeflow/{name}/{}.yaml", parts[at].pipeline));
    }
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut items = String::new();
    for part in parts {
        if several {
            let path = format!("{}.mlp", part.pipeline);
            let names = imports.entry(format!("\"{path}\"")).or_default();
            names.insert(lang::name(&part.pipeline));
            names.extend(part.bindings.iter().map(|binding| binding.name.clone()));
            let library = part.imports.iter().map(|(module, names)| {
                (format!("std.{module}"), names.iter().map(|name| (*name).to_owned()).collect())
            });
            let mut own: BTreeMap<String, BTreeSet<String>> = library.collect();
            if !part.images.is_empty() {
                own.insert("\"main.mlp\"".to_owned(), part.images.iter().map(|name| lang::name(name)).collect());
            }
            let head = import_lines(&own);
            files.insert(path, format!("{head}{}", part.text));
        } else {
            for (module, names) in &part.imports {
                imports.entry(format!("std.{module}")).or_default().extend(names.iter().map(|name| (*name).to_owned()));
            }
            items.push_str(&part.text);
        }
    }
    items.push_str(&image_items(&shared.images));
    let mut text = String::new();
    for (name, (conditions, documents)) in &environments {
        let bindings: Vec<&Binding> = documents.iter().flat_map(|at| &parts[*at].bindings).collect();
        let names: Vec<String> = documents.iter().map(|at| lang::name(&parts[*at].pipeline)).collect();
        text.push_str(&environment(name, conditions, &names, &bindings, &mut imports));
    }
    let first = parts.first().map(|part| part.pipeline.clone()).unwrap_or_default();
    let project = if several { "pipelines".to_owned() } else { first };
    let project = format!(
        "project {} {{\n  language: 1\n\n  target kubeflow {{ version: \"@VERSION@\" }}\n}}\n",
        lang::name(&project)
    );
    let head = import_lines(&imports);
    files.insert("main.mlp".to_owned(), format!("{head}\n{project}\n{items}\n{text}"));
    let compiled = specs.iter().map(|(spec, _)| version(&spec.sdk_version)).max().unwrap_or_default();
    let mut versions = vec![format!("2.{compiled}"), NEWEST.to_owned(), LATEST.to_owned()];
    versions.dedup();
    Made { files, outputs, versions }
}

fn import_lines(imports: &BTreeMap<String, BTreeSet<String>>) -> String {
    let line = |(source, names): (&String, &BTreeSet<String>)| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        format!("import {source} {{ {} }}\n", names.join(", "))
    };
    imports.iter().map(line).collect()
}

/// `kfp-2.14.3` as 14; what says nothing is the newest.
fn version(text: &str) -> u32 {
    let minor =
        text.strip_prefix("kfp-2.").and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok());
    minor.unwrap_or(17).min(17)
}

fn environment(
    name: &str,
    conditions: &Conditions,
    pipelines: &[String],
    bindings: &[&Binding],
    imports: &mut BTreeMap<String, BTreeSet<String>>,
) -> String {
    let mut library = |module: &str, name: &'static str| {
        imports.entry(format!("std.{module}")).or_default().insert(name.to_owned());
        name
    };
    let orchestrator = library("environment", "kubeflow");
    let store = match conditions.root.as_str() {
        "" => library("environment", "cluster_store").to_owned(),
        root => format!("{}({})", library("environment", "bucket"), lang::text(root)),
    };
    let mut text = format!(
        "\n/// Where the pipelines run: say here which server is yours.\nenvironment {name} {{\n  tier: development\n  orchestrator: \
         {orchestrator}(endpoint: \"https://kubeflow.example.org\", namespace: \"kubeflow\")\n  artifacts: {store}\n  service_account: \"pipeline-runner\"\n  pipelines: [{}]\n",
        pipelines.join(", ")
    );
    let seconds = |count: i32| super::write::duration(f64::from(count));
    if conditions.deadline > 0 {
        text.push_str(&format!("  deadline: {}\n", seconds(conditions.deadline)));
    }
    let keep: Vec<String> = ["completed", "succeeded", "failed"]
        .iter()
        .zip(conditions.keep)
        .filter(|(_, count)| *count > 0)
        .map(|(field, count)| format!("{field}: {}", seconds(count)))
        .collect();
    if !keep.is_empty() {
        text.push_str(&format!("  keep_runs: {{ {} }}\n", keep.join(", ")));
    }
    if !bindings.is_empty() {
        text.push('\n');
    }
    for binding in bindings {
        for (module, name) in &binding.imports {
            library(module, name);
        }
        text.push_str(&format!("  {} {} = {}\n", binding.keyword, lang::name(&binding.name), binding.value));
    }
    text.push_str("}\n");
    text
}

/// Files in memory.
struct InMemory<'f>(&'f BTreeMap<String, String>);

impl ProjectFiles for InMemory<'_> {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.0.get(path).map(|text| text.clone().into_bytes())
    }

    fn exists(&self, path: &str) -> bool {
        self.0.contains_key(path) || self.0.keys().any(|known| known.starts_with(&format!("{path}/")))
    }
}

impl Made {
    /// The files, once they compile to what was imported; a newer server is asked for only if it must be.
    pub(super) fn settle(
        self,
        specs: &[(&PipelineSpec, &KubernetesSpec)],
    ) -> Result<BTreeMap<String, String>, Vec<Fault>> {
        let mut faults = Vec::new();
        for version in &self.versions {
            let files = laid_out(&self.files, version)?;
            match self.prove(&files, specs) {
                Ok(()) => return Ok(files),
                Err(Refusal::Version) => continue,
                Err(Refusal::Faults(found)) => return Err(found),
                Err(Refusal::Diagnostics(fault)) => faults = vec![fault],
            }
            break;
        }
        Err(faults)
    }

    fn prove(
        &self,
        files: &BTreeMap<String, String>,
        specs: &[(&PipelineSpec, &KubernetesSpec)],
    ) -> Result<(), Refusal> {
        let mut texts = Texts::default();
        for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".mlp")) {
            texts.add(path, text.clone().into_bytes());
        }
        let checked = texts.parse().check(&InMemory(files));
        let refused = |found: &[Diagnostic]| refusal(&checked.model.sources, found);
        if any_error(&checked.diagnostics) {
            return Err(refused(&checked.diagnostics));
        }
        let Some(planned) = checked.plan(&IndexMap::new()) else { return Err(refused(&checked.diagnostics)) };
        let (emitted, found) = planned.emit(|target| target == "kubeflow");
        if any_error(&found) {
            return Err(refused(&found));
        }
        let mut faults = Vec::new();
        for (at, (path, original)) in self.outputs.iter().zip(specs).enumerate() {
            let text = emitted.iter().find(|(known, _)| *known == path).map(|(_, file)| file.text.clone());
            let Some(text) = text else {
                faults.push(Fault {
                    document: at,
                    message: format!("`{path}` would not be written"),
                    notes: Vec::new(),
                });
                continue;
            };
            let again = read::read(FileId(0), path, &text);
            let (Some(spec), platform) = (again.spec, again.platform.unwrap_or_default()) else {
                let notes = again.diagnostics.into_iter().map(|one| one.message).collect();
                faults.push(Fault {
                    document: at,
                    message: "what `mlp build` would write is no pipeline".to_owned(),
                    notes,
                });
                continue;
            };
            let notes = compare::differences(*original, (&spec, &platform));
            if !notes.is_empty() {
                let message = "what `mlp build` would make of the import means something else".to_owned();
                faults.push(Fault { document: at, message, notes });
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(Refusal::Faults(faults)) }
    }
}

/// Why a project is not the one.
enum Refusal {
    /// A newer server can do it.
    Version,
    Diagnostics(Fault),
    Faults(Vec<Fault>),
}

fn refusal(sources: &SourceMap, found: &[Diagnostic]) -> Refusal {
    let errors: Vec<Diagnostic> =
        found.iter().filter(|one| one.severity == crate::diagnostics::Severity::Error).cloned().collect();
    if errors.iter().all(|one| one.code.slug() == "kubeflow_version") {
        return Refusal::Version;
    }
    let said = render::plain(sources, &errors);
    let notes: Vec<String> = said.trim_end().split("\n\n").take(20).map(str::to_owned).collect();
    Refusal::Diagnostics(Fault { document: 0, message: "what would be written is refused".to_owned(), notes })
}

/// Every file as the formatter lays it out.
fn laid_out(files: &BTreeMap<String, String>, version: &str) -> Result<BTreeMap<String, String>, Vec<Fault>> {
    let mut done = BTreeMap::new();
    let mut faults = Vec::new();
    for (path, text) in files {
        if !path.ends_with(".mlp") {
            done.insert(path.clone(), text.clone());
            continue;
        }
        let text = text.replacen("@VERSION@", version, 1);
        let source = SourceFile::new(FileId(0), path.as_str(), text.as_str());
        let parsed = syntax::parse(&source);
        match format::format(&source, &parsed) {
            Some(text) => {
                done.insert(path.clone(), text);
            }
            None => {
                let notes = parsed.diagnostics.iter().take(5).map(|one| {
                    let line = one.span().map(|span| source.line_text(source.line_of(span.start)).trim().to_owned());
                    format!("{}: {}", one.message, line.unwrap_or_default())
                });
                faults.push(Fault {
                    document: 0,
                    message: format!("`{path}` would not be read again"),
                    notes: notes.collect(),
                });
            }
        }
    }
    if faults.is_empty() { Ok(done) } else { Err(faults) }
}
