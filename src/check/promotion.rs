//! Promotions: edges, their statements in order, and what gates speak of.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::call::Callee;
use super::checker::{Checker, Expected, Scope};
use crate::ast::{self, EdgeStatementKind as Written, ItemKind};
use crate::diagnostics::report;
use crate::model::{
    Edge, EdgeStatement, EdgeStatementKind, Expr, ExprKind, OnFailure, Promotion, Reference, Type, Value,
};
use crate::resolve::DeclId;
use crate::source::{FileId, Span};

/// How deep procedures may call procedures.
const DEEPEST: usize = 16;

impl Checker<'_> {
    pub(super) fn check_promotion(&mut self, file: FileId, keyword: Span, written: &ast::Promotion) {
        let scope = Scope::new(file);
        let pipelines: Vec<DeclId> =
            written.pipelines.iter().filter_map(|name| self.pipeline_named(&scope, name)).collect();
        let on_failure = match &written.on_failure {
            Some(written) => self.reactions(&mut Scope::new(file), written),
            None => OnFailure::default(),
        };
        let mut edges: Vec<Edge> = Vec::new();
        for edge in &written.edges {
            if let Some(edge) = self.edge(file, edge, &on_failure) {
                edges.push(edge);
            }
        }
        self.model.promotions.push(Promotion { pipelines, edges, span: keyword });
    }

    fn edge(&mut self, file: FileId, written: &ast::Edge, on_failure: &OnFailure) -> Option<Edge> {
        let scope = Scope::new(file);
        let from_ci = written.from.iter().find(|name| name.text == "ci");
        if let (Some(ci), true) = (from_ci, written.from.len() > 1) {
            self.report(report::bad_edge(ci.span, "`ci` stands alone before `->`"));
        }
        let from: Vec<DeclId> = written
            .from
            .iter()
            .filter(|name| name.text != "ci")
            .filter_map(|name| self.environment_named(&scope, name))
            .collect();
        let to = self.environment_named(&scope, &written.to);
        let mut scope = Scope::new(file).at_gate();
        let mut own = on_failure.clone();
        let mut statements = Vec::new();
        self.edge_statements(&mut scope, &written.statements, &mut statements, &mut own, 0);
        let known = written.from.iter().filter(|name| name.text != "ci").count();
        if from.len() < known {
            return None;
        }
        Some(Edge {
            docs: written.docs.clone(),
            from,
            to: to?,
            statements,
            on_failure: own,
            span: written.from.first().map_or(written.span, |first| first.span.to(written.to.span)),
        })
    }

    fn environment_named(&mut self, scope: &Scope, name: &ast::Name) -> Option<DeclId> {
        let Some(found) = self.lookup(scope, name) else {
            self.unknown_name(scope, name);
            return None;
        };
        match &self.item(found).kind {
            ItemKind::Environment(environment) if !environment.is_abstract => Some(found),
            ItemKind::Environment(_) => {
                let message = format!("`{}` is abstract: nothing is deployed to it", name.text);
                let at = self.model.span(found);
                self.report(report::bad_edge(name.span, message).label(at, "declared here"));
                None
            }
            other => {
                let message = format!("`{}` is a {}, no environment", name.text, other.keyword());
                self.report(report::bad_edge(name.span, message));
                None
            }
        }
    }

    fn edge_statements(
        &mut self,
        scope: &mut Scope,
        written: &[ast::EdgeStatement],
        statements: &mut Vec<EdgeStatement>,
        on_failure: &mut OnFailure,
        depth: usize,
    ) {
        for statement in written {
            if let Written::Procedure(call) = &statement.kind {
                self.procedure(scope, call, statements, on_failure, depth);
                continue;
            }
            if let Written::OnFailure(written) = &statement.kind {
                *on_failure = self.reactions(scope, written);
                continue;
            }
            if let Some(kind) = self.edge_statement(scope, &statement.kind) {
                statements.push(EdgeStatement { kind, span: statement.span });
            }
        }
    }

    fn edge_statement(&mut self, scope: &mut Scope, written: &Written) -> Option<EdgeStatementKind> {
        Some(match written {
            Written::Require(condition) => {
                let found = self.condition(scope, condition);
                self.gate_is_about_something(&found);
                self.check_gate_time(&found);
                EdgeStatementKind::Require(found, self.text(condition.span))
            }
            Written::StartManual => EdgeStatementKind::StartManual,
            Written::Approve { count, team } => {
                let count_expr = self.expr(scope, count, &Expected::of(&Type::Int));
                let team = self.expr(scope, team, &Expected::of(&Type::Reference(Reference::Team)));
                let number = self.constant(&count_expr);
                if matches!(number, Value::Int(number) if number < 1) {
                    self.report(report::bad_approval(count.span, "at least one person approves"));
                    return None;
                }
                match (number, self.constant(&team)) {
                    (Value::Int(number), Value::Reference(team)) => {
                        EdgeStatementKind::Approve(u32::try_from(number).unwrap_or(u32::MAX), team)
                    }
                    _ => return None,
                }
            }
            Written::Soak(duration) => {
                let found = self.expr(scope, duration, &Expected::of(&Type::Duration));
                match self.constant(&found) {
                    Value::Duration(milliseconds) => EdgeStatementKind::Soak(milliseconds),
                    _ => return None,
                }
            }
            Written::Window(call) => {
                let kind = self.kind_type("Window");
                let found = self.expr(scope, call, &Expected::of(&kind));
                EdgeStatementKind::Window(self.constant(&found))
            }
            Written::Preflight(propositions) => {
                let mut asserts = Vec::new();
                for proposition in propositions {
                    if let ast::PropositionKind::Assert { condition, .. } = &proposition.kind {
                        let found = self.condition(scope, condition);
                        self.check_gate_time(&found);
                        asserts.push((found, self.text(condition.span)));
                    } else if !matches!(proposition.kind, ast::PropositionKind::Error) {
                        self.report(report::only_asserts(
                            proposition.span,
                            "`preflight` holds `assert`s, and nothing else",
                        ));
                    }
                }
                EdgeStatementKind::Preflight(asserts)
            }
            Written::Deploy => EdgeStatementKind::Deploy,
            Written::Run(call) => self.run_statement(scope, call)?,
            Written::Verify(list) => {
                let items = match &list.kind {
                    ast::ExprKind::List(items) => items.clone(),
                    _ => vec![list.clone()],
                };
                let wanted = Expected::of(&Type::Reference(Reference::Verification));
                let found: Vec<Expr> = items.iter().map(|item| self.expr(scope, item, &wanted)).collect();
                let decls = found.iter().filter_map(|expr| match self.constant(expr) {
                    Value::Reference(decl) => Some(decl),
                    _ => None,
                });
                EdgeStatementKind::Verify(decls.collect())
            }
            Written::Release { service, rollout } => {
                let kind = self.kind_type("Rollout");
                let rollout = rollout.as_ref().map(|rollout| {
                    let found = self.expr(scope, rollout, &Expected::of(&kind));
                    self.constant(&found)
                });
                let expr = ast::Expr { kind: ast::ExprKind::Name(service.clone()), span: service.span };
                let found = self.expr(scope, &expr, &Expected::of(&Type::Reference(Reference::Service)));
                match self.constant(&found) {
                    Value::Reference(service) => EdgeStatementKind::Release(service, rollout),
                    _ => return None,
                }
            }
            Written::Notify(call) => {
                let kind = self.kind_type("Notifier");
                let found = self.expr(scope, call, &Expected::of(&kind));
                EdgeStatementKind::Notify(self.constant(&found))
            }
            Written::OnFailure(_) | Written::Procedure(_) | Written::Error => return None,
        })
    }

    /// What is left for a gate: it compares and computes, but calls nothing, and lists and picks nothing by what was measured.
    pub(super) fn check_gate_time(&mut self, expr: &Expr) {
        if expr.run_time_part().is_none() {
            return;
        }
        let what = match &expr.kind {
            ExprKind::Call(decl, _) if self.core("ratio") == Some(*decl) => None,
            ExprKind::Call(..) | ExprKind::Ask(..) => Some("a function of"),
            ExprKind::Comprehension { .. } => Some("a list that is made of"),
            ExprKind::Index(_, index) if index.run_time_part().is_some() => Some("an entry that is picked by"),
            _ => None,
        };
        if let Some(what) = what {
            self.report(
                report::not_at_run_time(expr.span, format!("{what} what is known only once it is measured"))
                    .note("a gate compares what was measured, computes with it, and joins that by `and or not in ??`")
                    .help("write it out here, or measure it: as an output of the verification or the pipeline"),
            );
            return;
        }
        expr.parts().into_iter().for_each(|part| self.check_gate_time(part));
    }

    fn gate_is_about_something(&mut self, condition: &Expr) {
        if condition.ty.is_unknown() {
            return;
        }
        let mut measures = 0;
        condition
            .walk(&mut |part| measures += usize::from(matches!(part.kind, ExprKind::Measure(..) | ExprKind::Error)));
        if measures == 0 {
            self.report(
                report::gate_without_measure(condition.span, "this gate speaks of nothing that is measured")
                    .help("name an output of a pipeline or of a verification: `training.auc >= 0.95`"),
            );
        }
    }

    fn run_statement(&mut self, scope: &mut Scope, call: &ast::Expr) -> Option<EdgeStatementKind> {
        let (callee, arguments) = match &call.kind {
            ast::ExprKind::Call { callee, arguments } => (&**callee, arguments.as_slice()),
            _ => (call, &[][..]),
        };
        let ast::ExprKind::Name(name) = &callee.kind else {
            self.report(report::not_a_pipeline(call.span, "`run` names a pipeline").help("`run training`"));
            return None;
        };
        let pipeline = self.pipeline_named(scope, name)?;
        let arguments = self.pipeline_arguments(scope, pipeline, arguments, call.span);
        Some(EdgeStatementKind::Run(pipeline, arguments))
    }

    /// Constant arguments of a run of a pipeline.
    pub(super) fn pipeline_arguments(
        &mut self,
        scope: &mut Scope,
        pipeline: DeclId,
        arguments: &[ast::Argument],
        span: Span,
    ) -> IndexMap<String, Value> {
        let (parameters, _) = self.pipeline_signature(pipeline);
        let name = self.name(pipeline);
        let callee = Callee { name: &name, decl: pipeline, positional: 0, complete: false };
        let given = self.arguments(scope, &callee, &parameters, arguments, span);
        given.iter().map(|(name, value)| (name.clone(), self.constant(value))).collect()
    }

    fn procedure(
        &mut self,
        scope: &mut Scope,
        call: &ast::Expr,
        statements: &mut Vec<EdgeStatement>,
        on_failure: &mut OnFailure,
        depth: usize,
    ) {
        let (callee, arguments) = match &call.kind {
            ast::ExprKind::Call { callee, arguments } => (&**callee, arguments.as_slice()),
            _ => (call, &[][..]),
        };
        let ast::ExprKind::Name(name) = &callee.kind else {
            self.report(report::not_a_procedure(call.span, "this is no statement of an edge"));
            return;
        };
        let Some(decl) = self.lookup(scope, name) else {
            self.unknown_name(scope, name);
            return;
        };
        let item = self.item(decl);
        let ItemKind::Procedure(procedure) = &item.kind else {
            let message = format!("`{}` is a {}, no procedure", name.text, item.kind.keyword());
            let at = self.model.span(decl);
            let help = match &item.kind {
                ItemKind::Pipeline(_) => format!("write `run {}`", name.text),
                ItemKind::Verification(_) => format!("write `verify [{}]`", name.text),
                _ => "an edge's statements are require, start, approve, soak, window, preflight, deploy, run, verify, release, notify".into(),
            };
            self.report(report::not_a_procedure(name.span, message).label(at, "declared here").help(help));
            return;
        };
        if depth >= DEEPEST {
            self.report(report::goes_in_a_circle(name.span, format!("procedure `{}` calls itself", name.text)));
            return;
        }
        let file = self.file_of(decl);
        let parameters = self.parameters(file, &procedure.parameters);
        let callee = Callee { name: &name.text, decl, positional: 1, complete: true };
        let given = self.arguments(scope, &callee, &parameters, arguments, call.span);
        let mut inner = Scope::new(file).at_gate();
        for written in &procedure.parameters {
            if let Some(value) = given.get(&written.name.text) {
                inner.bind(&written.name, value.ty.clone(), value.kind.clone(), None);
            }
        }
        let before = self.diagnostics.len();
        self.edge_statements(&mut inner, &procedure.statements, statements, on_failure, depth + 1);
        // What is wrong inside a procedure is said once, however often it is called.
        let mut seen: Vec<crate::diagnostics::Diagnostic> = self.diagnostics[..before].to_vec();
        let new = self.diagnostics.split_off(before);
        for diagnostic in new {
            if !seen.contains(&diagnostic) {
                seen.push(diagnostic.clone());
                self.diagnostics.push(diagnostic);
            }
        }
    }

    /// The order of statements, the shape of the graph, and that gates speak of what was measured on the way.
    pub(super) fn check_promotion_graph(&mut self) {
        let promotions = self.model.promotions.clone();
        for promotion in &promotions {
            self.check_reachable(promotion);
            self.warn_of_ungated(promotion);
            for edge in &promotion.edges {
                self.check_edge(promotion, edge);
            }
        }
    }

    fn check_reachable(&mut self, promotion: &Promotion) {
        let mut reached: Vec<DeclId> = Vec::new();
        loop {
            let before = reached.len();
            for edge in &promotion.edges {
                if edge.from.iter().all(|from| reached.contains(from)) && !reached.contains(&edge.to) {
                    reached.push(edge.to);
                }
            }
            if reached.len() == before {
                break;
            }
        }
        for edge in &promotion.edges {
            if let Some(from) = edge.from.iter().find(|from| !reached.contains(from)) {
                let message = format!("nothing leads from `ci` to `{}`", self.name(*from));
                self.report(
                    report::unreachable_environment(edge.span, message)
                        .label(self.model.span(*from), "this environment is never reached")
                        .help(format!(
                            "add an edge `ci -> {} {{ … }}`, or one from an environment that is reached",
                            self.name(*from)
                        )),
                );
            }
        }
    }

    fn check_edge(&mut self, promotion: &Promotion, edge: &Edge) {
        let deploy = edge.statements.iter().position(|statement| matches!(statement.kind, EdgeStatementKind::Deploy));
        let mut measured: BTreeMap<DeclId, Span> = BTreeMap::new();
        for (at, statement) in edge.statements.iter().enumerate() {
            let deployed = deploy.is_some_and(|deploy| deploy < at);
            match &statement.kind {
                EdgeStatementKind::Run(pipeline, _) => {
                    if !promotion.pipelines.contains(pipeline) {
                        let message =
                            format!("`{}` is not among the pipelines that this promotion moves", self.name(*pipeline));
                        self.report(
                            report::not_promoted(statement.span, message)
                                .label(promotion.span, "they are listed here")
                                .help(format!("write `promotion of …, {}`", self.name(*pipeline))),
                        );
                    }
                    self.needs_deploy(deployed, statement.span, "run");
                    measured.insert(*pipeline, statement.span);
                }
                EdgeStatementKind::Verify(verifications) => {
                    self.needs_deploy(deployed, statement.span, "verify");
                    measured.extend(verifications.iter().map(|verification| (*verification, statement.span)));
                }
                EdgeStatementKind::Release(service, rollout) => {
                    self.needs_deploy(deployed, statement.span, "release");
                    self.check_release(edge, *service, rollout.as_ref(), &measured, statement.span);
                }
                EdgeStatementKind::Require(condition, _) => {
                    self.check_gate(promotion, edge, condition, deployed, &measured);
                }
                EdgeStatementKind::Preflight(asserts) => {
                    for (condition, _) in asserts {
                        self.check_gate(promotion, edge, condition, deployed, &measured);
                    }
                }
                EdgeStatementKind::Deploy if deploy != Some(at) => {
                    let first = deploy.map_or(statement.span, |first| edge.statements[first].span);
                    self.report(
                        report::said_twice(statement.span, "an edge deploys once")
                            .label(first, "it deploys already here"),
                    );
                }
                EdgeStatementKind::Approve(..) | EdgeStatementKind::StartManual if deployed => {
                    let what = if matches!(statement.kind, EdgeStatementKind::StartManual) {
                        "`start manual`"
                    } else {
                        "an approval"
                    };
                    self.report(
                        report::approval_after_deploy(statement.span, format!("{what} after `deploy` comes too late"))
                            .label(
                                deploy.map_or(edge.span, |first| edge.statements[first].span),
                                "it is live from here on",
                            )
                            .help("move it before `deploy`"),
                    );
                }
                _ => {}
            }
        }
    }

    fn needs_deploy(&mut self, deployed: bool, span: Span, what: &str) {
        if !deployed {
            self.report(
                report::before_deploy(
                    span,
                    format!("`{what}` stands before `deploy`: nothing of this version is there yet"),
                )
                .help(format!("write `deploy` above `{what}`")),
            );
        }
    }

    fn check_release(
        &mut self,
        edge: &Edge,
        service: DeclId,
        rollout: Option<&Value>,
        measured: &BTreeMap<DeclId, Span>,
        span: Span,
    ) {
        let pipeline = self.model.services.get(&service).and_then(|found| found.model.clone()).map(|(decl, _)| decl);
        if let Some(pipeline) = pipeline.filter(|pipeline| !measured.contains_key(pipeline)) {
            let message =
                format!("`{}` serves what `{}` gives, which has not run here", self.name(service), self.name(pipeline));
            self.report(
                report::release_without_run(span, message)
                    .label(self.model.span(service), "declared here")
                    .help(format!("write `run {}` above it", self.name(pipeline))),
            );
        }
        let bound = self.model.environments.get(&edge.to).is_some_and(|found| found.bindings.contains_key(&service));
        if !bound {
            let message =
                format!("environment `{}` does not say how it serves `{}`", self.name(edge.to), self.name(service));
            self.report(
                report::unbound_need(self.model.span(edge.to), message)
                    .label(span, "it is released there")
                    .label(self.model.span(service), "declared here")
                    .help(format!("add `service {} = kserve(…)` to it", self.name(service))),
            );
        }
        let rolls_out = rollout.and_then(Value::as_form).is_some();
        if rolls_out && !edge.on_failure.rollback {
            self.report(
                report::rollout_without_rollback(span, "a gradual rollout has no way back")
                    .help("add `on failure { rollback }` to the edge or to the promotion"),
            );
        }
    }

    /// A gate speaks of what was measured last on the way here: before `deploy` where the edge comes from, after it where it goes.
    fn check_gate(
        &mut self,
        promotion: &Promotion,
        edge: &Edge,
        condition: &Expr,
        deployed: bool,
        measured: &BTreeMap<DeclId, Span>,
    ) {
        let mut asked = Vec::new();
        condition.walk(&mut |part| {
            if let ExprKind::Measure(decl, output) = &part.kind {
                asked.push((*decl, output.clone(), part.span));
            }
        });
        for (decl, output, span) in asked {
            let known = if deployed {
                measured.contains_key(&decl)
            } else {
                !edge.from.is_empty() && edge.from.iter().all(|from| measured_in(promotion, *from, decl))
            };
            if known {
                continue;
            }
            let place = match (deployed, edge.from.as_slice()) {
                (true, _) => format!("in `{}`", self.name(edge.to)),
                (false, []) => "before the first deployment".to_owned(),
                (false, from) => {
                    let names: Vec<String> = from.iter().map(|from| format!("`{}`", self.name(*from))).collect();
                    format!("in {}", names.join(" and "))
                }
            };
            let message = format!("`{}.{output}` is not measured {place}", self.name(decl));
            let verb = match self.item(decl).kind {
                ItemKind::Pipeline(_) => format!("run {}", self.name(decl)),
                _ => format!("verify [{}]", self.name(decl)),
            };
            self.report(
                report::not_measured(span, message)
                    .label(edge.span, "on this edge")
                    .note("before `deploy`, a gate speaks of the environment that the edge leaves; after it, of the one that it enters")
                    .help(format!("write `{verb}` on the way, or move the gate below it")),
            );
        }
    }
}

/// Whether every edge into an environment measures something there.
fn measured_in(promotion: &Promotion, environment: DeclId, decl: DeclId) -> bool {
    let mut edges = promotion.edges.iter().filter(|edge| edge.to == environment).peekable();
    edges.peek().is_some()
        && edges.all(|edge| {
            edge.statements.iter().any(|statement| match &statement.kind {
                EdgeStatementKind::Run(pipeline, _) => *pipeline == decl,
                EdgeStatementKind::Verify(verifications) => verifications.contains(&decl),
                _ => false,
            })
        })
}
