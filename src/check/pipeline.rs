//! Pipelines: blocks, bindings, what is yielded and returned.

use indexmap::IndexMap;

use super::checker::{Checker, Expected, Local, Scope};
use super::flow::holds_error;
use crate::ast::{self, ItemKind, StatementKind};
use crate::diagnostics::report;
use crate::model::{Block, Call, Expr, ExprKind, Field, If, Node, NodeId, Pipeline, RecordPart, Require, Try, Type};
use crate::resolve::DeclId;
use crate::source::Span;

/// What is gathered while a pipeline is read.
#[derive(Default)]
pub(super) struct Flow {
    nodes: u32,
    pub(super) finally: Option<(Call, Span)>,
    returns: Option<(Vec<(String, Expr)>, Span)>,
    bindings: IndexMap<String, Expr>,
    /// Whether a `return` stands where none can, which has been reported.
    misplaced_return: bool,
}

impl Flow {
    pub(super) fn next(&mut self) -> NodeId {
        self.nodes += 1;
        NodeId(self.nodes - 1)
    }
}

impl Checker<'_> {
    /// The parameters and outputs of a pipeline, worked out when it is first named.
    pub(super) fn pipeline_signature(&mut self, decl: DeclId) -> (Vec<Field>, Vec<Field>) {
        if let Some(pipeline) = self.model.pipelines.get(&decl) {
            return (pipeline.parameters.clone(), pipeline.outputs.clone());
        }
        let item = self.item(decl);
        let ItemKind::Pipeline(written) = &item.kind else { return Default::default() };
        let file = self.file_of(decl);
        let parameters = self.parameters(file, &written.parameters);
        let outputs = self.parameters(file, &written.outputs);
        for (parameter, written) in parameters.iter().zip(&written.parameters) {
            if matches!(parameter.ty.required(), Type::Secret | Type::Kind(_) | Type::Reference(_) | Type::TaskConfig) {
                let message = format!("a pipeline cannot take a `{}`", self.show(&parameter.ty));
                self.report(
                    report::wrong_input_type(written.ty.span, message)
                        .help("a pipeline takes values and artifacts; what varies by environment is declared with `data`, `secret`, `compute`, `var`"),
                );
            }
        }
        let pipeline = Pipeline {
            parameters: parameters.clone(),
            outputs: outputs.clone(),
            body: Block::default(),
            returns: Vec::new(),
            with: IndexMap::new(),
            finally: None,
            bindings: IndexMap::new(),
        };
        self.model.pipelines.insert(decl, pipeline);
        (parameters, outputs)
    }

    pub(super) fn check_pipeline(&mut self, decl: DeclId) {
        let item = self.item(decl);
        let ItemKind::Pipeline(written) = &item.kind else { return };
        let (parameters, outputs) = self.pipeline_signature(decl);
        let mut scope = Scope::new(self.file_of(decl));
        for (parameter, written) in parameters.iter().zip(&written.parameters) {
            let kind = ExprKind::Parameter(parameter.name.clone());
            scope.bind(&written.name, parameter.ty.clone(), kind, Some("parameter"));
        }
        let mut flow = Flow::default();
        scope.push();
        let body = self.block(&mut flow, &mut scope, &written.body, 0);
        let unused = scope.pop(written.body.span);
        self.report_unused(unused);
        let unused = scope.pop(item.span);
        self.report_unused(unused);
        let returns = self.check_returned(&outputs, &flow, written);
        let mut outside = Scope::new(self.file_of(decl));
        let (_, with) = self.with_entries(&mut outside, &written.with, "Pipeline");
        let pipeline = Pipeline {
            parameters,
            outputs,
            body,
            returns,
            with,
            finally: flow.finally.map(|(call, _)| call),
            bindings: flow.bindings,
        };
        self.model.pipelines.insert(decl, pipeline);
    }

    /// Holds `return` against the declared outputs.
    fn check_returned(&mut self, outputs: &[Field], flow: &Flow, written: &ast::Pipeline) -> Vec<(String, Expr)> {
        let Some((returned, span)) = &flow.returns else {
            if !outputs.is_empty() && !flow.misplaced_return && !self.is_misread(written.name.span) {
                let message = format!("pipeline `{}` declares outputs and returns nothing", written.name.text);
                let list: Vec<String> = outputs.iter().map(|output| format!("{}: …", output.name)).collect();
                self.report(
                    report::missing_return(written.name.span, message)
                        .help(format!("end it with `return ({})`", list.join(", "))),
                );
            }
            return Vec::new();
        };
        let single = matches!(returned.as_slice(), [(name, _)] if name == "value") && outputs.len() == 1;
        let mut found = Vec::new();
        for output in outputs {
            let value = match single {
                true => returned.first().map(|(_, value)| value.clone()),
                false => returned.iter().find(|(name, _)| *name == output.name).map(|(_, value)| value.clone()),
            };
            let Some(value) = value else {
                let message = format!("the pipeline returns no `{}`", output.name);
                self.report(
                    report::missing_return(*span, message)
                        .label(output.span, "declared as an output here")
                        .help(format!("add `{}: …` to what is returned", output.name)),
                );
                continue;
            };
            let why = format!("output `{}` is declared here", output.name);
            let value = self.hold_against(value, &Expected::because(&output.ty, output.span, why));
            found.push((output.name.clone(), value));
        }
        if !single {
            for (name, value) in returned {
                if !outputs.iter().any(|output| output.name == *name) {
                    let message = format!("the pipeline declares no output `{name}`");
                    self.report(
                        report::undeclared_return(value.span, message)
                            .label(written.name.span, "its outputs are declared after `->` here"),
                    );
                }
            }
        }
        found
    }

    /// Statements between braces, in a frame that the caller has opened. `depth` is 0 for the pipeline's own.
    pub(super) fn block(&mut self, flow: &mut Flow, scope: &mut Scope, written: &ast::Block, depth: usize) -> Block {
        let mut block = Block { span: written.span, ..Block::default() };
        let mut yielded: Option<Span> = None;
        let announced = scope.announce(written.statements.iter().filter_map(|statement| match &statement.kind {
            StatementKind::Bind { name, .. } => Some((name.text.clone(), name.span)),
            _ => None,
        }));
        for statement in &written.statements {
            if let Some(span) = yielded {
                self.report(
                    report::after_yield(statement.span, "nothing stands after `yield`")
                        .label(span, "the block ends here"),
                );
                break;
            }
            match &statement.kind {
                StatementKind::Error => {}
                StatementKind::Bind { name, value } => self.bind_statement(flow, scope, &mut block, name, value, depth),
                StatementKind::Expr(value) => self.bare_statement(flow, scope, &mut block, value, depth),
                StatementKind::Yield(value) if depth == 0 => {
                    self.infer(scope, value, None);
                    self.report(
                        report::yield_outside_block(
                            statement.span,
                            "`yield` stands at the end of a block of `for` or `if`",
                        )
                        .help("a pipeline gives its outputs by `return`"),
                    );
                }
                StatementKind::Yield(value) => {
                    block.yields = self.named_values(scope, value);
                    yielded = Some(statement.span);
                }
                StatementKind::Return(value) if depth == 0 => {
                    let values = self.named_values(scope, value);
                    if let Some((_, first)) = &flow.returns {
                        let first = *first;
                        self.report(
                            report::said_twice(statement.span, "a pipeline returns once")
                                .label(first, "it returns here already"),
                        );
                    } else {
                        flow.returns = Some((values, statement.span));
                    }
                }
                StatementKind::Return(value) => {
                    flow.misplaced_return = true;
                    self.infer(scope, value, None);
                    self.report(
                        report::return_in_block(
                            statement.span,
                            "`return` stands at the end of the pipeline, not in a block",
                        )
                        .help("a block gives its value by `yield`"),
                    );
                }
                StatementKind::Require(condition) => {
                    let (condition, text) = (self.gate(scope, condition), self.text(condition.span));
                    let (id, docs) = (flow.next(), statement.docs.clone());
                    block.nodes.push(Node::Require(Require { id, condition, text, docs, span: statement.span }));
                }
                StatementKind::Finally { status, body } if depth == 0 => {
                    self.finally(flow, scope, status.as_ref(), body, statement.span);
                }
                StatementKind::Try { body, status, last } => {
                    let id = flow.next();
                    scope.push();
                    let tried = self.inner_block(flow, scope, body, depth.max(1));
                    if let Some((_, value)) = tried.yields.first() {
                        let message = "nothing uses what this `yield` gives: a `try` is no value";
                        self.report(report::yield_not_used(value.span, message).help("remove the `yield`"));
                    }
                    let span = Span { end: body.span.start, ..statement.span };
                    let call = self.last_call(flow, scope, status.as_ref(), last, span);
                    block.nodes.push(Node::Try(Try { id, body: tried, last: call, span }));
                }
                StatementKind::Finally { .. } => {
                    self.report(report::finally_in_block(
                        statement.span,
                        "`finally` stands at the end of the pipeline, not in a block",
                    ));
                }
            }
        }
        scope.forget_announced(announced);
        block
    }

    /// What a gate inside the run requires.
    fn gate(&mut self, scope: &mut Scope, written: &ast::Expr) -> Expr {
        let condition = self.condition(scope, written);
        if !condition.ty.is_unknown() && condition.run_time_part().is_none() {
            self.report(
                report::gate_without_measure(condition.span, "this gate speaks of nothing that the run gives")
                    .help("name an output of a step or a parameter: `report.auc >= 0.95`"),
            );
        }
        self.check_gate_time(&condition);
        condition
    }

    fn bind_statement(
        &mut self,
        flow: &mut Flow,
        scope: &mut Scope,
        block: &mut Block,
        name: &ast::Name,
        value: &ast::Expr,
        depth: usize,
    ) {
        self.check_bound_name(scope, name);
        let expr = match self.node(flow, scope, value, Some(name), depth) {
            Some(node) => {
                let expr = Expr { ty: self.node_type(&node), kind: ExprKind::Node(node.id()), span: name.span };
                block.nodes.push(node);
                expr
            }
            None => {
                let found = self.infer(scope, value, None);
                self.check_run_time(&found);
                found
            }
        };
        if depth == 0 {
            flow.bindings.insert(name.text.clone(), expr.clone());
        }
        // Of a call that gives nothing it is what the task is called.
        let names_a_call = matches!(block.nodes.last(), Some(Node::Call(call)) if expr.kind == ExprKind::Node(call.id));
        let noun = (!names_a_call || expr.ty != Type::Record(Vec::new())).then_some("binding");
        scope.add(Local { name: name.text.clone(), expr, bound: name.span, used: false, noun });
    }

    fn bare_statement(
        &mut self,
        flow: &mut Flow,
        scope: &mut Scope,
        block: &mut Block,
        value: &ast::Expr,
        depth: usize,
    ) {
        let Some(node) = self.node(flow, scope, value, None, depth) else {
            let before = self.diagnostics.len();
            let found = self.infer(scope, value, None);
            if self.diagnostics.len() == before && !found.ty.is_unknown() {
                self.report(
                    report::value_not_used(value.span, "nothing is done with this value")
                        .help("bind it to a name: `name = …`, or remove it"),
                );
            }
            return;
        };
        if let Some(yielded) = first_yield(&node) {
            self.report(
                report::yield_not_used(yielded, "nothing uses what this `yield` gives")
                    .help("bind the `for` or `if` to a name: `results = for …`, or remove the `yield`"),
            );
        }
        block.nodes.push(node);
    }

    /// A value may have the name of a step or pipeline: what is called is never a value.
    pub(super) fn check_bound_name(&mut self, scope: &Scope, name: &ast::Name) {
        let called = self.model.names.lookup(scope.file, &name.text).is_some_and(|decl| self.is_called(decl));
        if !called || scope.peek(&name.text).is_some() {
            self.check_shadowing(scope, name);
        }
    }

    /// Whether it is a step or a pipeline.
    pub(super) fn is_called(&self, decl: DeclId) -> bool {
        matches!(self.item(decl).kind, ItemKind::Step(_) | ItemKind::Pipeline(_))
    }

    pub(super) fn check_shadowing(&mut self, scope: &Scope, name: &ast::Name) {
        let first = match scope.peek(&name.text) {
            Some(local) => Some((local.bound, "bound first here")),
            None => self
                .model
                .names
                .lookup(scope.file, &name.text)
                .filter(|decl| self.model.names.decl(*decl).module != Some("core"))
                .map(|decl| (self.model.span(decl), "declared here")),
        };
        if let Some((first, text)) = first {
            let message = format!("`{}` is a name already", name.text);
            self.report(
                report::shadowed_name(name.span, message)
                    .here("bound again here")
                    .label(first, text)
                    .help("a name means one thing: choose another"),
            );
        }
    }

    /// A call of a step or pipeline, a `for` or an `if`; none where the value is something else.
    pub(super) fn node(
        &mut self,
        flow: &mut Flow,
        scope: &mut Scope,
        value: &ast::Expr,
        name: Option<&ast::Name>,
        depth: usize,
    ) -> Option<Node> {
        match &value.kind {
            ast::ExprKind::For(written) => Some(self.for_node(flow, scope, written, name, depth)),
            ast::ExprKind::If(written) => Some(self.if_node(flow, scope, written, name, depth)),
            ast::ExprKind::With { call, entries } => {
                let node = self.call_node(flow, scope, call, entries, name)?;
                Some(Node::Call(node))
            }
            ast::ExprKind::Call { .. } => Some(Node::Call(self.call_node(flow, scope, value, &[], name)?)),
            _ => None,
        }
    }

    /// What a node gives: nothing, one value, or several by name.
    pub(super) fn node_type(&mut self, node: &Node) -> Type {
        let fields: Vec<(String, Type)> = match node {
            Node::Call(call) => {
                let outputs = self.outputs_of(call.callee);
                outputs.into_iter().map(|output| (output.name, output.ty)).collect()
            }
            Node::For(node) => {
                let list = |ty: &Type| Type::List(Box::new(ty.clone()));
                node.body.yields.iter().map(|(name, value)| (name.clone(), list(&value.ty))).collect()
            }
            Node::If(node) => node.outputs.clone(),
            Node::Try(_) | Node::Require(_) => Vec::new(),
        };
        match fields.as_slice() {
            [(_, ty)] if matches!(node, Node::Call(_)) || fields[0].0 == "value" => ty.clone(),
            _ => Type::Record(fields),
        }
    }

    /// `(a: x, b: y)`, `x`, or everything that a node gives: values by name.
    pub(super) fn named_values(&mut self, scope: &mut Scope, written: &ast::Expr) -> Vec<(String, Expr)> {
        let found = self.infer(scope, written, None);
        if let ExprKind::Record(parts) = &found.kind
            && let Some(RecordPart::Keyed(key, _)) = parts.iter().find(|part| matches!(part, RecordPart::Keyed(..)))
        {
            self.report(report::unknown_part(key.span, "what a block gives has a name, and this is made of values"));
        }
        let values: Vec<(String, Expr)> = match found.kind {
            ExprKind::Record(parts) => parts
                .into_iter()
                .filter_map(|part| match part {
                    RecordPart::Field(name, value) => Some((name, value)),
                    RecordPart::Spread(_) | RecordPart::Keyed(..) => None,
                })
                .collect(),
            _ => match &found.ty {
                Type::Record(fields) => fields
                    .iter()
                    .map(|(name, ty)| {
                        let kind = ExprKind::Field(Box::new(found.clone()), name.clone());
                        (name.clone(), Expr { ty: ty.clone(), kind, span: found.span })
                    })
                    .collect(),
                _ => vec![("value".to_owned(), found)],
            },
        };
        values.iter().for_each(|(_, value)| self.check_run_time(value));
        values
    }

    fn if_node(
        &mut self,
        flow: &mut Flow,
        scope: &mut Scope,
        written: &ast::If,
        name: Option<&ast::Name>,
        depth: usize,
    ) -> Node {
        let id = flow.next();
        let mut arms = Vec::new();
        for (condition, block) in &written.branches {
            let found = self.condition(scope, condition);
            self.check_run_time(&found);
            scope.push();
            let narrowed = super::operators::not_none(condition);
            self.narrow(scope, &narrowed);
            let block = self.inner_block(flow, scope, block, depth);
            narrowed.iter().for_each(|name| scope.touch(name));
            arms.push((Some(found), block));
        }
        if let Some(block) = &written.otherwise {
            scope.push();
            let block = self.inner_block(flow, scope, block, depth);
            arms.push((None, block));
        }
        let yields = arms.iter().any(|(_, block)| !block.yields.is_empty())
            || written.branches.iter().any(|(_, block)| holds_error(block));
        let outputs = if name.is_some() && yields { self.branch_outputs(&arms) } else { Vec::new() };
        Node::If(If { id, binding: name.map(|name| name.text.clone()), arms, outputs, span: written.span })
    }

    /// A block in a frame that is open; it is closed here.
    pub(super) fn inner_block(
        &mut self,
        flow: &mut Flow,
        scope: &mut Scope,
        written: &ast::Block,
        depth: usize,
    ) -> Block {
        let block = self.block(flow, scope, written, depth + 1);
        let unused = scope.pop(written.span);
        self.report_unused(unused);
        block
    }

    /// What an `if` gives that is used as a value: every block yields the same shape.
    fn branch_outputs(&mut self, arms: &[(Option<Expr>, Block)]) -> Vec<(String, Type)> {
        let Some((_, first)) = arms.first() else { return Vec::new() };
        let mut outputs: Vec<(String, Type)> =
            first.yields.iter().map(|(name, value)| (name.clone(), value.ty.clone())).collect();
        for (_, block) in arms {
            if block.yields.is_empty() {
                self.report(
                    report::branches_differ(block.span, "this block yields nothing, and the `if` is used as a value")
                        .help("end it with `yield …`"),
                );
                return outputs;
            }
        }
        for (_, block) in &arms[1..] {
            let names = |values: &[(String, Type)]| values.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
            let own: Vec<String> = block.yields.iter().map(|(name, _)| name.clone()).collect();
            let mut sorted = (names(&outputs), own.clone());
            sorted.0.sort();
            sorted.1.sort();
            if sorted.0 != sorted.1 {
                let message = format!(
                    "the blocks yield different names: ({}) and ({})",
                    names(&outputs).join(", "),
                    own.join(", ")
                );
                self.report(report::branches_differ(block.span, message).label(first.span, "the first block"));
                return outputs;
            }
            for (name, ty) in &mut outputs {
                let Some((_, value)) = block.yields.iter().find(|(other, _)| other == name) else { continue };
                match self.join(ty, &value.ty) {
                    Some(joined) => *ty = joined,
                    None => {
                        let message = format!(
                            "`{name}` is `{}` in one block and `{}` in another",
                            self.show(ty),
                            self.show(&value.ty)
                        );
                        self.report(report::branches_differ(value.span, message).label(first.span, "the first block"));
                    }
                }
            }
        }
        // Without an `else` there may be no value.
        if arms.last().is_some_and(|(condition, _)| condition.is_some()) {
            outputs = outputs.into_iter().map(|(name, ty)| (name, ty.optional())).collect();
        }
        outputs
    }

    /// What is left for run time: values go to arguments, conditions, loops and text; whatever is more is a step's work.
    pub(super) fn check_run_time(&mut self, expr: &Expr) {
        if expr.run_time_part().is_none() {
            return;
        }
        let what = match &expr.kind {
            ExprKind::Binary(operator, ..) => {
                use ast::BinaryOperator::{Add, Divide, Matches, Multiply, Subtract};
                match operator {
                    Add | Subtract | Multiply | Divide => Some("arithmetic"),
                    Matches => Some("`matches`"),
                    _ => None,
                }
            }
            ExprKind::Unary(ast::UnaryOperator::Negate, _) => Some("arithmetic"),
            ExprKind::Length(_) => Some("`length`"),
            ExprKind::Call(decl, _) if [self.core("collected"), self.core("flat")].contains(&Some(*decl)) => None,
            ExprKind::Call(..) => Some("a function"),
            ExprKind::If(..) => Some("an `if` inside an expression"),
            ExprKind::Comprehension { .. } => return,
            _ => None,
        };
        if let Some(what) = what {
            self.report(
                report::not_at_run_time(expr.span, format!("{what} on a value that is known only when the pipeline runs"))
                    .note("when a pipeline runs, values are passed, compared, joined by `and or not in ??`, and put into text")
                    .help("let a step do it, and give the result as an output"),
            );
            return;
        }
        expr.parts().into_iter().for_each(|part| self.check_run_time(part));
    }

    pub(super) fn report_unused(&mut self, unused: Vec<Local>) {
        for local in unused {
            if local.name.starts_with('_') {
                continue;
            }
            let Some(noun) = local.noun else { continue };
            // A call is made whether or not its result is named.
            let help = match noun {
                "binding" => "remove the name, if the call is made for what it does; else use it".to_owned(),
                _ => format!("remove it, or name it `_{}`", local.name),
            };
            self.report(report::unused_name(local.bound, format!("{noun} `{}` is not used", local.name)).help(help));
        }
    }
}

fn first_yield(node: &Node) -> Option<Span> {
    let blocks = node.blocks();
    blocks.iter().find_map(|block| block.yields.first().map(|(_, value)| value.span))
}
