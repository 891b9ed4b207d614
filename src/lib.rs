//! `mlp`: a language for machine-learning pipelines, their environments and their promotion, and its compiler.
//!
//! ```text
//! source -> syntax -> resolve -> check -> plan -> emit -> cli
//!  text      ast      names      model    plan   files    disk
//! ```
//!
//! Each stage is a folder, takes the one before it and knows nothing of the ones after it. `ARCHITECTURE.md` is the map.

pub mod ast;
pub mod check;
pub mod cli;
pub mod compile;
pub mod diagnostics;
pub mod doc;
pub mod emit;
mod encode;
pub mod format;
pub mod gate;
pub mod graph;
pub mod ide;
pub mod import;
pub mod library;
pub mod lsp;
pub mod machine;
pub mod model;
pub mod operate;
pub mod plan;
pub mod python;
pub mod resolve;
pub mod run;
pub mod simulate;
pub mod source;
pub mod syntax;
pub mod text;
