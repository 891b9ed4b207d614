//! Watching a service: what must hold of it is measured again and again, and decided each time.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use super::{Deadline, Done, Failure, measured};
use crate::gate::{self, Gate, Outcome};
use crate::machine::process::Stop;
use crate::plan::{Action, Environment, Expr, ExprKind, Plan, Verification};
use crate::run;

/// A service that is watched.
pub struct Watch<'p> {
    environment: &'p Environment,
    service: &'p str,
    /// Each as it is written, and as it is decided.
    conditions: Vec<(&'p str, &'p Expr)>,
    measuring: Vec<&'p Verification>,
}

/// How a watch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// Everything held all the while.
    Held,
    /// Something did not hold, or had no data.
    Broken,
    /// It was interrupted.
    Interrupted,
}

/// Where a watch takes place.
pub struct Place<'a> {
    /// The project's folder, in which verifications run.
    pub project: &'a Path,
    /// The folder of measurements.
    pub values: &'a Path,
    /// Whether it is to stop.
    pub stop: &'a Arc<Stop>,
}

impl<'p> Watch<'p> {
    /// What is to hold of a service while it goes over to a new version in an environment, each once.
    pub fn of(plan: &'p Plan, environment: &'p Environment, service: &'p str) -> Self {
        let edges = plan.delivery.promotions.iter().flat_map(|promotion| &promotion.edges);
        let mut conditions: Vec<(&str, &Expr)> = Vec::new();
        for operation in edges.filter(|edge| edge.to == environment.name).flat_map(|edge| &edge.operations) {
            if let Action::Watch { service: of, condition: Some(condition), text, .. } = &operation.action
                && of == service
                && !conditions.iter().any(|(_, known)| *known == condition)
            {
                conditions.push((text.as_deref().unwrap_or_default(), condition));
            }
        }
        let speaks = |one: &&Verification| conditions.iter().any(|(_, condition)| speaks_of(condition, &one.name));
        let measuring = plan.delivery.verifications.iter().filter(speaks).collect();
        Self { environment, service, conditions, measuring }
    }

    /// Watches until the time is over or something does not hold; `tell` hears how each condition was decided.
    pub fn until(&self, over: &Deadline, every: Duration, place: &Place, tell: &mut dyn FnMut(&Gate)) -> Done<Watched> {
        loop {
            for verification in &self.measuring {
                match self.measure(verification, place) {
                    Err(_) if place.stop.asked() > 0 => return Ok(Watched::Interrupted),
                    measured => measured?,
                }
            }
            let found = measured::read(place.values, &self.environment.name).map_err(Failure::new)?;
            for (text, condition) in &self.conditions {
                let decided = gate::gate("watch", condition, text, &self.environment.name, &found);
                tell(&decided);
                if decided.result != Outcome::Met {
                    return Ok(Watched::Broken);
                }
            }
            let Some(left) = over.left() else { return Ok(Watched::Held) };
            let pause = Deadline::after(every.min(left));
            while pause.left().is_some() {
                if place.stop.asked() > 0 {
                    return Ok(Watched::Interrupted);
                }
                pause.sleep(Duration::from_millis(50));
            }
        }
    }

    /// Runs a verification, and takes what it measured.
    fn measure(&self, verification: &Verification, place: &Place) -> Done<()> {
        let (name, environment) = (&verification.name, self.environment);
        let failed = |why: String| Failure::new(format!("{name}: {why}"));
        let folder = tempfile::tempdir().map_err(|error| failed(format!("there is no room for a file: {error}")))?;
        let (written, log) = (folder.path().join("outputs.json"), folder.path().join("log"));
        let endpoint = environment.orchestrator.arguments.get("endpoint").and_then(|endpoint| endpoint.as_str());
        let mut command = Command::new("bash");
        command.args(["-eo", "pipefail", "-c", &verification.run]).current_dir(place.project);
        command.env("MLP_ENVIRONMENT", &environment.name).env("MLP_ENDPOINT", endpoint.unwrap_or_default());
        command.env("MLP_SERVICE", self.service).env("MLP_OUTPUTS", &written);
        let time = Duration::from_secs_f64(verification.timeout);
        run::alone(&mut command, &log, time, place.stop).map_err(failed)?;
        if verification.outputs.is_empty() {
            return Ok(());
        }
        let text = std::fs::read_to_string(&written);
        let text = text.map_err(|error| failed(format!("it wrote no measurements: {error}")))?;
        let outputs = measured::outputs(verification, &text).map_err(|faults| failed(faults.join("; ")))?;
        measured::merge(place.values, &environment.name, name, &outputs).map_err(Failure::new)
    }
}

fn speaks_of(expr: &Expr, name: &str) -> bool {
    matches!(&expr.kind, ExprKind::Measure { of, .. } if of == name)
        || expr.parts().into_iter().any(|part| speaks_of(part, name))
}
