//! `mlp watch`: looks after a service while its traffic goes over.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use super::Common;
use crate::cli::{Console, Status, machine, record, values};
use crate::gate::{self, Gate, Measured, Outcome};
use crate::operate::Deadline;
use crate::plan::{Action, Environment, Expr, ExprKind, Plan, Verification, text_duration};
use crate::run::Stop;

/// Watch a service for a while: what must hold of it is measured again and again
///
/// The verifications that its condition speaks of are run in turn, what they measure is taken among the measurements, and the condition is
/// decided. The first time that it does not hold, or that there is no data, ends the watch. Exit status: 0 it held all the while, 1 it did
/// not, 2 usage, 3 a file could not be written, 130 it was interrupted.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    common: Common,

    /// The service
    #[arg(value_name = "SERVICE")]
    service: String,

    /// How long: `1800s`, `30min`
    #[arg(long = "for", value_name = "DURATION", value_parser = text_duration)]
    long: f64,

    /// How often
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = text_duration)]
    every: f64,

    /// The folder of measurements
    #[arg(long, value_name = "FOLDER")]
    values: PathBuf,
}

/// What a watch looks at.
struct Watch<'p> {
    text: &'p str,
    condition: &'p Expr,
}

pub(in crate::cli) fn run(arguments: &Arguments, console: &Console) -> Status {
    let chosen = match arguments.common.chosen(None, console) {
        Ok(chosen) => chosen,
        Err(status) => return status,
    };
    let (plan, environment) = (chosen.plan(), chosen.environment());
    if !plan.services.iter().any(|service| service.name == arguments.service) {
        console.fail(format!("the project has no service `{}`", arguments.service));
        return Status::Usage;
    }
    let watches = watches(plan, environment, &arguments.service);
    let measuring = measuring(plan, &watches);
    let whole = Deadline::after(Duration::from_secs_f64(arguments.long));
    let stop = machine::stop();
    loop {
        for verification in &measuring {
            if let Err((status, fault)) = measure(verification, environment, arguments, &chosen.folder, stop) {
                console.fail(fault);
                return status;
            }
        }
        let measured = match read(arguments) {
            Ok(measured) => measured,
            Err(fault) => {
                console.fail(fault);
                return Status::Unreadable;
            }
        };
        for watch in &watches {
            let decided = gate::gate("watch", watch.condition, watch.text, &environment.name, &measured);
            console.print(&said(&decided));
            if decided.result != Outcome::Met {
                return Status::Failed;
            }
        }
        let Some(left) = whole.left() else { return Status::Fine };
        let pause = Duration::from_secs_f64(arguments.every).min(left);
        let turn = Deadline::after(pause);
        while turn.left().is_some() {
            if stop.asked() > 0 {
                return Status::Interrupted;
            }
            turn.sleep(Duration::from_millis(50));
        }
    }
}

/// What is to hold of a service while it goes over to a new version, each once.
fn watches<'p>(plan: &'p Plan, environment: &Environment, name: &str) -> Vec<Watch<'p>> {
    let edges = plan.delivery.promotions.iter().flat_map(|promotion| &promotion.edges);
    let mut found: Vec<Watch> = Vec::new();
    for operation in edges.filter(|edge| edge.to == environment.name).flat_map(|edge| &edge.operations) {
        if let Action::Watch { service, condition: Some(condition), text, .. } = &operation.action
            && service == name
            && !found.iter().any(|known| known.condition == condition)
        {
            found.push(Watch { text: text.as_deref().unwrap_or_default(), condition });
        }
    }
    found
}

/// The verifications that measure what is watched.
fn measuring<'p>(plan: &'p Plan, watches: &[Watch]) -> Vec<&'p Verification> {
    let speaks =
        |verification: &&Verification| watches.iter().any(|watch| speaks_of(watch.condition, &verification.name));
    plan.delivery.verifications.iter().filter(speaks).collect()
}

fn speaks_of(expr: &Expr, name: &str) -> bool {
    matches!(&expr.kind, ExprKind::Measure { of, .. } if of == name)
        || expr.parts().into_iter().any(|part| speaks_of(part, name))
}

/// Runs a verification, and takes what it measured.
fn measure(
    verification: &Verification,
    environment: &Environment,
    arguments: &Arguments,
    folder: &std::path::Path,
    stop: &Arc<Stop>,
) -> Result<(), (Status, String)> {
    let name = &verification.name;
    let failed = |why: String| (Status::Failed, format!("{name}: {why}"));
    let place = tempfile::tempdir().map_err(|error| failed(format!("there is no room for a file: {error}")))?;
    let (outputs, log) = (place.path().join("outputs.json"), place.path().join("log"));
    let endpoint = environment.orchestrator.arguments.get("endpoint").and_then(|endpoint| endpoint.as_str());
    let mut command = Command::new("bash");
    command.args(["-eo", "pipefail", "-c", &verification.run]).current_dir(folder);
    command.env("MLP_ENVIRONMENT", &environment.name).env("MLP_ENDPOINT", endpoint.unwrap_or_default());
    command.env("MLP_SERVICE", &arguments.service).env("MLP_OUTPUTS", &outputs);
    let time = Duration::from_secs_f64(verification.timeout);
    crate::run::step(&mut command, &log, time, stop).map_err(|why| {
        let status = if stop.asked() > 0 { Status::Interrupted } else { Status::Failed };
        (status, format!("{name}: {why}"))
    })?;
    if verification.outputs.is_empty() {
        return Ok(());
    }
    let text =
        std::fs::read_to_string(&outputs).map_err(|error| failed(format!("it wrote no measurements: {error}")))?;
    let outputs = record::outputs(verification, &text).map_err(|faults| failed(faults.join("; ")))?;
    values::merge(&arguments.values, &environment.name, name, &outputs).map_err(|fault| (Status::Unreadable, fault))
}

fn read(arguments: &Arguments) -> Result<Measured, String> {
    let path = arguments.values.join(format!("{}.json", arguments.common.env));
    let text = match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(format!("{} cannot be read: {error}", path.display())),
        Ok(text) => text,
    };
    Measured::read(&text).map_err(|why| format!("{} cannot be read: {why}", path.display()))
}

fn said(gate: &Gate) -> String {
    let word = match gate.result {
        Outcome::Met => "met",
        Outcome::NotMet => "not met",
        Outcome::NoData => "no data",
    };
    let mut text = format!("{word}: {}\n", gate.condition);
    text.extend(gate.drawing().lines().map(|line| format!("    {line}\n")));
    text.extend(gate.problems.iter().map(|problem| format!("  {problem}\n")));
    text
}
