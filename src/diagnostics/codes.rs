//! The table of codes: a row a code. A row's slug is its constructor in [`report`], its page in `pages/` and its test.
//!
//! Numbers are never used again. 01 text and syntax, 02 names, 03 types and values, 04 steps and their code, 05 pipelines,
//! 06 environments, 07 privacy and secrets, 08 CI, promotion and policies, 09 targets, 10 files and the command line.

use super::{Diagnostic, Severity};
use crate::source::Span;

/// A row of the table.
struct Row {
    number: &'static str,
    slug: &'static str,
    severity: Severity,
    summary: &'static str,
    page: &'static str,
}

macro_rules! codes {
    ($($number:ident $slug:ident $severity:ident $summary:literal;)*) => {
        const ROWS: &[Row] = &[$(Row {
            number: stringify!($number),
            slug: stringify!($slug),
            severity: Severity::$severity,
            summary: $summary,
            page: include_str!(concat!("pages/", stringify!($slug), ".md")),
        }),*];

        #[allow(non_camel_case_types, clippy::enum_variant_names)]
        enum Index { $($slug),* }

        /// A constructor a code: where it is and what is wrong, in one sentence without a full stop.
        pub mod report {
            use super::{Code, Diagnostic, Index, Span};
            $(#[doc = $summary]
            pub fn $slug(span: Span, message: impl Into<String>) -> Diagnostic {
                Diagnostic::new(Code(Index::$slug as u16), message).label(span, "")
            })*
        }
    };
}

codes! {
    MLP0101 unclosed_bracket Error "a bracket, brace or parenthesis is never closed";
    MLP0102 unopened_bracket Error "a bracket closes nothing";
    MLP0103 unclosed_text Error "a text has no closing quote";
    MLP0104 not_an_item Error "a line in the first column begins no item";
    MLP0105 bad_syntax Error "something else was expected here";
    MLP0106 not_text Error "a file is not UTF-8 text";
    MLP0107 too_deep Error "an expression is nested too deeply";
    MLP0108 bad_escape Error "a text has an escape that means nothing";
    MLP0201 unknown_name Error "a name is not declared here";
    MLP0901 terraform_reserved_name Error "Terraform can have no variable with this name";
    MLP0902 terraform_cannot_say Error "Terraform cannot check this";
    MLP0910 host_cannot Error "a host of CI cannot do what the delivery asks";
    MLP0911 host_plan_limit Error "a host of CI does it only under another plan than the one that is paid for";
    MLP1001 missing_main Error "there is no project here";
    MLP1002 unreadable Error "a file cannot be read";
    MLP1003 unwritable Error "a file cannot be written";
    MLP1004 foreign_file Error "a file is in the way that `mlp` did not write";
    MLP1005 edited_file Error "a generated file was edited";
    MLP1006 refused_path Error "a generated file would leave its folder or go through a link";
    MLP1007 broken_lock Error "the list of generated files cannot be read";
    MLP1008 out_of_date Error "a generated file is not what the sources make";
    MLP1009 bad_images Error "the file of image digests is not one";
    MLP1010 unpinned_image Error "an image has no digest";
}

/// The code of a diagnostic: a row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(u16);

impl Code {
    /// Every code, in the order of the table.
    pub fn all() -> impl Iterator<Item = Code> {
        (0..ROWS.len() as u16).map(Code)
    }

    /// The code of that number (`MLP0203`, in any case) or slug.
    pub fn find(text: &str) -> Option<Code> {
        Code::all().find(|code| code.number().eq_ignore_ascii_case(text) || code.slug() == text)
    }

    /// `MLP0203`
    pub fn number(self) -> &'static str {
        self.row().number
    }

    /// `unknown_name`
    pub fn slug(self) -> &'static str {
        self.row().slug
    }

    /// How bad it is.
    pub fn severity(self) -> Severity {
        self.row().severity
    }

    /// One line on what it means.
    pub fn summary(self) -> &'static str {
        self.row().summary
    }

    /// Its page, as Markdown.
    pub fn page(self) -> &'static str {
        self.row().page
    }

    fn row(self) -> &'static Row {
        &ROWS[self.0 as usize]
    }
}
