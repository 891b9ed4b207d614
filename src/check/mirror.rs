//! An environment that mirrors another: what is proven in the one holds in the other only where they are alike.

use super::checker::Checker;
use crate::ast::NeedKind;
use crate::diagnostics::report;
use crate::model::{Environment, Value};
use crate::resolve::DeclId;

impl Checker<'_> {
    /// An environment that mirrors another differs only in what it lists.
    pub(super) fn check_mirror(&mut self, environment: DeclId) {
        let found = self.model.environments[&environment].clone();
        let Some(Value::Reference(other)) = found.field("mirrors").cloned() else { return };
        let Some(mirrored) = self.model.environments.get(&other).cloned() else { return };
        let listed: Vec<String> = found
            .field("differs")
            .and_then(Value::as_list)
            .unwrap_or_default()
            .iter()
            .filter_map(|item| item.as_text().map(str::to_owned))
            .collect();
        let form = |value: Option<&Value>| value.and_then(Value::as_form).map(|form| form.name.clone());
        let mut differences = Vec::new();
        let (mine, theirs) = (form(found.field("orchestrator")), form(mirrored.field("orchestrator")));
        if mine != theirs {
            differences.push(("orchestrator".to_owned(), found.said.get("orchestrator").copied()));
        }
        if found.field("registry") != mirrored.field("registry") {
            differences.push(("registry".to_owned(), found.said.get("registry").copied()));
        }
        let store = |of: &Environment| form(of.field("artifacts"));
        if store(&found) != store(&mirrored) {
            differences.push(("artifacts".to_owned(), found.said.get("artifacts").copied()));
        }
        for name in ["defaults", "deadline", "operations"] {
            let same = match (found.field(name), mirrored.field(name)) {
                (Some(mine), Some(theirs)) => mine.same(theirs),
                (mine, theirs) => mine.is_none() == theirs.is_none(),
            };
            if !same {
                differences.push((name.to_owned(), found.said.get(name).copied()));
            }
        }
        for (need, (value, span)) in &found.bindings {
            let Some((theirs, _)) = mirrored.bindings.get(need) else { continue };
            let is_compute = self.model.needs.get(need).is_some_and(|need| need.kind == NeedKind::Compute);
            let is_served = self.model.services.contains_key(need);
            // How many copies serve is how large it is, and not what it is.
            if is_compute && !theirs.same(value) || is_served && form(Some(value)) != form(Some(theirs)) {
                differences.push((self.name(*need), Some(*span)));
            }
        }
        for (what, span) in differences {
            if listed.contains(&what) {
                continue;
            }
            let (place, mirror) = (self.name(environment), self.name(other));
            let message = format!("`{place}` mirrors `{mirror}`, and differs in `{what}`");
            let at = span.unwrap_or(self.model.span(environment));
            let mut diagnostic = report::mirror_differs(at, message);
            if let Some(span) = found.said.get("mirrors") {
                diagnostic = diagnostic.label(*span, "it is said to mirror here");
            }
            self.report(
                diagnostic
                    .label(self.model.span(other), "what it mirrors")
                    .help(format!("make them equal, or list it: `differs: [\"{what}\"]`")),
            );
        }
    }
}
