//! Calls and loops in pipelines.

use indexmap::IndexMap;

use super::call::Callee;
use super::checker::{Checker, Expected, Scope};
use super::pipeline::Flow;
use crate::ast::{self, ItemKind, RecordEntry};
use crate::diagnostics::report;
use crate::model::{Call, Expr, ExprKind, Field, For, Node, NodeId, Type, Value};
use crate::resolve::DeclId;
use crate::source::Span;

impl Checker<'_> {
    /// A call of a step or pipeline; none where something else is called.
    pub(super) fn call_node(
        &mut self,
        flow: &mut Flow,
        scope: &mut Scope,
        written: &ast::Expr,
        with: &[RecordEntry],
        name: Option<&ast::Name>,
    ) -> Option<Call> {
        let ast::ExprKind::Call { callee, arguments } = &written.kind else { return None };
        let ast::ExprKind::Name(callee_name) = &callee.kind else { return None };
        let decl = self.model.names.lookup(scope.file, &callee_name.text)?;
        if scope.peek(&callee_name.text).is_some() && !self.is_called(decl) {
            return None;
        }
        let (mut parameters, is_pipeline) = match &self.item(decl).kind {
            ItemKind::Step(_) => (self.step_signature(decl).0, false),
            ItemKind::Pipeline(_) => (self.pipeline_signature(decl).0, true),
            _ => return None,
        };
        self.used(callee_name.span, decl);
        if tolerates(with) {
            // It is told how that ended which it waits for.
            let told = parameters.iter_mut().filter(|parameter| parameter.ty == Type::RunStatus);
            told.for_each(|parameter| parameter.ty = Type::RunStatus.optional());
        }
        let id = flow.next();
        let title = callee_name.text.clone();
        let callee = Callee { name: &title, decl, positional: 0, complete: false };
        let given = self.arguments(scope, &callee, &parameters, arguments, written.span);
        for (name, value) in &given {
            self.check_run_time(value);
            self.check_keys(decl, value);
            if let Some(parameter) = parameters.iter().find(|parameter| parameter.name == *name) {
                self.check_proven(decl, parameter, value, is_pipeline);
                self.check_inference(parameter, value);
            }
        }
        let (after, with) = self.with_entries(scope, with, "With");
        if is_pipeline {
            self.check_with_of_pipeline(&with);
        }
        if let ItemKind::Step(step) = &self.item(decl).kind {
            self.check_with_of_claim(step, &with);
        }
        let binding = name.map(|name| name.text.clone());
        Some(Call { id, binding, callee: decl, is_pipeline, arguments: given, after, with, span: written.span })
    }

    /// A command step has no runner that could check a value, nor has a pipeline: they want a value that is known to fit.
    fn check_proven(&mut self, callee: DeclId, parameter: &Field, value: &Expr, is_pipeline: bool) {
        if value.run_time_part().is_none() {
            return;
        }
        let has_runner = match &self.item(callee).kind {
            ItemKind::Step(step) => has_runner(step),
            _ => false,
        };
        let unproven = self.unproven(&value.ty, &parameter.ty);
        let Some(predicate) = unproven.first().filter(|_| !has_runner) else { return };
        let predicate = self.model.predicates[predicate.0 as usize].clone();
        let noun = if is_pipeline { "a pipeline" } else { "a command" };
        let message = format!("this is not known to fit: `{}`", predicate.text);
        self.report(
            report::unproven_refinement(value.span, message)
                .here(format!("a `{}`, known only when the pipeline runs", self.show(&value.ty)))
                .label(parameter.span, format!("`{}` wants a `{}`", parameter.name, self.show(&parameter.ty)))
                .note(format!("{noun} has no runner that could check it before it starts"))
                .help("declare the refined type where the value comes from: on the parameter, or on the output of the step"),
        );
    }

    /// A key that is made of values of the run: nobody makes it before a runner reads it.
    fn check_keys(&mut self, callee: DeclId, value: &Expr) {
        let alone = matches!(&self.item(callee).kind, ItemKind::Step(step) if !has_runner(step));
        let mut keys = Vec::new();
        value.walk(&mut |part| {
            let ExprKind::Record(parts) = &part.kind else { return };
            keys.extend(parts.iter().filter_map(|part| match part {
                crate::model::RecordPart::Keyed(key, _) => key.run_time_part().map(|_| key.span),
                _ => None,
            }));
        });
        for span in keys.into_iter().filter(|_| !alone) {
            self.report(
                report::not_at_run_time(span, "a key made of values of the run is made by the orchestrator alone")
                    .note("a step that a runner starts, and a pipeline, are given their keys as they are")
                    .help("let a step make the whole map"),
            );
        }
    }

    /// A parameter marked `@inference` takes only schemas without a `@label`.
    fn check_inference(&mut self, parameter: &Field, value: &Expr) {
        if !parameter.marks.iter().any(|mark| mark == "inference") {
            return;
        }
        let schemas: Vec<DeclId> = match value.ty.required() {
            Type::Artifact { schemas, .. } => schemas.clone(),
            Type::Table(Some(schema)) => vec![*schema],
            _ => Vec::new(),
        };
        for schema in schemas {
            let label = self.model.structs.get(&schema).and_then(|found| {
                found.fields.iter().find(|field| field.marks.iter().any(|mark| mark == "label")).cloned()
            });
            if let Some(label) = label {
                let message = format!("`{}` holds the label `{}`", self.name(schema), label.name);
                self.report(
                    report::label_at_inference(value.span, message)
                        .label(label.span, "marked `@label` here")
                        .label(parameter.span, "marked `@inference` here: it takes only data without a label"),
                );
            }
        }
    }

    /// What a call of a pipeline cannot be told: its steps say it.
    fn check_with_of_pipeline(&mut self, with: &IndexMap<String, Expr>) {
        for (name, value) in with {
            if !OF_PIPELINES.contains(&name.as_str()) {
                let message = format!("`{name}` is said of a step, not of a whole pipeline");
                let list: Vec<String> = OF_PIPELINES.iter().map(|name| format!("`{name}`")).collect();
                self.report(
                    report::bad_with(value.span, message)
                        .help(format!("say it where the step is called; a pipeline takes {}", list.join(", "))),
                );
            }
        }
    }

    /// `with { … }` held against the library's struct of that name.
    pub(super) fn with_entries(
        &mut self,
        scope: &mut Scope,
        entries: &[RecordEntry],
        of: &str,
    ) -> (Vec<NodeId>, IndexMap<String, Expr>) {
        let mut after = Vec::new();
        let mut with = IndexMap::new();
        let Some(of) = self.item_struct(of) else { return (after, with) };
        let fields = self.model.structs.get(&of).map(|found| found.fields.clone()).unwrap_or_default();
        for entry in entries {
            let RecordEntry::Field { name, value } = entry else {
                if let RecordEntry::Keyed { key, .. } = entry {
                    self.report(report::bad_with(key.span, "what holds for a call has a name"));
                }
                if let RecordEntry::Spread(value) = entry {
                    self.report(report::bad_with(value.span, "nothing is spread into `with { … }`"));
                }
                continue;
            };
            if name.text == "after" && fields.iter().any(|field| field.name == "after") {
                after.extend(self.after(scope, value));
                continue;
            }
            if name.text == "compute"
                && let Some(value) = self.call_compute(scope, value)
            {
                with.insert(name.text.clone(), value);
                continue;
            }
            let Some(field) = fields.iter().find(|field| field.name == name.text) else {
                let known: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
                self.no_such_part("`with { … }`", name, &known, None);
                continue;
            };
            let why = format!("`{}` is {}", field.name, super::expr::with_article(&self.show(&field.ty)));
            let value = self.expr(scope, value, &Expected::because(&field.ty, name.span, why));
            if name.text == "env" {
                self.check_variables(&value);
            }
            if name.text == "image" && !self.is_image(&value) {
                continue;
            }
            let dynamic = field.marks.iter().any(|mark| mark == "dynamic");
            if let Some(part) = value.run_time_part().filter(|_| !dynamic) {
                self.report(report::known_only_at_run_time(
                    part.span,
                    format!("`{}` is decided when compiling", field.name),
                ));
                continue;
            }
            with.insert(name.text.clone(), value);
        }
        (after, with)
    }

    /// Whether it is an image, or a text that is one's reference.
    fn is_image(&mut self, value: &Expr) -> bool {
        let good = match value.ty.required() {
            Type::Reference(crate::model::Reference::Image) | Type::Unknown => true,
            Type::String => value.run_time_part().is_some(),
            _ => false,
        };
        if !good {
            let message = "an image is wanted here, or a text that is known only when the pipeline runs";
            self.report(
                report::type_mismatch(value.span, message)
                    .help("declare it, `image NAME { reference: \"…\" }`, and name it here"),
            );
        }
        good
    }

    /// `after: [x, y]`: names of what was called before.
    fn after(&mut self, scope: &mut Scope, written: &ast::Expr) -> Vec<NodeId> {
        let items = match &written.kind {
            ast::ExprKind::List(items) => items.clone(),
            _ => vec![written.clone()],
        };
        let mut nodes = Vec::new();
        for item in items {
            let local = match &item.kind {
                ast::ExprKind::Name(name) => scope.find(&name.text),
                _ => None,
            };
            // What gives nothing is no value, and can be waited for.
            if let Some(local) = local
                && let ExprKind::Node(id) = local.expr.kind
            {
                local.used = true;
                let local = local.clone();
                self.used_local(item.span, &local);
                nodes.push(id);
                continue;
            }
            let found = self.infer(scope, &item, None);
            match found.kind {
                ExprKind::Node(id) => nodes.push(id),
                ExprKind::Error => {}
                _ => self.report(
                    report::bad_with(item.span, "`after` lists what is to be waited for")
                        .help("name the result of a call, an `if` or a `for`: `after: [rows]`"),
                ),
            }
        }
        nodes
    }

    pub(super) fn for_node(
        &mut self,
        flow: &mut Flow,
        scope: &mut Scope,
        written: &ast::For,
        name: Option<&ast::Name>,
        depth: usize,
    ) -> Node {
        let id = flow.next();
        let source = self.infer(scope, &written.source, None);
        self.check_run_time(&source);
        if source.ty.is_artifact() {
            self.report(
                report::not_a_list(source.span, "a loop goes through values, not through artifacts")
                    .help("loop over what the artifacts were made from, or let one step take the whole list"),
            );
        }
        let item_type = self.item_type(&source);
        let source = self.counted(source);
        let parallel = written.parallel.as_ref().map(|parallel| self.parallelism(scope, parallel));
        self.check_bound_name(scope, &written.name);
        scope.push();
        scope.bind(&written.name, item_type.clone(), ExprKind::Item(id), Some("loop item"));
        let body = self.inner_block(flow, scope, &written.body, depth);
        Node::For(For {
            id,
            binding: name.map(|name| name.text.clone()),
            item: written.name.text.clone(),
            item_type,
            source,
            parallel,
            body,
            span: head(written.span, written.body.span),
        })
    }

    /// What a loop goes through: a range stands for the list of its numbers.
    fn counted(&mut self, source: Expr) -> Expr {
        if !matches!(source.ty.required(), Type::Range(_)) {
            return source;
        }
        let part = source.run_time_part().map(|part| part.span);
        let (span, name) = (source.span, "number".to_owned());
        let value = Box::new(Expr { ty: Type::Int, kind: ExprKind::Local(name.clone()), span });
        let kind = ExprKind::Comprehension { name, source: Box::new(source), condition: None, value };
        let counted = Expr { ty: Type::List(Box::new(Type::Int)), kind, span };
        match part {
            None => drop(self.constant(&counted)),
            Some(part) => {
                let message = "how far a loop counts is decided when compiling";
                self.report(report::known_only_at_run_time(part, message).help("let a step give the list"));
            }
        }
        counted
    }

    fn parallelism(&mut self, scope: &mut Scope, written: &ast::Expr) -> Value {
        let value = self.expr(scope, written, &Expected::of(&Type::Int));
        if value.run_time_part().is_some() {
            self.report(report::known_only_at_run_time(value.span, "how many at a time is decided when compiling"));
            return Value::Unknown;
        }
        let found = self.constant(&value);
        if matches!(found, Value::Int(count) if count < 1) {
            self.report(report::refinement_broken(value.span, "at least one at a time"));
        }
        found
    }
}

