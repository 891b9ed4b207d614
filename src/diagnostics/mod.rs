//! Diagnostics: what is wrong, where, why, and how to mend it.
//!
//! In: what any stage reports. Out: a sorted list, drawn in any of six forms.
//! One row a code in [`codes`], one page a code in `pages/`. It refuses to know what found the fault.

pub mod codes;
pub mod render;

pub use codes::{Code, report};

use crate::source::Span;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing can be built.
    Error,
    /// It can be built, and is probably not meant so.
    Warning,
}

/// One fault, with everything that a person needs to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// One sentence without a full stop: what is wrong, with the names involved.
    pub message: String,
    /// The first is where it is; the others, in any file, say why. Empty where no file is involved.
    pub labels: Vec<Label>,
    /// Facts that help to understand it, each a sentence.
    pub notes: Vec<String>,
    /// What to do about it, a sentence.
    pub help: Option<String>,
    /// Edits that mend it.
    pub fixes: Vec<Fix>,
}

/// A stretch of text and what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What; may be empty for the first.
    pub text: String,
}

/// Edits that mend a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does: `rename it to load`.
    pub title: String,
    /// In the order of the text, not overlapping.
    pub edits: Vec<Edit>,
    /// Whether it is surely what was meant.
    pub certain: bool,
}

/// A stretch of text and what stands there instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty: an insertion.
    pub span: Span,
    /// By what.
    pub text: String,
}

impl Diagnostic {
    /// Of that code, without a place; [`report`] has a constructor a code that takes one.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: message.into(),
            labels: Vec::new(),
            notes: Vec::new(),
            help: None,
            fixes: Vec::new(),
        }
    }

    /// Adds a place; the first one is where it is.
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Says something of the first place.
    pub fn here(mut self, text: impl Into<String>) -> Self {
        if let Some(first) = self.labels.first_mut() {
            first.text = text.into();
        }
        self
    }

    /// Adds a fact.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says what to do.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds an edit that may be what was meant.
    pub fn fix(mut self, title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        let edits = vec![Edit { span, text: text.into() }];
        self.fixes.push(Fix { title: title.into(), edits, certain: false });
        self
    }

    /// Where it is.
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }
}

/// Diagnostics in the order of files and text, each once.
pub fn sorted(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.sort_by(|a, b| (a.span(), a.code, &a.message).cmp(&(b.span(), b.code, &b.message)));
    diagnostics.dedup();
    diagnostics
}

/// Whether any of them is an error.
pub fn any_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// The candidate that `name` was probably meant to be, if one is near enough.
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let far = name.chars().count().div_ceil(3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&name.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= far && *candidate != name)
        .min()
        .map(|(_, candidate)| candidate)
}
