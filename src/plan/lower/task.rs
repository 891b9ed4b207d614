//! A call of a step, with everything that its step, its call and its environment say.

use indexmap::IndexMap;

use super::Lower;
use super::expr::Frame;
use super::pipeline::{Flow, Named};
use super::pod::Laid;
use crate::check::eval::property;
use crate::check::limits;
use crate::model::{self, Value};
use crate::plan::{Cache, Expr, Input, Passthrough, Predicate, Resources, Retry, Run, SecretSource, Task, TaskOutput};
use crate::resolve::DeclId;
use crate::source::Span;

impl Flow<'_> {
    pub(super) fn task(&mut self, frame: &mut Frame, call: &model::Call) -> Task {
        let lower = self.lower;
        let step = &lower.model.steps[&call.callee];
        let Named { id, name } = self.named(frame, call, &step.outputs);
        let external = self.variant(step, "effects") == "external";
        let recorded = external && lower.model.environments[&self.place].records_effects();
        let in_containers = lower.in_containers(self.place);
        Task {
            id,
            name,
            display_name: lower.said(self.place, &call.with, "name"),
            step: lower.name(call.callee),
            description: lower.docs(call.callee),
            source: lower.model.path(self.span(call.callee)).to_owned(),
            inputs: step.inputs.iter().map(|input| (input.name.clone(), self.input(frame, call, input))).collect(),
            outputs: step
                .outputs
                .iter()
                .map(|output| TaskOutput {
                    name: output.name.clone(),
                    description: output.docs.clone(),
                    ty: lower.ty(&output.ty),
                    contract: lower.contract(&output.ty),
                })
                .collect(),
            after: self.after(frame, call),
            tolerates_failure: self.tolerates_failure(call),
            run: self.run(frame, step),
            image: if in_containers { self.image(step, call) } else { None },
            image_of_run: call.with.get("image").and_then(|image| self.image_of_run(frame, image)),
            resources: self.resources(frame, call, step),
            timeout: self.with_default(step, call, "timeout").as_seconds(),
            retry: if external && !call.with.contains_key("retry") { None } else { self.retry(step, call) },
            cache: self.cache(step, call, external),
            cache_key: lower.said(self.place, &call.with, "cache_key"),
            external,
            recorded,
            stub: if recorded { self.stub(step) } else { IndexMap::new() },
            env: self.env(frame, step, call),
            // What is listed instead of started is shown no secret.
            secrets: if recorded { IndexMap::new() } else { self.secrets(step) },
            task_config: self.task_config(step),
            span: call.span,
        }
    }

    fn task_config(&self, step: &model::Step) -> Vec<Passthrough> {
        let said = step.fields.get("task_config").map(|said| self.lower.value_in(self.place, said));
        let listed = said.as_ref().and_then(Value::as_list).unwrap_or_default();
        let one = |value: &Value| {
            let setting = value.field("setting")?.as_text()?.to_owned();
            Some(Passthrough { setting, apply: value.field("apply").and_then(Value::as_bool).unwrap_or(false) })
        };
        listed.iter().filter_map(one).collect()
    }

    /// What the step gives where it is listed instead of started.
    fn stub(&self, step: &model::Step) -> IndexMap<String, serde_json::Value> {
        let expr = step.fields.get("stub");
        let Some(Value::Record(entries)) = expr.map(|expr| self.lower.value_in(self.place, expr)) else {
            return IndexMap::new();
        };
        let encoded = |(name, value): (String, Value)| {
            let output = step.outputs.iter().find(|output| output.name == name)?;
            let ty = self.lower.ty(&output.ty);
            let ty = if ty.is_artifact() { crate::plan::Type::Json } else { ty };
            Some((name, self.lower.json_as(&value, &ty)))
        };
        entries.into_iter().filter_map(encoded).collect()
    }

    /// A field: of the call, or of the step.
    fn setting(&self, step: &model::Step, call: &model::Call, name: &str) -> Value {
        let expr = call.with.get(name).or_else(|| step.fields.get(name));
        expr.map(|expr| self.lower.value_in(self.place, expr)).unwrap_or(Value::None)
    }

    /// A field: of the call, of the step, or the environment's default.
    fn with_default(&self, step: &model::Step, call: &model::Call, name: &str) -> Value {
        match self.setting(step, call, name) {
            Value::None | Value::Unknown => {
                let defaults = self.lower.model.environments[&self.place].field("defaults");
                defaults.and_then(|defaults| defaults.field(name)).cloned().unwrap_or(Value::None)
            }
            value => value,
        }
    }

    fn variant(&self, step: &model::Step, name: &str) -> String {
        let expr = step.fields.get(name);
        let value = expr.map(|expr| self.lower.value_in(self.place, expr)).unwrap_or_default();
        value.as_text().unwrap_or_default().to_owned()
    }

    fn input(&self, frame: &Frame, call: &model::Call, input: &model::Field) -> Input {
        let lower = self.lower;
        let ty = lower.ty(&input.ty);
        let given = call.arguments.get(&input.name);
        let of_run = input.default.as_ref().filter(|default| default.run_time_part().is_some());
        let default_of_run = of_run.map(|default| self.expr(frame, default));
        let default = input.default.as_ref().filter(|_| of_run.is_none());
        let default = default.map(|default| lower.json_as(&lower.value_in(self.place, default), &ty));
        let value = match (given, &default, &default_of_run) {
            (Some(given), ..) => self.expr(frame, given),
            (None, Some(default), _) => Expr::literal(ty.clone(), default.clone()),
            (None, None, Some(default)) => default.clone(),
            (None, None, None) => Expr::literal(ty.clone(), serde_json::Value::Null),
        };
        Input {
            description: input.docs.clone(),
            predicates: self.predicates(&value, given, input),
            allowed: lower.allowed(&input.ty),
            expected: input.has_mark("expected"),
            value: match value.as_literal() {
                Some(_) => Expr { ty: ty.clone(), ..value },
                None => value,
            },
            ty,
            given: given.is_some(),
            default,
            default_of_run,
            span: given.map_or(input.span, |given| given.span),
        }
    }

    /// What the runner checks: a constant was checked when compiling; who started the run may have given anything else.
    fn predicates(&self, value: &Expr, given: Option<&model::Expr>, input: &model::Field) -> Vec<Predicate> {
        if value.as_literal().is_some() {
            return Vec::new();
        }
        let mut all = given.map(|given| self.lower.predicates_of(&given.ty)).unwrap_or_default();
        for predicate in self.lower.predicates_of(&input.ty) {
            if !all.contains(&predicate) {
                all.push(predicate);
            }
        }
        all
    }

    fn run(&self, frame: &Frame, step: &model::Step) -> Run {
        match &step.run {
            model::Run::Python { file, function, sha256, .. } => {
                Run::Python { file: file.clone(), function: function.clone(), sha256: sha256.clone() }
            }
            model::Run::Command(words, args) => {
                let all = |words: &[model::Expr]| words.iter().map(|word| self.word(word)).collect();
                Run::Command { words: all(words), args: all(args) }
            }
            model::Run::Form(form, source) => {
                Run::Form { form: self.lower.form(form), source: source.as_ref().map(|source| source.text.to_string()) }
            }
            model::Run::Importer(importer) => Run::Importer {
                uri: self.expr(frame, &importer.uri),
                metadata: self.expr(frame, &importer.metadata),
                reimport: importer.reimport,
                download: importer.download,
            },
            model::Run::Approval { by, question } => Run::Approval {
                team: self.lower.name(*by),
                users: self.lower.users_of(*by),
                question: question.clone(),
            },
            model::Run::Claim { delete } => Run::Claim { delete: *delete },
            model::Run::Unknown => Run::Command { words: Vec::new(), args: Vec::new() },
        }
    }

    fn image(&self, step: &model::Step, call: &model::Call) -> Option<String> {
        let of_call = call.with.get("image").filter(|image| image.run_time_part().is_none());
        let expr = of_call.or_else(|| step.fields.get("image"))?;
        match self.lower.value_in(self.place, expr) {
            Value::Reference(image) => Some(self.lower.image_in(image, self.place)),
            _ => None,
        }
    }

    fn resources(&self, frame: &Frame, call: &model::Call, step: &model::Step) -> Resources {
        let laid = call.with.get("compute");
        let said = laid.or_else(|| step.fields.get("compute"));
        let span = said.map_or(call.span, |expr| expr.span);
        let laid = match laid.map(|expr| &expr.kind) {
            Some(model::ExprKind::Record(parts)) => Some(Laid { parts, place: self.place, frame }),
            _ => None,
        };
        match limits::compute_of(self.lower.model, self.place, call) {
            Some(compute) => self.lower.resources(&compute, laid.as_ref(), span),
            None => Resources { span, ..Resources::default() },
        }
    }

    fn retry(&self, step: &model::Step, call: &model::Call) -> Option<Retry> {
        let said = call.with.get("retry").or_else(|| step.fields.get("retry")).map(|expr| expr.span);
        self.retry_value(&self.with_default(step, call, "retry"), said.unwrap_or(call.span))
    }

    /// The retry of a whole nested pipeline.
    pub(super) fn retry_of_call(&self, call: &model::Call) -> Option<Retry> {
        let said = call.with.get("retry")?;
        self.retry_value(&self.lower.value_in(self.place, said), said.span)
    }

    fn retry_value(&self, retry: &Value, span: Span) -> Option<Retry> {
        let times = retry.field("times")?.as_int()?;
        let seconds = |name: &str| retry.field(name).and_then(Value::as_seconds);
        Some(Retry {
            times: u32::try_from(times).unwrap_or(u32::MAX),
            backoff: seconds("backoff").unwrap_or(0.0),
            factor: retry.field("factor").and_then(Value::as_float).unwrap_or(1.0),
            max_backoff: seconds("max_backoff"),
            span,
        })
    }

    fn cache(&self, step: &model::Step, call: &model::Call, external: bool) -> Cache {
        match cache(&self.setting(step, call, "cache")) {
            Cache::Auto if external => Cache::Off,
            said => said,
        }
    }

    /// Whether an earlier result may stand for a whole nested pipeline.
    pub(super) fn cache_of_call(&self, call: &model::Call) -> Cache {
        call.with.get("cache").map(|said| cache(&self.lower.value_in(self.place, said))).unwrap_or_default()
    }

    pub(super) fn tolerates_failure(&self, call: &model::Call) -> bool {
        let said = call.with.get("tolerates_failure").map(|said| self.lower.value_in(self.place, said));
        said.and_then(|said| said.as_bool()).unwrap_or(false)
    }

    fn secrets(&self, step: &model::Step) -> IndexMap<String, SecretSource> {
        let Some(field) = step.fields.get("secrets") else { return IndexMap::new() };
        let Value::Record(entries) = self.lower.value_in(self.place, field) else { return IndexMap::new() };
        let bindings = &self.lower.model.environments[&self.place].bindings;
        let found = entries.into_iter().filter_map(|(variable, value)| {
            let Value::Reference(secret) = value else { return None };
            Some((variable, self.lower.secret_source(secret, bindings)?))
        });
        found.collect()
    }
}

fn cache(said: &Value) -> Cache {
    match said.as_text() {
        Some("off") => Cache::Off,
        Some("on") => Cache::On,
        _ => Cache::Auto,
    }
}

impl Lower<'_> {
    /// Whether an environment's steps run in containers.
    pub(super) fn in_containers(&self, place: DeclId) -> bool {
        let orchestrator = self.model.environments[&place].field("orchestrator").and_then(Value::as_form);
        orchestrator.and_then(|form| property(self.model, form, "containers").as_bool()).unwrap_or(false)
    }

    /// Where a secret is kept, as the bindings say.
    pub(super) fn secret_source(
        &self,
        secret: DeclId,
        bindings: &IndexMap<DeclId, (Value, Span)>,
    ) -> Option<SecretSource> {
        let (home, _) = bindings.get(&secret)?;
        Some(SecretSource { secret: self.name(secret), home: self.form_of(Some(home))? })
    }
}
