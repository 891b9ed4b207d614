//! What an editor can ask, as plain data: every answer is a view of the same checked model.
//!
//! In: a checked model or a syntax tree, and a byte offset. Out: spans, names and text.
//! It refuses to know an editor's protocol, lines and columns, and where the text lies.

mod definition;
mod head;
mod hover;
mod symbols;

pub use definition::{Definition, definition};
pub use hover::{Hover, hover};
pub use symbols::{Symbol, SymbolKind, symbols};

use crate::model::{Field, LocalUse, Model};
use crate::resolve::DeclId;
use crate::source::{FileId, Span};

/// What a name stands for.
enum Meaning<'a> {
    /// A declaration.
    Decl(DeclId),
    /// Something inside an item.
    Local(&'a LocalUse),
    /// A field, parameter, output or column, where it is declared.
    Field(&'a Field),
}

/// The name under a cursor and what it stands for; the narrowest where several hold the cursor.
fn meaning(model: &Model, file: FileId, offset: u32) -> Option<(Span, Meaning<'_>)> {
    let holds = |span: Span| span.file == file && span.touches(offset);
    let uses = model.uses.iter().map(|one| (one.span, Meaning::Decl(one.decl)));
    let locals = model.locals.iter().map(|one| (one.span, Meaning::Local(one)));
    let bound = model.locals.iter().map(|one| (one.bound, Meaning::Local(one)));
    let imports = model.names.imports(file).map(|(_, decl, span)| (span, Meaning::Decl(decl)));
    let decls = model.names.decls().map(|(id, decl)| (decl.name.span, Meaning::Decl(id)));
    let fields = fields(model).map(|field| (field.span, Meaning::Field(field)));
    let all = uses.chain(locals).chain(bound).chain(imports).chain(decls).chain(fields);
    all.filter(|(span, _)| holds(*span)).min_by_key(|(span, _)| span.end - span.start)
}

/// Every field, parameter, output and column.
fn fields(model: &Model) -> impl Iterator<Item = &Field> {
    let structs = model.structs.values().flat_map(|found| &found.fields);
    let forms = model.forms.values().flat_map(|found| &found.parameters);
    let steps = model.steps.values().flat_map(|found| found.inputs.iter().chain(&found.outputs));
    let pipelines = model.pipelines.values().flat_map(|found| found.parameters.iter().chain(&found.outputs));
    structs.chain(forms).chain(steps).chain(pipelines)
}
