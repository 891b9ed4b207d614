//! Every span of an item, so that an item that moved in its file need not be parsed again.
//!
//! In: an item. Out: the item, each of its spans changed. It refuses to know anything else of a tree.

use crate::ast::{
    Argument, Block, Columns, Edge, EdgeStatement, EdgeStatementKind, Entry, Expr, ExprKind, ImportSource, Item,
    ItemKind, Name, OnFailure, Parameter, Proposition, PropositionKind, Reaction, RecordEntry, Statement,
    StatementKind, TextPart, TypeExpr, TypeKind,
};
use crate::source::Span;

/// Changes every span of an item.
pub fn each_span(item: &mut Item, change: &mut dyn FnMut(&mut Span)) {
    let Item { docs: _, keyword, kind, complete: _, span } = item;
    change(keyword);
    change(span);
    Visit { change }.kind(kind);
}

struct Visit<'a> {
    change: &'a mut dyn FnMut(&mut Span),
}

impl Visit<'_> {
    fn span(&mut self, span: &mut Span) {
        (self.change)(span);
    }

    fn name(&mut self, name: &mut Name) {
        self.span(&mut name.span);
    }

    fn kind(&mut self, kind: &mut ItemKind) {
        match kind {
            ItemKind::Import(item) => {
                match &mut item.source {
                    ImportSource::File(name) | ImportSource::Std(name) => self.name(name),
                }
                for name in &mut item.names {
                    self.name(&mut name.name);
                    name.alias.iter_mut().for_each(|name| self.name(name));
                }
            }
            ItemKind::Project(item)
            | ItemKind::Image(item)
            | ItemKind::Package(item)
            | ItemKind::Defaults(item)
            | ItemKind::Team(item) => {
                self.name(&mut item.name);
                self.entries(&mut item.entries);
            }
            ItemKind::Schema(item) | ItemKind::Struct(item) => self.columns(item),
            ItemKind::Enum(item) => {
                self.name(&mut item.name);
                item.variants.iter_mut().for_each(|(_, name)| self.name(name));
            }
            ItemKind::Artifact(item) => {
                self.name(&mut item.name);
                item.parameters.iter_mut().for_each(|name| self.name(name));
                self.types(item.extends.iter_mut());
                self.entries(&mut item.entries);
            }
            ItemKind::Type(item) => {
                self.name(&mut item.name);
                self.types(item.ty.iter_mut());
            }
            ItemKind::Mark(name) | ItemKind::Kind(name) => self.name(name),
            ItemKind::Let(item) => {
                self.name(&mut item.name);
                self.types(item.ty.iter_mut());
                self.expr(&mut item.value);
            }
            ItemKind::Fn(item) => {
                self.name(&mut item.name);
                self.parameters(&mut item.parameters);
                self.ty(&mut item.result);
                self.exprs(item.body.iter_mut());
            }
            ItemKind::Form(item) => {
                self.name(&mut item.name);
                self.parameters(&mut item.parameters);
                self.name(&mut item.kind);
                self.entries(&mut item.entries);
            }
            ItemKind::Need(item) => {
                self.name(&mut item.name);
                self.types(item.ty.iter_mut());
                self.exprs(item.default.iter_mut());
            }
            ItemKind::Service(item) => {
                self.name(&mut item.name);
                self.parameters(&mut item.parameters);
                self.parameters(&mut item.outputs);
                self.entries(&mut item.entries);
            }
            ItemKind::Step(item) => {
                self.name(&mut item.name);
                self.parameters(&mut item.inputs);
                self.parameters(&mut item.outputs);
                self.entries(&mut item.entries);
            }
            ItemKind::Pipeline(item) => {
                self.name(&mut item.name);
                self.parameters(&mut item.parameters);
                self.parameters(&mut item.outputs);
                self.block(&mut item.body);
            }
            ItemKind::Expectation(item) => {
                self.name(&mut item.name);
                self.name(&mut item.on);
                self.propositions(&mut item.propositions);
            }
            ItemKind::Environment(item) => {
                self.name(&mut item.name);
                item.extends.iter_mut().for_each(|name| self.name(name));
                self.entries(&mut item.entries);
            }
            ItemKind::Ci(entries) => self.entries(entries),
            ItemKind::Verification(item) => {
                self.name(&mut item.name);
                self.parameters(&mut item.outputs);
                self.entries(&mut item.entries);
            }
            ItemKind::Procedure(item) => {
                self.name(&mut item.name);
                self.parameters(&mut item.parameters);
                self.edge_statements(&mut item.statements);
            }
            ItemKind::Promotion(item) => {
                item.pipelines.iter_mut().for_each(|name| self.name(name));
                item.on_failure.iter_mut().for_each(|on_failure| self.on_failure(on_failure));
                item.edges.iter_mut().for_each(|edge| self.edge(edge));
            }
            ItemKind::Policy(item) => {
                self.name(&mut item.name);
                self.propositions(&mut item.propositions);
            }
            ItemKind::Test(item) => {
                self.name(&mut item.title);
                self.propositions(&mut item.propositions);
            }
        }
    }

    fn columns(&mut self, item: &mut Columns) {
        self.name(&mut item.name);
        self.parameters(&mut item.columns);
    }

    fn parameters(&mut self, parameters: &mut [Parameter]) {
        for Parameter { docs: _, name, ty, marks, default, span } in parameters {
            self.name(name);
            self.ty(ty);
            marks.iter_mut().for_each(|mark| self.name(mark));
            self.exprs(default.iter_mut());
            self.span(span);
        }
    }

    fn types<'a>(&mut self, types: impl Iterator<Item = &'a mut TypeExpr>) {
        types.for_each(|ty| self.ty(ty));
    }

    fn ty(&mut self, ty: &mut TypeExpr) {
        self.span(&mut ty.span);
        match &mut ty.kind {
            TypeKind::Named { name, arguments } => {
                self.name(name);
                self.types(arguments.iter_mut());
            }
            TypeKind::Optional(ty) => self.ty(ty),
            TypeKind::Refined { base, predicate } => {
                self.ty(base);
                self.expr(predicate);
            }
            TypeKind::Error => {}
        }
    }

    fn entries(&mut self, entries: &mut [Entry]) {
        for entry in entries {
            match entry {
                Entry::Field { docs: _, name, value } => {
                    self.name(name);
                    self.expr(value);
                }
                Entry::Binding { docs: _, keyword, name, value } => {
                    self.name(keyword);
                    self.name(name);
                    self.expr(value);
                }
                Entry::Section { docs: _, keyword, name, entries, span } => {
                    self.name(keyword);
                    self.name(name);
                    self.entries(entries);
                    self.span(span);
                }
                Entry::OnFailure(on_failure) => self.on_failure(on_failure),
                Entry::Error(span) => self.span(span),
            }
        }
    }

    fn on_failure(&mut self, on_failure: &mut OnFailure) {
        self.span(&mut on_failure.span);
        for reaction in &mut on_failure.reactions {
            match reaction {
                Reaction::Rollback(span) | Reaction::Hold(span) | Reaction::Error(span) => self.span(span),
                Reaction::Notify(value) => self.expr(value),
            }
        }
    }

    fn exprs<'a>(&mut self, exprs: impl Iterator<Item = &'a mut Expr>) {
        exprs.for_each(|expr| self.expr(expr));
    }

    fn expr(&mut self, expr: &mut Expr) {
        self.span(&mut expr.span);
        match &mut expr.kind {
            ExprKind::None
            | ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Quantity { .. }
            | ExprKind::RawText(_)
            | ExprKind::Error => {}
            ExprKind::Text(parts) => self.text(parts),
            ExprKind::Mark(name) | ExprKind::Name(name) => self.name(name),
            ExprKind::Field { of, name } => {
                self.expr(of);
                self.name(name);
            }
            ExprKind::Index { of, index } => {
                self.expr(of);
                self.expr(index);
            }
            ExprKind::Call { callee, arguments } => {
                self.expr(callee);
                self.arguments(arguments);
            }
            ExprKind::With { call, entries } => {
                self.expr(call);
                self.record(entries);
            }
            ExprKind::List(values) => self.exprs(values.iter_mut()),
            ExprKind::Comprehension { name, source, condition, value } => {
                self.name(name);
                self.expr(source);
                self.exprs(condition.iter_mut().map(|condition| &mut **condition));
                self.expr(value);
            }
            ExprKind::Record(entries) => self.record(entries),
            ExprKind::Unary { operator: _, operand } => self.expr(operand),
            ExprKind::Binary { operator: _, operator_span, left, right } => {
                self.span(operator_span);
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Range { low, high, inclusive: _ } => {
                self.expr(low);
                self.expr(high);
            }
            ExprKind::If(value) => {
                self.span(&mut value.span);
                for (condition, block) in &mut value.branches {
                    self.expr(condition);
                    self.block(block);
                }
                value.otherwise.iter_mut().for_each(|block| self.block(block));
            }
            ExprKind::For(value) => {
                self.span(&mut value.span);
                self.name(&mut value.name);
                self.expr(&mut value.source);
                self.exprs(value.parallel.iter_mut());
                self.block(&mut value.body);
            }
        }
    }

    fn text(&mut self, parts: &mut [TextPart]) {
        for part in parts {
            if let TextPart::Expr(value) = part {
                self.expr(value);
            }
        }
    }

    fn arguments(&mut self, arguments: &mut [Argument]) {
        for Argument { name, value } in arguments {
            name.iter_mut().for_each(|name| self.name(name));
            self.expr(value);
        }
    }

    fn record(&mut self, entries: &mut [RecordEntry]) {
        for entry in entries {
            match entry {
                RecordEntry::Field { name, value } => {
                    self.name(name);
                    self.expr(value);
                }
                RecordEntry::Keyed { key, value } => {
                    self.expr(key);
                    self.expr(value);
                }
                RecordEntry::Spread(value) => self.expr(value),
            }
        }
    }

    fn block(&mut self, block: &mut Block) {
        self.span(&mut block.span);
        for Statement { docs: _, kind, span } in &mut block.statements {
            self.span(span);
            match kind {
                StatementKind::Bind { name, value } => {
                    self.name(name);
                    self.expr(value);
                }
                StatementKind::Expr(value)
                | StatementKind::Require(value)
                | StatementKind::Yield(value)
                | StatementKind::Return(value) => self.expr(value),
                StatementKind::Finally { status, body } => {
                    status.iter_mut().for_each(|name| self.name(name));
                    self.block(body);
                }
                StatementKind::Try { body, status, last } => {
                    self.block(body);
                    status.iter_mut().for_each(|name| self.name(name));
                    self.block(last);
                }
                StatementKind::Error => {}
            }
        }
    }

    fn propositions(&mut self, propositions: &mut [Proposition]) {
        for Proposition { docs: _, kind, span } in propositions {
            self.span(span);
            match kind {
                PropositionKind::Assert { keyword, condition } => {
                    self.name(keyword);
                    self.expr(condition);
                }
                PropositionKind::For { name, source, condition, body } => {
                    self.name(name);
                    self.expr(source);
                    self.exprs(condition.iter_mut());
                    self.propositions(body);
                }
                PropositionKind::Bind { name, value, environment } => {
                    self.name(name);
                    self.expr(value);
                    environment.iter_mut().for_each(|name| self.name(name));
                }
                PropositionKind::Error => {}
            }
        }
    }

    fn edge(&mut self, edge: &mut Edge) {
        self.span(&mut edge.span);
        edge.from.iter_mut().for_each(|name| self.name(name));
        self.name(&mut edge.to);
        self.edge_statements(&mut edge.statements);
    }

    fn edge_statements(&mut self, statements: &mut [EdgeStatement]) {
        for EdgeStatement { docs: _, kind, span } in statements {
            self.span(span);
            match kind {
                EdgeStatementKind::Require(value)
                | EdgeStatementKind::Soak(value)
                | EdgeStatementKind::Window(value)
                | EdgeStatementKind::Run(value)
                | EdgeStatementKind::Verify(value)
                | EdgeStatementKind::Notify(value)
                | EdgeStatementKind::Procedure(value) => self.expr(value),
                EdgeStatementKind::StartManual | EdgeStatementKind::Deploy | EdgeStatementKind::Error => {}
                EdgeStatementKind::Approve { count, team } => {
                    self.expr(count);
                    self.expr(team);
                }
                EdgeStatementKind::Preflight(propositions) => self.propositions(propositions),
                EdgeStatementKind::Release { service, rollout } => {
                    self.name(service);
                    self.exprs(rollout.iter_mut());
                }
                EdgeStatementKind::OnFailure(on_failure) => self.on_failure(on_failure),
            }
        }
    }
}
