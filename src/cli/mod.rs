//! The command line: a file a subcommand.
//!
//! In: arguments. Out: text, files and a [`Status`]. With `lsp`, the only code that touches disk, clock and environment.
//! It refuses to know the language: it asks `compile`.

mod build;
mod check;
mod completions;
mod console;
mod diff;
pub(crate) mod disk;
mod doc;
mod edges;
mod expected;
mod explain;
mod fmt;
mod gate;
mod graph;
mod images;
mod import;
mod init;
mod lsp;
mod machine;
mod notify;
mod operate;
mod output;
mod placement;
mod plan;
pub(crate) mod project;
mod record;
mod reports;
mod run;
mod simulate;
mod test;
mod text_files;
mod window;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand};

use console::Console;

/// A language for machine-learning pipelines, their environments and their promotion
#[derive(Debug, Parser)]
#[command(name = "mlp", version, propagate_version = true, arg_required_else_help = true, after_help = AFTER)]
struct Arguments {
    #[command(subcommand)]
    command: Command,

    /// When to colour what is printed
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,
}

const AFTER: &str = "\
Examples:
  mlp init churn            a small project to begin with
  mlp check                 everything that is wrong with the project here
  mlp build                 write the files of every target
  mlp explain MLP0201       what a diagnostic means

Exit status: 0 fine, 1 diagnostics or a failed check, 2 usage, 3 a file could not be read or written.";

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Arguments),
    Build(build::Arguments),
    Plan(plan::Arguments),
    Diff(diff::Arguments),
    Fmt(fmt::Arguments),
    Graph(graph::Arguments),
    Doc(doc::Arguments),
    Run(run::Arguments),
    Preflight(operate::Preflight),
    Deploy(operate::Deploy),
    Status(operate::State),
    Rollback(operate::Rollback),
    Hold(operate::Close),
    Lift(operate::Open),
    Announce(operate::Announce),
    Traffic(operate::Traffic),
    Watch(operate::Watch),
    Window(window::Arguments),
    Record(record::Arguments),
    Notify(notify::Arguments),
    Test(test::Arguments),
    Gate(gate::Arguments),
    Simulate(simulate::Arguments),
    Explain(explain::Arguments),
    Import(import::Arguments),
    Init(init::Arguments),
    Completions(completions::Arguments),
    Lsp(lsp::Arguments),
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// All is well.
    Fine = 0,
    /// Diagnostics, or a check that failed.
    Failed = 1,
    /// The command was not understood.
    Usage = 2,
    /// A file could not be read or written.
    Unreadable = 3,
    /// Its time was over.
    TimedOut = 124,
    /// A person stopped it.
    Interrupted = 130,
}

/// Runs the program with these arguments, its own name the first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let matches = match Arguments::command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return refused(&error),
    };
    let arguments = match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => arguments,
        Err(error) => return refused(&error),
    };
    let console = Console::new(arguments.color);
    let status = match arguments.command {
        Command::Check(arguments) => check::run(&arguments, &console),
        Command::Build(arguments) => build::run(&arguments, &console),
        Command::Plan(arguments) => plan::run(&arguments, &console),
        Command::Diff(arguments) => diff::run(&arguments, &console),
        Command::Fmt(arguments) => fmt::run(&arguments, &console),
        Command::Graph(arguments) => graph::run(&arguments, &console),
        Command::Doc(arguments) => doc::run(&arguments, &console),
        Command::Run(arguments) => run::run(&arguments, &console),
        Command::Preflight(arguments) => operate::preflight(&arguments, &console),
        Command::Deploy(arguments) => operate::deploy(&arguments, &console),
        Command::Status(arguments) => operate::status(&arguments, &console),
        Command::Rollback(arguments) => operate::rollback(&arguments, &console),
        Command::Hold(arguments) => operate::hold(&arguments, &console),
        Command::Lift(arguments) => operate::lift(&arguments, &console),
        Command::Announce(arguments) => operate::announce(&arguments, &console),
        Command::Traffic(arguments) => operate::traffic(&arguments, &console),
        Command::Watch(arguments) => operate::watch(&arguments, &console),
        Command::Window(arguments) => window::run(&arguments, &console),
        Command::Record(arguments) => record::run(&arguments, &console),
        Command::Notify(arguments) => notify::run(&arguments, &console),
        Command::Test(arguments) => test::run(&arguments, &console),
        Command::Gate(arguments) => gate::run(&arguments, &console),
        Command::Simulate(arguments) => simulate::run(&arguments, &console),
        Command::Explain(arguments) => explain::run(&arguments, &console),
        Command::Import(arguments) => import::run(&arguments, &console),
        Command::Init(arguments) => init::run(&arguments, &console),
        Command::Lsp(arguments) => lsp::run(&arguments, &console),
        Command::Completions(arguments) => completions::run(&arguments, &console, Arguments::command()),
    };
    ExitCode::from(status as u8)
}

/// What clap has to say: help and version are no fault.
fn refused(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { Status::Usage } else { Status::Fine } as u8)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn no_option_is_said_twice() {
        super::Arguments::command().debug_assert();
    }
}
