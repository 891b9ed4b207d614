//! Every environment whole: it builds its pipelines, and binds what they and its own fields use.

use indexmap::IndexMap;

use super::checker::Checker;
use super::eval::property;
use crate::ast::NeedKind;
use crate::diagnostics::report;
use crate::model::{Call, EdgeStatementKind, Expr, ExprKind, Model, Proposition, Run, Value};
use crate::resolve::DeclId;
use crate::source::Span;

/// Every call that a run of a pipeline makes, those of nested pipelines included.
pub(crate) fn calls_of(model: &Model, pipeline: DeclId) -> Vec<Call> {
    let mut found = Vec::new();
    let mut seen = vec![pipeline];
    let mut next = 0;
    while let Some(decl) = seen.get(next).copied() {
        next += 1;
        let Some(pipeline) = model.pipelines.get(&decl) else { continue };
        for call in pipeline.calls() {
            if call.is_pipeline && !seen.contains(&call.callee) {
                seen.push(call.callee);
            }
            found.push(call.clone());
        }
    }
    found
}

/// The pipelines that a run of one starts, itself first.
pub(crate) fn with_nested(model: &Model, pipeline: DeclId) -> Vec<DeclId> {
    let mut all = vec![pipeline];
    for call in calls_of(model, pipeline) {
        if call.is_pipeline && !all.contains(&call.callee) {
            all.push(call.callee);
        }
    }
    all
}

/// Every need that an environment's pipelines and its own fields use, with one place that uses it.
pub(super) fn uses(model: &Model, environment: DeclId) -> IndexMap<DeclId, Span> {
    let mut found = IndexMap::new();
    let Some(own) = model.environments.get(&environment) else { return found };
    for pipeline in &own.pipelines {
        for nested in with_nested(model, *pipeline) {
            uses_of_pipeline(model, nested, &mut found);
        }
    }
    let values = own.fields.values().chain(own.bindings.values().map(|(value, _)| value));
    let values = values.chain(
        own.schedules.iter().flat_map(|schedule| std::iter::once(&schedule.every).chain(&schedule.on_failure.notify)),
    );
    let values = values.chain(own.alerts.iter().map(|alert| &alert.notify));
    for value in values {
        in_value(model, value, model.span(environment), &mut found);
    }
    found
}

fn uses_of_pipeline(model: &Model, pipeline: DeclId, found: &mut IndexMap<DeclId, Span>) {
    let Some(own) = model.pipelines.get(&pipeline) else { return };
    let mut note = |expr: &Expr| {
        expr.walk(&mut |part| {
            if let ExprKind::Decl(decl) = part.kind
                && model.needs.contains_key(&decl)
            {
                found.entry(decl).or_insert(part.span);
            }
        });
    };
    for block in blocks_of(own) {
        for node in &block.nodes {
            match node {
                crate::model::Node::For(node) => note(&node.source),
                crate::model::Node::If(node) => {
                    node.arms.iter().filter_map(|(condition, _)| condition.as_ref()).for_each(&mut note)
                }
                crate::model::Node::Require(node) => note(&node.condition),
                crate::model::Node::Call(_) | crate::model::Node::Try(_) => {}
            }
        }
        block.yields.iter().for_each(|(_, value)| note(value));
    }
    own.returns.iter().for_each(|(_, value)| note(value));
    for call in own.calls() {
        call.arguments.values().chain(call.with.values()).for_each(&mut note);
        if let Some(step) = model.steps.get(&call.callee) {
            step.fields.values().for_each(&mut note);
            step.inputs.iter().filter_map(|input| input.default.as_ref()).for_each(&mut note);
            match &step.run {
                crate::model::Run::Command(words, args) => words.iter().chain(args).for_each(&mut note),
                crate::model::Run::Importer(importer) => {
                    [&importer.uri, &importer.metadata].into_iter().for_each(&mut note)
                }
                _ => {}
            }
        }
    }
}

/// Every block of a pipeline, outermost first.
pub(super) fn blocks_of(pipeline: &crate::model::Pipeline) -> Vec<&crate::model::Block> {
    let mut all = vec![&pipeline.body];
    let mut next = 0;
    while let Some(block) = all.get(next).copied() {
        next += 1;
        block.nodes.iter().for_each(|node| all.extend(node.blocks()));
    }
    all
}

fn in_value(model: &Model, value: &Value, span: Span, found: &mut IndexMap<DeclId, Span>) {
    match value {
        Value::Reference(decl) if model.needs.contains_key(decl) => {
            found.entry(*decl).or_insert(span);
        }
        Value::Form(form) => {
            form.arguments.values().for_each(|argument| in_value(model, argument, form.span, found));
        }
        Value::List(items) => items.iter().for_each(|item| in_value(model, item, span, found)),
        Value::Record(fields) => fields.values().for_each(|field| in_value(model, field, span, found)),
        _ => {}
    }
}

