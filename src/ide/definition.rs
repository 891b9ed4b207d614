//! Where what a name stands for is declared.

use super::{Meaning, meaning};
use crate::ast::{self, ImportSource, ItemKind};
use crate::model::Model;
use crate::source::{Span, normal_path};

/// The way from a name to its declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The name under the cursor.
    pub from: Span,
    /// The declared name.
    pub name: Span,
    /// All of the declaration.
    pub whole: Span,
}

/// The declaration of the name under a cursor; of an import's path, the file.
pub fn definition(model: &Model, file: &ast::File, offset: u32) -> Option<Definition> {
    if let Some((from, meaning)) = meaning(model, file.id, offset) {
        return Some(match meaning {
            Meaning::Decl(decl) => {
                let decl = model.names.decl(decl);
                Definition { from, name: decl.name.span, whole: decl.item.span }
            }
            Meaning::Local(local) => Definition { from, name: local.bound, whole: local.bound },
            Meaning::Field(field) => Definition { from, name: field.span, whole: field.span },
        });
    }
    imported_file(model, file, offset)
}

fn imported_file(model: &Model, file: &ast::File, offset: u32) -> Option<Definition> {
    let here = &model.sources.file(file.id).path;
    let folder = here.rsplit_once('/').map_or("", |(folder, _)| folder);
    file.items.iter().find_map(|item| {
        let ItemKind::Import(import) = &item.kind else { return None };
        let (from, path) = match &import.source {
            ImportSource::File(path) => {
                (path.span, normal_path(format!("{folder}/{}", path.text).trim_start_matches('/'))?)
            }
            ImportSource::Std(module) => (module.span, crate::library::path(&module.text)),
        };
        let target = model.sources.find(&path).filter(|_| from.touches(offset))?;
        let start = Span::new(target, 0, 0);
        Some(Definition { from, name: start, whole: start })
    })
}
