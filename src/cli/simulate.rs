//! `mlp simulate`: what a failure on the way of a change sets off.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::diagnostics::render::Format;
use crate::graph::{Picture, html, mermaid, simulated, svg};
use crate::plan::Plan;
use crate::simulate::{Broken, Simulation, Wrong, simulate, text};

use super::reports::{self};
use super::{Console, Status, plan};

/// Predict what a delivery does when a step fails, is refused or takes too long
///
/// From the plan alone; nothing is run. A step is called as the plan calls it: `deploy`, or `staging-to-production/deploy`
/// where several edges have one. Exit status: 0 whatever is predicted, 1 faults in the project, 2 usage.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mlp simulate                                          a change that meets no obstacle
  mlp simulate --fail check-unit
  mlp simulate staging production --fail deploy
  mlp simulate --refuse test-to-staging/require --format json
  mlp simulate staging production --timeout deploy --as svg > simulation.svg")]
pub(super) struct Arguments {
    /// Only the edge from this environment, or from `ci`
    #[arg(value_name = "FROM", requires = "to")]
    from: Option<String>,

    /// to this one
    #[arg(value_name = "TO")]
    to: Option<String>,

    /// This step fails; may be given again
    #[arg(long, value_name = "STEP")]
    fail: Vec<String>,

    /// Whoever or whatever is asked here says no: a person, a gate, a window
    #[arg(long, value_name = "STEP")]
    refuse: Vec<String>,

    /// This step takes longer than it may
    #[arg(long, value_name = "STEP")]
    timeout: Vec<String>,

    /// Draw it on the picture of the promotions
    #[arg(long = "as", value_name = "FORM", value_enum)]
    form: Option<Form>,

    /// Print the JSON Schema of what `--format json` prints; no project is needed
    #[arg(long, exclusive = true)]
    schema: bool,

    /// The project's folder
    #[arg(long, value_name = "PATH")]
    project: Option<PathBuf>,

    #[command(flatten)]
    reports: reports::Arguments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
enum Form {
    /// One page that needs nothing beside it
    Html,
    /// A picture
    Svg,
    /// A flowchart, for Markdown
    Mermaid,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> Status {
    if arguments.schema {
        let schema = schemars::schema_for!(Simulation);
        console.print(&(serde_json::to_string_pretty(&schema).expect("a schema has a JSON form") + "\n"));
        return Status::Fine;
    }
    let ready = match plan::ready(arguments.project.as_deref(), None, &arguments.reports, console) {
        Ok(ready) => ready,
        Err(status) => return status,
    };
    let only = arguments.from.as_deref().zip(arguments.to.as_deref());
    let made = simulate(&ready.planned.plan, &broken(arguments), only)
        .and_then(|simulation| written(arguments, &ready.planned.plan, &simulation));
    match made {
        Ok(text) => {
            console.print(&text);
            Status::Fine
        }
        Err(message) => {
            console.fail(message);
            Status::Usage
        }
    }
}

fn broken(arguments: &Arguments) -> Vec<Broken> {
    let all =
        [(&arguments.fail, Wrong::Fails), (&arguments.refuse, Wrong::Refused), (&arguments.timeout, Wrong::TimesOut)];
    let broken = |(steps, wrong): (&Vec<String>, Wrong)| {
        steps.iter().map(|step| Broken { step: step.clone(), wrong }).collect::<Vec<_>>()
    };
    all.into_iter().flat_map(broken).collect()
}

fn written(arguments: &Arguments, plan: &Plan, simulation: &Simulation) -> Result<String, String> {
    let draw: fn(&Picture) -> String = match (arguments.form, arguments.reports.format) {
        (Some(Form::Html), _) => return Ok(html(&plan.project.name, &simulated(plan, simulation))),
        (Some(Form::Svg), _) => svg,
        (Some(Form::Mermaid), _) => mermaid,
        (None, Format::Json) => {
            return Ok(serde_json::to_string_pretty(simulation).expect("a simulation has a JSON form") + "\n");
        }
        (None, _) => return Ok(text(simulation)),
    };
    match simulated(plan, simulation).as_slice() {
        [picture] => Ok(draw(picture)),
        pictures => {
            Err(format!("one picture can be printed, not {}; draw them on a page by `--as html`", pictures.len()))
        }
    }
}
