//! CI, teams, verifications, promotions.

use indexmap::IndexMap;

use super::Lower;
use crate::model::{self, Value};
use crate::plan::{
    Check, Ci, Command, CommandWord, Delivery, Edge, HostValue, Notice, OnFailure, Promotion, Team, Verification,
};
use crate::resolve::DeclId;
use crate::source::Span;

/// Seconds that a check or verification has where it says nothing.
const DEFAULT_TIMEOUT: f64 = 1800.0;

impl Lower<'_> {
    pub(super) fn delivery(&self) -> Delivery {
        Delivery {
            ci: self.model.ci.as_ref().map(|ci| self.ci(ci)),
            teams: self.model.teams.iter().map(|(decl, team)| self.team(*decl, team)).collect(),
            verifications: self
                .model
                .verifications
                .iter()
                .map(|(decl, verification)| self.verification(*decl, verification))
                .collect(),
            promotions: self.model.promotions.iter().map(|promotion| self.promotion(promotion)).collect(),
        }
    }

    fn ci(&self, ci: &model::Ci) -> Ci {
        let forms = |name: &str| {
            let list = ci.fields.get(name).and_then(Value::as_list).unwrap_or_default();
            list.iter().filter_map(|value| self.form_of(Some(value))).collect()
        };
        let builds = ci.fields.get("build").and_then(Value::as_list).unwrap_or_default();
        Ci {
            triggers: forms("triggers"),
            setup: self.form_of(ci.fields.get("setup")),
            install: ci.fields.get("install").and_then(Value::as_text).unwrap_or_default().to_owned(),
            checks: ci.checks.iter().map(|check| self.check(check)).collect(),
            builds: builds
                .iter()
                .filter_map(|build| match build {
                    Value::Reference(decl) => Some(self.name(*decl)),
                    _ => None,
                })
                .collect(),
            notices: self.notices(&ci.on_failure.notify, &ci.secrets, "checks failed"),
            span: ci.span,
        }
    }

    fn check(&self, check: &model::Check) -> Check {
        let value = |name: &str| check.fields.get(name);
        let mut env = value("env").map(|env| self.texts(env)).unwrap_or_default();
        if let Some(seed) = value("seed").and_then(Value::as_int) {
            env.insert("MLP_SEED".into(), seed.to_string());
        }
        let retries = value("retries").and_then(Value::as_int).unwrap_or(0);
        Check {
            name: check.name.clone(),
            description: check.docs.clone(),
            run: value("run").and_then(Value::as_text).unwrap_or_default().to_owned(),
            report: value("report").and_then(Value::as_text).map(str::to_owned),
            timeout: value("timeout").and_then(Value::as_seconds).unwrap_or(DEFAULT_TIMEOUT),
            retries: u32::try_from(retries).unwrap_or(0),
            env,
            span: check.span,
        }
    }

    fn team(&self, decl: DeclId, team: &model::Team) -> Team {
        let hosts = team.fields.iter().filter_map(|(host, name)| Some((host.clone(), name.as_text()?.to_owned())));
        Team { name: self.name(decl), description: self.docs(decl), hosts: hosts.collect() }
    }

    /// Its people, by their users' ids where pipelines run.
    pub(super) fn users_of(&self, team: DeclId) -> Vec<String> {
        let users = self.model.teams.get(&team).and_then(|team| team.fields.get("users")).and_then(Value::as_list);
        users.unwrap_or_default().iter().filter_map(|user| user.as_text().map(str::to_owned)).collect()
    }

    fn verification(&self, decl: DeclId, verification: &model::Verification) -> Verification {
        let value = |name: &str| verification.fields.get(name);
        Verification {
            name: self.name(decl),
            description: self.docs(decl),
            run: value("run").and_then(Value::as_text).unwrap_or_default().to_owned(),
            timeout: value("timeout").and_then(Value::as_seconds).unwrap_or(DEFAULT_TIMEOUT),
            outputs: verification.outputs.iter().map(|output| (output.name.clone(), self.ty(&output.ty))).collect(),
            span: self.model.span(decl),
        }
    }

    fn promotion(&self, promotion: &model::Promotion) -> Promotion {
        let mut ids: Vec<String> = Vec::new();
        let edges = promotion.edges.iter().map(|edge| {
            let from = match edge.from.is_empty() {
                true => "ci".to_owned(),
                false => edge.from.iter().map(|from| self.name(*from)).collect::<Vec<_>>().join("-and-"),
            };
            let id = unique(format!("{from}-to-{}", self.name(edge.to)), &mut ids);
            self.edge(promotion, id, edge)
        });
        Promotion {
            pipelines: promotion.pipelines.iter().map(|pipeline| self.name(*pipeline)).collect(),
            edges: edges.collect(),
            span: promotion.span,
        }
    }

    fn edge(&self, promotion: &model::Promotion, id: String, edge: &model::Edge) -> Edge {
        let to = self.name(edge.to);
        let event = format!("{id} failed");
        Edge {
            description: edge.docs.clone(),
            from: edge.from.iter().map(|from| self.name(*from)).collect(),
            operations: self.operations(promotion, edge, &id),
            on_failure: OnFailure {
                rollback: edge.on_failure.rollback.then(|| Command::Program {
                    words: vec![
                        CommandWord::text("mlp"),
                        CommandWord::text("rollback"),
                        CommandWord::text(to.clone()),
                        CommandWord::text("--to"),
                        CommandWord::Value { value: HostValue::PreviousVersion },
                    ],
                }),
                hold: edge.on_failure.hold,
                note: edge.on_failure.hold.then(|| self.note(edge, &id, &event)).flatten(),
                notices: self.notices(&edge.on_failure.notify, &self.ci_secrets(), &event),
            },
            to,
            id,
            span: edge.span,
        }
    }

    /// Notes that an edge is closed; an environment without a store has no place for that.
    fn note(&self, edge: &model::Edge, id: &str, event: &str) -> Option<Command> {
        let store = self.model.environments[&edge.to].field("artifacts").and_then(Value::as_form)?;
        let value = |value| CommandWord::Value { value };
        let mut words: Vec<CommandWord> =
            ["mlp", "hold", &self.name(edge.to), "--edge", id, "--version"].map(CommandWord::text).into();
        words.push(value(HostValue::Version));
        words.extend(["--reason", event, "--run"].map(CommandWord::text));
        words.extend([value(HostValue::RunUrl), CommandWord::text("--by"), value(HostValue::Actor)]);
        (store.name != "cluster_store").then_some(Command::Program { words })
    }

    /// Where secrets are kept for CI.
    pub(super) fn ci_secrets(&self) -> IndexMap<DeclId, (Value, Span)> {
        self.model.ci.as_ref().map(|ci| ci.secrets.clone()).unwrap_or_default()
    }

    pub(super) fn notices(
        &self,
        notify: &[Value],
        bindings: &IndexMap<DeclId, (Value, Span)>,
        event: &str,
    ) -> Vec<Notice> {
        notify.iter().map(|notice| self.notice(notice, bindings, event)).collect()
    }

    /// Whom to tell what has happened: `mlp notify slack --channel '#x' --event '…' --run-url … --actor …`.
    pub(super) fn notice(&self, value: &Value, bindings: &IndexMap<DeclId, (Value, Span)>, event: &str) -> Notice {
        let form = self.form_of(Some(value)).unwrap_or_else(|| crate::plan::Form {
            form: String::new(),
            arguments: IndexMap::new(),
            properties: IndexMap::new(),
            span: Span::default(),
        });
        let mut words =
            vec![CommandWord::text("mlp"), CommandWord::text("notify"), CommandWord::text(form.form.clone())];
        for (name, argument) in &form.arguments {
            if let Some(text) = argument.as_str() {
                words.push(CommandWord::text(format!("--{}", name.replace('_', "-"))));
                words.push(CommandWord::text(text));
            }
        }
        words.extend([CommandWord::text("--event"), CommandWord::text(event)]);
        words.extend([CommandWord::text("--run-url"), CommandWord::Value { value: HostValue::RunUrl }]);
        words.extend([CommandWord::text("--actor"), CommandWord::Value { value: HostValue::Actor }]);
        let variable = form.properties.get("secret").and_then(|name| name.as_str()).unwrap_or("MLP_SECRET").to_owned();
        let arguments = value.as_form().map(|form| form.arguments.values().cloned().collect::<Vec<_>>());
        let secrets = arguments.unwrap_or_default().into_iter().filter_map(|argument| match argument {
            Value::Reference(secret) => Some((variable.clone(), self.secret_source(secret, bindings)?)),
            _ => None,
        });
        Notice { secrets: secrets.collect(), notifier: form, command: Command::Program { words } }
    }
}

/// A name that is not among those given so far: `-2`, `-3`.
pub(super) fn unique(wanted: String, taken: &mut Vec<String>) -> String {
    let mut name = wanted.clone();
    let mut count = 2;
    while taken.contains(&name) {
        name = format!("{wanted}-{count}");
        count += 1;
    }
    taken.push(name.clone());
    name
}
