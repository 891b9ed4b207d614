//! What runs whatever happened: `finally` of a pipeline, and of a `try`.

use super::checker::{Checker, Local, Scope};
use super::pipeline::Flow;
use crate::ast::{self, StatementKind};
use crate::diagnostics::report;
use crate::model::{Call, ExprKind, Node, Type};
use crate::source::Span;

impl Checker<'_> {
    pub(super) fn finally(
        &mut self,
        flow: &mut Flow,
        scope: &mut Scope,
        status: Option<&ast::Name>,
        body: &ast::Block,
        span: Span,
    ) {
        if let Some((_, first)) = &flow.finally {
            let first = *first;
            self.report(
                report::said_twice(span, "a pipeline has one `finally`").label(first, "it has one already here"),
            );
            return;
        }
        if let Some(call) = self.last_call(flow, scope, status, body, span) {
            flow.finally = Some((call, span));
        }
    }

    /// The one call of a `finally`. It sees the pipeline's parameters, the items of the loops around and the status, no bindings:
    /// those may not have come to be.
    pub(super) fn last_call(
        &mut self,
        flow: &mut Flow,
        scope: &mut Scope,
        status: Option<&ast::Name>,
        body: &ast::Block,
        span: Span,
    ) -> Option<Call> {
        let mut inner = Scope::new(scope.file);
        let locals = scope.names().into_iter().filter_map(|name| scope.peek(name)).cloned();
        for local in locals.collect::<Vec<_>>() {
            match local.expr.kind {
                ExprKind::Parameter(_) | ExprKind::Item(_) => inner.add(Local { noun: None, ..local }),
                _ => inner.unmade.push((local.name, local.bound)),
            }
        }
        inner.push();
        if let Some(status) = status {
            self.check_bound_name(scope, status);
            inner.bind(status, Type::RunStatus, ExprKind::Status, Some("status"));
        }
        let mut calls = Vec::new();
        for statement in &body.statements {
            let value = match &statement.kind {
                StatementKind::Expr(value) | StatementKind::Bind { value, .. } => value,
                StatementKind::Error => continue,
                _ => {
                    self.report(report::finally_holds_one_call(
                        statement.span,
                        "`finally` holds one call, and nothing else",
                    ));
                    continue;
                }
            };
            match self.node(flow, &mut inner, value, None, 1) {
                Some(Node::Call(call)) => calls.push(call),
                Some(node) => {
                    self.report(report::finally_holds_one_call(node.span(), "`finally` holds one call"));
                }
                None => {
                    self.infer(&mut inner, value, None);
                }
            }
        }
        for name in inner.names().into_iter().map(str::to_owned).collect::<Vec<_>>() {
            if inner.peek(&name).is_some_and(|local| local.used) {
                scope.touch(&name);
            }
        }
        let unused = inner.pop(body.span);
        self.report_unused(unused);
        if calls.len() > 1 {
            let second = calls[1].span;
            self.report(
                report::finally_holds_one_call(second, "`finally` holds one call")
                    .label(calls[0].span, "this one")
                    .help("let one step do both"),
            );
        }
        if body.statements.is_empty() {
            self.report(report::finally_holds_one_call(span, "`finally` holds one call, and this one holds none"));
        }
        calls.into_iter().next()
    }
}