impl Checker<'_> {
    /// Which pipelines every environment builds: what is scheduled in it, promoted to it or tested in it, unless it says so itself.
    pub(super) fn choose_pipelines(&mut self) {
        let environments: Vec<DeclId> = self.model.concrete_environments().map(|(decl, _)| decl).collect();
        for environment in environments {
            let chosen = match self.model.environments[&environment].field("pipelines").and_then(Value::as_list) {
                Some(list) => list
                    .iter()
                    .filter_map(|item| match item {
                        Value::Reference(decl) => Some(*decl),
                        _ => None,
                    })
                    .collect(),
                None => self.implied_pipelines(environment),
            };
            // In the order of the text, each once.
            let ordered = self.model.pipelines.keys().copied().filter(|decl| chosen.contains(decl)).collect();
            if let Some(found) = self.model.environments.get_mut(&environment) {
                found.pipelines = ordered;
            }
        }
    }

    fn implied_pipelines(&self, environment: DeclId) -> Vec<DeclId> {
        let mut chosen: Vec<DeclId> =
            self.model.environments[&environment].schedules.iter().map(|schedule| schedule.pipeline).collect();
        for promotion in &self.model.promotions {
            for edge in promotion.edges.iter().filter(|edge| edge.to == environment) {
                chosen.extend(&promotion.pipelines);
                chosen.extend(edge.statements.iter().filter_map(|statement| match &statement.kind {
                    EdgeStatementKind::Run(pipeline, _) => Some(*pipeline),
                    _ => None,
                }));
            }
        }
        for test in &self.model.tests {
            chosen.extend(test.propositions.iter().filter_map(|proposition| match proposition {
                Proposition::Run { pipeline, environment: place, .. } if *place == environment => Some(*pipeline),
                _ => None,
            }));
        }
        chosen
    }

    pub(super) fn check_environments_whole(&mut self) {
        let environments: Vec<DeclId> = self.model.concrete_environments().map(|(decl, _)| decl).collect();
        for environment in environments {
            self.check_bound(environment);
            self.check_identity(environment);
            self.check_images(environment);
            self.check_mirror(environment);
            self.check_readers(environment);
            self.check_operations(environment);
            self.check_schedules(environment);
            self.check_regions(environment);
            self.check_reproducible(environment);
        }
    }

    fn check_bound(&mut self, environment: DeclId) {
        let used = uses(&self.model, environment);
        for (need, span) in &used {
            let found = &self.model.environments[&environment];
            let has_default = self.model.needs.get(need).is_some_and(|need| need.default.is_some());
            if found.bindings.contains_key(need) || has_default {
                continue;
            }
            let kind = self.model.needs.get(need).map_or("data", |need| need.kind.keyword());
            let (name, place) = (self.name(*need), self.name(environment));
            let message = format!("environment `{place}` does not bind {kind} `{name}`");
            let mut diagnostic = report::unbound_need(self.model.span(environment), message)
                .here(format!("`{place}` must say what `{name}` is here"))
                .label(self.model.span(*need), "declared here")
                .label(*span, "used here");
            if let Some((other, _)) = self.bound_elsewhere(*need, environment) {
                diagnostic = diagnostic.note(format!("environment `{other}` does bind it"));
            }
            self.report(
                diagnostic.help(format!(
                    "add `{kind} {name} = …` to `{place}`, or to an abstract environment that it extends"
                )),
            );
        }
        self.warn_of_unused_bindings(environment, &used);
    }

    fn bound_elsewhere(&self, need: DeclId, environment: DeclId) -> Option<(String, Span)> {
        let mut all = self.model.concrete_environments().filter(|(decl, _)| *decl != environment);
        all.find_map(|(decl, found)| found.bindings.get(&need).map(|(_, span)| (self.name(decl), *span)))
    }

    /// A binding that the environment says itself and nothing there uses. Terraform reads every `var`.
    fn warn_of_unused_bindings(&mut self, environment: DeclId, used: &IndexMap<DeclId, Span>) {
        let file = self.file_of(environment);
        let item = self.item(environment);
        let found = self.model.environments[&environment].clone();
        for (need, (_, span)) in &found.bindings {
            let is_own = span.file == file && item.span.start <= span.start && span.end <= item.span.end;
            let is_var = self.model.needs.get(need).is_none_or(|need| need.kind == NeedKind::Var);
            if is_own && !is_var && !used.contains_key(need) {
                let message =
                    format!("nothing in environment `{}` uses `{}`", self.name(environment), self.name(*need));
                self.report(report::unused_binding(*span, message).help("remove the binding"));
            }
        }
    }

    /// Steps in containers run as somebody, and keep their artifacts somewhere.
    fn check_identity(&mut self, environment: DeclId) {
        let found = self.model.environments[&environment].clone();
        let Some(orchestrator) = found.field("orchestrator").and_then(Value::as_form).cloned() else { return };
        let in_containers = property(&self.model, &orchestrator, "containers").as_bool().unwrap_or(false);
        if !in_containers || found.pipelines.is_empty() {
            return;
        }
        let wants = [
            ("service_account", "as whom its steps run", "`service_account: \"trainer\"`"),
            ("artifacts", "where artifacts are kept", "`artifacts: bucket(\"gs://…\")`"),
            ("registry", "where its images come from", "`registry: \"registry.example.org/team\"`"),
        ];
        for (field, what, example) in wants {
            if found.field(field).is_some() || (field == "registry" && !self.runs_what_is_built(&found.pipelines)) {
                continue;
            }
            let place = self.name(environment);
            let message = format!("environment `{place}` does not say {what}");
            let mut diagnostic = match field {
                "service_account" => report::missing_identity(self.model.span(environment), message),
                _ => report::missing_field(self.model.span(environment), message),
            };
            diagnostic = diagnostic.here(format!("it has no `{field}`"));
            if let Some(span) = found.said.get("orchestrator") {
                diagnostic = diagnostic.label(*span, format!("`{}` runs steps in containers", orchestrator.name));
            }
            self.report(diagnostic.help(format!("add {example}")));
        }
    }

    /// Whether any step of the pipelines runs in an image that is built here.
    fn runs_what_is_built(&self, pipelines: &[DeclId]) -> bool {
        let calls = pipelines.iter().flat_map(|pipeline| calls_of(&self.model, *pipeline));
        let mut steps = calls.filter_map(|call| self.model.steps.get(&call.callee));
        steps.any(|step| match step.fields.get("image").map(|image| &image.kind) {
            Some(ExprKind::Value(Value::Reference(image))) => {
                self.model.builds.get(image).is_none_or(|build| build.reference().is_none())
            }
            _ => false,
        })
    }

    /// A step in a container runs in an image.
    fn check_images(&mut self, environment: DeclId) {
        let found = &self.model.environments[&environment];
        let Some(orchestrator) = found.field("orchestrator").and_then(Value::as_form).cloned() else { return };
        let in_containers = property(&self.model, &orchestrator, "containers").as_bool().unwrap_or(false);
        if !in_containers {
            return;
        }
        let at = found.said.get("orchestrator").copied().unwrap_or(self.model.span(environment));
        let calls: Vec<Call> = found.pipelines.iter().flat_map(|pipeline| calls_of(&self.model, *pipeline)).collect();
        self.check_gates_have_an_image(environment, at);
        let mut seen: Vec<DeclId> = Vec::new();
        for call in calls {
            let Some(step) = self.model.steps.get(&call.callee) else { continue };
            let starts_a_container =
                !matches!(step.run, Run::Importer(_) | Run::Claim { .. } | Run::Approval { .. } | Run::Unknown);
            let of_step = step.fields.get("image").is_some_and(|image| image.ty != crate::model::Type::None);
            let image = of_step || call.with.contains_key("image");
            if !starts_a_container || image || seen.contains(&call.callee) || self.broken.contains(&call.callee) {
                continue;
            }
            seen.push(call.callee);
            let (name, place) = (self.name(call.callee), self.name(environment));
            self.report(
                report::missing_image(
                    self.model.span(call.callee),
                    format!("step `{name}` runs in a container in `{place}`, and has no image"),
                )
                .label(at, format!("`{}` runs steps in containers", orchestrator.name))
                .help("add `image: …` to the step, or `defaults step { image: … }` to its file"),
            );
        }
    }

    /// A gate inside a run is decided by a Python, which only a Python step's image has for sure.
    fn check_gates_have_an_image(&mut self, environment: DeclId, at: Span) {
        let place = self.name(environment);
        for pipeline in self.model.environments[&environment].pipelines.clone() {
            let calls = calls_of(&self.model, pipeline);
            let nested = calls.iter().filter(|call| call.is_pipeline).map(|call| call.callee);
            let all = std::iter::once(pipeline).chain(nested).filter_map(|decl| self.model.pipelines.get(&decl));
            let mut nodes = all.flat_map(blocks_of).flat_map(|block| &block.nodes);
            let gate = nodes.find(|node| matches!(node, crate::model::Node::Require(_))).map(crate::model::Node::span);
            let is_python = |call: &Call| {
                self.model
                    .steps
                    .get(&call.callee)
                    .is_some_and(|step| matches!(step.run, Run::Python { .. } | Run::Unknown))
            };
            let Some(gate) = gate.filter(|_| !calls.iter().any(is_python)) else { continue };
            let message =
                format!("nothing decides this gate in `{place}`: no step of `{}` is Python", self.name(pipeline));
            self.report(
                report::missing_image(gate, message)
                    .label(at, "steps run in containers here, and a gate in the image of a Python step")
                    .help("let a step of the pipeline be Python, or require it on the edge of a promotion"),
            );
        }
    }

    /// A secret is read only by whom its home lets.
    fn check_readers(&mut self, environment: DeclId) {
        let found = self.model.environments[&environment].clone();
        let orchestrator = found.field("orchestrator").and_then(Value::as_form);
        let in_containers = orchestrator.and_then(|form| property(&self.model, form, "containers").as_bool());
        let (reader, noun) = match in_containers {
            Some(false) => ("process", "a step's process"),
            _ => ("pod", "a step's pod"),
        };
        for (secret, span) in secrets_of_steps(&self.model, &found.pipelines) {
            self.check_reader(&found.bindings, secret, span, reader, noun);
        }
        let notices = found.schedules.iter().flat_map(|schedule| &schedule.on_failure.notify);
        for notice in notices.chain(found.alerts.iter().map(|alert| &alert.notify)) {
            self.check_notice(&found.bindings, notice, "orchestrator", "the orchestrator");
        }
    }

    /// The secrets of a notifier, held against who sends it.
    pub(super) fn check_notice(
        &mut self,
        bindings: &IndexMap<DeclId, (Value, Span)>,
        notice: &Value,
        reader: &str,
        noun: &str,
    ) {
        let mut used = IndexMap::new();
        in_value(&self.model, notice, notice.as_form().map(|form| form.span).unwrap_or_default(), &mut used);
        for (secret, span) in used {
            self.check_reader(bindings, secret, span, reader, noun);
        }
    }

    pub(super) fn check_reader(
        &mut self,
        bindings: &IndexMap<DeclId, (Value, Span)>,
        secret: DeclId,
        span: Span,
        reader: &str,
        noun: &str,
    ) {
        let Some((home, at)) = bindings.get(&secret) else { return };
        let Some(form) = home.as_form() else { return };
        let readers: Vec<String> = property(&self.model, form, "readable_by")
            .as_list()
            .unwrap_or_default()
            .iter()
            .filter_map(|reader| reader.as_text().map(str::to_owned))
            .collect();
        if readers.iter().any(|known| known == reader) {
            return;
        }
        let home = home.as_form().map(|home| home.name.clone()).unwrap_or_default();
        let message = format!("{noun} cannot read `{}` where it is kept", self.name(secret));
        self.report(
            report::secret_out_of_reach(span, message)
                .here(format!("read by {noun} here"))
                .label(*at, format!("kept in `{home}`, which is read by: {}", readers.join(", ")))
                .help("keep it in another home, or use it where this one can be read"),
        );
    }

    /// CI tells people by secrets that CI can read.
    pub(super) fn check_ci_secrets(&mut self) {
        let secrets = self.model.ci.as_ref().map(|ci| ci.secrets.clone()).unwrap_or_default();
        let mut notices: Vec<Value> = self.model.ci.iter().flat_map(|ci| ci.on_failure.notify.clone()).collect();
        for edge in self.model.promotions.iter().flat_map(|promotion| &promotion.edges) {
            notices.extend(edge.on_failure.notify.clone());
            notices.extend(edge.statements.iter().filter_map(|statement| match &statement.kind {
                EdgeStatementKind::Notify(notice) => Some(notice.clone()),
                _ => None,
            }));
        }
        let mut reported: Vec<DeclId> = Vec::new();
        for notice in &notices {
            let mut used = IndexMap::new();
            in_value(&self.model, notice, notice.as_form().map(|form| form.span).unwrap_or_default(), &mut used);
            for (secret, span) in used {
                if secrets.contains_key(&secret) || reported.contains(&secret) {
                    continue;
                }
                reported.push(secret);
                let message = format!("CI does not know where secret `{}` is kept", self.name(secret));
                self.report(
                    report::unbound_need(span, message)
                        .here("used by CI here")
                        .label(self.model.span(secret), "declared here")
                        .help(format!("add `secret {} = host_secret(\"NAME\")` to `ci`", self.name(secret))),
                );
            }
            self.check_notice(&secrets, notice, "ci", "CI");
        }
    }
}

/// The secrets that steps of these pipelines read, and where each step says so.
pub(crate) fn secrets_of_steps(model: &Model, pipelines: &[DeclId]) -> Vec<(DeclId, Span)> {
    let mut secrets = Vec::new();
    for call in pipelines.iter().flat_map(|pipeline| calls_of(model, *pipeline)) {
        let said = model.steps.get(&call.callee).and_then(|step| step.fields.get("secrets"));
        if let Some(said) = said {
            said.walk(&mut |part| {
                if let ExprKind::Decl(decl) = part.kind {
                    secrets.push((decl, part.span));
                }
            });
        }
    }
    secrets
}
