//! Layout and quoting for what targets are written in: the only code that quotes.
//!
//! In: typed data or a tree of that language's own forms. Out: text that the language's own readers read back as what was
//! meant. It refuses to know what is said: no target, no plan.

pub mod hcl;
pub mod jinja;
pub mod json;
pub mod markdown;
pub mod markup;
pub mod mermaid;
pub mod promql;
pub mod python;
pub mod shell;
pub mod yaml;
