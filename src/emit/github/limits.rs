//! What GitHub, under the plan that is paid for, cannot do: said where it was asked for.

use super::lower::Lowering;
use super::pins::Pins;
use crate::diagnostics::report;
use crate::emit::delivery::Way;
use crate::plan::{Action, Operation, Plan};
use crate::source::Span;

/// Seconds that a step may wait, well within the six hours of a job.
const LONGEST_STEP: f64 = 5.0 * 3600.0;

/// Minutes that an environment's timer may wait.
const LONGEST_TIMER: f64 = 43_200.0;

/// The host, as the project names it.
pub(super) struct Host<'p> {
    /// `owner/name`
    pub(super) repository: Option<&'p str>,
    paid: &'p str,
    public: bool,
    span: Span,
}

impl<'p> Host<'p> {
    pub(super) fn of(plan: &'p Plan) -> Self {
        let request = plan.targets.iter().find(|target| target.name == "github");
        let option = |name: &str| request?.options.get(name)?.as_str();
        Self {
            repository: option("repository"),
            paid: option("plan").unwrap_or("free"),
            public: option("visibility") == Some("public"),
            span: request.map_or_else(Span::default, |request| request.span),
        }
    }

    /// Whether environments can be had at all.
    fn has_environments(&self) -> bool {
        self.public || self.paid != "free"
    }

    /// Whether environments can wait for people and time, and images be attested.
    pub(super) fn has_rules(&self) -> bool {
        self.public || self.paid == "enterprise"
    }
}

impl Lowering<'_> {
    /// Whether where an image comes from can be attested.
    pub(super) fn attests(&self) -> bool {
        self.host.has_rules()
    }

    /// Whether a soak is left to an environment's timer.
    pub(super) fn has_timer(&self, seconds: f64) -> bool {
        self.host.has_rules() && seconds / 60.0 <= LONGEST_TIMER
    }

    /// Everything that the host cannot do.
    pub(super) fn check_limits(&mut self) {
        if !matches!(self.host.paid, "free" | "team" | "enterprise") {
            let message = format!("GitHub has no plan `{}`", self.host.paid);
            let help = "write one of `free`, `team`, `enterprise`";
            self.diagnostics.push(report::host_cannot(self.host.span, message).help(help));
        }
        let mut found = Vec::new();
        for way in &self.delivery.ways {
            if !self.host.has_environments() {
                let message = format!(
                    "GitHub's plan `free` has no environments in a private repository, which the way to `{}` needs",
                    way.edge.to
                );
                let help = "pay for a plan and say so (`plan: team`), or say that the repository is public";
                found.push(report::host_plan_limit(way.edge.span, message).help(help));
            }
            self.check_way(way, &mut found);
        }
        found.extend(Pins::of(self.delivery.plan).unknown());
        found.extend(self.delivery.refused_by("GitHub"));
        self.diagnostics.extend(found);
    }

    fn check_way(&self, way: &Way, found: &mut Vec<crate::diagnostics::Diagnostic>) {
        let mut waits: Vec<&Operation> = way.waits().map(|wait| wait.operation).collect();
        waits.dedup_by_key(|operation| &operation.id);
        for operation in waits {
            match operation.action {
                Action::Soak { seconds } if !self.has_timer(seconds) && seconds > LONGEST_STEP => {
                    let message = format!("GitHub cannot wait so long before `{}`", way.edge.to);
                    let note = "A job ends after six hours; an environment's timer, which a private repository has under the plan `enterprise` alone, after 30 days.";
                    let help = "soak for less, or start the edge by hand after it";
                    found.push(report::host_plan_limit(operation.span, message).note(note).help(help));
                }
                Action::Start | Action::Approve { .. } if !self.host.has_rules() => {
                    let message =
                        format!("GitHub asks nobody in a private repository under the plan `{}`", self.host.paid);
                    let note = "Reviewers of an environment can be had in public repositories, and in private ones under the plan `enterprise`.";
                    found.push(report::host_plan_limit(operation.span, message).note(note));
                }
                _ => {}
            }
        }
        let waiting: f64 = way.last.tasks.iter().filter_map(|task| waited(task.operation?)).sum();
        if waiting > LONGEST_STEP {
            let message = format!(
                "GitHub ends a job after six hours, and the way to `{}` waits for longer than five",
                way.edge.to
            );
            let help = "watch or soak for less";
            found.push(report::host_cannot(way.edge.span, message).help(help));
        }
    }
}

/// Seconds that an operation surely takes.
fn waited(operation: &Operation) -> Option<f64> {
    match operation.action {
        Action::Soak { seconds } | Action::Watch { seconds, .. } => Some(seconds),
        _ => None,
    }
}
