//! An environment with everything that it inherits, and what its identity must be granted.

use indexmap::IndexMap;

use super::Lower;
use crate::ast::NeedKind;
use crate::check::eval::property;
use crate::check::whole;
use crate::model::{self, Value};
use crate::plan::{Alert, Environment, Form, Grant, Limits, OwnOperation};
use crate::resolve::DeclId;

impl Lower<'_> {
    pub(super) fn environment(&self, place: DeclId) -> Environment {
        let found = &self.model.environments[&place];
        let span = self.model.span(place);
        let text = |name: &str| found.text(name).map(str::to_owned);
        let orchestrator = self.form_of(found.field("orchestrator"));
        let egress = found.field("access").and_then(|access| access.field("egress")).and_then(Value::as_list);
        Environment {
            name: self.name(place),
            description: self.docs(place),
            tier: found.tier().to_owned(),
            mirrors: match found.field("mirrors") {
                Some(Value::Reference(other)) => Some(self.name(*other)),
                _ => None,
            },
            orchestrator: orchestrator.unwrap_or_else(|| Form {
                form: "processes".into(),
                arguments: Default::default(),
                properties: Default::default(),
                span,
            }),
            artifacts: self.form_of(found.field("artifacts")),
            registry: text("registry"),
            service_account: text("service_account"),
            effects: if found.records_effects() { "record".into() } else { "allow".into() },
            variables: self.variables_in(place),
            data: self.forms_in(place, NeedKind::Data),
            secrets: self.forms_in(place, NeedKind::Secret),
            compute: self
                .bound(place, NeedKind::Compute)
                .map(|(decl, value, at)| (self.name(decl), self.resources(value, None, at)))
                .collect(),
            services: found
                .bindings
                .iter()
                .filter(|(decl, _)| self.model.services.contains_key(*decl))
                .filter_map(|(decl, (value, _))| Some((self.name(*decl), self.form_of(Some(value))?)))
                .collect(),
            pipelines: found.pipelines.iter().map(|pipeline| self.name(*pipeline)).collect(),
            marks: found.marks().into_iter().map(str::to_owned).collect(),
            egress: egress.unwrap_or_default().iter().filter_map(|host| host.as_text().map(str::to_owned)).collect(),
            limits: found.field("limits").map(limits),
            grants: self.grants(place),
            alerts: found.alerts.iter().map(|alert| self.alert(place, alert)).collect(),
            operations: self.operations_of(place),
            span,
        }
    }

    fn bound(&self, place: DeclId, kind: NeedKind) -> impl Iterator<Item = (DeclId, &Value, crate::source::Span)> {
        let bindings = self.model.environments[&place].bindings.iter();
        bindings
            .filter(move |(decl, _)| self.model.needs.get(*decl).is_some_and(|need| need.kind == kind))
            .map(|(decl, (value, span))| (*decl, value, *span))
    }

    fn forms_in(&self, place: DeclId, kind: NeedKind) -> IndexMap<String, Form> {
        self.bound(place, kind)
            .filter_map(|(decl, value, _)| Some((self.name(decl), self.form_of(Some(value))?)))
            .collect()
    }

    /// The value of every `var` that the environment binds or that has a default, in the order of declaration.
    fn variables_in(&self, place: DeclId) -> IndexMap<String, serde_json::Value> {
        let variables = self.model.needs.iter().filter(|(_, need)| need.kind == NeedKind::Var);
        let found = variables.filter_map(|(decl, need)| {
            let ty = self.ty(&need.ty);
            let bound = self.model.environments[&place].bindings.get(decl).map(|(value, _)| value.clone());
            let value = bound.or_else(|| need.default.as_ref().map(|default| self.value_in(place, default)))?;
            Some((self.name(*decl), self.json_as(&value, &ty)))
        });
        found.collect()
    }

    /// What its bindings, its store and its steps need, and no more.
    fn grants(&self, place: DeclId) -> Vec<Grant> {
        let found = &self.model.environments[&place];
        let mut grants = Vec::new();
        for (decl, value, _) in self.bound(place, NeedKind::Data) {
            let Some(form) = value.as_form() else { continue };
            let granted = property(self.model, form, "granted").as_bool().unwrap_or(false);
            let address = form.arguments.values().next().and_then(Value::as_text);
            if let (true, Some(address)) = (granted, address) {
                grants.push(grant("read", format!("{}:{address}", form.name), format!("data {}", self.name(decl))));
            }
        }
        let store = found.field("artifacts").and_then(|store| store.field("address")).and_then(Value::as_text);
        if let Some(store) = store {
            grants.push(grant("write", store.to_owned(), "artifacts".into()));
        }
        let read = whole::secrets_of_steps(self.model, &found.pipelines);
        for (decl, value, _) in self.bound(place, NeedKind::Secret) {
            let Some(form) = value.as_form().filter(|_| read.iter().any(|(secret, _)| *secret == decl)) else {
                continue;
            };
            let address = home_address(&form.arguments);
            grants.push(grant("read", format!("{}:{address}", form.name), format!("secret {}", self.name(decl))));
        }
        for pipeline in &found.pipelines {
            for call in whole::calls_of(self.model, *pipeline) {
                let Some(step) = self.model.steps.get(&call.callee) else { continue };
                let asked = step.fields.get("grants").map(|expr| self.value_in(place, expr));
                for one in asked.as_ref().and_then(Value::as_list).unwrap_or_default() {
                    let text = |name: &str| one.field(name).and_then(Value::as_text).unwrap_or_default().to_owned();
                    grants.push(grant(&text("action"), text("resource"), format!("step {}", self.name(call.callee))));
                }
            }
        }
        grants.sort();
        grants.dedup();
        grants
    }

    /// The project's own commands in an environment.
    fn operations_of(&self, place: DeclId) -> IndexMap<String, OwnOperation> {
        let found = &self.model.environments[&place];
        let Some(Value::Record(said)) = found.field("operations") else { return IndexMap::new() };
        let own = said.iter().filter_map(|(name, value)| {
            let secrets = match value.field("secrets") {
                Some(Value::Record(secrets)) => secrets.iter().filter_map(|(variable, secret)| {
                    let Value::Reference(secret) = secret else { return None };
                    Some((variable.clone(), self.secret_source(*secret, &found.bindings)?))
                }),
                _ => return None,
            };
            let operation = OwnOperation {
                run: value.field("run")?.as_text()?.to_owned(),
                timeout: value.field("timeout")?.as_seconds()?,
                secrets: secrets.collect(),
            };
            Some((name.clone(), operation))
        });
        own.collect()
    }

    fn alert(&self, place: DeclId, alert: &model::Alert) -> Alert {
        let bindings = &self.model.environments[&place].bindings;
        let event = format!("alert {} in {}", alert.name, self.name(place));
        Alert {
            name: alert.name.clone(),
            description: alert.docs.clone(),
            when: self.condition(&alert.when),
            text: self.model.sources.text(alert.when.span).to_owned(),
            notice: self.notice(&alert.notify, bindings, &event),
            span: alert.span,
        }
    }
}

/// What a home of a secret is known by: its arguments as far as its name (`google_secret("acme", "slack")` is `acme/slack`), or the first.
fn home_address(arguments: &IndexMap<String, Value>) -> String {
    let parts = arguments.get_index_of("name").map_or(1, |at| at + 1);
    let texts = arguments.values().take(parts).filter_map(Value::as_text);
    texts.collect::<Vec<_>>().join("/")
}

fn grant(action: &str, resource: String, because: String) -> Grant {
    Grant { action: action.to_owned(), resource, because }
}

fn limits(value: &Value) -> Limits {
    let whole = |name: &str| value.field(name).and_then(Value::as_int).and_then(|count| u32::try_from(count).ok());
    Limits {
        cpu: value.field("cpu").and_then(Value::as_float),
        memory: match value.field("memory") {
            Some(Value::Size(bytes)) => Some(*bytes),
            _ => None,
        },
        gpu: whole("gpu"),
        parallel_steps: whole("parallel_steps"),
    }
}
