//! Operators: which operands they take, and what they give.

use super::checker::{Checker, Expected, Scope};
use super::expr::with_article;
use crate::ast::{self, BinaryOperator as Op};
use crate::diagnostics::report;
use crate::model::{Expr, ExprKind, Type, Value};
use crate::source::Span;

impl Checker<'_> {
    pub(super) fn binary(
        &mut self,
        scope: &mut Scope,
        (operator, at): (Op, Span),
        left: &ast::Expr,
        right: &ast::Expr,
        expected: Option<&Expected>,
        span: Span,
    ) -> Expr {
        let (ty, left, right) = match operator {
            Op::And | Op::Or => {
                let left_found = self.condition(scope, left);
                let narrowed = if operator == Op::And { not_none(left) } else { not_none_else(left) };
                scope.push();
                self.narrow(scope, &narrowed);
                let right = self.condition(scope, right);
                self.end_narrowing(scope, &narrowed, span);
                (Type::Bool, left_found, right)
            }
            Op::Equal | Op::NotEqual | Op::Less | Op::LessOrEqual | Op::Greater | Op::GreaterOrEqual => {
                let (left, right) = self.comparands(scope, left, right);
                self.check_comparison(operator, at, &left, &right, span);
                (Type::Bool, left, right)
            }
            Op::In => {
                let left = self.infer(scope, left, None);
                let wanted = Expected::of(&Type::List(Box::new(left.ty.clone())));
                let right = self.infer(scope, right, Some(&wanted));
                self.check_in(&left, &right, span);
                (Type::Bool, left, right)
            }
            Op::Matches => {
                let left = self.expr(scope, left, &Expected::of(&Type::Any));
                self.must_be_texty(&left);
                let right = self.expr(scope, right, &Expected::of(&Type::String));
                self.check_pattern(&right);
                (Type::Bool, left, right)
            }
            Op::Coalesce => {
                let left = self.infer(scope, left, expected);
                let inner = match left.ty.unrefined() {
                    Type::Optional(inner) => (**inner).clone(),
                    Type::Unknown | Type::Any | Type::None | Type::Json => Type::Unknown,
                    other => {
                        let message = format!("this is a `{}`, and never `none`", self.show(other));
                        self.report(report::never_none(left.span, message).help("leave `?? …` out"));
                        Type::Unknown
                    }
                };
                let right = self.infer(scope, right, Some(&Expected::of(&inner)));
                let ty = self.join(&inner, &right.ty);
                if ty.is_none() {
                    let message = format!(
                        "both sides of `??` are of one type: `{}` and `{}`",
                        self.show(&inner),
                        self.show(&right.ty)
                    );
                    self.report(report::operator_does_not_fit(span, message));
                }
                (ty.unwrap_or_default(), left, right)
            }
            Op::Add | Op::Subtract | Op::Multiply | Op::Divide => {
                let left = self.infer(scope, left, None);
                let right = self.infer(scope, right, None);
                let ty = self.arithmetic(operator, &left, &right, span);
                (ty, left, right)
            }
        };
        if ty.is_unknown() {
            return Expr::error(span);
        }
        Expr { ty, kind: ExprKind::Binary(operator, Box::new(left), Box::new(right)), span }
    }

    /// Both sides of a comparison, each understood in the light of the other (a bare name may be a variant).
    fn comparands(&mut self, scope: &mut Scope, left: &ast::Expr, right: &ast::Expr) -> (Expr, Expr) {
        let is_bare = matches!(&left.kind, ast::ExprKind::Name(name) if scope.peek(&name.text).is_none());
        if is_bare && self.would_be_unknown(scope, left) {
            let right = self.infer(scope, right, None);
            let left = self.infer(scope, left, Some(&Expected::of(&right.ty)));
            return (left, right);
        }
        let left = self.infer(scope, left, None);
        // A whole number stays one beside a float, so that targets may write it so.
        let expected = Expected::of(&left.ty);
        let expected = (*left.ty.required() != Type::Float).then_some(&expected);
        let right = self.infer(scope, right, expected);
        (left, right)
    }

    fn would_be_unknown(&self, scope: &Scope, expr: &ast::Expr) -> bool {
        match &expr.kind {
            ast::ExprKind::Name(name) => self.model.names.lookup(scope.file, &name.text).is_none(),
            _ => false,
        }
    }

    /// The type as which two expressions compare.
    pub(super) fn comparable(&mut self, left: &Expr, right: &Expr, span: Span) -> Option<Type> {
        let (a, b) = (left.ty.required(), right.ty.required());
        let joined = match (a, b) {
            (Type::Int, Type::Float) | (Type::Float, Type::Int) => Some(Type::Float),
            (Type::String, Type::Uri | Type::Cron | Type::Timestamp) => Some(b.clone()),
            (Type::Uri | Type::Cron | Type::Timestamp, Type::String) => Some(a.clone()),
            _ => self.join(a, b),
        };
        if joined.is_none() {
            let (a, b) = (self.show(a), self.show(b));
            let mut diagnostic = report::cannot_compare(
                span,
                format!("{} cannot be compared with {}", with_article(&a), with_article(&b)),
            )
            .label(left.span, format!("this is {}", with_article(&a)))
            .label(right.span, format!("this is {}", with_article(&b)));
            if let Some(help) = super::advice::for_misfit(self, &right.ty, &left.ty) {
                diagnostic = diagnostic.help(help);
            }
            self.report(diagnostic);
        }
        joined
    }

    fn check_comparison(&mut self, operator: Op, at: Span, left: &Expr, right: &Expr, span: Span) {
        for side in [left, right] {
            if *side.ty.required() == Type::Secret {
                self.report(
                    report::secret_compared(side.span, "a secret cannot be compared")
                        .note("whoever compares a secret can find it out"),
                );
                return;
            }
            if side.ty.is_artifact() {
                self.report(
                    report::cannot_compare(side.span, "files cannot be compared")
                        .help("let a step read them and give a value that can be"),
                );
                return;
            }
        }
        let Some(ty) = self.comparable(left, right, span) else { return };
        let ordering = !matches!(operator, Op::Equal | Op::NotEqual);
        if !ordering {
            return;
        }
        for side in [left, right] {
            if matches!(side.ty.unrefined(), Type::Optional(_) | Type::None) {
                self.report(
                    report::may_be_none(side.span, "this may be `none`, which is neither larger nor smaller")
                        .help("ask `… != none and …` first, or give another value for that with `??`"),
                );
                return;
            }
        }
        // Text is ordered by its characters' numbers, as Python, CEL and UTF-8 have it.
        let known = ty.is_ordered() || ty.is_unknown() || matches!(ty, Type::Json | Type::String);
        if !known {
            let message = format!("a `{}` is neither larger nor smaller than another", self.show(&ty));
            self.report(report::operator_does_not_fit(at, message));
        }
    }

    fn check_in(&mut self, left: &Expr, right: &Expr, span: Span) {
        match right.ty.required() {
            Type::List(item) | Type::Range(item) => {
                let item = Expr { ty: (**item).clone(), ..right.clone() };
                self.comparable(left, &item, span);
            }
            Type::Unknown | Type::Any => {}
            other => {
                let message = format!("`in` wants a list or a range, not a `{}`", self.show(other));
                self.report(report::operator_does_not_fit(right.span, message).help("`x in [a, b]`, `x in 1..=10`"));
            }
        }
    }

    fn must_be_texty(&mut self, expr: &Expr) {
        if !matches!(
            expr.ty.unrefined(),
            Type::String | Type::Uri | Type::Cron | Type::Timestamp | Type::Unknown | Type::Any
        ) {
            let message = format!("`matches` looks at text, not at a `{}`", self.show(&expr.ty));
            self.report(report::operator_does_not_fit(expr.span, message));
        }
    }

    fn check_pattern(&mut self, pattern: &Expr) {
        let ExprKind::Value(Value::Text(text)) = &pattern.kind else {
            if !pattern.ty.is_unknown() {
                self.report(report::invalid_pattern(pattern.span, "a pattern is written out, as a text"));
            }
            return;
        };
        if let Err(fault) = super::formats::whole_match(text) {
            self.report(
                report::invalid_pattern(pattern.span, "this is no pattern")
                    .note(fault)
                    .help("patterns are in RE2's syntax: no look-around, no back-references"),
            );
        }
    }

    fn arithmetic(&mut self, operator: Op, left: &Expr, right: &Expr, span: Span) -> Type {
        let (a, b) = (left.ty.unrefined().clone(), right.ty.unrefined().clone());
        let quantity = |ty: &Type| matches!(ty, Type::Duration | Type::Size | Type::Percent | Type::Money);
        let number = |ty: &Type| matches!(ty, Type::Int | Type::Float);
        match (&a, &b, operator) {
            (Type::Unknown | Type::Any, _, _) | (_, Type::Unknown | Type::Any, _) => Type::Unknown,
            (Type::Int, Type::Int, Op::Divide) => Type::Float,
            (a, b, _) if number(a) && number(b) => {
                if *a == Type::Int && *b == Type::Int {
                    Type::Int
                } else {
                    Type::Float
                }
            }
            (a, b, Op::Add | Op::Subtract) if quantity(a) && a == b => a.clone(),
            (a, b, Op::Divide) if quantity(a) && a == b => Type::Float,
            (a, b, Op::Multiply | Op::Divide) if quantity(a) && number(b) => a.clone(),
            (a, b, Op::Multiply) if number(a) && quantity(b) => b.clone(),
            (Type::String, Type::String, Op::Add) => {
                self.report(
                    report::operator_does_not_fit(span, "texts are not added")
                        .help("put them into one text: `\"\\(first)\\(second)\"`"),
                );
                Type::Unknown
            }
            (Type::List(x), Type::List(y), Op::Add) if self.fits(y, x) => a.clone(),
            _ => {
                let verb = match operator {
                    Op::Add => "added to",
                    Op::Subtract => "subtracted from",
                    Op::Multiply => "multiplied by",
                    _ => "divided by",
                };
                let (first, second) = match operator {
                    Op::Add | Op::Subtract => (&b, &a),
                    _ => (&a, &b),
                };
                let message = format!(
                    "{} cannot be {verb} {}",
                    with_article(&self.show(first)),
                    with_article(&self.show(second))
                );
                self.report(
                    report::operator_does_not_fit(span, message)
                        .label(left.span, format!("this is {}", with_article(&self.show(&a))))
                        .label(right.span, format!("this is {}", with_article(&self.show(&b))))
                        .note("quantities add with their own kind, and scale by numbers"),
                );
                Type::Unknown
            }
        }
    }

    /// Lets names that were found not to be `none` be seen as their type without `?`, and so what is measured under a name.
    pub(super) fn narrow(&mut self, scope: &mut Scope, names: &[String]) {
        for name in names {
            if name.contains('.') {
                scope.note_measured(name);
                continue;
            }
            let Some(local) = scope.peek(name).cloned() else { continue };
            if let Type::Optional(inner) = local.expr.ty.unrefined().clone() {
                let expr = Expr { ty: *inner, ..local.expr };
                scope.add(super::checker::Local { expr, used: false, noun: None, ..local });
            }
        }
    }

    /// Ends what [`Self::narrow`] began in a frame of its own; a use of the narrowed name is a use of the name.
    fn end_narrowing(&mut self, scope: &mut Scope, names: &[String], span: Span) {
        let _ = scope.pop(span);
        names.iter().for_each(|name| scope.touch(name));
    }
}

