//! Flows and steps as text of the language.
//!
//! In: a document's flows, catalog and types. Out: its `.mlp` text, the sources that its steps run, and what the project's environment must
//! bind. What the language has no words for is a problem. Layout is the formatter's.

mod call;
mod condition;
mod kinds;
mod names;
mod pipeline;
mod profile;
mod run;
mod step;
mod value;
mod word;

use std::collections::{BTreeMap, BTreeSet};

use indexmap::{IndexMap, IndexSet};

pub(super) use call::duration;

use super::catalog::{Callee, Catalog, StepId, free};
use super::flow::{Flow, Kind, Problem};
use super::lang;
use super::types::Types;
use crate::emit::kubeflow::model::*;

/// What was read of one pipeline.
pub(super) struct Read<'a> {
    pub(super) spec: &'a PipelineSpec,
    pub(super) platform: &'a KubernetesSpec,
    pub(super) flows: &'a [Flow<'a>],
    pub(super) catalog: &'a Catalog<'a>,
}

/// Names and files that all documents of a project share.
#[derive(Default)]
pub(super) struct Shared {
    /// Names that the environment binds.
    pub(super) names: BTreeSet<String>,
    /// Files beside the `.mlp` files, by path.
    pub(super) files: BTreeMap<String, String>,
    /// Whether several pipelines make the project: then what is the whole project's stands in its first file.
    pub(super) several: bool,
    /// Images by reference, of all files.
    pub(super) images: IndexMap<String, String>,
}

/// A document as text.
#[derive(Default)]
pub(super) struct Written {
    /// Its items.
    pub(super) text: String,
    /// What it imports from the library, by module.
    pub(super) imports: BTreeMap<&'static str, BTreeSet<&'static str>>,
    /// Its pipeline's name.
    pub(super) pipeline: String,
    /// What the environment binds: `compute trainer`, `secret token`, and the value that each has there.
    pub(super) bindings: Vec<Binding>,
    /// Images that stand in the project's first file.
    pub(super) images: BTreeSet<String>,
    pub(super) problems: Vec<Problem>,
}

/// What an environment binds.
#[derive(Clone, Debug)]
pub(super) struct Binding {
    /// `compute`, `secret`
    pub(super) keyword: &'static str,
    pub(super) name: String,
    pub(super) value: String,
    /// Forms of the library that the value needs, by module.
    pub(super) imports: Vec<(&'static str, &'static str)>,
}

/// Writes a document.
pub(super) fn write<'a>(read: &'a Read<'a>, types: Types, shared: &mut Shared) -> Written {
    let mut names: BTreeSet<String> = BTreeSet::new();
    names.extend(read.catalog.steps.iter().map(|step| step.name.clone()));
    names.extend(read.catalog.pipelines.iter().map(|pipeline| pipeline.name.clone()));
    // Inside a step its inputs and outputs hide what the file declares.
    for step in &read.catalog.steps {
        let (inputs, outputs) = (&step.interface.input_definitions, &step.interface.output_definitions);
        names.extend(inputs.parameters.keys().chain(inputs.artifacts.keys()).cloned());
        names.extend(outputs.parameters.keys().chain(outputs.artifacts.keys()).cloned());
    }
    let writer = Writer {
        read,
        types,
        shared,
        names,
        imports: BTreeMap::new(),
        structs: IndexMap::new(),
        artifacts: IndexMap::new(),
        parents: BTreeMap::new(),
        images: IndexMap::new(),
        bindings: Vec::new(),
        profiles: BTreeMap::new(),
        step_settings: BTreeMap::new(),
        plain_secrets: BTreeSet::new(),
        importer_names: BTreeMap::new(),
        present: None,
        problems: Vec::new(),
    };
    writer.document()
}

