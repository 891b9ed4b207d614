//! Which files of the project a source or a notebook imports.

use std::borrow::Cow;
use std::collections::BTreeSet;

use ruff_python_ast::Stmt;
use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};

use super::{notebook, parse};

/// The files of the project that a source imports itself, sorted, without those of other packages.
///
/// `path` is the source's own path; paths are relative to the project's folder, with `/`; `exists` says which are files.
/// A module is looked for below the project's folder, then beside the source, as Python does for a script.
/// A source that is no Python imports nothing; of a notebook, whose name ends with `.ipynb`, every cell is a source.
pub fn project_imports(source: &str, path: &str, exists: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut search = Search { folder: folder(path), exists, found: BTreeSet::new() };
    for source in sources(source, path) {
        if let Ok(module) = parse(&source) {
            search.visit_body(&module.body);
        }
    }
    search.found.remove(path);
    search.found.into_iter().collect()
}

/// The source itself and every file of the project that it imports, and that those import, sorted.
/// `read` gives a file's text, or none where there is no such file.
pub fn imported_files(path: &str, read: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    let mut found = BTreeSet::from([path.to_owned()]);
    let mut open = vec![path.to_owned()];
    while let Some(path) = open.pop() {
        let Some(source) = read(&path) else { continue };
        for import in project_imports(&source, &path, &|path| read(path).is_some()) {
            if found.insert(import.clone()) {
                open.push(import);
            }
        }
    }
    found.into_iter().collect()
}

/// The sources in a file: itself, or the cells of a notebook, without the lines that are no Python but the notebook's own: `%matplotlib`, `!ls`.
fn sources<'t>(text: &'t str, path: &str) -> Vec<Cow<'t, str>> {
    if !path.ends_with(".ipynb") {
        return vec![Cow::Borrowed(text)];
    }
    let cells = notebook::cells(text).unwrap_or_default();
    let is_python = |line: &&str| !line.trim_start().starts_with(['%', '!', '?']);
    let source = |cell: notebook::Cell| cell.source.split_inclusive('\n').filter(is_python).collect();
    cells.into_iter().filter(|cell| cell.is_code).map(|cell| Cow::Owned(source(cell))).collect()
}

fn folder(path: &str) -> Vec<String> {
    let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
    parts.pop();
    parts
}

struct Search<'a> {
    folder: Vec<String>,
    exists: &'a dyn Fn(&str) -> bool,
    found: BTreeSet<String>,
}

impl<'a> StatementVisitor<'a> for Search<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Import(import) => import.names.iter().for_each(|alias| {
                self.absolute(&split(alias.name.as_str()), &[]);
            }),
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map(|module| split(module.as_str())).unwrap_or_default();
                let names: Vec<&str> = import.names.iter().map(|alias| alias.name.as_str()).collect();
                match import.level {
                    0 => self.absolute(&module, &names),
                    level => self.relative(level as usize, &module, &names),
                }
            }
            other => walk_stmt(self, other),
        }
    }
}

impl Search<'_> {
    fn absolute(&mut self, module: &[String], names: &[&str]) {
        if !self.module(&[], module, names) {
            self.module(&self.folder.clone(), module, names);
        }
    }

    fn relative(&mut self, level: usize, module: &[String], names: &[&str]) {
        let Some(kept) = self.folder.len().checked_sub(level - 1) else { return };
        let base = self.folder[..kept].to_vec();
        let packages = self.folder.clone();
        (1..=packages.len()).for_each(|length| {
            self.file(&packages[..length], "/__init__.py");
        });
        self.module(&base, module, names);
    }

    /// Adds what `module` below `base` is, the packages on the way and those of `names` that are modules; whether it was found.
    fn module(&mut self, base: &[String], module: &[String], names: &[&str]) -> bool {
        let at = |length: usize| [base, &module[..length]].concat();
        let mut found = module.is_empty();
        let before = self.found.clone();
        for length in 1..=module.len() {
            found = self.file(&at(length), "/__init__.py");
            if length == module.len() {
                found |= self.file(&at(length), ".py");
            }
        }
        for name in names {
            let mut inner = at(module.len());
            inner.push((*name).to_owned());
            found |= self.file(&inner, "/__init__.py") | self.file(&inner, ".py");
        }
        if !found {
            self.found = before;
        }
        found
    }

    fn file(&mut self, parts: &[String], ending: &str) -> bool {
        let path = format!("{}{ending}", parts.join("/"));
        let exists = (self.exists)(&path);
        if exists {
            self.found.insert(path);
        }
        exists
    }
}

fn split(dotted: &str) -> Vec<String> {
    dotted.split('.').map(str::to_owned).collect()
}
