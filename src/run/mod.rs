//! A run of a pipeline on this machine: every step is a process.
//!
//! In: a plan, one of its pipelines, arguments, and the folders of this machine. Out: what became of every step, what the run
//! gives, and a journal from which it can be gone on with. It refuses to know what a terminal is: whoever watches is told of
//! events.
//!
//! [`flow`] decides what is due, without a process, a file or a clock; `execute` does it.

mod argument;
mod cache;
mod data;
mod execute;
pub mod expect;
pub mod flow;
mod journal;
mod key;
mod place;
mod refuse;
pub mod report;
mod start;
mod task;
mod word;

pub use argument::{parameters, seconds};
pub use cache::{Content, Given};
pub use execute::{End, Event, Made, Outcome, Request, run};
pub use flow::value::hold;
pub use journal::{Earlier, Line};
pub use place::Place;
pub use refuse::{moment, refused, store};
pub use task::{How, alone};