pub(super) struct Writer<'a, 's> {
    read: &'a Read<'a>,
    types: Types,
    shared: &'s mut Shared,
    /// Names of the file.
    names: BTreeSet<String>,
    /// What is imported from the library, by module.
    imports: BTreeMap<&'static str, BTreeSet<&'static str>>,
    /// Structs by the type that they are: name and text.
    structs: IndexMap<usize, (String, String)>,
    /// Artifact types of somebody's own: name and text.
    artifacts: IndexMap<String, (String, String)>,
    /// Of artifact types, what they are given for.
    parents: BTreeMap<String, String>,
    /// Images by reference.
    images: IndexMap<String, String>,
    bindings: Vec<Binding>,
    /// Compute profiles by their text.
    profiles: BTreeMap<String, String>,
    /// What holds for every call of a step.
    step_settings: BTreeMap<usize, call::Settings>,
    /// Executors whose secrets are no settings of their step.
    plain_secrets: BTreeSet<String>,
    /// What inputs of importers are called here.
    importer_names: BTreeMap<(usize, String), String>,
    /// In a command, the input that is known to be there.
    present: Option<String>,
    problems: Vec<Problem>,
}

impl<'a> Writer<'a, '_> {
    fn problem(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem { path: path.into(), message: message.into() });
    }

    /// Brings a name of the library into view, and gives it.
    fn library(&mut self, module: &'static str, name: &'static str) -> &'static str {
        self.imports.entry(module).or_default().insert(name);
        name
    }

    fn free(&mut self, wanted: &[String]) -> String {
        free(wanted, &mut self.names)
    }

    fn document(mut self) -> Written {
        self.find_parents();
        self.hints();
        self.name_importers();
        self.settle_steps();
        let steps: Vec<String> = self.called().into_iter().map(|id| self.step(id)).collect();
        let pipelines: Vec<String> = (0..self.read.catalog.pipelines.len()).map(|id| self.pipeline(id)).collect();
        let mut text = String::new();
        for (_, item) in self.structs.values().chain(self.artifacts.values()) {
            text.push_str(&format!("\n{item}"));
        }
        for binding in &self.bindings {
            text.push_str(&format!("\n{} {}\n", binding.keyword, binding.name));
        }
        let mut images = BTreeSet::new();
        if self.shared.several {
            images.extend(self.images.values().cloned());
            self.shared.images.extend(self.images.clone());
        } else {
            text.push_str(&image_items(&self.images));
            text.push_str(&self.defaults());
        }
        for item in steps.iter().chain(pipelines.iter()) {
            text.push_str(&format!("\n{item}"));
        }
        let pipeline = self.read.catalog.pipelines.last().map(|pipeline| pipeline.name.clone()).unwrap_or_default();
        Written { text, imports: self.imports, pipeline, bindings: self.bindings, images, problems: self.problems }
    }

    /// Steps in the order in which pipelines call them.
    fn called(&self) -> Vec<StepId> {
        let mut found: IndexSet<StepId> = IndexSet::new();
        for flow in self.read.catalog.pipelines.iter().map(|pipeline| &self.read.flows[pipeline.flow]) {
            let mut open: Vec<usize> = flow.body.iter().rev().copied().collect();
            while let Some(id) = open.pop() {
                let node = &flow.nodes[id];
                if let Some(Callee::Step(step)) = node.call().and_then(|call| self.read.catalog.callee(call)) {
                    found.insert(step);
                }
                if let Kind::Try { exit: Some(exit), .. } = &node.kind {
                    open.push(*exit);
                }
                open.extend(node.children().iter().rev());
            }
        }
        found.into_iter().collect()
    }

    /// Where a callee stands in the specification.
    fn path(&self, callee: Callee) -> String {
        match callee {
            Callee::Step(id) => {
                format!("deploymentSpec.executors.{}", self.read.catalog.steps[id].interface.executor_label)
            }
            Callee::Pipeline(id) => match self.read.flows[self.read.catalog.pipelines[id].flow].component {
                Some(component) => format!("components.{component}"),
                None => "root".to_owned(),
            },
        }
    }
}

/// Images as items.
pub(super) fn image_items(images: &IndexMap<String, String>) -> String {
    let item = |(reference, name): (&String, &String)| {
        format!("\nimage {} {{ reference: {} }}\n", lang::name(name), lang::text(reference))
    };
    images.iter().map(item).collect()
}
