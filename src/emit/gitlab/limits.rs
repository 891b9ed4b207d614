//! What GitLab, under the plan that is paid for, cannot do: said where it was asked for.

use super::lower::Lowering;
use super::pins;
use crate::diagnostics::{Diagnostic, report};
use crate::emit::delivery::Way;
use crate::plan::{Action, Plan};
use crate::source::Span;

/// Seconds that a job may be delayed: a week.
const LONGEST_DELAY: f64 = 7.0 * 24.0 * 3600.0;

/// The host, as the project names it.
pub(super) struct Host<'p> {
    /// `group/project`
    pub(super) project: Option<&'p str>,
    /// The image that jobs run in.
    pub(super) image: &'p str,
    /// The image with Docker's command line.
    pub(super) docker: &'p str,
    /// The image of a Docker daemon.
    pub(super) daemon: &'p str,
    paid: &'p str,
    span: Span,
}

impl<'p> Host<'p> {
    pub(super) fn of(plan: &'p Plan) -> Self {
        let request = plan.targets.iter().find(|target| target.name == "gitlab");
        let option = |name: &str| request?.options.get(name)?.as_str();
        Self {
            project: option("project"),
            image: option("image").unwrap_or("docker.io/library/python:3.12-bookworm"),
            docker: option("docker").unwrap_or(pins::DOCKER),
            daemon: option("docker_daemon").unwrap_or(pins::DAEMON),
            paid: option("plan").unwrap_or("free"),
            span: request.map_or_else(Span::default, |request| request.span),
        }
    }

    /// Whether nothing is paid for.
    pub(super) fn is_free(&self) -> bool {
        self.paid == "free"
    }
}

impl Lowering<'_> {
    /// Everything that the host cannot do.
    pub(super) fn check_limits(&mut self) {
        if !matches!(self.host.paid, "free" | "premium" | "ultimate") {
            let message = format!("GitLab has no plan `{}`", self.host.paid);
            let help = "write one of `free`, `premium`, `ultimate`";
            self.diagnostics.push(report::host_cannot(self.host.span, message).help(help));
        }
        let mut found = self.delivery.refused_by("GitLab");
        self.delivery.ways.iter().for_each(|way| self.check_way(way, &mut found));
        self.diagnostics.extend(found);
        let known = std::mem::take(&mut self.diagnostics);
        for fault in known {
            if !self.diagnostics.contains(&fault) {
                self.diagnostics.push(fault);
            }
        }
    }

    fn check_way(&self, way: &Way, found: &mut Vec<Diagnostic>) {
        let mut seen = Vec::new();
        for operation in way.waits().map(|wait| wait.operation) {
            if seen.contains(&&operation.id) {
                continue;
            }
            seen.push(&operation.id);
            match operation.action {
                Action::Approve { .. } if self.host.is_free() => {
                    let message = "GitLab counts no approvals of a deployment under the plan `free`";
                    let help = "pay for `premium` and say so, or start the edge by hand (`start manual`)";
                    found.push(report::host_plan_limit(operation.span, message).help(help));
                }
                Action::Soak { seconds } if seconds > LONGEST_DELAY => {
                    let message = format!("GitLab cannot wait longer than a week before `{}`", way.edge.to);
                    found.push(report::host_cannot(operation.span, message).help("soak for a week or less"));
                }
                _ => {}
            }
        }
        for from in &way.edge.from {
            if self.delivery.leading_to(way.promotion, from).len() > 1 {
                let message = format!("GitLab cannot go on from `{from}` when one of several ways there has succeeded");
                let note = "A job of GitLab's begins when everything before it has succeeded.";
                let help = format!("let one edge lead to `{from}`, or join what leads there: `[a, b] -> {from}`");
                found.push(report::host_cannot(way.edge.span, message).note(note).help(help));
            }
        }
    }
}
