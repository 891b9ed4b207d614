//! `mlp`: a language for machine-learning pipelines, their environments and their promotion, and its compiler.
//!
//! ```text
//! source -> syntax -> resolve -> check -> plan -> emit -> cli
//!  text      ast      names      model    plan   files    disk
//! ```
//!
//! Each stage is a folder, takes the one before it and knows nothing of the ones after it. `ARCHITECTURE.md` is the map.

pub mod ast;
pub mod compile;
pub mod diagnostics;
pub mod emit;
pub mod plan;
pub mod python;
pub mod source;
pub mod syntax;
pub mod text;
