//! Pipelines that follow each other: none follows itself, over others either.

use super::checker::Checker;
use crate::diagnostics::report;
use crate::model::{Schedule, Value};
use crate::resolve::DeclId;

impl Checker<'_> {
    pub(super) fn check_schedules(&mut self, environment: DeclId) {
        let schedules = self.model.environments[&environment].schedules.clone();
        let mut known: Vec<DeclId> = Vec::new();
        for schedule in &schedules {
            let circle = circle_of(schedule.pipeline, &schedules);
            if circle.is_empty() || circle.iter().any(|pipeline| known.contains(pipeline)) {
                continue;
            }
            known.extend(&circle);
            let place = self.name(environment);
            let names: Vec<String> = circle.iter().map(|pipeline| format!("`{}`", self.name(*pipeline))).collect();
            let message = match names.as_slice() {
                [one] => format!("{one} follows itself in `{place}`, so it never ends"),
                all => format!("{} follow each other in a circle in `{place}`, so they never end", all.join(" and ")),
            };
            let mut diagnostic = report::schedules_in_a_circle(schedule.span, message);
            let others = schedules
                .iter()
                .filter(|other| other.pipeline != schedule.pipeline && circle.contains(&other.pipeline));
            for other in others {
                diagnostic = diagnostic.label(other.span, "and this follows in turn");
            }
            self.report(diagnostic.help("let one of them start by the clock, or on new data"));
        }
    }
}

/// The pipelines that set each other off, beginning with this one; empty where it does not come back to itself.
fn circle_of(pipeline: DeclId, schedules: &[Schedule]) -> Vec<DeclId> {
    let mut way = vec![pipeline];
    while let Some(before) = way.last().and_then(|last| followed(*last, schedules)) {
        if before == pipeline {
            return way;
        }
        if way.contains(&before) {
            break;
        }
        way.push(before);
    }
    Vec::new()
}

/// The pipeline after which this one starts.
fn followed(pipeline: DeclId, schedules: &[Schedule]) -> Option<DeclId> {
    let schedule = schedules.iter().find(|schedule| schedule.pipeline == pipeline)?;
    let form = schedule.every.as_form().filter(|form| form.name == "finished")?;
    match form.arguments.get("pipeline") {
        Some(Value::Reference(before)) => Some(*before),
        _ => None,
    }
}
