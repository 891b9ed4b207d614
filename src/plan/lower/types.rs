//! Types and predicates, as a target needs them.

use super::Lower;
use crate::model::{self, PredicateId};
use crate::plan::{Column, Contract, Expr, ExprKind, Field, InnerPredicate, Part, Predicate, Type};
use crate::resolve::DeclId;

impl Lower<'_> {
    pub(super) fn ty(&self, ty: &model::Type) -> Type {
        use crate::model::Type as Of;
        match ty {
            Of::Bool => Type::Bool,
            Of::Int => Type::Int,
            Of::Float => Type::Float,
            Of::String => Type::String,
            Of::Duration => Type::Duration,
            Of::Size => Type::Size,
            Of::Percent => Type::Percent,
            Of::Money => Type::Money,
            Of::Timestamp => Type::Timestamp,
            Of::Cron => Type::Cron,
            Of::Uri => Type::Uri,
            Of::List(of) => Type::List { of: Box::new(self.ty(of)) },
            Of::Map(of) => Type::Map { of: Box::new(self.ty(of)) },
            Of::Optional(of) => Type::Optional { of: Box::new(self.ty(of)) },
            Of::Refined { base, .. } => self.ty(base),
            Of::Struct(decl) => Type::Struct { name: self.name(*decl), fields: self.columns(*decl) },
            Of::Enum(decl) => Type::Enum {
                name: self.name(*decl),
                variants: self.model.enums[decl].variants.iter().map(|(_, variant)| variant.clone()).collect(),
            },
            Of::Artifact { decl, schemas } => {
                let artifact = self.model.artifacts.get(decl);
                Type::Artifact {
                    name: self.name(*decl),
                    title: artifact.map(|found| found.title.clone()).unwrap_or_default(),
                    schema: artifact.and_then(|found| found.schema.clone()),
                    version: artifact.map(|found| found.version.clone()).unwrap_or_default(),
                    schemas: schemas.iter().map(|schema| self.name(*schema)).collect(),
                }
            }
            Of::Table(schema) => Type::Table {
                schema: schema.map(|schema| self.name(schema)).unwrap_or_default(),
                columns: schema.map(|schema| self.columns(schema)).unwrap_or_default(),
            },
            Of::Record(fields) => Type::Struct {
                name: String::new(),
                fields: fields
                    .iter()
                    .map(|(name, ty)| Field {
                        name: name.clone(),
                        description: None,
                        ty: self.ty(ty),
                        marks: Vec::new(),
                        optional: false,
                    })
                    .collect(),
            },
            Of::RunStatus => Type::RunStatus,
            Of::TaskConfig => Type::TaskConfig,
            Of::Condition => Type::Bool,
            Of::Range(of) => self.ty(of),
            Of::Unknown
            | Of::Any
            | Of::None
            | Of::Json
            | Of::Kind(_)
            | Of::Secret
            | Of::Reference(_)
            | Of::RunOf(_) => Type::Json,
        }
    }

    pub(super) fn columns(&self, decl: DeclId) -> Vec<Field> {
        let fields = self.model.structs.get(&decl).map(|found| found.fields.as_slice()).unwrap_or_default();
        fields.iter().map(|field| self.field(field)).collect()
    }

    /// What the rows of an artifact are like: where it is claimed to have one schema, as a `Dataset<S>` is.
    pub(super) fn contract(&self, ty: &model::Type) -> Option<Contract> {
        let model::Type::Artifact { schemas, .. } = ty.required() else { return None };
        let [schema] = schemas.as_slice() else { return None };
        self.rows_of(*schema)
    }

    /// What rows of a schema are like.
    pub(super) fn rows_of(&self, schema: DeclId) -> Option<Contract> {
        let columns = self.model.structs.get(&schema)?.fields.iter().map(|field| Column {
            field: self.field(field),
            predicates: self.predicates_of(&field.ty),
            inner_predicates: self.inner_predicates_of(&field.ty),
        });
        Some(Contract { schema: self.name(schema), columns: columns.collect() })
    }

    pub(super) fn field(&self, field: &model::Field) -> Field {
        Field {
            name: field.name.clone(),
            description: field.docs.clone(),
            ty: self.ty(&field.ty),
            marks: field.marks.clone(),
            optional: field.may_be_left_out(),
        }
    }

    pub(super) fn predicates_of(&self, ty: &model::Type) -> Vec<Predicate> {
        crate::check::predicates::predicates(ty).into_iter().map(|id| self.predicate(id)).collect()
    }

    /// The values that a type lists: an enum's variants, or those of `where it in […]`.
    pub(super) fn allowed(&self, ty: &model::Type) -> Vec<serde_json::Value> {
        if let Type::Enum { variants, .. } = self.ty(ty).required() {
            return variants.iter().map(|variant| variant.as_str().into()).collect();
        }
        let listed = |predicate: Predicate| predicate.condition.listed().cloned();
        self.predicates_of(ty).into_iter().find_map(listed).unwrap_or_default()
    }

    /// Predicates on the items of a list.
    pub(super) fn item_predicates_of(&self, ty: &model::Type) -> Vec<Predicate> {
        match ty.required() {
            model::Type::List(item) => self.predicates_of(item),
            _ => Vec::new(),
        }
    }

    /// Predicates on items and fields, however deep; a struct holds no struct of its own kind.
    pub(super) fn inner_predicates_of(&self, ty: &model::Type) -> Vec<InnerPredicate> {
        let mut found = Vec::new();
        self.inner_predicates(ty, &mut Vec::new(), &mut found);
        found
    }

    fn inner_predicates(&self, ty: &model::Type, path: &mut Vec<Part>, found: &mut Vec<InnerPredicate>) {
        let mut enter = |part: Part, of: &model::Type| {
            path.push(part);
            let here = self.predicates_of(of).into_iter();
            found.extend(here.map(|predicate| InnerPredicate { path: path.clone(), predicate }));
            self.inner_predicates(of, path, found);
            path.pop();
        };
        match ty {
            model::Type::Refined { base: of, .. } | model::Type::Optional(of) => self.inner_predicates(of, path, found),
            model::Type::List(of) | model::Type::Map(of) => enter(Part::Each, of),
            model::Type::Struct(decl) => {
                let fields = self.model.structs.get(decl).map(|found| found.fields.as_slice()).unwrap_or_default();
                fields.iter().for_each(|field| enter(Part::Field { name: field.name.clone() }, &field.ty));
            }
            _ => {}
        }
    }

    fn predicate(&self, id: PredicateId) -> Predicate {
        let predicate = &self.model.predicates[id.0 as usize];
        Predicate { text: predicate.text.clone(), condition: self.condition(&predicate.condition) }
    }

    /// A condition without run-time values: on `it`, or on what was measured.
    pub(super) fn condition(&self, expr: &model::Expr) -> Expr {
        super::expr::Context { lower: self, place: None, frame: None }.expr(expr)
    }

    /// `it`
    pub(super) fn it(&self, ty: Type) -> Expr {
        Expr { ty, kind: ExprKind::It }
    }
}
