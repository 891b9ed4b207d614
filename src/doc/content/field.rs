//! Parameters, outputs, columns and fields as rows of a table.

use super::super::page::{Inline, Page, code, inline, link};
use crate::model::{Field, Model, Type};
use crate::resolve::DeclId;

/// A table of fields; `named` heads its first column.
pub(super) fn table(page: &mut Page, model: &Model, named: &'static str, fields: &[Field]) {
    let rows = fields.iter().map(|field| {
        let default = field.default.as_ref().map(|default| model.sources.text(default.span).to_owned());
        vec![
            code(&field.name),
            typed(model, &field.ty),
            code(default.unwrap_or_default()),
            code(field.marks.iter().map(|mark| format!("@{mark}")).collect::<Vec<_>>().join(" ")),
            inline(field.docs.as_deref().unwrap_or_default()),
        ]
    });
    page.table(&[named, "type", "default", "marks", "what"], rows.collect());
}

/// A type, as a way to its description where the project declares it.
pub(super) fn typed(model: &Model, ty: &Type) -> Vec<Inline> {
    let text = ty.display(model);
    match described(model, ty) {
        Some(decl) => vec![link("types", Some(model.name(decl)), text)],
        None => code(text),
    }
}

/// What a type is mostly made of, where the project declares that.
fn described(model: &Model, ty: &Type) -> Option<DeclId> {
    let decl = match ty {
        Type::Refined { alias: Some(alias), .. } => *alias,
        Type::Refined { base, .. } | Type::Optional(base) | Type::List(base) | Type::Map(base) => {
            return described(model, base);
        }
        Type::Struct(decl) | Type::Enum(decl) | Type::Table(Some(decl)) => *decl,
        Type::Artifact { decl, schemas } => *schemas.first().unwrap_or(decl),
        _ => return None,
    };
    model.names.decl(decl).module.is_none().then_some(decl)
}
