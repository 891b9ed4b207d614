//! `mlp completions`: what a shell needs to complete the command line.

use clap_complete::Shell;

use super::{Console, Status};

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mlp completions bash > ~/.local/share/bash-completion/completions/mlp
  mlp completions zsh > ~/.zfunc/_mlp
  mlp completions fish > ~/.config/fish/completions/mlp.fish")]
pub(super) struct Arguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(super) fn run(arguments: &Arguments, console: &Console, mut command: clap::Command) -> Status {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "mlp", &mut script);
    console.print(&String::from_utf8_lossy(&script));
    Status::Fine
}
