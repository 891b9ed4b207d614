//! What `import` brings into a file's view.

use super::{DeclId, Names, Visible};
use crate::ast::{Import, ImportName, ImportSource, ItemKind, Name};
use crate::diagnostics::{Diagnostic, did_you_mean, report};
use crate::library;
use crate::source::{FileId, SourceMap};

/// Binds every import of a file. Every file has been declared before.
pub(super) fn bind(names: &mut Names, map: &SourceMap, file: &crate::ast::File, diagnostics: &mut Vec<Diagnostic>) {
    for item in &file.items {
        if let ItemKind::Import(import) = &item.kind {
            bind_one(names, map, file.id, import, diagnostics);
        }
    }
}

fn bind_one(names: &mut Names, map: &SourceMap, file: FileId, import: &Import, diagnostics: &mut Vec<Diagnostic>) {
    let source = match &import.source {
        ImportSource::Std(module) => find_module(names, module, diagnostics),
        ImportSource::File(path) => find_file(map, file, path, diagnostics),
    };
    for name in &import.names {
        let local = name.local().clone();
        let decl = source.and_then(|source| find_name(names, map, source, name, diagnostics));
        let Some(decl) = decl else {
            names.lost.insert((file, local.text));
            continue;
        };
        let visible = Visible { decl, import: Some(local.span) };
        names.add_to_view(file, &local, visible, diagnostics);
    }
}

fn find_module(names: &Names, module: &Name, diagnostics: &mut Vec<Diagnostic>) -> Option<FileId> {
    if let Some(file) = names.modules.get(module.text.as_str()) {
        return Some(*file);
    }
    let known = library::MODULES.iter().map(|(name, _)| *name);
    let message = format!("the standard library has no module `std.{}`", module.text);
    let mut diagnostic = report::unknown_module(module.span, message);
    if let Some(near) = did_you_mean(&module.text, known.clone()) {
        diagnostic =
            diagnostic.help(format!("did you mean `std.{near}`?")).fix("rename it", module.span, format!("std.{near}"));
    } else {
        let list: Vec<String> = known.map(|name| format!("`std.{name}`")).collect();
        diagnostic = diagnostic.help(format!("it has {}", list.join(", ")));
    }
    diagnostics.push(diagnostic);
    None
}

fn find_file(map: &SourceMap, from: FileId, path: &Name, diagnostics: &mut Vec<Diagnostic>) -> Option<FileId> {
    let target = join(&map.file(from).path, &path.text);
    if let Some(target) = &target
        && let Some(id) = map.find(target)
    {
        return Some(id);
    }
    let message = format!("there is no file `{}` in the project", target.as_deref().unwrap_or(&path.text));
    let own = map.files().map(|file| file.path.as_str()).filter(|path| library::module_of(path).is_none());
    let mut diagnostic = report::missing_import(path.span, message);
    if let Some(near) = did_you_mean(target.as_deref().unwrap_or(&path.text), own) {
        diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
    } else {
        diagnostic =
            diagnostic.help("a path is relative to the file that imports it, and stays inside the project's folder");
    }
    diagnostics.push(diagnostic);
    None
}

/// The path that `path` names when it stands in the file `from`; none where it leaves the project.
fn join(from: &str, path: &str) -> Option<String> {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            other => parts.push(other),
        }
    }
    Some(parts.join("/"))
}

fn find_name(
    names: &Names,
    map: &SourceMap,
    source: FileId,
    name: &ImportName,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<DeclId> {
    let view = names.views.get(&source)?;
    let path = &map.file(source).path;
    let wanted = &name.name;
    if let Some(visible) = view.get(&wanted.text).filter(|visible| visible.import.is_none()) {
        if wanted.text.starts_with('_') {
            let message = format!("`{}` stays in `{path}`: its name begins with an underscore", wanted.text);
            let declared = names.decl(visible.decl).name.span;
            diagnostics.push(
                report::private_name(wanted.span, message)
                    .label(declared, "declared here")
                    .help("rename it without the underscore where it is declared"),
            );
            return None;
        }
        return Some(visible.decl);
    }
    let message = format!("`{path}` declares no `{}`", wanted.text);
    let mut diagnostic = report::unknown_import(wanted.span, message);
    let own = view.iter().filter(|(name, visible)| visible.import.is_none() && !name.starts_with('_'));
    if let Some(elsewhere) = view.get(&wanted.text) {
        let home = names.decl(elsewhere.decl);
        let at = map.file(home.file).path.clone();
        diagnostic = diagnostic
            .label(home.name.span, "declared here")
            .help(format!("`{path}` only imports it: import it from `{at}`, where it is declared"));
    } else if let Some(near) = did_you_mean(&wanted.text, own.map(|(name, _)| name.as_str())) {
        diagnostic = diagnostic.help(format!("did you mean `{near}`?")).fix("rename it", wanted.span, near);
    }
    diagnostics.push(diagnostic);
    None
}