/// Whether a call is told to run after a failure, as it is written.
fn tolerates(with: &[RecordEntry]) -> bool {
    with.iter().any(|entry| match entry {
        RecordEntry::Field { name, value } => {
            name.text == "tolerates_failure" && value.kind == ast::ExprKind::Bool(true)
        }
        RecordEntry::Spread(_) | RecordEntry::Keyed { .. } => false,
    })
}

/// What can be said of a call of a pipeline.
const OF_PIPELINES: &[&str] = &["name", "after", "cache", "cache_key", "retry", "tolerates_failure"];

/// The head of a block's statement: what a person points at.
fn head(whole: Span, body: Span) -> Span {
    Span { end: body.start.max(whole.start), ..whole }
}

pub(super) fn holds_error(block: &ast::Block) -> bool {
    block.statements.iter().any(|statement| matches!(statement.kind, ast::StatementKind::Error))
}

/// Whether a runner of ours starts a step, as it is written.
fn has_runner(step: &ast::Step) -> bool {
    matches!(run_form(step), None | Some("python" | "importer"))
}

/// The form of what a step starts, as it is written: steps are asked of it before they are checked.
pub(super) fn run_form(step: &ast::Step) -> Option<&str> {
    let run = step.entries.iter().find_map(|entry| match entry {
        ast::Entry::Field { name, value, .. } if name.text == "run" => Some(value),
        _ => None,
    })?;
    match &run.kind {
        ast::ExprKind::Name(name) => Some(&name.text),
        ast::ExprKind::Call { callee, .. } => match &callee.kind {
            ast::ExprKind::Name(name) => Some(&name.text),
            _ => None,
        },
        _ => None,
    }
}
