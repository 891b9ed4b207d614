//! The project, what is built, what is served, who approves, what verifies, what CI does.

use indexmap::IndexMap;

use super::checker::{Checker, Scope};
use super::fields::Owner;
use crate::ast::{self, Entry, ItemKind};
use crate::diagnostics::{did_you_mean, report};
use crate::model::{
    Build, Check, Ci, Expectation, Expr, ExprKind, Project, Service, Target, Team, Type, Value, Verification,
};
use crate::resolve::DeclId;
use crate::source::{FileId, Span};

impl Checker<'_> {
    /// The fields of an item, as constants.
    fn constant_fields(
        &mut self,
        file: FileId,
        title: String,
        span: Span,
        of: &str,
        entries: &[Entry],
        others: &[&str],
    ) -> (IndexMap<String, Value>, IndexMap<String, Span>) {
        let Some(of) = self.item_struct(of) else { return Default::default() };
        let mut scope = Scope::new(file);
        let owner = Owner { title, span, of, entries, others, complete: true };
        let read = self.read_fields(&mut scope, &owner);
        (self.values(&read.fields), read.said)
    }

    pub(super) fn check_project(&mut self, file: FileId, written: &ast::Fields, docs: Option<&String>) {
        if let Some(first) = &self.model.project {
            let first = first.span;
            self.report(
                report::second_project(written.name.span, "a project has one `project` item")
                    .label(first, "it has one already here"),
            );
            return;
        }
        let title = format!("project `{}`", written.name.text);
        let (fields, _) =
            self.constant_fields(file, title, written.name.span, "Project", &written.entries, &["target"]);
        let mut targets: Vec<Target> = Vec::new();
        for entry in &written.entries {
            let Entry::Section { keyword, name, entries, .. } = entry else { continue };
            if keyword.text != "target" {
                continue;
            }
            if let Some(first) = targets.iter().find(|target| target.name == name.text) {
                let message = format!("target `{}` is named twice", name.text);
                let first = first.span;
                self.report(report::said_twice(name.span, message).label(first, "named first here"));
                continue;
            }
            targets.extend(self.target(file, name, entries));
        }
        self.model.project = Some(Project {
            name: written.name.text.clone(),
            docs: docs.cloned(),
            fields,
            targets,
            span: written.name.span,
        });
    }

    /// The edition of the language is said once, in `project`.
    pub(super) fn check_there_is_a_project(&mut self) {
        if self.model.project.is_some() {
            return;
        }
        // An item that could not be read may have been it.
        let unread = |found: &crate::diagnostics::Diagnostic| matches!(found.code.number().get(3..5), Some("01"));
        if self.diagnostics.iter().any(unread) {
            return;
        }
        let Some(main) = self.model.sources.files().find(|file| file.path == "main.mlp") else { return };
        let at = Span::new(main.id, 0, 0);
        self.report(
            report::missing_project(at, "`main.mlp` says no `project`")
                .help("add `project NAME { language: 1 }`: its name, and the edition that its files are written in"),
        );
    }

    fn target(&mut self, file: FileId, name: &ast::Name, entries: &[Entry]) -> Option<Target> {
        let of = self.model.names.in_module("targets", &name.text);
        let of = of.filter(|of| matches!(self.item(*of).kind, ItemKind::Struct(_)));
        let Some(of) = of else {
            let structs =
                self.model.names.decls().filter(|(_, decl)| {
                    decl.module == Some("targets") && matches!(decl.item.kind, ItemKind::Struct(_))
                });
            let known: Vec<String> = structs.map(|(_, decl)| decl.name.text.clone()).collect();
            let mut diagnostic = report::unknown_target(name.span, format!("there is no target `{}`", name.text));
            if let Some(near) = did_you_mean(&name.text, known.iter().map(String::as_str)) {
                diagnostic = diagnostic.fix("rename it", name.span, near);
            }
            let list: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            self.report(diagnostic.help(format!("the targets are {}", list.join(", "))));
            return None;
        };
        let mut scope = Scope::new(file);
        let title = format!("target `{}`", name.text);
        let owner = Owner { title, span: name.span, of, entries, others: &[], complete: true };
        let read = self.read_fields(&mut scope, &owner);
        Some(Target { name: name.text.clone(), fields: self.values(&read.fields), said: read.said, span: name.span })
    }

    pub(super) fn check_build(&mut self, decl: DeclId, written: &ast::Fields, is_package: bool) {
        let (of, noun) = if is_package { ("Package", "package") } else { ("Image", "image") };
        let title = format!("{noun} `{}`", written.name.text);
        let file = self.file_of(decl);
        let (fields, said) = self.constant_fields(file, title, written.name.span, of, &written.entries, &[]);
        if let (Some(Value::Text(context)), Some(span)) = (fields.get("context"), said.get("context"))
            && !self.project.exists(context)
        {
            let message = format!("there is no folder `{context}` in the project");
            self.report(report::missing_folder(*span, message).help("a path is relative to the project's folder"));
        }
        if !is_package && !self.is_misread(written.name.span) {
            self.check_image_source(written.name.span, &fields, &said);
        }
        self.model.builds.insert(decl, Build { is_package, fields });
    }

    /// An image is built from a folder, or comes from elsewhere.
    fn check_image_source(&mut self, at: Span, fields: &IndexMap<String, Value>, said: &IndexMap<String, Span>) {
        let reference = said.get("reference").copied();
        match (said.get("context"), reference) {
            (None, None) => {
                let message = "an image is built from a folder, or comes from elsewhere, and this says neither";
                self.report(
                    report::image_source(at, message)
                        .help("add `context: \"images/…\"` or `reference: \"python:3.11\"`"),
                );
            }
            (Some(context), Some(reference)) => {
                let message = "an image that is built here does not come from elsewhere";
                self.report(
                    report::image_source(reference, message)
                        .label(*context, "it is built from this folder")
                        .help("leave one of the two out"),
                );
            }
            (None, Some(reference)) => {
                let built = ["file", "lock", "scan"].iter().find_map(|name| Some((*name, *said.get(*name)?)));
                if let Some((name, span)) = built {
                    let message = format!("`{name}` speaks of how an image is built, and this one is not");
                    self.report(report::image_source(span, message).label(reference, "it comes from elsewhere"));
                }
                let text = fields.get("reference").and_then(Value::as_text).unwrap_or("-");
                if text.is_empty() || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
                    let message = format!("`{text}` is no image's reference");
                    self.report(report::image_source(reference, message).help("write it as `registry/name:tag`"));
                }
            }
            (Some(_), None) => {}
        }
    }

    pub(super) fn check_service(&mut self, decl: DeclId, written: &ast::Service) {
        let file = self.file_of(decl);
        let request = self.parameters(file, &written.parameters);
        let answer = self.parameters(file, &written.outputs);
        let model_entry = written.entries.iter().find_map(|entry| match entry {
            Entry::Field { name, value, .. } if name.text == "model" => Some(value),
            _ => None,
        });
        let model = model_entry.and_then(|value| self.service_model(file, value));
        let Some(of) = self.item_struct("Service") else { return };
        let others: Vec<Entry> = written
            .entries
            .iter()
            .filter(|entry| !matches!(entry, Entry::Field { name, .. } if name.text == "model"))
            .cloned()
            .collect();
        let mut scope = Scope::new(file);
        let title = format!("service `{}`", written.name.text);
        let owner =
            Owner { title: title.clone(), span: written.name.span, of, entries: &others, others: &[], complete: false };
        let read = self.read_fields(&mut scope, &owner);
        if model_entry.is_none() {
            self.report(
                report::missing_field(written.name.span, format!("{title} lacks `model`"))
                    .help("name the pipeline's output that is served: `model: training.model`"),
            );
        }
        if let Some((pipeline, output)) = &model {
            self.check_served(*pipeline, output, &request, written);
        }
        let fields = self.values(&read.fields);
        let fields = fields
            .into_iter()
            .map(|(name, value)| {
                let (ty, span) = read.fields.get(&name).map(|expr| (expr.ty.clone(), expr.span)).unwrap_or_default();
                (name, Expr::constant(ty, value, span))
            })
            .collect();
        self.model.services.insert(decl, Service { request, answer, model, fields });
    }

    /// `training.model`: a pipeline's output that is a model.
    fn service_model(&mut self, file: FileId, value: &ast::Expr) -> Option<(DeclId, String)> {
        let mut scope = Scope::new(file).at_gate();
        let found = self.infer(&mut scope, value, None);
        match found.kind {
            ExprKind::Measure(pipeline, output) if found.ty.is_artifact() => Some((pipeline, output)),
            ExprKind::Error => None,
            _ => {
                self.report(
                    report::not_a_model(value.span, "a service serves an artifact that a pipeline gives")
                        .help("name it: `model: training.model`"),
                );
                None
            }
        }
    }

    /// The request must have what the model takes, where the model says what that is.
    fn check_served(
        &mut self,
        pipeline: DeclId,
        output: &str,
        request: &[crate::model::Field],
        written: &ast::Service,
    ) {
        let outputs = self.outputs_of(pipeline);
        let Some(model) = outputs.iter().find(|field| field.name == output) else { return };
        let Type::Artifact { schemas, .. } = model.ty.required() else { return };
        let (Some(takes), Some(given)) = (schemas.first(), request.first()) else { return };
        let given_schema = match given.ty.required() {
            Type::Struct(schema) => Some(*schema),
            Type::Table(schema) => *schema,
            _ => None,
        };
        let Some(given_schema) = given_schema else { return };
        if !self.columns_fit(given_schema, *takes) {
            let missing = self.missing_columns(given_schema, *takes);
            let message = format!(
                "the model takes `{}`, but the service is asked with `{}`",
                self.name(*takes),
                self.name(given_schema)
            );
            self.report(
                report::service_does_not_fit(written.name.span, message)
                    .label(given.span, format!("lacks `{}`", missing.join("`, `")))
                    .label(model.span, "the model's type is declared here"),
            );
        }
    }

    pub(super) fn check_team(&mut self, decl: DeclId, written: &ast::Fields) {
        let title = format!("team `{}`", written.name.text);
        let (fields, _) =
            self.constant_fields(self.file_of(decl), title, written.name.span, "Team", &written.entries, &[]);
        self.model.teams.insert(decl, Team { fields });
    }

    pub(super) fn check_verification(&mut self, decl: DeclId, written: &ast::Verification) {
        let file = self.file_of(decl);
        let outputs = self.parameters(file, &written.outputs);
        for (output, written) in outputs.iter().zip(&written.outputs) {
            if output.ty.is_artifact() || matches!(output.ty.required(), Type::Secret | Type::Table(_)) {
                self.report(
                    report::wrong_output_type(written.ty.span, "a verification measures values, no files")
                        .help("its outputs are read from JSON"),
                );
            }
        }
        let title = format!("verification `{}`", written.name.text);
        let (fields, _) =
            self.constant_fields(file, title.clone(), written.name.span, "Verification", &written.entries, &[]);
        self.warn_of_pretence(&title, &fields, written.name.span);
        self.model.verifications.insert(decl, Verification { outputs, fields });
    }

    pub(super) fn check_expectation(&mut self, decl: DeclId, written: &ast::Expectation) {
        let file = self.file_of(decl);
        let mut scope = Scope::new(file).with_module("expectation");
        let data = match self.lookup(&scope, &written.on) {
            Some(found) => Some(found),
            None => {
                self.unknown_name(&scope, &written.on);
                None
            }
        };
        let ty = data.map(|data| self.decl_type(data)).unwrap_or_default();
        let schema = match ty.required() {
            Type::Table(Some(schema)) => Some(*schema),
            Type::Table(None) | Type::Unknown => None,
            _ => {
                let message = format!("an expectation speaks of data, not of `{}`", written.on.text);
                self.report(report::not_data(written.on.span, message).help("declare it: `data NAME: Table<Schema>`"));
                None
            }
        };
        let columns = schema.and_then(|schema| self.model.structs.get(&schema)).map(|found| found.fields.clone());
        for column in columns.unwrap_or_default() {
            let name = ast::Name { text: column.name.clone(), span: column.span };
            scope.bind(&name, column.ty.clone().optional(), ExprKind::Local(column.name.clone()), None);
        }
        let mut asserts = Vec::new();
        for proposition in &written.propositions {
            match &proposition.kind {
                ast::PropositionKind::Assert { condition, .. } => {
                    let found = self.condition(&mut scope, condition);
                    asserts.push((found, self.text(condition.span)));
                }
                ast::PropositionKind::Error => {}
                _ => self
                    .report(report::only_asserts(proposition.span, "an expectation holds `assert`s, and nothing else")),
            }
        }
        self.model.expectations.insert(decl, Expectation { data, asserts });
    }

    pub(super) fn decl_type(&mut self, decl: DeclId) -> Type {
        match &self.item(decl).kind {
            ItemKind::Need(need) => self.need_type(decl, need.kind),
            _ => Type::None,
        }
    }

    pub(super) fn check_ci(&mut self, file: FileId, keyword: Span, entries: &[Entry]) {
        if let Some(first) = &self.model.ci {
            let first = first.span;
            self.report(
                report::second_project(keyword, "a project has one `ci`").label(first, "it has one already here"),
            );
            return;
        }
        let others = ["check", "secret", "on failure"];
        let (mut fields, _) = self.constant_fields(file, "`ci`".into(), keyword, "Ci", entries, &others);
        if let Some(Value::List(builds)) = fields.get("build") {
            let good = builds.iter().all(|build| match build {
                Value::Reference(decl) => {
                    let foreign = self.model.builds.get(decl).is_some_and(|build| build.reference().is_some());
                    matches!(self.item(*decl).kind, ItemKind::Image(_) | ItemKind::Package(_)) && !foreign
                }
                _ => true,
            });
            if !good {
                self.report(
                    report::not_a_build(keyword, "`build` lists images and packages that are built here")
                        .help("`build: [toolbox]`; an image with a `reference` is there already"),
                );
                fields.shift_remove("build");
            }
        }
        let mut checks: Vec<Check> = Vec::new();
        let mut secrets: IndexMap<DeclId, (Value, Span)> = IndexMap::new();
        for entry in entries {
            match entry {
                Entry::Section { docs, keyword, name, entries, .. } if keyword.text == "check" => {
                    if let Some(first) = checks.iter().find(|check| check.name == name.text) {
                        let message = format!("check `{}` is declared twice", name.text);
                        let first = first.span;
                        self.report(report::declared_twice(name.span, message).label(first, "declared first here"));
                        continue;
                    }
                    let title = format!("check `{}`", name.text);
                    let (fields, _) = self.constant_fields(file, title.clone(), name.span, "Check", entries, &[]);
                    self.warn_of_pretence(&title, &fields, name.span);
                    checks.push(Check { name: name.text.clone(), docs: docs.clone(), fields, span: name.span });
                }
                Entry::Binding { keyword, name, value, .. } if keyword.text == "secret" => {
                    if let Some((need, value)) = self.binding(file, keyword, name, value) {
                        secrets.insert(need, (value, name.span));
                    }
                }
                Entry::Binding { keyword, name, .. } => {
                    let message = format!("`{}` is bound in an environment, not in `ci`", keyword.text);
                    self.report(report::misplaced_entry(name.span, message).help("`ci` binds secrets alone"));
                }
                _ => {}
            }
        }
        let on_failure = self.on_failure(file, entries);
        self.model.ci = Some(Ci { fields, checks, secrets, on_failure, span: keyword });
    }
}
