//! Schemas, structs, enums, named types, artifacts and marks of the project.

use super::super::page::{Page, code, inline, text};
use super::{field, own, place};
use crate::ast::ItemKind;
use crate::model::{Model, Type};

pub(super) fn page(model: &Model) -> Option<Page> {
    let mut page = Page::new("types", "Types", None);
    let mut found = false;
    for (decl, declared) in own(model, is_type) {
        found = true;
        let name = if matches!(declared.item.kind, ItemKind::Mark(_)) {
            format!("@{}", model.name(decl))
        } else {
            model.name(decl).to_owned()
        };
        page.item(2, &name);
        page.docs(model.docs(decl));
        page.paragraph(text(format!("A {}, declared in {}.", declared.item.kind.keyword(), place(model, decl))));
        if let Some(members) = model.structs.get(&decl) {
            field::table(&mut page, model, if members.is_schema { "column" } else { "field" }, &members.fields);
        }
        if let Some(variants) = model.enums.get(&decl) {
            let rows = variants
                .variants
                .iter()
                .map(|(docs, name)| vec![code(name), inline(docs.as_deref().unwrap_or_default())]);
            page.table(&["variant", "what"], rows.collect());
        }
        if let Some(stands_for) = model.aliases.get(&decl) {
            page.paragraph([text("Stands for "), code(written(model, stands_for)), text(".")].concat());
        }
        if let Some(artifact) = model.artifacts.get(&decl) {
            let parent = artifact.parent.map(|parent| model.name(parent).to_owned()).unwrap_or_default();
            let rows = vec![
                vec![text("title"), code(&artifact.title)],
                vec![text("version"), code(&artifact.version)],
                vec![text("a kind of"), code(parent)],
            ];
            page.table(&["", " "], rows.into_iter().filter(|row| !row[1].is_empty()).collect());
        }
    }
    found.then_some(page)
}

fn is_type(kind: &ItemKind) -> bool {
    matches!(
        kind,
        ItemKind::Schema(_)
            | ItemKind::Struct(_)
            | ItemKind::Enum(_)
            | ItemKind::Type(_)
            | ItemKind::Artifact(_)
            | ItemKind::Mark(_)
    )
}

/// What an alias stands for, not its own name.
fn written(model: &Model, ty: &Type) -> String {
    match ty {
        Type::Refined { base, predicates, .. } => {
            Type::Refined { base: base.clone(), predicates: predicates.clone(), alias: None }.display(model)
        }
        other => other.display(model),
    }
}
