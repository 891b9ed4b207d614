//! Every test of the project that needs the built program: one binary, a module a subject.

mod conformance;
mod tidy;
