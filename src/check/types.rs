//! Types as written -> types, and which type fits where.

use super::checker::{Checker, Scope};
use crate::ast::{ItemKind, TypeExpr, TypeKind};
use crate::diagnostics::{did_you_mean, report};
use crate::model::{ExprKind, Predicate, PredicateId, Reference, Type};
use crate::resolve::DeclId;
use crate::source::{FileId, Span};

impl Checker<'_> {
    /// The type that is written there.
    pub(super) fn type_of(&mut self, file: FileId, written: &TypeExpr) -> Type {
        match &written.kind {
            TypeKind::Error => Type::Unknown,
            TypeKind::Optional(inner) => self.type_of(file, inner).optional(),
            TypeKind::Refined { base, predicate } => {
                let base = self.type_of(file, base);
                self.refine(file, base, predicate)
            }
            TypeKind::Named { name, arguments } => {
                let scope = Scope::new(file);
                let Some(decl) = self.lookup_type(&scope, name) else {
                    self.unknown_type(file, name);
                    return Type::Unknown;
                };
                let arguments: Vec<(Type, Span)> =
                    arguments.iter().map(|argument| (self.type_argument(file, argument), argument.span)).collect();
                self.named_type(decl, &name.text, name.span, &arguments)
            }
        }
    }

    /// What a name means where a type is wanted: a type before anything else of that name.
    fn lookup_type(&mut self, scope: &Scope, name: &crate::ast::Name) -> Option<DeclId> {
        let own = self.model.names.lookup(scope.file, &name.text);
        let core = self.core(&name.text).filter(|decl| matches!(self.item(*decl).kind, ItemKind::Type(_)));
        let decl = match own {
            Some(own) if matches!(self.item(own).kind, ItemKind::Form(_) | ItemKind::Fn(_)) => core.or(Some(own)),
            other => other,
        }?;
        self.used(name.span, decl);
        Some(decl)
    }

    fn unknown_type(&mut self, file: FileId, name: &crate::ast::Name) {
        if self.model.names.is_lost(file, &name.text) {
            return;
        }
        let mut diagnostic = report::unknown_type(name.span, format!("there is no type `{}` here", name.text));
        if let Some(near) = did_you_mean(&name.text, self.model.names.visible(file)) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?")).fix("rename it", name.span, near);
        } else if let Some(help) = self.where_to_import(file, &name.text) {
            diagnostic = diagnostic.help(help);
        }
        self.report(diagnostic);
    }

    /// Where a name could be imported from, as a sentence.
    pub(super) fn where_to_import(&self, file: FileId, name: &str) -> Option<String> {
        let (_, decl) = self.model.names.decls().find(|(_, decl)| {
            decl.name.text == name && decl.file != file && decl.module != Some("core") && !name.starts_with('_')
        })?;
        let path = match decl.module {
            Some("items" | "targets" | "command") => return None,
            Some(module) => format!("std.{module}"),
            None => {
                let from = &self.model.sources.file(file).path;
                format!("\"{}\"", relative(from, &self.model.sources.file(decl.file).path))
            }
        };
        Some(format!("add `import {path} {{ {name} }}`"))
    }

    fn refine(&mut self, file: FileId, base: Type, predicate: &crate::ast::Expr) -> Type {
        let mut scope = Scope::new(file);
        let it = crate::ast::Name { text: "it".into(), span: predicate.span };
        scope.bind(&it, base.required().clone(), ExprKind::It, None);
        let condition = self.condition(&mut scope, predicate);
        let id = PredicateId(self.model.predicates.len() as u32);
        let text = self.text(predicate.span);
        self.model.predicates.push(Predicate { text, condition, span: predicate.span });
        let (base, mut predicates) = match base {
            Type::Refined { base, predicates, .. } => (base, predicates),
            other => (Box::new(other), Vec::new()),
        };
        predicates.push(id);
        Type::Refined { base, predicates, alias: None }
    }

    fn type_argument(&mut self, file: FileId, argument: &TypeExpr) -> Type {
        if matches!(argument.kind, TypeKind::Refined { .. }) {
            let message = "`where` does not stand inside `< >`";
            self.report(
                report::refinement_in_argument(argument.span, message)
                    .help("name the type first: `type Name = … where …`, then write the name here"),
            );
        }
        self.type_of(file, argument)
    }

    fn named_type(&mut self, decl: DeclId, name: &str, span: Span, arguments: &[(Type, Span)]) -> Type {
        let item = self.item(decl);
        let built_in = self.model.names.decl(decl).module == Some("core");
        let (ty, wanted) = match &item.kind {
            ItemKind::Type(alias) if alias.ty.is_none() && built_in => match (name, arguments) {
                ("list" | "map", [(of, _)]) => {
                    let of = Box::new(of.clone());
                    return if name == "list" { Type::List(of) } else { Type::Map(of) };
                }
                ("list" | "map", _) => (Type::Unknown, 1..=1),
                ("Table", []) => (Type::Table(None), 0..=1),
                ("Table", [(schema, at)]) => {
                    return Type::Table(self.schema_argument(schema, *at));
                }
                _ => (scalar(name), 0..=0),
            },
            ItemKind::Type(_) => (self.alias(decl), 0..=0),
            ItemKind::Schema(_) | ItemKind::Struct(_) => (Type::Struct(decl), 0..=0),
            ItemKind::Enum(_) => (Type::Enum(decl), 0..=0),
            ItemKind::Kind(_) => (Type::Kind(decl), 0..=0),
            ItemKind::Artifact(artifact) => {
                let count = artifact.parameters.len();
                if arguments.is_empty() {
                    return Type::Artifact { decl, schemas: Vec::new() };
                }
                if arguments.len() == count {
                    let schemas: Vec<DeclId> =
                        arguments.iter().filter_map(|(ty, at)| self.schema_argument(ty, *at)).collect();
                    let schemas = if schemas.len() == count { schemas } else { Vec::new() };
                    return Type::Artifact { decl, schemas };
                }
                (Type::Artifact { decl, schemas: Vec::new() }, 0..=count)
            }
            other => {
                let message = format!("`{name}` is a {}, no type", other.keyword());
                let declared = self.model.span(decl);
                self.report(report::not_a_type(span, message).label(declared, "declared here"));
                return Type::Unknown;
            }
        };
        if !wanted.contains(&arguments.len()) {
            let wanted = match (*wanted.start(), *wanted.end()) {
                (0, 0) => "none".to_owned(),
                (low, high) if low == high => high.to_string(),
                (_, high) => format!("none or {high}"),
            };
            let message = format!("`{name}` takes {wanted} in `< >`, not {}", arguments.len());
            self.report(report::wrong_type_arguments(span, message));
            return Type::Unknown;
        }
        ty
    }

    fn schema_argument(&mut self, ty: &Type, span: Span) -> Option<DeclId> {
        match ty {
            Type::Struct(decl) if matches!(self.item(*decl).kind, ItemKind::Schema(_)) => Some(*decl),
            Type::Unknown => None,
            other => {
                let message = format!("a schema is wanted here, not `{}`", self.show(other));
                self.report(report::wrong_type_arguments(span, message).help("declare it with `schema NAME { … }`"));
                None
            }
        }
    }

    /// What a `type` item stands for; one that goes in a circle is reported and unknown.
    pub(super) fn alias(&mut self, decl: DeclId) -> Type {
        if let Some(ty) = self.model.aliases.get(&decl) {
            return ty.clone();
        }
        if !self.enter(decl) {
            return Type::Unknown;
        }
        let item = self.item(decl);
        let ty = match &item.kind {
            ItemKind::Type(alias) => match &alias.ty {
                Some(written) => self.type_of(self.file_of(decl), written),
                None => Type::Unknown,
            },
            _ => Type::Unknown,
        };
        self.leave(decl);
        let ty = match ty {
            Type::Refined { base, predicates, .. } => Type::Refined { base, predicates, alias: Some(decl) },
            other => other,
        };
        self.model.aliases.insert(decl, ty.clone());
        ty
    }

    /// Whether a value of type `from` may stand where `to` is wanted; refinements of `to` are looked at elsewhere.
    pub(super) fn fits(&self, from: &Type, to: &Type) -> bool {
        match (from, to) {
            (Type::Unknown | Type::Any, _) | (_, Type::Unknown | Type::Any) => true,
            (_, Type::Refined { base, .. }) => self.fits(from, base),
            (Type::Refined { base, .. }, _) => self.fits(base, to),
            (Type::None, Type::Optional(_)) => true,
            (Type::Optional(from), Type::Optional(to)) => self.fits(from, to),
            (Type::Optional(_), Type::Json) => true,
            (Type::Optional(_), _) => false,
            (from, Type::Optional(to)) => self.fits(from, to),
            (Type::Int, Type::Float) => true,
            (Type::List(from), Type::List(to)) | (Type::Map(from), Type::Map(to)) => self.fits(from, to),
            (Type::Range(from), Type::Range(to)) => self.fits(from, to),
            (
                Type::Artifact { decl: from, schemas: from_schemas },
                Type::Artifact { decl: to, schemas: to_schemas },
            ) => self.descends(*from, *to) && self.schemas_fit(*to, from_schemas, to_schemas),
            (Type::Table(Some(from)), Type::Table(Some(to))) => self.columns_fit(*from, *to),
            (Type::Table(_), Type::Table(_)) => true,
            (Type::Record(from), Type::Record(to)) => {
                from.len() == to.len()
                    && to.iter().all(|(name, to)| {
                        from.iter().find(|(other, _)| other == name).is_some_and(|(_, from)| self.fits(from, to))
                    })
            }
            (Type::Bool, Type::Condition) => true,
            (Type::RunStatus | Type::Struct(_), Type::Map(of)) => **of == Type::Json,
            (Type::Record(from), Type::Map(of)) => from.iter().all(|(_, from)| self.fits(from, of)),
            (from, Type::Json) => is_json(from),
            (from, to) => from == to,
        }
    }

    /// Whether an artifact type is another or a kind of it.
    fn descends(&self, from: DeclId, to: DeclId) -> bool {
        let mut at = Some(from);
        for _ in 0..64 {
            match at {
                Some(here) if here == to => return true,
                Some(here) => at = self.model.artifacts.get(&here).and_then(|artifact| artifact.parent),
                None => return false,
            }
        }
        false
    }

    /// What a model takes may be less than what is offered, what anything gives may be more than what is wanted.
    fn schemas_fit(&self, to: DeclId, from: &[DeclId], wanted: &[DeclId]) -> bool {
        let is_model = self.core("Model") == Some(to);
        from.iter().zip(wanted).enumerate().all(|(at, (from, wanted))| {
            if is_model && at == 0 { self.columns_fit(*wanted, *from) } else { self.columns_fit(*from, *wanted) }
        })
    }

    /// Whether one schema has every column of another.
    pub(super) fn columns_fit(&self, from: DeclId, to: DeclId) -> bool {
        if from == to {
            return true;
        }
        let (Some(from), Some(to)) = (self.model.structs.get(&from), self.model.structs.get(&to)) else { return true };
        to.fields.iter().all(|wanted| from.field(&wanted.name).is_some_and(|field| self.fits(&field.ty, &wanted.ty)))
    }

    /// Columns of `to` that `from` lacks.
    pub(super) fn missing_columns(&self, from: DeclId, to: DeclId) -> Vec<String> {
        let (Some(from), Some(to)) = (self.model.structs.get(&from), self.model.structs.get(&to)) else {
            return Vec::new();
        };
        let missing = to
            .fields
            .iter()
            .filter(|wanted| !from.field(&wanted.name).is_some_and(|field| self.fits(&field.ty, &wanted.ty)));
        missing.map(|field| field.name.clone()).collect()
    }

    /// The type of which both are, for lists and branches.
    pub(super) fn join(&self, left: &Type, right: &Type) -> Option<Type> {
        match (left, right) {
            (Type::None, other) | (other, Type::None) => Some(other.clone().optional()),
            _ if self.fits(left, right) => Some(right.clone()),
            _ if self.fits(right, left) => Some(left.clone()),
            _ => None,
        }
    }
}

