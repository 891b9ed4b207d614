//! `mlp explain`: a diagnostic's page, or the list of all.

use crate::diagnostics::{Code, did_you_mean};

use super::{Console, Status};

/// Say what a diagnostic means, what causes it and how it is mended
///
/// CODE is a number (`MLP0201`) or a name (`unknown_name`). Without it, all are listed.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mlp explain MLP0201
  mlp explain unknown_name")]
pub(super) struct Arguments {
    /// A diagnostic's number or name
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> Status {
    let Some(wanted) = &arguments.code else {
        console.print(&list());
        return Status::Fine;
    };
    if let Some(code) = Code::find(wanted) {
        let heading = format!("{} {} ({})\n\n", code.number(), code.slug(), code.severity().word());
        console.print(&format!("{heading}{}", page(code.page(), console.colors_output())));
        return Status::Fine;
    }
    let known = Code::all().flat_map(|code| [code.number(), code.slug()]);
    let near = did_you_mean(wanted, known).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    console.fail(format!("there is no diagnostic `{wanted}`{near} `mlp explain` lists all"));
    Status::Usage
}

fn list() -> String {
    let width = Code::all().map(|code| code.slug().len()).max().unwrap_or_default();
    let line = |code: Code| format!("{} {:width$}  {}\n", code.number(), code.slug(), code.summary());
    Code::all().map(line).collect()
}

/// The page as it is; on a terminal its headings bold and its programs dim.
fn page(text: &str, color: bool) -> String {
    if !color {
        return text.to_owned();
    }
    let mut in_block = false;
    let styled = text.lines().map(|line| {
        let fence = line.starts_with("```");
        in_block ^= fence;
        match () {
            () if fence => format!("\u{1b}[2m{line}\u{1b}[0m\n"),
            () if in_block => format!("\u{1b}[36m{line}\u{1b}[0m\n"),
            () if line.starts_with('#') => format!("\u{1b}[1m{line}\u{1b}[0m\n"),
            () => format!("{line}\n"),
        }
    });
    styled.collect()
}
