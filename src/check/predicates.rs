//! Refinements: a constant is held against its predicates when compiling; what is left is the runner's.

use super::arithmetic;
use super::checker::{Checker, Expected};
use super::eval::Evaluator;
use crate::ast::BinaryOperator;
use crate::diagnostics::report;
use crate::model::{Expr, ExprKind, Predicate, PredicateId, Type, Value};
use crate::source::Span;

impl Checker<'_> {
    /// Reports a constant that breaks a predicate of the type that is wanted.
    pub(super) fn hold_against_predicates(&mut self, found: &Expr, expected: &Expected) {
        let wanted = predicates(&expected.ty);
        if wanted.is_empty() || !is_constant(found) {
            return;
        }
        let value = match Evaluator::new(&self.model).evaluate(found) {
            Ok(value) => value,
            Err(_) => return,
        };
        self.check_value(&value, &wanted, found.span, expected);
    }

    /// Reports a value that breaks one of its predicates.
    pub(super) fn check_value(&mut self, value: &Value, wanted: &[PredicateId], span: Span, expected: &Expected) {
        if matches!(value, Value::Unknown | Value::None) {
            return;
        }
        for id in wanted {
            let predicate = self.model.predicates[id.0 as usize].clone();
            let held = Evaluator::new(&self.model).with_it(value.clone()).evaluate(&predicate.condition);
            if !matches!(held, Ok(Value::Bool(false))) {
                continue;
            }
            let message = format!("{} does not fit: `{}`", arithmetic::written(value), predicate.text);
            let mut diagnostic = report::refinement_broken(span, message)
                .here(format!("this is {}", arithmetic::written(value)))
                .label(predicate.span, "this must hold of it");
            if let Some((why, text)) = &expected.why
                && (why.file != predicate.span.file
                    || !(why.start <= predicate.span.start && predicate.span.end <= why.end))
            {
                diagnostic = diagnostic.label(*why, text.clone());
            }
            for note in self.explain(&predicate, value) {
                diagnostic = diagnostic.note(note);
            }
            self.report(diagnostic);
            return;
        }
    }

    /// The parts of a broken predicate with their values.
    fn explain(&self, predicate: &Predicate, value: &Value) -> Vec<String> {
        let mut notes = Vec::new();
        predicate.condition.walk(&mut |part| {
            let worth = matches!(part.kind, ExprKind::Length(_) | ExprKind::Binary(..) | ExprKind::Unary(..));
            if !worth || part.span == predicate.condition.span {
                return;
            }
            if let Ok(found) = Evaluator::new(&self.model).with_it(value.clone()).evaluate(part) {
                let text = self.text(part.span);
                notes.push(format!("`{text}` is {}", arithmetic::written(&found)));
            }
        });
        notes
    }

    /// Predicates of `wanted` that a value of type `given` is not known to fit. One that is written a second time is known,
    /// and so is one that was written with others, joined by `and`.
    pub(super) fn unproven(&self, given: &Type, wanted: &Type) -> Vec<PredicateId> {
        let condition = |id: &PredicateId| -> &Expr { &self.model.predicates[id.0 as usize].condition };
        let known: Vec<&Expr> = predicates(given).iter().flat_map(|id| parts(condition(id))).collect();
        let holds = |part: &&Expr| known.iter().any(|known| same(known, part));
        predicates(wanted).into_iter().filter(|id| !parts(condition(id)).iter().all(holds)).collect()
    }
}

/// What `and` joins.
fn parts(condition: &Expr) -> Vec<&Expr> {
    match &condition.kind {
        ExprKind::Binary(BinaryOperator::And, left, right) => [parts(left), parts(right)].concat(),
        _ => vec![condition],
    }
}

/// Whether two conditions say the same, wherever they stand.
fn same(one: &Expr, other: &Expr) -> bool {
    let heads = match (&one.kind, &other.kind) {
        (ExprKind::Field(_, one), ExprKind::Field(_, other)) => one == other,
        (ExprKind::Length(_), ExprKind::Length(_)) | (ExprKind::List(_), ExprKind::List(_)) => true,
        (ExprKind::Unary(one, _), ExprKind::Unary(other, _)) => one == other,
        (ExprKind::Binary(one, ..), ExprKind::Binary(other, ..)) => one == other,
        (ExprKind::Range(_, _, one), ExprKind::Range(_, _, other)) => one == other,
        (ExprKind::Call(one, _), ExprKind::Call(other, _)) => one == other,
        (one, other) => one == other,
    };
    let (parts, others) = (one.parts(), other.parts());
    heads && parts.len() == others.len() && parts.iter().zip(others).all(|(part, other)| same(part, other))
}

/// The predicates of a type, those inside `?` included.
pub(crate) fn predicates(ty: &Type) -> Vec<PredicateId> {
    match ty {
        Type::Refined { base, predicates: own, .. } => {
            let mut all = predicates(base);
            all.extend(own);
            all
        }
        Type::Optional(inner) => predicates(inner),
        _ => Vec::new(),
    }
}

/// Whether everything in it is known when compiling, whatever the environment and the caller.
pub(super) fn is_constant(expr: &Expr) -> bool {
    let mut constant = expr.run_time_part().is_none();
    expr.walk(&mut |part| {
        if matches!(part.kind, ExprKind::Local(_) | ExprKind::It | ExprKind::Error) {
            constant = false;
        }
    });
    constant
}
