//! Python sources, read without running them.
//!
//! In: a file's text, and the name of a function in it. Out: the function's [`Signature`], the project files that a
//! source imports, and whether an annotation can hold a value. It refuses to know what a step is: `check` compares.
//! The cells of a notebook are read here too. It alone names the Python parser. Every span is a byte range of the text that was given.

mod annotation;
mod depth;
mod imports;
pub mod notebook;
mod returns;
mod signature;

pub use annotation::{PythonType, parameter_mismatch, return_mismatch};
pub use imports::{imported_files, project_imports};
pub use returns::{ReturnField, Returns, ReturnsFrom};
pub use signature::{Parameter, ParameterKind, Signature, assigned, functions, signature};

/// A byte range: the first byte, and the one after the last.
pub type Range = (usize, usize);

/// Why a function's signature cannot be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The text is no Python.
    Syntax {
        /// What the parser expected, in one sentence without a full stop.
        message: String,
        /// Where.
        span: Range,
    },
    /// The file has no function of that name that an import could reach.
    NoFunction {
        /// The name that was probably meant.
        similar: Option<String>,
        /// Every function of the file, in the order of the text.
        functions: Vec<String>,
        /// Where a function of that name is defined inside another function or a class, if one is.
        nested: Option<Range>,
    },
    /// The name is there, and is no function of this file: a class, a variable, or brought in by an import.
    NotAFunction {
        /// `a class`, `a variable`, `imported`
        what: &'static str,
        /// Where.
        span: Range,
    },
}

fn range(of: impl ruff_text_size::Ranged) -> Range {
    (of.start().to_usize(), of.end().to_usize())
}

/// The text as a syntax tree, or where it stops being Python.
fn parse(source: &str) -> Result<ruff_python_ast::ModModule, Problem> {
    let too_deep = || Problem::Syntax { message: "this is nested too deeply".to_owned(), span: (0, 0) };
    if depth::too_deep(source) {
        return Err(too_deep());
    }
    ruff_python_parser::parse_module(source).map(|parsed| parsed.into_syntax()).map_err(|error| Problem::Syntax {
        message: error.error.to_string().trim_end_matches('.').to_owned(),
        span: range(error.location),
    })
}

#[cfg(test)]
mod tests;
