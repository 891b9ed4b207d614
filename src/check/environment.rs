//! Environments: what each says, with everything that it inherits.

use indexmap::IndexMap;

use super::checker::{Checker, Expected, Scope};
use super::fields::Owner;
use crate::ast::{self, Entry, ItemKind, NeedKind};
use crate::diagnostics::{did_you_mean, report};
use crate::model::{Alert, Environment, OnFailure, Schedule, Type, Value};
use crate::resolve::DeclId;
use crate::source::Span;

impl Checker<'_> {
    /// An environment, worked out when it is first named, after what it extends.
    pub(super) fn environment(&mut self, decl: DeclId) {
        if self.model.environments.contains_key(&decl) || !self.enter(decl) {
            return;
        }
        let item = self.item(decl);
        let ItemKind::Environment(written) = &item.kind else { return };
        let parent = written.extends.as_ref().and_then(|name| self.parent(decl, name));
        if let Some(parent) = parent {
            self.environment(parent);
        }
        let inherited = parent.and_then(|parent| self.model.environments.get(&parent).cloned());
        let mut environment = inherited.unwrap_or_else(empty);
        environment.is_abstract = written.is_abstract;
        environment.parent = parent;
        self.fields_of_environment(decl, written, &mut environment);
        self.bindings_of_environment(decl, written, &mut environment);
        self.sections_of_environment(decl, written, &mut environment);
        self.leave(decl);
        self.model.environments.insert(decl, environment);
    }

    fn parent(&mut self, decl: DeclId, name: &ast::Name) -> Option<DeclId> {
        let scope = Scope::new(self.file_of(decl));
        let Some(found) = self.lookup(&scope, name) else {
            self.unknown_name(&scope, name);
            return None;
        };
        match &self.item(found).kind {
            ItemKind::Environment(parent) if parent.is_abstract => Some(found),
            ItemKind::Environment(_) => {
                let message = format!("`{}` is not abstract, and cannot be extended", name.text);
                let at = self.model.span(found);
                self.report(
                    report::extends_concrete(name.span, message)
                        .label(at, "declared here")
                        .help("move what is shared into an `abstract environment` that both extend"),
                );
                None
            }
            other => {
                let message = format!("`{}` is a {}, no environment", name.text, other.keyword());
                self.report(report::extends_concrete(name.span, message));
                None
            }
        }
    }

    fn fields_of_environment(&mut self, decl: DeclId, written: &ast::Environment, environment: &mut Environment) {
        let Some(of) = self.item_struct("Environment") else { return };
        let mut scope = Scope::new(self.file_of(decl));
        // What it should inherit and does not has been told of, or what could not be read.
        let orphan = (written.extends.is_some() && environment.parent.is_none()) || self.is_misread(written.name.span);
        // What it inherits can be named by its own fields: `{ ..base.limits }`.
        let title = format!("environment `{}`", written.name.text);
        let others = ["data", "secret", "compute", "service", "var", "schedule", "alert"];
        let owner = Owner {
            title: title.clone(),
            span: written.name.span,
            of,
            entries: &written.entries,
            others: &others,
            complete: false,
        };
        let read = self.read_fields(&mut scope, &owner);
        for (name, span) in &read.said {
            if let Some(expr) = read.fields.get(name) {
                let value = self.constant(expr);
                environment.fields.insert(name.clone(), value);
                environment.said.insert(name.clone(), *span);
            }
        }
        if written.is_abstract {
            return;
        }
        let known = self.model.structs.get(&of).map(|found| found.fields.clone()).unwrap_or_default();
        for field in known {
            if environment.fields.contains_key(&field.name) {
                continue;
            }
            if let Some(default) = &field.default {
                let value = self.constant(default);
                environment.fields.insert(field.name.clone(), value);
            } else if !field.may_be_left_out() && !orphan {
                let message = format!("{title} lacks `{}`", field.name);
                let docs = field.docs.clone().unwrap_or_default();
                let ty = self.show(&field.ty);
                let example = match field.name.as_str() {
                    "tier" => "`tier: test`".to_owned(),
                    "orchestrator" => {
                        "`orchestrator: processes`, or `kubeflow(…)` or `airflow(…)` of `std.environment`".to_owned()
                    }
                    name => format!("`{name}: …` ({ty})"),
                };
                self.report(
                    report::missing_field(written.name.span, message).note(docs).help(format!("add {example}")),
                );
            }
        }
    }

    fn bindings_of_environment(&mut self, decl: DeclId, written: &ast::Environment, environment: &mut Environment) {
        let mut own: IndexMap<DeclId, Span> = IndexMap::new();
        for entry in &written.entries {
            let Entry::Binding { keyword, name, value, .. } = entry else { continue };
            let file = self.file_of(decl);
            let Some((need, value)) = self.binding(file, keyword, name, value) else { continue };
            if let Some(first) = own.get(&need) {
                let first = *first;
                self.report(
                    report::said_twice(name.span, format!("`{}` is bound twice", name.text))
                        .label(first, "bound first here"),
                );
                continue;
            }
            own.insert(need, name.span);
            environment.bindings.insert(need, (value, name.span));
        }
    }

    /// `data aspirates = csv(…)`: the need and its value.
    pub(super) fn binding(
        &mut self,
        file: crate::source::FileId,
        keyword: &ast::Name,
        name: &ast::Name,
        value: &ast::Expr,
    ) -> Option<(DeclId, Value)> {
        let mut scope = Scope::new(file);
        let Some(need) = self.lookup(&scope, name) else {
            self.unknown_need(&scope, keyword, name);
            self.infer(&mut scope, value, None);
            return None;
        };
        let item = self.item(need);
        let (declared, ty) = match &item.kind {
            ItemKind::Need(written) => (written.kind.keyword(), self.bound_type(need, written.kind)),
            ItemKind::Service(_) => ("service", self.kind_type("Serving")),
            other => (other.keyword(), Type::Unknown),
        };
        if declared != keyword.text {
            let message = format!("`{}` is declared as `{declared}`, not as `{}`", name.text, keyword.text);
            let at = self.model.span(need);
            let mut diagnostic = report::wrong_binding(keyword.span, message).label(at, "declared here");
            if matches!(declared, "data" | "secret" | "compute" | "var" | "service") {
                diagnostic = diagnostic.fix(format!("write `{declared}`"), keyword.span, declared);
            }
            self.report(diagnostic);
            return Some((need, Value::Unknown));
        }
        let at = self.model.span(need);
        let why = format!("{declared} `{}` is declared here", name.text);
        let expr = self.expr(&mut scope, value, &Expected::because(&ty, at, why));
        if let Some(part) = expr.run_time_part() {
            self.report(report::known_only_at_run_time(part.span, "an environment's values are known when compiling"));
            return None;
        }
        Some((need, self.constant(&expr)))
    }

    fn unknown_need(&mut self, scope: &Scope, keyword: &ast::Name, name: &ast::Name) {
        let message = format!("no {} `{}` is declared here", keyword.text, name.text);
        let mut diagnostic = report::unknown_name(name.span, message);
        let visible = self.model.names.visible(scope.file);
        if let Some(near) = did_you_mean(&name.text, visible) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?")).fix("rename it", name.span, near);
        } else if let Some(help) = self.where_to_import(scope.file, &name.text) {
            diagnostic = diagnostic.help(help);
        } else {
            diagnostic = diagnostic.help(format!("declare it at the top of a file: `{} {}`", keyword.text, name.text));
        }
        self.report(diagnostic);
    }

    /// The type of what an environment gives for a need.
    fn bound_type(&mut self, need: DeclId, kind: NeedKind) -> Type {
        match kind {
            NeedKind::Data => self.kind_type("Source"),
            NeedKind::Secret => self.kind_type("SecretHome"),
            NeedKind::Compute | NeedKind::Var => self.need_type(need, kind),
        }
    }

    pub(super) fn kind_type(&self, name: &str) -> Type {
        self.model.names.in_module("items", name).map_or(Type::Unknown, Type::Kind)
    }

    fn sections_of_environment(&mut self, decl: DeclId, written: &ast::Environment, environment: &mut Environment) {
        for entry in &written.entries {
            let Entry::Section { docs, keyword, name, entries, span } = entry else { continue };
            match keyword.text.as_str() {
                "schedule" => {
                    if let Some(schedule) = self.schedule(decl, name, entries, *span) {
                        self.add_schedule(decl, schedule, environment);
                    }
                }
                "alert" => {
                    if let Some(mut alert) = self.alert(decl, name, entries, *span) {
                        alert.docs.clone_from(docs);
                        environment.alerts.retain(|other| other.name != alert.name);
                        environment.alerts.push(alert);
                    }
                }
                _ => {}
            }
        }
    }

    /// One that is inherited is replaced; a second one in the same environment is a mistake.
    fn add_schedule(&mut self, decl: DeclId, schedule: Schedule, environment: &mut Environment) {
        let item = self.item(decl).span;
        let own = |other: &Schedule| {
            other.span.file == item.file && item.start <= other.span.start && other.span.end <= item.end
        };
        let before = environment.schedules.iter().find(|other| other.pipeline == schedule.pipeline);
        if let Some(first) = before.filter(|other| own(other)) {
            let message = format!("`{}` is scheduled twice", self.name(schedule.pipeline));
            self.report(report::said_twice(schedule.span, message).label(first.span, "scheduled first here"));
            return;
        }
        environment.schedules.retain(|other| other.pipeline != schedule.pipeline);
        environment.schedules.push(schedule);
    }

    fn schedule(&mut self, decl: DeclId, name: &ast::Name, entries: &[Entry], span: Span) -> Option<Schedule> {
        let file = self.file_of(decl);
        let mut scope = Scope::new(file);
        let pipeline = self.pipeline_named(&scope, name);
        let of = self.item_struct("Schedule")?;
        let title = format!("schedule `{}`", name.text);
        let owner = Owner { title, span: name.span, of, entries, others: &["on failure"], complete: true };
        let read = self.read_fields(&mut scope, &owner);
        let every = read.fields.get("every").map(|expr| self.constant(expr)).unwrap_or_default();
        let on_failure = self.on_failure(file, entries);
        Some(Schedule { pipeline: pipeline?, every, on_failure, span })
    }

    pub(super) fn pipeline_named(&mut self, scope: &Scope, name: &ast::Name) -> Option<DeclId> {
        let Some(found) = self.lookup(scope, name) else {
            self.unknown_name(scope, name);
            return None;
        };
        if matches!(self.item(found).kind, ItemKind::Pipeline(_)) {
            return Some(found);
        }
        let message = format!("`{}` is a {}, no pipeline", name.text, self.item(found).kind.keyword());
        let at = self.model.span(found);
        self.report(report::not_a_pipeline(name.span, message).label(at, "declared here"));
        None
    }

    fn alert(&mut self, decl: DeclId, name: &ast::Name, entries: &[Entry], span: Span) -> Option<Alert> {
        let mut scope = Scope::new(self.file_of(decl)).at_alert();
        let of = self.item_struct("Alert")?;
        let title = format!("alert `{}`", name.text);
        let owner = Owner { title, span: name.span, of, entries, others: &[], complete: true };
        let read = self.read_fields(&mut scope, &owner);
        let when = match read.fields.get("when").map(|expr| &expr.kind) {
            Some(crate::model::ExprKind::Value(Value::Condition(condition))) => (**condition).clone(),
            _ => crate::model::Expr::error(span),
        };
        let notify = read.fields.get("notify").map(|expr| self.constant(expr)).unwrap_or_default();
        Some(Alert { name: name.text.clone(), docs: None, when, notify, span })
    }

    /// `on failure { … }` among entries.
    pub(super) fn on_failure(&mut self, file: crate::source::FileId, entries: &[Entry]) -> OnFailure {
        let mut found = OnFailure::default();
        for entry in entries {
            if let Entry::OnFailure(written) = entry {
                found = self.reactions(&mut Scope::new(file), written);
            }
        }
        found
    }

    pub(super) fn reactions(&mut self, scope: &mut Scope, written: &ast::OnFailure) -> OnFailure {
        let mut found = OnFailure::default();
        for reaction in &written.reactions {
            match reaction {
                ast::Reaction::Rollback(_) => found.rollback = true,
                ast::Reaction::Hold(_) => found.hold = true,
                ast::Reaction::Notify(call) => {
                    let notifier = self.kind_type("Notifier");
                    let expr = self.expr(scope, call, &Expected::of(&notifier));
                    let value = self.constant(&expr);
                    found.notify.push(value);
                }
                ast::Reaction::Error(_) => {}
            }
        }
        found
    }
}

fn empty() -> Environment {
    Environment {
        is_abstract: false,
        parent: None,
        fields: IndexMap::new(),
        said: IndexMap::new(),
        bindings: IndexMap::new(),
        schedules: Vec::new(),
        alerts: Vec::new(),
        pipelines: Vec::new(),
    }
}
