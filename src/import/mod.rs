//! Foreign documents to projects.
//!
//! In: the bytes of files that other tools made. Out: the files of a project that means the same, or what stands in the way.
//! It refuses to touch the disk, and to lose anything in silence.

pub mod kubeflow;

pub use kubeflow::Imported;
