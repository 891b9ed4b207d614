//! Where text comes from.
//!
//! In: file names and their text. Out: [`FileId`]s, [`Span`]s and the line and column of any byte.
//! It refuses to know what the text means, and it never touches the disk: `cli` and `lsp` hand it the text.

mod project_files;

pub use project_files::{ProjectFiles, normal_path};

use std::sync::Arc;

/// A file of the project or of the standard library, by its place in a [`SourceMap`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A stretch of one file, in bytes: `start` is its first, `end` the one after its last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The file that it lies in.
    pub file: FileId,
    /// Byte offset of the first byte.
    pub start: u32,
    /// Byte offset after the last byte.
    pub end: u32,
}

impl Span {
    /// The stretch of `file` from byte `start` up to byte `end`.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        Self { file, start: start as u32, end: end as u32 }
    }

    /// The smallest stretch that holds both; both must be of one file.
    pub fn to(self, other: Span) -> Self {
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Whether the byte at `offset` lies in the stretch, its end included (where a cursor may stand).
    pub fn touches(self, offset: u32) -> bool {
        self.start <= offset && offset <= self.end
    }

    /// The empty stretch where this one begins.
    pub fn at_start(self) -> Self {
        Self { end: self.start, ..self }
    }

    /// The empty stretch where this one ends.
    pub fn at_end(self) -> Self {
        Self { start: self.end, ..self }
    }
}

/// A line and a column, both from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// From 1, in characters (not bytes).
    pub column: usize,
}

/// One file's name and text, with an index of its lines.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Its id in the map that holds it.
    pub id: FileId,
    /// Its path relative to the project's folder, with `/`; of the standard library, `std/NAME.mlp`.
    pub path: String,
    /// The text as it was read, without a byte-order mark.
    pub text: Arc<str>,
    lines: Vec<u32>,
}

impl SourceFile {
    /// A file by itself; [`SourceMap::add`] gives it its id.
    pub fn new(id: FileId, path: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        let text: Arc<str> = text.into();
        let text = match text.strip_prefix('\u{feff}') {
            Some(rest) => Arc::from(rest),
            None => text,
        };
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0).chain(newlines.map(|(at, _)| at as u32 + 1)).collect();
        Self { id, path: path.into(), text, lines }
    }

    /// The line (from 1) of a byte offset; an offset past the end is on the last line.
    pub fn line_of(&self, offset: u32) -> usize {
        self.lines.partition_point(|start| *start <= offset)
    }

    /// The nearest byte offset, at or before the given one, where a character begins or the text ends.
    pub fn boundary(&self, offset: u32) -> usize {
        self.text.floor_char_boundary(offset as usize)
    }

    /// The line and column of a byte offset; an offset past the end is the end.
    pub fn position(&self, offset: u32) -> Position {
        let line = self.line_of(offset) - 1;
        let start = self.lines[line] as usize;
        let end = (offset as usize).clamp(start, self.text.len());
        let column = self.text.get(start..end).map_or(end - start, |text| text.chars().count());
        Position { line: line + 1, column: column + 1 }
    }

    /// The byte offset where a line (from 1) begins; past the last line, the text's length.
    pub fn line_start(&self, line: usize) -> u32 {
        self.lines.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len() as u32)
    }

    /// The text of a line (from 1), without its line end.
    pub fn line_text(&self, line: usize) -> &str {
        let (start, end) = (self.line_start(line) as usize, self.line_start(line + 1) as usize);
        self.text[start..end].trim_end_matches(['\n', '\r'])
    }

    /// How many lines the file has; an empty file has one.
    pub fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// The stretch that is the whole file.
    pub fn span(&self) -> Span {
        Span::new(self.id, 0, self.text.len())
    }
}

/// Every file of one compilation, by id.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// Adds a file and gives its id.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let id = FileId(self.files.len() as u32);
        self.files.push(SourceFile::new(id, path, text));
        id
    }

    /// The file with that id. An id of another map is a fault of the caller.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// Every file, in the order in which they were added.
    pub fn files(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter()
    }

    /// The id of the file at that path.
    pub fn find(&self, path: &str) -> Option<FileId> {
        self.files.iter().find(|file| file.path == path).map(|file| file.id)
    }

    /// The text of a span.
    pub fn text(&self, span: Span) -> &str {
        &self.file(span.file).text[span.start as usize..span.end as usize]
    }

    /// `path:line:column` of where a span begins.
    pub fn location(&self, span: Span) -> String {
        let file = self.file(span.file);
        let position = file.position(span.start);
        format!("{}:{}:{}", file.path, position.line, position.column)
    }
}
