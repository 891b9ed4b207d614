//! Every test of the project that needs the built program: one binary, a module a subject.

mod cases;
mod cli;
mod cluster;
mod conformance;
mod doc;
mod docs;
mod editors;
mod import;
mod lsp;
mod markdown;
mod operate;
mod pages;
mod process;
mod project;
mod readme;
mod robustness;
mod run;
mod tidy;
