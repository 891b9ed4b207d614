//! The step contract: how a step is started, the same on every orchestrator.
//!
//! In: a [`crate::plan::Task`]. Out: the runner (one small Python program, started as `python3 -c RUNNER …`, nothing is installed) and
//! the JSON that tells it what to start. It refuses to know who starts it: an orchestrator's target adds where the values
//! come from: `--kubeflow EXECUTOR_INPUT`, or `--inputs JSON --outputs JSON --result FILE`.

mod delivery;
mod describe;

pub use delivery::{Delivery, deliver, leaves, replace_leaves};
pub use describe::{check, describe, describe_expr, describe_type};

/// The runner: Python 3.9 or newer, standard library only; one text of parts in their reading order.
pub const RUNNER: &str = concat!(
    include_str!("runner/1_values.py"),
    include_str!("runner/2_expressions.py"),
    include_str!("runner/3_worlds.py"),
    include_str!("runner/4_start.py"),
);

/// The program and the argument that start the runner; what follows are the runner's own arguments.
pub fn start() -> Vec<String> {
    ["python3", "-c", RUNNER].map(str::to_owned).into()
}
