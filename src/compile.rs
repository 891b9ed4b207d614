//! A struct for each finished stage, one method to the next.

pub use crate::source::ProjectFiles;
