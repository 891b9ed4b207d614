//! What every check works on: the model as far as it is built, the diagnostics so far, and names in view.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::misread::Misread;
use crate::ast;
use crate::diagnostics::{Diagnostic, Severity};
use crate::model::{Expr, ExprKind, LocalUse, Model, Type, Use, Value};
use crate::resolve::DeclId;
use crate::source::ProjectFiles;
use crate::source::{FileId, Span};

/// The state of a check.
pub(super) struct Checker<'a> {
    pub(super) model: Model,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) project: &'a dyn ProjectFiles,
    /// Items that parsing has found fault with.
    pub(super) misread: Misread,
    /// Declarations whose meaning is being worked out: one that is met again goes in a circle.
    pub(super) in_progress: Vec<DeclId>,
    /// Declarations that go in a circle, or whose check is done.
    pub(super) settled: BTreeSet<DeclId>,
    pub(super) python: BTreeMap<String, Option<std::sync::Arc<str>>>,
    /// Declarations with an error inside: what depends on all of them being right is not asked.
    pub(super) broken: BTreeSet<DeclId>,
}

/// Names in view inside an item.
pub(super) struct Scope {
    pub(super) file: FileId,
    /// A module of the library that is in view beside `core`: `policy`, `expectation`, `test`.
    pub(super) module: Option<&'static str>,
    /// Whether what runs and verifications measured may be named.
    pub(super) gate: bool,
    /// Whether what is seen of runs while they last may be named: of an alert.
    pub(super) alert: bool,
    /// Whether a step's inputs and outputs have `path` and `uri`.
    pub(super) command: Option<DeclId>,
    frames: Vec<IndexMap<String, Local>>,
    /// What was measured and found not to be `none`, by the depth of the frame that this holds in: `training.auc`.
    measured: Vec<(usize, String)>,
    /// Names of blocks that have ended: the name, where it was bound, the block.
    ended: Vec<(String, Span, Span)>,
    /// Names that the blocks around bind, some of them further down.
    upcoming: Vec<(String, Span)>,
    /// Names that are bound and may not have come to be.
    pub(super) unmade: Vec<(String, Span)>,
}

/// A name in view.
#[derive(Clone, Debug)]
pub(super) struct Local {
    pub(super) name: String,
    pub(super) expr: Expr,
    pub(super) bound: Span,
    pub(super) used: bool,
    /// What it is called where it is reported unused; none: never reported.
    pub(super) noun: Option<&'static str>,
}

impl Scope {
    pub(super) fn new(file: FileId) -> Self {
        Self {
            file,
            module: None,
            gate: false,
            alert: false,
            command: None,
            frames: vec![IndexMap::new()],
            measured: Vec::new(),
            ended: Vec::new(),
            upcoming: Vec::new(),
            unmade: Vec::new(),
        }
    }

    pub(super) fn with_module(mut self, module: &'static str) -> Self {
        self.module = Some(module);
        self
    }

    pub(super) fn at_gate(mut self) -> Self {
        self.gate = true;
        self
    }

    pub(super) fn at_alert(mut self) -> Self {
        self.alert = true;
        self.at_gate()
    }

    pub(super) fn bind(&mut self, name: &ast::Name, ty: Type, kind: ExprKind, noun: Option<&'static str>) {
        let expr = Expr { ty, kind, span: name.span };
        let local = Local { name: name.text.clone(), expr, bound: name.span, used: false, noun };
        self.add(local);
    }

    pub(super) fn add(&mut self, local: Local) {
        if let Some(frame) = self.frames.last_mut() {
            frame.insert(local.name.clone(), local);
        }
    }

    pub(super) fn push(&mut self) {
        self.frames.push(IndexMap::new());
    }

    /// Ends a block; gives the names that nothing used.
    pub(super) fn pop(&mut self, block: Span) -> Vec<Local> {
        let frame = self.frames.pop().unwrap_or_default();
        self.measured.retain(|(depth, _)| *depth <= self.frames.len());
        self.ended.extend(frame.values().map(|local| (local.name.clone(), local.bound, block)));
        frame.into_values().filter(|local| !local.used && local.noun.is_some()).collect()
    }

    pub(super) fn find(&mut self, name: &str) -> Option<&mut Local> {
        self.frames.iter_mut().rev().find_map(|frame| frame.get_mut(name))
    }

    pub(super) fn peek(&self, name: &str) -> Option<&Local> {
        self.frames.iter().rev().find_map(|frame| frame.get(name))
    }

    pub(super) fn ended(&self, name: &str) -> Option<(Span, Span)> {
        self.ended.iter().rev().find(|(ended, _, _)| ended == name).map(|(_, bound, block)| (*bound, *block))
    }

    /// Says what a block is going to bind; gives how many such names there were before.
    pub(super) fn announce(&mut self, names: impl Iterator<Item = (String, Span)>) -> usize {
        let before = self.upcoming.len();
        self.upcoming.extend(names);
        before
    }

    pub(super) fn forget_announced(&mut self, before: usize) {
        self.upcoming.truncate(before);
    }

    pub(super) fn upcoming(&self, name: &str) -> Option<Span> {
        self.upcoming.iter().find(|(upcoming, _)| upcoming == name).map(|(_, bound)| *bound)
    }

