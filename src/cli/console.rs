//! Where text goes: standard output for what was asked for, standard error for what is to be said of it.

use std::io::{self, IsTerminal, Write};

use clap::ColorChoice;

/// The two streams, and whether they are coloured.
pub(super) struct Console {
    color: ColorChoice,
}

impl Console {
    pub(super) fn new(color: ColorChoice) -> Self {
        Self { color }
    }

    /// Prints what was asked for.
    pub(super) fn print(&self, text: &str) {
        write(io::stdout().lock(), text);
    }

    /// Says something of it.
    pub(super) fn say(&self, text: &str) {
        write(io::stderr().lock(), text);
    }

    /// Says why something could not be done.
    pub(super) fn fail(&self, reason: impl std::fmt::Display) {
        self.say(&format!("mlp: {reason}\n"));
    }

    pub(super) fn colors_output(&self) -> bool {
        self.colors(io::stdout().is_terminal())
    }

    pub(super) fn colors_errors(&self) -> bool {
        self.colors(io::stderr().is_terminal())
    }

    fn colors(&self, terminal: bool) -> bool {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                !set("NO_COLOR")
                    && (set("CLICOLOR_FORCE") || (terminal && std::env::var_os("TERM").is_none_or(|t| t != "dumb")))
            }
        }
    }
}

/// A reader that has gone away (`mlp check | head`) is no fault.
fn write(mut stream: impl Write, text: &str) {
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}
