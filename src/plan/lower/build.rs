//! Images and packages, variables and services.

use super::Lower;
use crate::ast::NeedKind;
use crate::model::{self, Value};
use crate::plan::{ForeignImage, Image, Package, Service, Variable};
use crate::resolve::DeclId;

impl Lower<'_> {
    pub(super) fn image_builds(&self) -> Vec<Image> {
        let images = self.model.builds.iter().filter(|(_, build)| !build.is_package && build.reference().is_none());
        images
            .map(|(decl, build)| {
                let text = |name: &str| build.fields.get(name).and_then(Value::as_text).map(str::to_owned);
                Image {
                    name: self.name(*decl),
                    description: self.docs(*decl),
                    context: text("context").unwrap_or_default(),
                    file: text("file"),
                    lock: text("lock"),
                    scan: build
                        .fields
                        .get("scan")
                        .and_then(|scan| scan.field("severity"))
                        .and_then(Value::as_text)
                        .map(str::to_owned),
                    repository: self.repository(*decl),
                    sources: self.sources_of(*decl),
                    span: self.model.span(*decl),
                }
            })
            .collect()
    }

    pub(super) fn foreign_images(&self) -> Vec<ForeignImage> {
        let image = |(decl, build): (&DeclId, &model::Build)| {
            let reference = build.reference()?.to_owned();
            let (name, span) = (self.name(*decl), self.model.span(*decl));
            Some(ForeignImage { name, description: self.docs(*decl), reference, span })
        };
        self.model.builds.iter().filter_map(image).collect()
    }

    /// Where an image is pushed: the registry of the environments that run it.
    fn repository(&self, image: DeclId) -> String {
        let registry = self.model.concrete_environments().find_map(|(_, environment)| environment.text("registry"));
        match registry {
            Some(registry) => format!("{registry}/{}", self.model.name(image)),
            None => self.name(image),
        }
    }

    /// An image as an environment runs it: by digest where one is known.
    pub(super) fn image_in(&self, image: DeclId, place: DeclId) -> String {
        let name = self.name(image);
        if let Some(reference) = self.model.builds.get(&image).and_then(model::Build::reference) {
            return match self.images.get(&name) {
                Some(found) if found.contains('@') => found.clone(),
                Some(digest) => format!("{}@{digest}", repository_of(reference)),
                None => reference.to_owned(),
            };
        }
        let registry = self.model.environments[&place].text("registry");
        let repository = registry.map_or(name.clone(), |registry| format!("{registry}/{name}"));
        match self.images.get(&name) {
            Some(found) => match found.split_once('@') {
                Some((_, digest)) => format!("{repository}@{digest}"),
                None => format!("{repository}@{found}"),
            },
            None => format!("{repository}:unpinned"),
        }
    }

    /// The sources of every `python` step that runs in an image, what tools run there, and what all of them import from the project.
    fn sources_of(&self, image: DeclId) -> Vec<String> {
        let mut files: Vec<String> = Vec::new();
        for step in self.model.steps.values() {
            let in_it = step.fields.get("image").is_some_and(
                |expr| matches!(expr.kind, model::ExprKind::Value(Value::Reference(found)) if found == image),
            );
            if let (true, model::Run::Python { file, imports, .. }) = (in_it, &step.run) {
                files.push(file.clone());
                files.extend(imports.iter().cloned());
            }
            files.extend(step.tool_files.iter().filter(|_| in_it).cloned());
        }
        files.sort();
        files.dedup();
        files
    }

    pub(super) fn packages(&self) -> Vec<Package> {
        let packages = self.model.builds.iter().filter(|(_, build)| build.is_package);
        packages
            .map(|(decl, build)| Package {
                name: self.name(*decl),
                description: self.docs(*decl),
                context: build.fields.get("context").and_then(Value::as_text).unwrap_or_default().to_owned(),
                span: self.model.span(*decl),
            })
            .collect()
    }

    pub(super) fn variables(&self) -> Vec<Variable> {
        let variables = self.model.needs.iter().filter(|(_, need)| need.kind == NeedKind::Var);
        variables
            .map(|(decl, need)| {
                let ty = self.ty(&need.ty);
                let default = need.default.as_ref().map(|default| {
                    let value = crate::check::eval::Evaluator::new(self.model).evaluate(default).unwrap_or_default();
                    self.json_as(&value, &ty)
                });
                Variable {
                    name: self.name(*decl),
                    description: self.docs(*decl),
                    predicates: self.predicates_of(&need.ty),
                    inner: self.inner_predicates_of(&need.ty),
                    default,
                    ty,
                    span: self.model.span(*decl),
                }
            })
            .collect()
    }

    pub(super) fn services(&self) -> Vec<Service> {
        let served = self.model.services.iter().filter_map(|(decl, service)| {
            let (pipeline, output) = service.model.clone()?;
            let value = |name: &str| match service.fields.get(name).map(|expr| &expr.kind) {
                Some(model::ExprKind::Value(value)) => Some(value.clone()),
                _ => None,
            };
            Some(Service {
                name: self.name(*decl),
                description: self.docs(*decl),
                pipeline: self.name(pipeline),
                output,
                request: service.request.iter().map(|field| self.field(field)).collect(),
                answer: service.answer.iter().map(|field| self.field(field)).collect(),
                max_latency: value("max_latency").and_then(|value| value.as_seconds()),
                max_size: match value("max_size") {
                    Some(Value::Size(bytes)) => Some(bytes),
                    _ => None,
                },
                span: self.model.span(*decl),
            })
        });
        served.collect()
    }
}

/// A reference without its tag and digest.
fn repository_of(reference: &str) -> &str {
    let untold = reference.split_once('@').map_or(reference, |(before, _)| before);
    match untold.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => untold,
    }
}

#[cfg(test)]
mod tests {
    use super::repository_of;

    #[test]
    fn a_port_is_no_tag() {
        let found = ["python:3.11", "localhost:5000/a/b", "localhost:5000/a:1@sha256:00", "busybox"].map(repository_of);
        assert_eq!(found, ["python", "localhost:5000/a/b", "localhost:5000/a", "busybox"]);
    }
}
