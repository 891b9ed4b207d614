//! The operations of an edge, in order, with what a rollout and a deployment imply.

use indexmap::IndexMap;

use super::Lower;
use super::delivery::unique;
use crate::model::{self, EdgeStatementKind, Value};
use crate::plan::{Action, Command, CommandWord, Expr, HostValue, Operation};
use crate::resolve::DeclId;
use crate::source::Span;

/// Seconds that an operation of the tool's own has.
const SHORT: f64 = 300.0;
/// Seconds that the checklist before a deployment has.
const PREFLIGHT: f64 = 600.0;
/// Seconds that a deployment has.
const DEPLOY: f64 = 1800.0;
/// Seconds that a run of a pipeline has where its environment says no deadline.
const RUN: f64 = 7200.0;

/// Operations that are being listed.
struct List<'a> {
    lower: &'a Lower<'a>,
    edge: &'a model::Edge,
    to: String,
    from: String,
    /// Which edge is meant, where its ends do not say.
    which: Option<String>,
    /// The edge's own name.
    id: &'a str,
    ids: Vec<String>,
    found: Vec<Operation>,
}

impl Lower<'_> {
    pub(super) fn operations(&self, promotion: &model::Promotion, edge: &model::Edge, id: &str) -> Vec<Operation> {
        let from = edge.from.first().map_or("ci".to_owned(), |from| self.name(*from));
        let which = self.has_double(edge).then(|| {
            let pipelines: Vec<String> = promotion.pipelines.iter().map(|pipeline| self.name(*pipeline)).collect();
            format!("{}/{id}", pipelines.join(","))
        });
        let (ids, found) = (Vec::new(), Vec::new());
        let mut list = List { lower: self, edge, to: self.name(edge.to), from, which, id, ids, found };
        let own_preflight =
            edge.statements.iter().any(|statement| matches!(statement.kind, EdgeStatementKind::Preflight(_)));
        let mut deployed = false;
        for statement in &edge.statements {
            if matches!(statement.kind, EdgeStatementKind::Deploy) {
                if !own_preflight {
                    list.preflight(statement.span);
                }
                list.live_version(statement.span);
                deployed = true;
            }
            list.statement(statement, deployed, id);
        }
        list.found
    }

    /// Whether another edge has an end in common with this one on both sides.
    fn has_double(&self, edge: &model::Edge) -> bool {
        let shares = |other: &model::Edge| {
            other.to == edge.to
                && (other.from.iter().any(|from| edge.from.contains(from))
                    || (other.from.is_empty() && edge.from.is_empty()))
        };
        let all = self.model.promotions.iter().flat_map(|promotion| &promotion.edges);
        all.filter(|other| shares(other)).count() > 1
    }
}

