//! The actions that a workflow may use, each as the commit of a release: the only list of them, and what a project says
//! in its place.

use serde_json::{Map, Value};

use super::model::Workflow;
use crate::diagnostics::{Diagnostic, did_you_mean, report};
use crate::plan::Plan;
use crate::source::Span;
use crate::text::yaml::Commented;

/// `(action, version, commit)`
const PINS: &[(&str, &str, &str)] = &[
    ("actions/attest-build-provenance", "v4.1.1", "0f67c3f4856b2e3261c31976d6725780e5e4c373"),
    ("actions/checkout", "v7.0.1", "3d3c42e5aac5ba805825da76410c181273ba90b1"),
    ("actions/setup-python", "v7.0.0", "5fda3b95a4ea91299a34e894583c3862153e4b97"),
    ("actions/upload-artifact", "v7.0.1", "043fb46d1a93c77aae656e7c1c64a875d1fc6a0a"),
    ("docker/build-push-action", "v7.3.0", "53b7df96c91f9c12dcc8a07bcb9ccacbed38856a"),
    ("docker/login-action", "v4.6.0", "dbcb813823bdd20940b903addbd779551569679f"),
];

/// `action@commit # version`. An action that the table lacks is a fault of this emitter.
pub(super) fn pinned(action: &str) -> Commented<String> {
    let (_, version, commit) =
        PINS.iter().find(|(name, ..)| *name == action).expect("every action that is used stands in the table of pins");
    Commented(format!("{action}@{commit}"), (*version).to_owned())
}

/// What a project says in place of rows of the table: `actions: { "actions/checkout": { version: …, commit: … } }`.
pub(super) struct Pins<'p> {
    said: Option<&'p Map<String, Value>>,
    span: Span,
}

impl<'p> Pins<'p> {
    pub(super) fn of(plan: &'p Plan) -> Self {
        let request = plan.targets.iter().find(|target| target.name == "github");
        Self {
            said: request.and_then(|request| request.options.get("actions")?.as_object()),
            span: request.map_or_else(Span::default, |request| request.place("actions")),
        }
    }

    /// Puts the project's pins in place of the table's.
    pub(super) fn overrule(&self, workflow: &mut Workflow) {
        let steps = workflow.jobs.values_mut().flat_map(|job| &mut job.0.steps);
        for Commented(used, version) in steps.filter_map(|step| step.uses.as_mut()) {
            let action = used.split('@').next().unwrap_or_default();
            let Some((said, commit)) = self.said(action) else { continue };
            *used = format!("{action}@{commit}");
            *version = said.to_owned();
        }
    }

    fn said(&self, action: &str) -> Option<(&str, &str)> {
        let pin = self.said?.get(action)?;
        Some((pin["version"].as_str()?, pin["commit"].as_str()?))
    }

    /// Pins of actions that no workflow of ours uses: whoever wrote one believes that something is pinned by it.
    pub(super) fn unknown(&self) -> Vec<Diagnostic> {
        let known = || PINS.iter().map(|(name, ..)| *name);
        let said = self.said.into_iter().flat_map(Map::keys);
        said.filter(|action| !known().any(|name| name == *action)).map(|action| self.unknown_action(action)).collect()
    }

    fn unknown_action(&self, action: &str) -> Diagnostic {
        let names = PINS.iter().map(|(name, ..)| *name);
        let help = match did_you_mean(action, names.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {}", names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
        };
        let message = format!("no generated workflow uses the action `{action}`, so nothing can be pinned there");
        report::unknown_action(self.span, message).help(help)
    }
}

/// What a workflow uses: `actions/checkout@v7.0.1` and its commit.
pub(super) fn used(workflow: &Workflow) -> Vec<(String, String)> {
    let steps = workflow.jobs.values().flat_map(|job| &job.0.steps);
    let uses = steps.filter_map(|step| step.uses.as_ref());
    uses.filter_map(|Commented(used, version)| {
        let (action, commit) = used.split_once('@')?;
        Some((format!("{action}@{version}"), commit.to_owned()))
    })
    .collect()
}
