//! Model -> plan: what must happen, every default filled in.
//!
//! In: a model without errors; this is the one gate between what was written and the targets. Out: a [`Plan`], always:
//! lowering is total on a clean model. It refuses to know targets.

mod build;
mod delivery;
mod environment;
mod expr;
mod gate;
mod operations;
mod pipeline;
mod pod;
mod task;
mod types;
mod values;
mod words;

use indexmap::IndexMap;

use super::{Contract, Plan, Policy, Project, SCHEMA, TargetRequest};
use crate::library;
use crate::model::{Model, Value};
use crate::resolve::DeclId;

/// What lowering looks things up in.
pub(super) struct Lower<'a> {
    model: &'a Model,
    /// Image -> digest, or whole reference with digest; what is not in it has no digest.
    images: &'a IndexMap<String, String>,
}

/// The plan of a model without errors. `images` maps an image's name to its digest (`sha256:…`) or to a whole reference.
pub fn lower(model: &Model, images: &IndexMap<String, String>) -> Plan {
    let lower = Lower { model, images };
    let environments: Vec<DeclId> = model.concrete_environments().map(|(decl, _)| decl).collect();
    let pipelines = model.pipelines.keys().flat_map(|pipeline| {
        let built = environments.iter().filter(|place| model.environments[*place].pipelines.contains(pipeline));
        built.map(|place| lower.pipeline(*pipeline, *place)).collect::<Vec<_>>()
    });
    Plan {
        schema: SCHEMA.to_owned(),
        generator: env!("CARGO_PKG_VERSION").to_owned(),
        project: lower.project(),
        targets: lower.targets(),
        images: lower.image_builds(),
        foreign_images: lower.foreign_images(),
        packages: lower.packages(),
        variables: lower.variables(),
        pipelines: pipelines.collect(),
        services: lower.services(),
        delivery: lower.delivery(),
        policies: lower.policies(),
        version: None,
        environments: environments.iter().map(|place| lower.environment(*place)).collect(),
    }
}

/// What rows of a schema are like.
pub fn contract(model: &Model, schema: DeclId) -> Option<Contract> {
    Lower { model, images: &IndexMap::new() }.rows_of(schema)
}

impl Lower<'_> {
    fn project(&self) -> Project {
        let own = self.model.sources.files().filter(|file| file.path.ends_with(".mlp"));
        let mut sources: Vec<String> =
            own.filter(|file| library::module_of(&file.path).is_none()).map(|file| file.path.clone()).collect();
        sources.sort();
        let Some(project) = &self.model.project else {
            let name = "project".into();
            return Project { name, description: None, owners: Vec::new(), folder: None, language: 1, sources };
        };
        let owners = project.fields.get("owners").and_then(Value::as_list).unwrap_or_default();
        Project {
            name: project.name.clone(),
            description: project.docs.clone(),
            owners: owners.iter().filter_map(|owner| owner.as_text().map(str::to_owned)).collect(),
            folder: project.fields.get("folder").and_then(Value::as_text).map(str::to_owned),
            language: project.fields.get("language").and_then(Value::as_int).map_or(1, |edition| edition as u32),
            sources,
        }
    }

    fn targets(&self) -> Vec<TargetRequest> {
        let targets = self.model.project.iter().flat_map(|project| &project.targets);
        targets
            .map(|target| TargetRequest {
                name: target.name.clone(),
                options: target.fields.iter().map(|(name, value)| (name.clone(), self.json(value))).collect(),
                said: target.said.clone(),
                span: target.span,
            })
            .collect()
    }

    fn policies(&self) -> Vec<Policy> {
        let policy = |(decl, asserts): (&DeclId, &Vec<String>)| Policy {
            name: self.name(*decl),
            description: self.docs(*decl),
            asserts: asserts.clone(),
            span: self.model.span(*decl),
        };
        self.model.policies.iter().map(policy).collect()
    }

    fn docs(&self, decl: DeclId) -> Option<String> {
        self.model.docs(decl).map(str::to_owned)
    }

    fn name(&self, decl: DeclId) -> String {
        self.model.name(decl).to_owned()
    }
}