/// The names, and measures as `training.auc`, that are not `none` where a condition holds: `x != none and …`.
pub(super) fn not_none(condition: &ast::Expr) -> Vec<String> {
    where_it_is(condition, true)
}

/// Likewise, where a condition does not hold: `x == none or …`.
fn not_none_else(condition: &ast::Expr) -> Vec<String> {
    where_it_is(condition, false)
}

fn where_it_is(condition: &ast::Expr, holds: bool) -> Vec<String> {
    let (joins, compares) = if holds { (Op::And, Op::NotEqual) } else { (Op::Or, Op::Equal) };
    match &condition.kind {
        ast::ExprKind::Unary { operator: ast::UnaryOperator::Not, operand } => where_it_is(operand, !holds),
        ast::ExprKind::Binary { operator, left, right, .. } if *operator == joins => {
            [where_it_is(left, holds), where_it_is(right, holds)].concat()
        }
        ast::ExprKind::Binary { operator, left, right, .. } if *operator == compares => {
            let named = match (&left.kind, &right.kind) {
                (_, ast::ExprKind::None) => dotted(left),
                (ast::ExprKind::None, _) => dotted(right),
                _ => None,
            };
            named.into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// `x`, `training.auc`
fn dotted(expr: &ast::Expr) -> Option<String> {
    match &expr.kind {
        ast::ExprKind::Name(name) => Some(name.text.clone()),
        ast::ExprKind::Field { of, name } => match &of.kind {
            ast::ExprKind::Name(of) => Some(format!("{}.{}", of.text, name.text)),
            _ => None,
        },
        _ => None,
    }
}
