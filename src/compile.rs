//! A struct for each finished stage, one method to the next: `Texts -> Parsed -> Checked -> Planned`.
//!
//! In: the project's bytes, from whoever has them. Out: whatever stage is asked for, with every diagnostic so far.
//! It refuses to know where bytes come from and where files go.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use indexmap::IndexMap;

pub use crate::source::ProjectFiles;

use crate::ast::{ImportSource, ItemKind};
use crate::check;
use crate::diagnostics::{Diagnostic, any_error, report, sorted};
use crate::emit::{Files, TARGETS, Target};
use crate::library;
use crate::model::Model;
use crate::plan::{self, Plan};
use crate::resolve;
use crate::source::{FileId, SourceFile, SourceMap, Span, normal_path};
use crate::syntax;

/// What a target's thread may use, in bytes: as much as a program's first thread has, for plans nest as deeply as sources do.
const STACK: usize = 8 << 20;

/// The text of every file: the library's first, then the project's in the order in which they were added.
#[derive(Clone, Debug)]
pub struct Texts {
    sources: SourceMap,
    diagnostics: Vec<Diagnostic>,
    /// Files that hold no text, and are not parsed.
    unread: Vec<FileId>,
    whole: bool,
}

impl Default for Texts {
    fn default() -> Self {
        let mut sources = SourceMap::default();
        for (module, text) in library::MODULES {
            sources.add(library::path(module), *text);
        }
        Self { sources, diagnostics: Vec::new(), unread: Vec::new(), whole: true }
    }
}

impl Texts {
    /// Adds a file of the project, by its path below the project's folder.
    pub fn add(&mut self, path: &str, bytes: Vec<u8>) -> FileId {
        let error = match String::from_utf8(bytes) {
            Ok(text) => return self.sources.add(path, text),
            Err(error) => error,
        };
        let at = error.utf8_error().valid_up_to();
        let file = self.sources.add(path, String::from_utf8_lossy(error.as_bytes()));
        self.unread.push(file);
        self.diagnostics.push(not_text(path, error.as_bytes(), Span::new(file, at, at)));
        file
    }

    /// One file and, over any number of files, what it imports: the project is not whole then.
    pub fn one(path: &str, files: &dyn ProjectFiles) -> Self {
        let mut texts = Self { whole: false, ..Self::default() };
        let mut paths = vec![path.to_owned()];
        while let Some(path) = paths.pop() {
            if texts.sources.find(&path).is_some() {
                continue;
            }
            let Some(bytes) = files.read(&path) else { continue };
            let file = texts.add(&path, bytes);
            if !texts.unread.contains(&file) {
                paths.extend(texts.imports(file));
            }
        }
        texts
    }

    /// How many files of the project there are.
    pub fn count(&self) -> usize {
        self.sources.files().count() - library::MODULES.len()
    }

    /// The texts and what is wrong with them as texts.
    pub fn into_parts(self) -> (SourceMap, Vec<Diagnostic>) {
        (self.sources, self.diagnostics)
    }

    /// Adds what was found wrong with the files themselves.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn imports(&self, file: FileId) -> Vec<String> {
        let source = self.sources.file(file);
        let folder = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let parsed = syntax::parse(source);
        let imported = parsed.file.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Import(import) => match &import.source {
                ImportSource::File(path) => normal_path(format!("{folder}/{}", path.text).trim_start_matches('/')),
                ImportSource::Std(_) => None,
            },
            _ => None,
        });
        imported.collect()
    }

    /// Cuts and parses every file.
    pub fn parse(self) -> Parsed {
        self.parse_with(&mut ParseCache::default())
    }

    /// Cuts and parses every file whose text is not the one that was parsed before.
    pub fn parse_with(self, cache: &mut ParseCache) -> Parsed {
        let Self { sources, mut diagnostics, unread, whole } = self;
        let mut files = Vec::new();
        for source in sources.files().filter(|source| !unread.contains(&source.id)) {
            let parsed = cache.parse(source);
            diagnostics.extend(parsed.diagnostics.iter().cloned());
            files.push(parsed.file.clone());
        }
        Parsed { sources, files, diagnostics, whole }
    }
}

fn not_text(path: &str, bytes: &[u8], at: Span) -> Diagnostic {
    let diagnostic = report::not_text(at, format!("`{path}` is not UTF-8 text"));
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            diagnostic.here("from here on it reads as UTF-16").help("save it as UTF-8")
        }
        _ => diagnostic
            .here("this byte begins no character")
            .help("save it as UTF-8, or give it another ending than `.mlp` if it is no source"),
    }
}

