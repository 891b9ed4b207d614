//! Layout and quoting for what targets are written in: the only code that quotes.

pub mod shell;