impl List<'_> {
    fn add(
        &mut self,
        id: impl Into<String>,
        title: String,
        action: Action,
        command: Option<Command>,
        timeout: Option<f64>,
        span: Span,
    ) {
        let id = unique(id.into(), &mut self.ids);
        self.found.push(Operation { id, title, action, command, timeout, span });
    }

    fn statement(&mut self, statement: &model::EdgeStatement, deployed: bool, edge_id: &str) {
        let span = statement.span;
        let to = self.to.clone();
        match &statement.kind {
            EdgeStatementKind::Require(condition, text) => {
                self.gate((condition, text), deployed, span);
            }
            EdgeStatementKind::StartManual => {
                self.add("start", format!("Start the delivery to {to} by hand"), Action::Start, None, None, span);
            }
            EdgeStatementKind::Approve(count, team) => {
                let team = self.lower.name(*team);
                let people = if *count == 1 { "1 approval".to_owned() } else { format!("{count} approvals") };
                let title = format!("Wait for {people} of {team}");
                let action = Action::Approve { count: *count, team: team.clone() };
                self.add(format!("approve-{team}"), title, action, None, None, span);
            }
            EdgeStatementKind::Soak(milliseconds) => {
                let seconds = *milliseconds as f64 / 1000.0;
                self.add("soak", format!("Let {} soak", self.from), Action::Soak { seconds }, None, None, span);
            }
            EdgeStatementKind::Window(window) => {
                if let Some(window) = self.lower.form_of(Some(window)) {
                    let which: Vec<&str> = self.which.iter().flat_map(|which| ["--edge", which]).collect();
                    let command = self.mlp(&[&["window", &self.from, &to][..], &which].concat(), &[]);
                    let title = "Hold outside the window".to_owned();
                    self.add("window", title, Action::Window { window }, Some(command), Some(SHORT), span);
                }
            }
            EdgeStatementKind::Preflight(asserts) => {
                asserts.iter().for_each(|(condition, text)| self.gate((condition, text), deployed, condition.span));
                self.preflight(span);
            }
            EdgeStatementKind::Deploy => {
                let mut command = self.mlp(&["deploy", &to, "--version"], &[HostValue::Version]);
                let value = |value| CommandWord::Value { value };
                extend(&mut command, [CommandWord::text("--images"), value(HostValue::ImagesFile)]);
                // Never an older version over a newer one.
                extend(&mut command, [CommandWord::text("--after"), value(HostValue::PreviousVersion)]);
                self.add("deploy", format!("Deploy to {to}"), Action::Deploy, Some(command), Some(DEPLOY), span);
            }
            EdgeStatementKind::Run(pipeline, arguments) => self.run(*pipeline, arguments, span),
            EdgeStatementKind::Verify(verifications) => {
                verifications.iter().for_each(|verification| self.verify(*verification, span));
            }
            EdgeStatementKind::Release(service, rollout) => self.release(*service, rollout.as_ref(), span),
            EdgeStatementKind::Notify(notice) => {
                let event = format!("{edge_id} done");
                let notice = self.lower.notice(notice, &self.lower.ci_secrets(), &event);
                let title = format!("Tell {}", notice.notifier.form);
                let command = notice.command.clone();
                self.add("notify", title, Action::Notify { notice }, Some(command), Some(SHORT), span);
            }
        }
    }

    /// What must hold here of what was measured; where several environments lead here, in each of them.
    fn gate(&mut self, (condition, text): (&model::Expr, &str), deployed: bool, span: Span) {
        let condition = self.lower.condition(condition);
        if deployed || self.edge.from.len() < 2 {
            let measured_in = if deployed { self.to.clone() } else { self.from.clone() };
            return self.require(condition, (text, format!("Require {text}")), measured_in, span);
        }
        for from in self.edge.from.iter().map(|from| self.lower.name(*from)).collect::<Vec<_>>() {
            let title = format!("Require {text} in {from}");
            self.require(condition.clone(), (text, title), from, span);
        }
    }

    fn require(&mut self, condition: Expr, (text, title): (&str, String), measured_in: String, span: Span) {
        let id = unique("require".to_owned(), &mut self.ids.clone());
        let which: Vec<&str> = self.which.iter().flat_map(|which| ["--edge", which]).collect();
        let words = [&["gate", &self.from, &self.to][..], &which, &["--require", &id, "--values"]].concat();
        let command = self.mlp(&words, &[HostValue::ValuesFolder]);
        let action = Action::Require { condition, text: text.to_owned(), measured_in };
        self.add("require", title, action, Some(command), Some(SHORT), span);
    }

    fn mlp(&self, words: &[&str], values: &[HostValue]) -> Command {
        let words = std::iter::once("mlp").chain(words.iter().copied()).map(CommandWord::text);
        let values = values.iter().map(|value| CommandWord::Value { value: *value });
        Command::Program { words: words.chain(values).collect() }
    }

    fn preflight(&mut self, span: Span) {
        let asserts = self.lower.model.expectations.values().flat_map(|expectation| {
            let bound = expectation
                .data
                .is_some_and(|data| self.lower.model.environments[&self.edge.to].bindings.contains_key(&data));
            let asserts: Vec<String> = expectation.asserts.iter().map(|(_, text)| text.clone()).collect();
            if bound { asserts } else { Vec::new() }
        });
        let asserts = asserts.collect();
        let command = self.mlp(&["preflight", &self.to, "--edge", self.id, "--images"], &[HostValue::ImagesFile]);
        let title = format!("Check infrastructure, model and data of {}", self.to);
        self.add("preflight", title, Action::Preflight { asserts }, Some(command), Some(PREFLIGHT), span);
    }

    fn live_version(&mut self, span: Span) {
        let command = self.mlp(&["status", &self.to, "--format", "version"], &[]);
        let title = format!("Record the version that is live in {}", self.to);
        self.add("live-version", title, Action::LiveVersion, Some(command), Some(SHORT), span);
    }

    fn run(&mut self, pipeline: DeclId, arguments: &IndexMap<String, Value>, span: Span) {
        let name = self.lower.name(pipeline);
        let encoded: IndexMap<String, serde_json::Value> =
            arguments.iter().map(|(name, value)| (name.clone(), self.lower.json(value))).collect();
        let mut words = vec!["run".to_owned(), name.clone(), "--env".to_owned(), self.to.clone()];
        for (parameter, value) in &encoded {
            words.extend(["--set".to_owned(), format!("{parameter}={value}")]);
        }
        words.push("--outputs".to_owned());
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let command = self.mlp(&words, &[HostValue::ValuesFolder]);
        let deadline = self.lower.model.environments[&self.edge.to].field("deadline").and_then(Value::as_seconds);
        let title = format!("Run {name} in {}", self.to);
        let action = Action::Run { pipeline: name.clone(), arguments: encoded };
        self.add(format!("run-{name}"), title, action, Some(command), Some(deadline.unwrap_or(RUN)), span);
    }

    fn verify(&mut self, verification: DeclId, span: Span) {
        let name = self.lower.name(verification);
        let fields = &self.lower.model.verifications[&verification].fields;
        let script = fields.get("run").and_then(Value::as_text).unwrap_or_default().to_owned();
        let endpoint = self.endpoint();
        let env = IndexMap::from([
            ("MLP_ENVIRONMENT".to_owned(), CommandWord::text(self.to.clone())),
            ("MLP_ENDPOINT".to_owned(), CommandWord::text(endpoint)),
            ("MLP_VERSION".to_owned(), CommandWord::Value { value: HostValue::Version }),
        ]);
        let timeout = fields.get("timeout").and_then(Value::as_seconds).unwrap_or(DEPLOY);
        let title = format!("Verify {name} in {}", self.to);
        let action = Action::Verify { verification: name.clone() };
        self.add(format!("verify-{name}"), title, action, Some(Command::Shell { script, env }), Some(timeout), span);
    }

    /// Where the environment's orchestrator is.
    fn endpoint(&self) -> String {
        let orchestrator = self.lower.model.environments[&self.edge.to].field("orchestrator");
        let endpoint = orchestrator.and_then(|orchestrator| orchestrator.field("endpoint"));
        endpoint.and_then(Value::as_text).unwrap_or_default().to_owned()
    }

    fn release(&mut self, service: DeclId, rollout: Option<&Value>, span: Span) {
        let Some(form) = rollout.and_then(Value::as_form) else {
            return self.traffic(service, 1.0, span);
        };
        let watch = form.arguments.get("watch");
        let seconds = |name: &str| form.arguments.get(name).and_then(Value::as_seconds).unwrap_or(0.0);
        if form.name == "blue_green" {
            self.traffic(service, 1.0, span);
            return self.watch(service, seconds("hold"), watch, span);
        }
        let weights = form.arguments.get("weights").and_then(Value::as_list).unwrap_or_default().to_vec();
        for weight in weights {
            let weight = self.lower.json(&weight).as_f64().unwrap_or(1.0);
            self.traffic(service, weight, span);
            self.watch(service, seconds("every"), watch, span);
        }
    }

    fn traffic(&mut self, service: DeclId, weight: f64, span: Span) {
        let name = self.lower.name(service);
        let percent = (weight * 10_000.0).round() / 100.0;
        let shown = format!("{weight}");
        let words = ["traffic", &self.to, &name, "--weight", &shown, "--version"];
        let mut command = self.mlp(&words, &[HostValue::Version]);
        extend(&mut command, [CommandWord::text("--values"), CommandWord::Value { value: HostValue::ValuesFolder }]);
        let title = format!("Send {percent}% of the traffic of {name} to the new version");
        let id = format!("traffic-{name}-{percent}").replace('.', "-");
        self.add(id, title, Action::Traffic { service: name, weight }, Some(command), Some(SHORT), span);
    }

    fn watch(&mut self, service: DeclId, seconds: f64, condition: Option<&Value>, span: Span) {
        let name = self.lower.name(service);
        let condition = match condition {
            Some(Value::Condition(condition)) => Some(condition),
            _ => None,
        };
        let text = condition.map(|condition| {
            let text = self.lower.model.sources.text(condition.span);
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        });
        let duration = format!("{seconds}s");
        let command = self.mlp(&["watch", &self.to, &name, "--for", &duration, "--values"], &[HostValue::ValuesFolder]);
        let title = match &text {
            Some(text) => format!("Watch {name}: {text}"),
            None => format!("Watch {name}"),
        };
        let action = Action::Watch {
            service: name.clone(),
            seconds,
            condition: condition.map(|condition| self.lower.condition(condition)),
            text,
        };
        self.add(format!("watch-{name}"), title, action, Some(command), Some(seconds + SHORT), span);
    }
}

fn extend(command: &mut Command, more: impl IntoIterator<Item = CommandWord>) {
    if let Command::Program { words } = command {
        words.extend(more);
    }
}
