//! `mlp plan`: what must happen, as JSON or in a few lines.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use crate::compile::{Checked, Planned};
use crate::plan::{Delivery, Pipeline, Plan};

use super::reports::{self, Reports};
use super::{Console, Status, images, project};

/// Print what must happen: every pipeline in every environment, and the way of a change
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mlp plan                    in a few lines
  mlp plan --json > plan.json
  mlp plan --schema           the JSON Schema of what --json prints")]
pub(super) struct Arguments {
    /// The project's folder
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,

    /// Print the whole plan as JSON
    #[arg(long)]
    json: bool,

    /// Print the JSON Schema of a plan; no project is needed
    #[arg(long, conflicts_with_all = ["json", "path", "images"])]
    schema: bool,

    /// A JSON file that gives the digest of every image
    #[arg(long, value_name = "FILE")]
    images: Option<PathBuf>,

    #[command(flatten)]
    reports: reports::Arguments,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> Status {
    if arguments.schema {
        console.print(&schema());
        return Status::Fine;
    }
    let mut reports = Reports::default();
    let planned = planned(arguments, &mut reports);
    let status = reports.status(arguments.reports.deny);
    let failed = planned.is_none() || status != Status::Fine;
    if failed || !arguments.reports.for_machines() {
        reports.say(&arguments.reports, console);
    }
    match planned {
        Some(planned) if !failed => {
            console.print(&if arguments.json { planned.json() } else { summary(&planned.plan) });
            status
        }
        _ => status.max(Status::Failed),
    }
}

/// A project without faults.
pub(super) struct Ready {
    pub(super) checked: Checked,
    pub(super) planned: Planned,
    /// Its folder.
    pub(super) folder: PathBuf,
}

/// The project at a path, ready for what a command does with it; what is wrong is said, and how the command ends then.
pub(super) fn ready(
    path: Option<&Path>,
    images: Option<&Path>,
    options: &reports::Arguments,
    console: &Console,
) -> Result<Ready, Status> {
    let mut reports = Reports::default();
    let images = match images.map(images::read).transpose() {
        Ok(images) => images,
        Err(diagnostic) => {
            reports.add_one(*diagnostic);
            None
        }
    };
    let located = project::locate(path);
    let found = checked(path, images.as_ref().unwrap_or(&IndexMap::new()), &mut reports);
    if let (Some((checked, planned)), Ok(located), Some(images)) = (&found, &located, &images) {
        reports.add(&located.prefix, &checked.model.sources, images::unpinned(&planned.plan, images));
    }
    let status = reports.status(options.deny);
    match (found, located) {
        (Some((checked, planned)), Ok(located)) if status == Status::Fine => {
            Ok(Ready { checked, planned, folder: located.folder })
        }
        _ => {
            reports.say(options, console);
            Err(status.max(Status::Failed))
        }
    }
}

/// The plan of the project at a path, if nothing is wrong with it; the reports say what is.
pub(super) fn of(path: Option<&Path>, images: &IndexMap<String, String>, reports: &mut Reports) -> Option<Planned> {
    checked(path, images, reports).map(|(_, planned)| planned)
}

/// The project at a path with its plan, if nothing is wrong with it; the reports say what is.
pub(super) fn checked(
    path: Option<&Path>,
    images: &IndexMap<String, String>,
    reports: &mut Reports,
) -> Option<(Checked, Planned)> {
    let located = match project::locate(path) {
        Ok(located) => project::Located { file: None, ..located },
        Err(diagnostic) => {
            reports.add_one(*diagnostic);
            return None;
        }
    };
    let checked = located.load(None).parse().check(&located.disk());
    reports.add(&located.prefix, &checked.model.sources, checked.diagnostics.clone());
    let planned = checked.plan(images)?;
    Some((checked, planned))
}

fn planned(arguments: &Arguments, reports: &mut Reports) -> Option<Planned> {
    let images = match arguments.images.as_deref().map(images::read).transpose() {
        Ok(images) => images.unwrap_or_default(),
        Err(diagnostic) => {
            reports.add_one(*diagnostic);
            return None;
        }
    };
    of(arguments.path.as_deref(), &images, reports)
}

fn schema() -> String {
    let schema = schemars::schema_for!(Plan);
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema has a JSON form");
    text.push('\n');
    text
}

fn summary(plan: &Plan) -> String {
    let mut text = format!("project {}\n", plan.project.name);
    let targets: Vec<&str> = plan.targets.iter().map(|target| target.name.as_str()).collect();
    text.push_str(&format!("  targets: {}\n", targets.join(", ")));
    for environment in &plan.environments {
        let orchestrator = &environment.orchestrator.form;
        text.push_str(&format!("environment {} ({}, {orchestrator})\n", environment.name, environment.tier));
        let here = plan.pipelines.iter().filter(|pipeline| pipeline.environment == environment.name);
        here.for_each(|pipeline| text.push_str(&pipeline_line(pipeline)));
    }
    text.push_str(&ways(&plan.delivery));
    text
}

fn pipeline_line(pipeline: &Pipeline) -> String {
    let tasks: Vec<&str> = pipeline.tasks().iter().map(|task| task.id.as_str()).collect();
    format!("  pipeline {}: {}\n", pipeline.name, tasks.join(", "))
}

fn ways(delivery: &Delivery) -> String {
    let mut text = String::new();
    for promotion in &delivery.promotions {
        text.push_str(&format!("promotion of {}\n", promotion.pipelines.join(", ")));
        for edge in &promotion.edges {
            let from = if edge.from.is_empty() { "ci".to_owned() } else { edge.from.join(", ") };
            text.push_str(&format!("  {from} -> {}\n", edge.to));
            edge.operations.iter().for_each(|operation| text.push_str(&format!("    {}\n", operation.title)));
        }
    }
    text
}
