//! The real targets judge what is generated: a module a target, and the tools that they need.
//!
//! In: the project's examples, compiled. Out: a failure with the tool's own words.
//! It refuses to know how a file was generated.

pub(crate) mod airflow;
mod breaking;
mod ci;
mod conditions;
mod delivery;
mod engines;
pub(crate) mod git;
mod github;
mod gitlab;
mod hostile;
mod kubeflow;
mod mermaid;
mod parquet;
mod prometheus;
mod protection;
mod random;
pub(crate) mod secrets;
pub(crate) mod setup;
mod step;
mod terraform;
mod yaml;
