//! Policies: assertions over the whole project, decided when compiling.

use super::checker::{Checker, Scope};
use super::eval::Evaluator;
use super::world::Project;
use crate::ast::{self, PropositionKind};
use crate::diagnostics::{Diagnostic, report};
use crate::model::{Expr, ExprKind, Value};
use crate::resolve::DeclId;
use crate::source::Span;

/// A policy with its names bound.
enum Assertion {
    Assert { condition: Expr, text: String },
    For { name: String, source: Expr, condition: Option<Expr>, body: Vec<Assertion> },
    Bind { name: String, value: Expr },
}

impl Checker<'_> {
    pub(super) fn check_policy(&mut self, decl: DeclId, written: &ast::Policy) {
        let mut scope = Scope::new(self.file_of(decl)).with_module("policy");
        let before = crate::diagnostics::any_error(&self.diagnostics);
        let assertions = self.assertions(&mut scope, &written.propositions);
        let texts = self.asserted("", &written.propositions);
        self.model.policies.insert(decl, texts);
        // A project that is not whole cannot be judged: its own faults are told first.
        if before || crate::diagnostics::any_error(&self.diagnostics) {
            return;
        }
        let project = Project::new(&self.model);
        let mut faults = Vec::new();
        let mut locals = Vec::new();
        decide(&project, &assertions, &mut locals, &written.name, &mut faults);
        faults.into_iter().for_each(|fault| self.report(fault));
    }

    /// What is asserted, as it was written.
    fn asserted(&self, of: &str, written: &[ast::Proposition]) -> Vec<String> {
        let mut of = of.to_owned();
        let mut found = Vec::new();
        for proposition in written {
            match &proposition.kind {
                PropositionKind::Assert { condition, .. } => found.push(format!("{of}{}", self.text(condition.span))),
                PropositionKind::For { name, source, condition, body } => {
                    let only = condition.as_ref().map(|only| format!(" where {}", self.text(only.span)));
                    let (source, only) = (self.text(source.span), only.unwrap_or_default());
                    found.extend(self.asserted(&format!("{of}for {} in {source}{only}: ", name.text), body));
                }
                PropositionKind::Bind { name, value, .. } => {
                    of.push_str(&format!("{} = {}; ", name.text, self.text(value.span)));
                }
                PropositionKind::Error => {}
            }
        }
        found
    }

    fn assertions(&mut self, scope: &mut Scope, written: &[ast::Proposition]) -> Vec<Assertion> {
        let mut found = Vec::new();
        for proposition in written {
            match &proposition.kind {
                PropositionKind::Assert { condition, .. } => {
                    let expr = self.condition(scope, condition);
                    found.push(Assertion::Assert { condition: expr, text: self.text(condition.span) });
                }
                PropositionKind::For { name, source, condition, body } => {
                    let source = self.infer(scope, source, None);
                    let item = self.item_type(&source);
                    self.check_shadowing(scope, name);
                    scope.push();
                    scope.bind(name, item, ExprKind::Local(name.text.clone()), Some("name"));
                    let condition = condition.as_ref().map(|condition| self.condition(scope, condition));
                    let body = self.assertions(scope, body);
                    let unused = scope.pop(proposition.span);
                    self.report_unused(unused);
                    found.push(Assertion::For { name: name.text.clone(), source, condition, body });
                }
                PropositionKind::Bind { name, value, .. } => {
                    self.check_shadowing(scope, name);
                    let value = self.infer(scope, value, None);
                    scope.bind(name, value.ty.clone(), ExprKind::Local(name.text.clone()), Some("name"));
                    found.push(Assertion::Bind { name: name.text.clone(), value });
                }
                PropositionKind::Error => {}
            }
        }
        found
    }
}

fn decide(
    project: &Project<'_>,
    assertions: &[Assertion],
    locals: &mut Vec<(String, Value)>,
    policy: &ast::Name,
    faults: &mut Vec<Diagnostic>,
) {
    let depth = locals.len();
    for assertion in assertions {
        match assertion {
            Assertion::Bind { name, value } => {
                let value = evaluate(project, locals, value);
                locals.push((name.clone(), value));
            }
            Assertion::For { name, source, condition, body } => {
                let Value::List(items) = evaluate(project, locals, source) else { continue };
                for item in items {
                    locals.push((name.clone(), item));
                    let wanted = condition.as_ref().map(|condition| evaluate(project, locals, condition));
                    if matches!(wanted, None | Some(Value::Bool(true))) {
                        decide(project, body, locals, policy, faults);
                    }
                    locals.pop();
                }
            }
            Assertion::Assert { condition, text } => match evaluate(project, locals, condition) {
                Value::Bool(true) => {}
                outcome => faults.push(fault(project, condition, text, locals, policy, &outcome)),
            },
        }
    }
    locals.truncate(depth);
}

fn evaluate(project: &Project<'_>, locals: &[(String, Value)], expr: &Expr) -> Value {
    let mut evaluator = Evaluator::new(project.model).with_world(project);
    for (name, value) in locals {
        evaluator = evaluator.with_local(name, value.clone());
    }
    evaluator.evaluate(expr).unwrap_or_default()
}

fn fault(
    project: &Project<'_>,
    condition: &Expr,
    text: &str,
    locals: &[(String, Value)],
    policy: &ast::Name,
    outcome: &Value,
) -> Diagnostic {
    let subject = locals.last().map(|(name, value)| (name.clone(), project.describe(value)));
    let of = subject.as_ref().map(|(_, shown)| format!(" for {shown}")).unwrap_or_default();
    let message = match outcome {
        Value::Bool(_) => format!("policy `{}` does not hold{of}: `{text}`", policy.text),
        _ => format!("policy `{}` cannot be shown to hold{of}: `{text}`", policy.text),
    };
    let mut diagnostic = report::policy_broken(condition.span, message).here("this must hold");
    for (span, label) in locals.last().map(|(_, value)| project.places(value)).unwrap_or_default() {
        diagnostic = diagnostic.label(span, label);
    }
    condition.walk(&mut |part| {
        if let ExprKind::Ask(of, question, arguments) = &part.kind
            && let [argument] = arguments.as_slice()
            && let Some((span, reason)) =
                project.unanswered(&evaluate(project, locals, of), question, &evaluate(project, locals, argument))
        {
            diagnostic = diagnostic.clone().label(span, reason);
        }
    });
    let mut seen: Vec<Span> = Vec::new();
    let mut notes = Vec::new();
    condition.walk(&mut |part| {
        let worth = matches!(part.kind, ExprKind::Field(..) | ExprKind::Ask(..));
        if worth && !seen.contains(&part.span) {
            seen.push(part.span);
            let value = evaluate(project, locals, part);
            notes.push(format!("`{}` is {}", project.text(part.span), project.describe(&value)));
        }
    });
    notes.into_iter().fold(diagnostic, Diagnostic::note)
}
