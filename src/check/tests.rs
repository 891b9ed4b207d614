//! `test` items: a run of a pipeline and what is expected of it.

use super::checker::{Checker, Scope};
use crate::ast::{self, ItemKind, PropositionKind};
use crate::diagnostics::report;
use crate::model::{Expr, ExprKind, Proposition, Test, Type};
use crate::resolve::DeclId;
use crate::source::{FileId, Span};

impl Checker<'_> {
    pub(super) fn check_test(&mut self, file: FileId, written: &ast::Test) {
        let title = written.title.text.clone();
        if let Some(first) = self.model.tests.iter().find(|test| test.title == title) {
            let first = first.span;
            self.report(
                report::declared_twice(written.title.span, format!("there are two tests \"{title}\""))
                    .label(first, "the first one")
                    .help("give one of the two another title"),
            );
        }
        let mut scope = Scope::new(file).with_module("test");
        let propositions = self.test_propositions(&mut scope, &written.propositions);
        if !propositions.iter().any(|proposition| !matches!(proposition, Proposition::Run { .. })) {
            self.report(
                report::empty_test(written.title.span, format!("test \"{title}\" expects nothing"))
                    .help("add `expect …`"),
            );
        }
        self.model.tests.push(Test { title, propositions, span: written.title.span });
    }

    fn test_propositions(&mut self, scope: &mut Scope, written: &[ast::Proposition]) -> Vec<Proposition> {
        let mut found = Vec::new();
        for proposition in written {
            match &proposition.kind {
                PropositionKind::Assert { condition, .. } => {
                    let expr = self.condition(scope, condition);
                    found.push(Proposition::Expect(expr, self.text(condition.span)));
                }
                PropositionKind::For { name, source, condition, body } => {
                    let source = self.infer(scope, source, None);
                    let item = self.item_type(&source);
                    self.check_shadowing(scope, name);
                    scope.push();
                    scope.bind(name, item, ExprKind::Local(name.text.clone()), None);
                    let condition = condition.as_ref().map(|condition| self.condition(scope, condition));
                    let body = self.test_propositions(scope, body);
                    scope.pop(proposition.span);
                    found.push(Proposition::For { name: name.text.clone(), source, condition, body });
                }
                PropositionKind::Bind { name, value, environment } => {
                    found.extend(self.test_run(scope, name, value, environment.as_ref(), proposition.span));
                }
                PropositionKind::Error => {}
            }
        }
        found
    }

    fn test_run(
        &mut self,
        scope: &mut Scope,
        name: &ast::Name,
        value: &ast::Expr,
        environment: Option<&ast::Name>,
        span: Span,
    ) -> Option<Proposition> {
        self.check_shadowing(scope, name);
        let Some(environment) = environment else {
            let found = self.infer(scope, value, None);
            scope.bind(name, found.ty, found.kind, Some("name"));
            return None;
        };
        let ast::ExprKind::Call { callee, arguments } = &value.kind else {
            self.report(
                report::not_a_pipeline(value.span, "a test runs a pipeline").help("`run = training(…) in local`"),
            );
            return None;
        };
        let ast::ExprKind::Name(callee) = &callee.kind else { return None };
        let pipeline = self.pipeline_named(scope, callee);
        let place = match self.lookup(scope, environment) {
            Some(found) => Some(found),
            None => {
                self.unknown_name(scope, environment);
                None
            }
        };
        let place = place.filter(|place| {
            let concrete = matches!(&self.item(*place).kind, ItemKind::Environment(written) if !written.is_abstract);
            if !concrete {
                self.report(report::bad_edge(environment.span, "a test runs in an environment that is not abstract"));
            }
            concrete
        });
        let (Some(pipeline), Some(place)) = (pipeline, place) else {
            scope.bind(name, Type::Unknown, ExprKind::Error, None);
            return None;
        };
        let arguments = self.pipeline_arguments(scope, pipeline, arguments, span);
        scope.bind(name, Type::RunOf(pipeline), ExprKind::Local(name.text.clone()), None);
        Some(Proposition::Run { name: name.text.clone(), pipeline, arguments, environment: place })
    }

    /// A part of a run: an output, `values` with every name that the pipeline binds, `status`.
    pub(super) fn run_part(&mut self, pipeline: DeclId, of: Expr, name: &ast::Name, span: Span) -> Expr {
        let outputs = self.outputs_of(pipeline);
        let field = |ty: Type, of: Expr| Expr { ty, kind: ExprKind::Field(Box::new(of), name.text.clone()), span };
        if let Some(output) = outputs.iter().find(|output| output.name == name.text) {
            return field(output.ty.clone(), of);
        }
        match name.text.as_str() {
            "values" => {
                let bound = self.model.pipelines.get(&pipeline).map(|found| found.bindings.clone()).unwrap_or_default();
                let fields = bound.into_iter().map(|(name, value)| (name, value.ty)).collect();
                field(Type::Record(fields), of)
            }
            "succeeded" => field(Type::Bool, of),
            "duration" => field(Type::Duration, of),
            _ => {
                let mut known: Vec<String> = outputs.iter().map(|output| output.name.clone()).collect();
                known.extend(["values", "succeeded", "duration", "started"].map(String::from));
                self.no_such_part("the run", name, &known, Some(pipeline));
                Expr::error(span)
            }
        }
    }
}
