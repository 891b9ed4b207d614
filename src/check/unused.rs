//! What is declared and never used: warnings.

use std::collections::BTreeSet;

use super::checker::Checker;
use crate::ast::ItemKind;
use crate::diagnostics::report;
use crate::resolve::DeclId;

impl Checker<'_> {
    pub(super) fn warn_of_unused(&mut self) {
        let used: BTreeSet<DeclId> = self.model.uses.iter().map(|used| used.decl).collect();
        self.warn_of_unused_imports();
        let unused: Vec<DeclId> = self
            .model
            .names
            .own()
            .filter(|(id, decl)| {
                !used.contains(id) && is_worth_a_warning(&decl.item.kind) && !decl.name.text.starts_with('_')
            })
            .map(|(id, _)| id)
            .collect();
        for decl in unused {
            let keyword = self.item(decl).kind.keyword();
            let message = format!("{keyword} `{}` is not used", self.name(decl));
            self.report(report::unused_declaration(self.model.span(decl), message).help("use it, or remove it"));
        }
    }

    fn warn_of_unused_imports(&mut self) {
        let files: Vec<crate::source::FileId> = self.model.sources.files().map(|file| file.id).collect();
        for file in files {
            if crate::library::module_of(&self.model.sources.file(file).path).is_some() {
                continue;
            }
            let here: BTreeSet<DeclId> =
                self.model.uses.iter().filter(|used| used.span.file == file).map(|used| used.decl).collect();
            let unused: Vec<(String, crate::source::Span)> = self
                .model
                .names
                .imports(file)
                .filter(|(_, decl, _)| !here.contains(decl))
                .map(|(name, _, span)| (name.to_owned(), span))
                .collect();
            for (name, span) in unused {
                self.report(
                    report::unused_import(span, format!("`{name}` is imported and not used"))
                        .help("remove it from the import"),
                );
            }
        }
    }
}

/// Whether something unused is probably a mistake: what is an end in itself is not.
fn is_worth_a_warning(kind: &ItemKind) -> bool {
    matches!(
        kind,
        ItemKind::Step(_)
            | ItemKind::Let(_)
            | ItemKind::Fn(_)
            | ItemKind::Type(_)
            | ItemKind::Image(_)
            | ItemKind::Team(_)
            | ItemKind::Verification(_)
            | ItemKind::Procedure(_)
    ) || matches!(kind, ItemKind::Need(need) if need.kind != crate::ast::NeedKind::Var)
}
