//! Steps: inputs, outputs, and their fields.

use std::collections::BTreeMap;

use super::Writer;
use crate::emit::kubeflow::model::TaskConfigPassthrough;
use crate::import::kubeflow::catalog::{Callee, StepId};
use crate::import::kubeflow::lang;

impl<'a> Writer<'a, '_> {
    /// A step as an item.
    pub(super) fn step(&mut self, id: StepId) -> String {
        let step = &self.read.catalog.steps[id];
        let callee = Callee::Step(id);
        let path = self.path(callee);
        if !step.interface.single_platform_specs.is_empty() {
            self.problem(&path, "the component has `singlePlatformSpecs`, which no server reads there");
        }
        let inputs = self.inputs(callee, &step.interface.input_definitions, &path);
        let outputs = self.outputs(callee, &step.interface.output_definitions, &path);
        let mut text = format!("step {}({inputs})", lang::name(&step.name));
        if !outputs.is_empty() {
            text.push_str(&format!(" -> ({outputs})"));
        }
        text.push_str(" {\n");
        let run = self.run(id, &path);
        text.push_str(&format!("  run: {run}\n"));
        if let Some(image) = self.image_of(id)
            && self.default_image() != Some(image.clone())
        {
            text.push_str(&format!("  image: {}\n", lang::name(&self.images[&image].clone())));
        }
        let settings = self.step_settings.get(&id).cloned().unwrap_or_default();
        for (field, value) in &settings.fields {
            text.push_str(&format!("  {field}: {value}\n"));
        }
        if !step.interface.task_config_passthroughs.is_empty() {
            text.push_str(&format!("  task_config: [{}]\n", passthroughs(&step.interface.task_config_passthroughs)));
        }
        if let Some(env) = self.env(id) {
            text.push_str(&format!("  env: {env}\n"));
        }
        text.push_str("}\n");
        text
    }

    fn env(&mut self, id: StepId) -> Option<String> {
        let container = self.read.catalog.steps[id].executor.container.as_ref()?;
        if container.env.is_empty() {
            return None;
        }
        let mut entries = Vec::new();
        for one in &container.env {
            let text = self.word(id, &one.value);
            entries.push(format!("{}: {text}", lang::key(&one.name)));
        }
        Some(format!("{{ {} }}", entries.join(", ")))
    }

    /// The image that a step runs in, named.
    fn image_of(&mut self, id: StepId) -> Option<String> {
        let container = self.read.catalog.steps[id].executor.container.as_ref()?;
        let reference = container.image.clone();
        if reference.is_empty() || reference.contains("{{$") || super::run::is_claim(container) {
            return None;
        }
        if let Some(known) = self.shared.images.get(&reference).filter(|_| !self.images.contains_key(&reference)) {
            let known = known.clone();
            self.names.insert(known.clone());
            self.images.insert(reference.clone(), known);
        }
        if !self.images.contains_key(&reference) {
            let path = reference.split('@').next().unwrap_or_default();
            let last = path.rsplit('/').next().unwrap_or_default();
            let (name, tag) = last.split_once(':').unwrap_or((last, ""));
            let mut wanted = vec![lang::snake(name)];
            if !tag.is_empty() {
                wanted.push(lang::snake(&format!("{name}_{tag}")));
            }
            wanted.push(format!("{}_image", lang::snake(name)));
            let name = self.shared_name(&wanted);
            self.images.insert(reference.clone(), name);
        }
        Some(reference)
    }

    /// The image of most steps, if several have it.
    fn default_image(&self) -> Option<String> {
        if self.shared.several {
            return None;
        }
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for step in &self.read.catalog.steps {
            if let Some(container) = &step.executor.container
                && !container.image.contains("{{$")
                && !super::run::is_claim(container)
            {
                *counts.entry(&container.image).or_default() += 1;
            }
        }
        let most = counts.into_iter().max_by_key(|(_, count)| *count)?;
        (most.1 > 1).then(|| most.0.to_owned())
    }

    /// What holds for most steps.
    pub(super) fn defaults(&mut self) -> String {
        match self.default_image().and_then(|image| self.images.get(&image).cloned()) {
            Some(name) => format!("\ndefaults step {{ image: {} }}\n", lang::name(&name)),
            None => String::new(),
        }
    }
}

/// Settings that a step is told of.
fn passthroughs(all: &[TaskConfigPassthrough]) -> String {
    let one = |one: &TaskConfigPassthrough| {
        let setting = one.field.strip_prefix("KUBERNETES_").unwrap_or(&one.field).to_lowercase();
        let apply = if one.apply_to_task { ", apply: true" } else { "" };
        format!("{{ setting: {setting}{apply} }}")
    };
    all.iter().map(one).collect::<Vec<_>>().join(", ")
}
