//! What a name stands for, in a few lines.

use super::head::head;
use super::{Meaning, fields, meaning};
use crate::library;
use crate::model::Model;
use crate::resolve::DeclId;
use crate::source::{FileId, Span};

/// What is shown at a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The name.
    pub span: Span,
    /// In the language: a declaration's head, or a name with its type.
    pub code: String,
    /// Its documentation, as Markdown.
    pub docs: Option<String>,
    /// Where it is from, if not from this file: `std.environment`, `steps.mlp`.
    pub from: Option<String>,
}

/// What the name under a cursor stands for.
pub fn hover(model: &Model, file: FileId, offset: u32) -> Option<Hover> {
    let (span, meaning) = meaning(model, file, offset)?;
    Some(match meaning {
        Meaning::Decl(decl) => of_declaration(model, file, span, decl),
        Meaning::Local(local) => {
            let code = format!("{}: {}", local.name, local.ty.display(model));
            let docs = fields(model).find(|field| field.span == local.bound).and_then(|field| field.docs.clone());
            Hover { span, code, docs, from: from(model, file, local.bound.file) }
        }
        Meaning::Field(field) => {
            let code = format!("{}: {}", field.name, field.ty.display(model));
            Hover { span, code, docs: field.docs.clone(), from: None }
        }
    })
}

fn of_declaration(model: &Model, file: FileId, span: Span, id: DeclId) -> Hover {
    let decl = model.names.decl(id);
    let from = from(model, file, decl.file);
    Hover { span, code: head(&model.sources, &decl.item), docs: decl.item.docs.clone(), from }
}

fn from(model: &Model, here: FileId, there: FileId) -> Option<String> {
    let path = &model.sources.file(there).path;
    match library::module_of(path) {
        Some(module) => Some(format!("std.{module}")),
        None => (there != here).then(|| path.clone()),
    }
}
