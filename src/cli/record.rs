//! `mlp record`: takes what a verification measured among the measurements.

use std::path::PathBuf;

use crate::diagnostics::did_you_mean;
use crate::operate::measured;
use crate::plan::{Plan, Verification};

use super::reports;
use super::{Console, Status, plan, project};

/// Take what a verification measured among the measurements of an environment
///
/// What the verification declares must be there, and of its type. Exit status: 0 it is taken, 1 something is missing or of another type,
/// 2 usage, 3 a file could not be read or written.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The environment in which it was measured
    #[arg(value_name = "ENV")]
    env: String,

    /// The verification
    #[arg(value_name = "VERIFICATION")]
    verification: String,

    /// What it wrote to the file that MLP_OUTPUTS named
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// The folder of measurements
    #[arg(long, value_name = "FOLDER")]
    values: PathBuf,

    /// The project's folder
    #[arg(long, value_name = "PATH")]
    project: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> Status {
    let ready = match plan::ready(arguments.project.as_deref(), None, &reports::Arguments::plain(), console) {
        Ok(ready) => ready,
        Err(status) => return status,
    };
    let verification = match named(&ready.planned.plan, arguments) {
        Ok(verification) => verification,
        Err(fault) => {
            console.fail(fault);
            return Status::Usage;
        }
    };
    let text = match project::read(&arguments.file).map(String::from_utf8) {
        Ok(Ok(text)) => text,
        Ok(Err(_)) => return unreadable(arguments, "it is not UTF-8 text", console),
        Err(error) => return unreadable(arguments, &error.to_string(), console),
    };
    let outputs = match measured::outputs(verification, &text) {
        Ok(outputs) => outputs,
        Err(faults) => {
            faults.iter().for_each(|fault| console.fail(fault));
            return Status::Failed;
        }
    };
    match measured::merge(&arguments.values, &arguments.env, &verification.name, &outputs) {
        Ok(()) => Status::Fine,
        Err(fault) => {
            console.fail(fault);
            Status::Unreadable
        }
    }
}

fn unreadable(arguments: &Arguments, why: &str, console: &Console) -> Status {
    let name = &arguments.verification;
    console.fail(format!("what {name} wrote cannot be read from {}: {why}", arguments.file.display()));
    Status::Unreadable
}

fn named<'p>(plan: &'p Plan, arguments: &Arguments) -> Result<&'p Verification, String> {
    let near = |name: &str, known: &mut dyn Iterator<Item = &str>| {
        did_you_mean(name, known).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
    };
    if !plan.environments.iter().any(|one| one.name == arguments.env) {
        let mut known = plan.environments.iter().map(|one| one.name.as_str());
        return Err(format!("the project has no environment `{}`{}", arguments.env, near(&arguments.env, &mut known)));
    }
    let found = plan.delivery.verifications.iter().find(|one| one.name == arguments.verification);
    found.ok_or_else(|| {
        let mut known = plan.delivery.verifications.iter().map(|one| one.name.as_str());
        let name = &arguments.verification;
        format!("the project has no verification `{name}`{}", near(name, &mut known))
    })
}
