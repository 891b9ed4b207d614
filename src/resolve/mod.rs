//! Names: what every file declares, and what every name in a file's view is bound to.
//!
//! In: the syntax trees of all files, the standard library's among them. Out: [`Names`] and diagnostics, never one without the other.
//! It refuses to know types and values. Names inside an item (parameters, bindings, loop items) are bound by `check`,
//! because what a bare name may be there depends on the type that is expected.

mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;

use crate::ast::{Item, ItemKind, Name};
use crate::diagnostics::{Diagnostic, report};
use crate::library;
use crate::source::{FileId, SourceMap, Span};

/// A declaration, by its place in [`Names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeclId(pub u32);

/// What an item declares.
#[derive(Clone, Debug)]
pub struct Decl {
    /// Its name and where that stands.
    pub name: Name,
    /// The item.
    pub item: Arc<Item>,
    /// The file that it stands in.
    pub file: FileId,
    /// The module of the standard library, if it is of it.
    pub module: Option<&'static str>,
}

/// A name in a file's view.
#[derive(Clone, Debug)]
struct Visible {
    decl: DeclId,
    /// Where it was imported; none where the file declares it.
    import: Option<Span>,
}

/// Every declaration, and every file's view.
#[derive(Clone, Debug, Default)]
pub struct Names {
    decls: Vec<Decl>,
    /// Items that declare no name: the project, `ci`, promotions, tests, defaults.
    nameless: Vec<(FileId, Arc<Item>)>,
    views: BTreeMap<FileId, IndexMap<String, Visible>>,
    modules: BTreeMap<&'static str, FileId>,
    /// Names that an import should have brought and did not, which has been reported.
    lost: BTreeSet<(FileId, String)>,
}

/// Declares and binds the names of all files. `files` are the syntax trees of the project and of the standard library.
pub fn resolve(map: &SourceMap, files: &[crate::ast::File]) -> (Names, Vec<Diagnostic>) {
    let mut names = Names::default();
    let mut diagnostics = Vec::new();
    for file in files {
        names.declare(map, file, &mut diagnostics);
    }
    for file in files {
        imports::bind(&mut names, map, file, &mut diagnostics);
    }
    names.check_project_wide(map, &mut diagnostics);
    (names, diagnostics)
}

impl Names {
    /// The declaration of that id.
    pub fn decl(&self, id: DeclId) -> &Decl {
        &self.decls[id.0 as usize]
    }

    /// Every declaration with its id, in the order of files and text.
    pub fn decls(&self) -> impl Iterator<Item = (DeclId, &Decl)> {
        self.decls.iter().enumerate().map(|(at, decl)| (DeclId(at as u32), decl))
    }

    /// Every declaration of the project (not of the standard library).
    pub fn own(&self) -> impl Iterator<Item = (DeclId, &Decl)> {
        self.decls().filter(|(_, decl)| decl.module.is_none())
    }

    /// Items that declare no name, in the order of files and text.
    pub fn nameless(&self) -> impl Iterator<Item = &(FileId, Arc<Item>)> {
        self.nameless.iter()
    }

    /// What a name means in a file: what the file declares or imports, then what is always in view.
    pub fn lookup(&self, file: FileId, name: &str) -> Option<DeclId> {
        let own = self.views.get(&file).and_then(|view| view.get(name)).map(|visible| visible.decl);
        own.or_else(|| self.in_module("core", name))
    }

    /// Whether a name is missing in a file because an import failed.
    pub fn is_lost(&self, file: FileId, name: &str) -> bool {
        self.lost.contains(&(file, name.to_owned()))
    }

    /// What a module of the standard library declares under a name.
    pub fn in_module(&self, module: &str, name: &str) -> Option<DeclId> {
        let file = self.modules.get(module)?;
        self.views.get(file)?.get(name).filter(|visible| visible.import.is_none()).map(|visible| visible.decl)
    }

    /// Every name that a module of the standard library declares.
    pub fn module_names(&self, module: &str) -> Vec<&str> {
        let view = self.modules.get(module).and_then(|file| self.views.get(file));
        let own = view.into_iter().flatten().filter(|(_, visible)| visible.import.is_none());
        own.map(|(name, _)| name.as_str()).collect()
    }