fn scalar(name: &str) -> Type {
    match name {
        "bool" => Type::Bool,
        "int" => Type::Int,
        "float" => Type::Float,
        "string" => Type::String,
        "duration" => Type::Duration,
        "size" => Type::Size,
        "percent" => Type::Percent,
        "money" => Type::Money,
        "timestamp" => Type::Timestamp,
        "cron" => Type::Cron,
        "uri" => Type::Uri,
        "json" => Type::Json,
        "any" => Type::Any,
        "secret" => Type::Secret,
        "RunStatus" => Type::RunStatus,
        "TaskConfig" => Type::TaskConfig,
        "Condition" => Type::Condition,
        _ => {
            let known = Reference::ALL.iter().find(|(known, _)| *known == name);
            known.map_or(Type::Unknown, |(_, reference)| Type::Reference(*reference))
        }
    }
}

fn is_json(ty: &Type) -> bool {
    match ty.unrefined() {
        Type::List(item) | Type::Map(item) | Type::Optional(item) => is_json(item),
        Type::Record(fields) => fields.iter().all(|(_, ty)| is_json(ty)),
        Type::Unknown
        | Type::Any
        | Type::None
        | Type::Bool
        | Type::Int
        | Type::Float
        | Type::String
        | Type::Duration
        | Type::Size
        | Type::Percent
        | Type::Money
        | Type::Timestamp
        | Type::Cron
        | Type::Uri
        | Type::Json
        | Type::Struct(_)
        | Type::Enum(_) => true,
        _ => false,
    }
}

/// The path of `to` as a file at `from` writes it.
fn relative(from: &str, to: &str) -> String {
    let from: Vec<&str> = from.split('/').collect();
    let to: Vec<&str> = to.split('/').collect();
    let folders = from.len() - 1;
    let shared = (0..folders.min(to.len() - 1)).take_while(|at| from[*at] == to[*at]).count();
    let up = std::iter::repeat_n("..", folders - shared);
    up.chain(to[shared..].iter().copied()).collect::<Vec<_>>().join("/")
}