/// What was parsed before: an editor's next text differs from the last in one file.
#[derive(Debug, Default)]
pub struct ParseCache {
    known: BTreeMap<FileId, (Arc<str>, syntax::Parsed)>,
    /// The items of the files that have changed: of those, only what changes again is read again.
    changing: BTreeMap<FileId, syntax::Cache>,
}

impl ParseCache {
    fn parse(&mut self, source: &SourceFile) -> &syntax::Parsed {
        let before = self.known.get(&source.id).map(|(text, _)| *text == source.text);
        if before != Some(true) {
            let parsed = match before {
                None => syntax::parse(source),
                Some(_) => syntax::parse_cached(source, self.changing.entry(source.id).or_default()),
            };
            self.known.insert(source.id, (source.text.clone(), parsed));
        }
        &self.known[&source.id].1
    }
}

/// Every file's syntax tree.
#[derive(Clone, Debug)]
pub struct Parsed {
    sources: SourceMap,
    files: Vec<crate::ast::File>,
    diagnostics: Vec<Diagnostic>,
    whole: bool,
}

impl Parsed {
    /// Every file's syntax tree, the library's among them.
    pub fn files(&self) -> impl Iterator<Item = &crate::ast::File> {
        self.files.iter()
    }

    /// The project's name, whatever else is wrong.
    pub fn project(&self) -> Option<String> {
        let items = self.files.iter().flat_map(|file| &file.items);
        items
            .filter_map(|item| match &item.kind {
                ItemKind::Project(project) => Some(project.name.text.clone()),
                _ => None,
            })
            .next()
    }

    /// Binds names and checks everything.
    pub fn check(self, project: &dyn ProjectFiles) -> Checked {
        let Self { sources, files, mut diagnostics, whole } = self;
        let (names, found) = resolve::resolve(&sources, &files);
        diagnostics.extend(found);
        let checked = check::check(sources, names, project, diagnostics, whole);
        Checked { model: checked.model, diagnostics: sorted(checked.diagnostics), whole }
    }
}

/// The typed project, and everything that is wrong with it, sorted.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The project; its `sources` are what the diagnostics point into.
    pub model: Model,
    /// Of all stages so far.
    pub diagnostics: Vec<Diagnostic>,
    whole: bool,
}

impl Checked {
    /// What must happen, if nothing is wrong; `images` gives the digest of each image that CI has built.
    pub fn plan(&self, images: &IndexMap<String, String>) -> Option<Planned> {
        if !self.whole || any_error(&self.diagnostics) {
            return None;
        }
        Some(Planned { plan: plan::lower(&self.model, images) })
    }

    /// With what the project's targets cannot do, where nothing else is wrong.
    pub fn with_targets(mut self) -> Self {
        if let Some(planned) = self.plan(&IndexMap::new()) {
            let (_, refused) = planned.emit(|_| true);
            self.diagnostics = sorted(self.diagnostics.into_iter().chain(refused).collect());
        }
        self
    }
}

/// What must happen.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
}

impl Planned {
    /// The files of those of the project's targets that `wanted` says, and what they cannot do, sorted.
    pub fn emit(&self, wanted: impl Fn(&str) -> bool) -> (Files, Vec<Diagnostic>) {
        let asked = |name: &str| self.plan.targets.iter().any(|request| request.name == name);
        let targets = TARGETS.iter().filter(|target| asked(target.name()) && wanted(target.name()));
        // Targets know nothing of each other, so each has a thread; what they make is put together in their own order.
        let emitted = thread::scope(|scope| {
            let start = |target: &&'static dyn Target| {
                let thread = thread::Builder::new().stack_size(STACK);
                thread.spawn_scoped(scope, || target.emit(&self.plan)).expect("a thread can be started")
            };
            let running: Vec<_> = targets.map(start).collect();
            let joined = running.into_iter().map(|one| one.join().unwrap_or_else(|panic| resume_unwind(panic)));
            joined.collect::<Vec<_>>()
        });
        let (mut files, mut diagnostics) = (Files::default(), Vec::new());
        for (of_target, refused) in emitted {
            files.extend(of_target);
            diagnostics.extend(refused);
        }
        (files, sorted(diagnostics))
    }

    /// The plan as `mlp plan --json` prints it and a build writes it.
    pub fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(&self.plan).expect("a plan has a JSON form");
        text.push('\n');
        text
    }
}
