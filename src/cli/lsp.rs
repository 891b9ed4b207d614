//! `mlp lsp`: the language server.

use crate::lsp;

use super::{Console, Status};

/// Serve an editor over standard input and output
#[derive(Debug, clap::Args)]
#[command(after_help = "Editors start it themselves; `editors/` says how each is set up.")]
pub(super) struct Arguments {
    /// Standard input and output; the only way there is
    #[arg(long, hide = true)]
    stdio: bool,
}

pub(super) fn run(_: &Arguments, console: &Console) -> Status {
    match lsp::serve() {
        Ok(()) => Status::Fine,
        Err(error) => {
            console.fail(format!("the editor is gone: {error}"));
            Status::Unreadable
        }
    }
}
