//! When a pipeline runs by itself. A compiled pipeline does not hold that: its deployment makes a recurring run, which knows the
//! clock of the server's installation and nothing of what becomes of a run.

use super::runs_here;
use crate::diagnostics::{Diagnostic, report};
use crate::emit::running::Event;
use crate::plan::{Pipeline, Plan, Schedule};

/// What schedules ask that no recurring run can do.
pub(super) fn refused(plan: &Plan) -> Vec<Diagnostic> {
    let target = plan.targets.iter().find(|target| target.name == "kubeflow");
    let is_vertex =
        target.is_some_and(|target| target.options.get("variant").is_some_and(|variant| variant == "vertex"));
    let here = plan.pipelines.iter().filter(|pipeline| runs_here(plan, pipeline));
    let scheduled = here.filter_map(|pipeline| Some((pipeline, pipeline.schedule.as_ref()?)));
    let unsaid = |(pipeline, schedule): (&Pipeline, &Schedule)| {
        let (message, help) =
            if is_vertex { Some(VERTEX.map(str::to_owned).into()) } else { why(plan, pipeline, schedule) }?;
        Some(report::kubeflow_cannot(schedule.span, message).help(help))
    };
    scheduled.filter_map(unsaid).collect()
}

const VERTEX: [&str; 2] = [
    "Vertex AI has schedules of its own, to which `mlp` cannot speak",
    "let the environment's other orchestrator, or CI, start this one",
];

fn unwatched() -> (String, String) {
    let message = "Kubeflow does nothing when a run that it started by itself has failed".to_owned();
    (message, "let Prometheus watch: `target prometheus` in the project".to_owned())
}

fn why(plan: &Plan, pipeline: &Pipeline, schedule: &Schedule) -> Option<(String, String)> {
    if matches!(Event::of(schedule), Some(Event::NewData(_) | Event::Drift(_))) {
        // `mlp announce` starts it; who is told is told by whoever called that.
        return (schedule.rollback || !schedule.notices.is_empty()).then(unwatched);
    }
    if schedule.every.form != "cron" {
        let message = format!("Kubeflow starts a pipeline by the clock alone, not by `{}`", schedule.every.form);
        return Some((message, "use `cron(…)`, or let CI start this one".to_owned()));
    }
    if schedule.rollback || !schedule.notices.is_empty() {
        return Some(unwatched());
    }
    if schedule.every.arguments.get("catch_up_from").is_some_and(|since| !since.is_null()) {
        let message = format!(
            "Kubeflow knows no more of earlier runs of `{}` once a version is deployed, so it would make up for all of them each time",
            pipeline.name
        );
        return Some((message, "leave `catch_up_from` out, and start what is missing by `mlp run`".to_owned()));
    }
    let text = |name: &str| schedule.every.arguments.get(name).and_then(|value| value.as_str()).unwrap_or("UTC");
    let environment = plan.environments.iter().find(|one| one.name == pipeline.environment)?;
    let own = environment.orchestrator.arguments.get("cron_timezone").and_then(|zone| zone.as_str()).unwrap_or("UTC");
    let zone = text("timezone");
    (zone != own).then(|| {
        let message = format!(
            "Kubeflow reads `{}` in `{own}`, the one time zone of its installation, and not in `{zone}`",
            text("expression")
        );
        let help =
            format!("say the time in `{own}`; or say which zone the installation has: `cron_timezone: \"{zone}\"`");
        (message, help)
    })
}