    /// Every name in a file's view.
    pub fn visible(&self, file: FileId) -> Vec<&str> {
        let own = self.views.get(&file).into_iter().flatten().map(|(name, _)| name.as_str());
        own.chain(self.module_names("core")).collect()
    }

    /// What a file's `import`s bring: the local name, what it is, where it stands.
    pub fn imports(&self, file: FileId) -> impl Iterator<Item = (&str, DeclId, Span)> {
        let view = self.views.get(&file).into_iter().flatten();
        view.filter_map(|(name, visible)| Some((name.as_str(), visible.decl, visible.import?)))
    }

    fn declare(&mut self, map: &SourceMap, file: &crate::ast::File, diagnostics: &mut Vec<Diagnostic>) {
        let module = library::module_of(&map.file(file.id).path);
        if let Some(module) = module {
            self.modules.insert(module, file.id);
        }
        self.views.entry(file.id).or_default();
        for item in &file.items {
            let Some(name) = item.kind.declared_name() else {
                if !matches!(item.kind, ItemKind::Import(_)) {
                    self.nameless.push((file.id, item.clone()));
                }
                continue;
            };
            let id = DeclId(self.decls.len() as u32);
            self.decls.push(Decl { name: name.clone(), item: item.clone(), file: file.id, module });
            self.add_to_view(file.id, name, Visible { decl: id, import: None }, diagnostics);
        }
    }

    fn add_to_view(&mut self, file: FileId, name: &Name, visible: Visible, diagnostics: &mut Vec<Diagnostic>) {
        // A name that is missing has been told of.
        if name.text.is_empty() {
            return;
        }
        let view = self.views.entry(file).or_default();
        let Some(before) = view.get(&name.text) else {
            view.insert(name.text.clone(), visible);
            return;
        };
        if before.decl == visible.decl && before.import.is_some() {
            let first = before.import.unwrap_or_default();
            diagnostics.push(
                report::imported_twice(name.span, format!("`{}` is imported twice", name.text))
                    .label(first, "imported here already")
                    .help("remove one of the two"),
            );
            return;
        }
        let first = before.import.unwrap_or(self.decls[before.decl.0 as usize].name.span);
        diagnostics.push(
            report::declared_twice(name.span, format!("`{}` is declared twice in this file", name.text))
                .here("declared again here")
                .label(first, "declared first here")
                .help("give one of the two another name"),
        );
    }

    /// Names that are written into outputs must differ in the whole project, and by more than case.
    fn check_project_wide(&self, map: &SourceMap, diagnostics: &mut Vec<Diagnostic>) {
        let mut seen: BTreeMap<(&'static str, String), &Decl> = BTreeMap::new();
        for (_, decl) in self.own().filter(|(_, decl)| is_project_wide(&decl.item.kind)) {
            let keyword = decl.item.kind.keyword();
            let key = (keyword, decl.name.text.to_lowercase());
            let Some(first) = seen.get(&key) else {
                seen.insert(key, decl);
                continue;
            };
            if first.name.text == decl.name.text {
                if first.file != decl.file {
                    let message = format!("{keyword} `{}` is declared in two files", decl.name.text);
                    diagnostics.push(
                        report::declared_in_two_files(decl.name.span, message)
                            .here("declared again here")
                            .label(first.name.span, format!("declared first in `{}`", map.file(first.file).path))
                            .help("its name is written into what is generated: give one of the two another name"),
                    );
                }
                continue;
            }
            let message = format!("{keyword}s `{}` and `{}` differ only by case", first.name.text, decl.name.text);
            diagnostics.push(
                report::differ_by_case(decl.name.span, message)
                    .label(first.name.span, "the other one is declared here")
                    .note("hosts and file systems take names that differ only by case for one")
                    .help("give one of the two another name"),
            );
        }
    }
}

fn is_project_wide(kind: &ItemKind) -> bool {
    matches!(
        kind,
        ItemKind::Pipeline(_)
            | ItemKind::Environment(_)
            | ItemKind::Image(_)
            | ItemKind::Package(_)
            | ItemKind::Verification(_)
            | ItemKind::Team(_)
            | ItemKind::Service(_)
            | ItemKind::Need(_)
            | ItemKind::Policy(_)
    )
}