    pub(super) fn names(&self) -> Vec<&str> {
        self.frames.iter().flat_map(IndexMap::keys).map(String::as_str).collect()
    }

    /// Says that a measure is not `none` until this frame ends.
    pub(super) fn note_measured(&mut self, measure: &str) {
        self.measured.push((self.frames.len(), measure.to_owned()));
    }

    pub(super) fn is_measured(&self, measure: &str) -> bool {
        self.measured.iter().any(|(_, known)| known == measure)
    }

    /// Marks a name as used though nothing names it.
    pub(super) fn touch(&mut self, name: &str) {
        if let Some(local) = self.find(name) {
            local.used = true;
        }
    }
}

/// A type that is wanted, and why.
#[derive(Clone)]
pub(super) struct Expected {
    pub(super) ty: Type,
    /// Where it is declared, and what to say there.
    pub(super) why: Option<(Span, String)>,
    /// Whether the library marks it `@dynamic`.
    pub(super) dynamic: bool,
}

impl Expected {
    pub(super) fn of(ty: &Type) -> Self {
        Self { ty: ty.clone(), why: None, dynamic: false }
    }

    pub(super) fn because(ty: &Type, span: Span, text: impl Into<String>) -> Self {
        Self { ty: ty.clone(), why: Some((span, text.into())), dynamic: false }
    }

    pub(super) fn with(&self, ty: &Type) -> Self {
        Self { ty: ty.clone(), why: self.why.clone(), dynamic: self.dynamic }
    }

    /// The same for a field or parameter with these marks.
    pub(super) fn marked(self, marks: &[String]) -> Self {
        Self { dynamic: marks.iter().any(|mark| mark == "dynamic"), ..self }
    }
}

impl Checker<'_> {
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Notes every declaration that an error found so far lies in.
    pub(super) fn note_broken(&mut self) {
        let errors = self.diagnostics.iter().filter(|found| found.severity == Severity::Error);
        let places: Vec<Span> = errors.filter_map(Diagnostic::span).collect();
        let inside =
            |item: Span| places.iter().any(|at| at.file == item.file && item.start <= at.start && at.start <= item.end);
        let broken = self.model.names.decls().filter(|(_, decl)| inside(decl.item.span)).map(|(id, _)| id);
        self.broken = broken.collect();
    }

    pub(super) fn name(&self, decl: DeclId) -> String {
        self.model.name(decl).to_owned()
    }

    pub(super) fn show(&self, ty: &Type) -> String {
        ty.display(&self.model)
    }

    pub(super) fn text(&self, span: Span) -> String {
        self.model.sources.text(span).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// What a name means in a file, noted as a use.
    pub(super) fn lookup(&mut self, scope: &Scope, name: &ast::Name) -> Option<DeclId> {
        let extra = scope.module.and_then(|module| self.model.names.in_module(module, &name.text));
        let own = self.model.names.lookup(scope.file, &name.text).filter(|decl| {
            // What a file declares or imports comes before what a module adds to its view.
            extra.is_none() || self.model.names.decl(*decl).module != Some("core")
        });
        let decl = own.or(extra)?;
        self.used(name.span, decl);
        Some(decl)
    }

    pub(super) fn used(&mut self, span: Span, decl: DeclId) {
        self.model.uses.push(Use { span, decl });
    }

    pub(super) fn used_local(&mut self, span: Span, local: &Local) {
        self.model.locals.push(LocalUse {
            span,
            bound: local.bound,
            name: local.name.clone(),
            ty: local.expr.ty.clone(),
        });
    }

    /// A name that stands for a field, parameter or column.
    pub(super) fn used_field(&mut self, name: &ast::Name, field: &crate::model::Field) {
        let (name, span) = (name.text.clone(), name.span);
        self.model.locals.push(LocalUse { span, bound: field.span, name, ty: field.ty.clone() });
    }

    /// A name that stands for a part of a value whose declaration is not known: an output, a part of what a block yields.
    pub(super) fn used_part(&mut self, name: &ast::Name, ty: &Type) {
        let use_ = LocalUse { span: name.span, bound: name.span, name: name.text.clone(), ty: ty.clone() };
        self.model.locals.push(use_);
    }

    /// The library's struct of an item's fields.
    pub(super) fn item_struct(&self, item: &str) -> Option<DeclId> {
        self.model.names.in_module("items", &format!("{item}Fields"))
    }

    pub(super) fn core(&self, name: &str) -> Option<DeclId> {
        self.model.names.in_module("core", name)
    }

    /// A copy of an item's declaration that can be read while the model is written.
    pub(super) fn item(&self, decl: DeclId) -> std::sync::Arc<ast::Item> {
        self.model.names.decl(decl).item.clone()
    }

    pub(super) fn file_of(&self, decl: DeclId) -> FileId {
        self.model.names.decl(decl).file
    }

    /// The value of a constant expression; unknown where it is wrong or depends on an environment.
    pub(super) fn constant(&mut self, expr: &Expr) -> Value {
        match super::eval::Evaluator::new(&self.model).evaluate(expr) {
            Ok(value) => value,
            Err(fault) => {
                self.report(fault.into_diagnostic());
                Value::Unknown
            }
        }
    }
}
