//! This machine: processes that end with everything that they have started, files that are there whole or as they were, and secrets
//! that nobody reads by chance.
//!
//! In: commands, bytes. Out: how a process ended, a file. It refuses to know what they are for: runs, operations and the command line
//! share it.

pub mod file;
pub mod process;
pub mod secrecy;
