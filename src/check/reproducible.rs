//! What a run depends on beside its code: where its data is, and whether it can be made again to the same result.

use super::checker::Checker;
use super::whole::calls_of;
use crate::diagnostics::report;
use crate::model::{ExprKind, Value};
use crate::resolve::DeclId;
use crate::source::Span;

impl Checker<'_> {
    /// Data and artifacts are where the steps run.
    pub(super) fn check_regions(&mut self, environment: DeclId) {
        let found = &self.model.environments[&environment];
        let Some(region) = found.text("region").map(str::to_owned) else { return };
        let at = found.said.get("region").copied().unwrap_or(self.model.span(environment));
        let mut apart: Vec<(String, String, Span)> = Vec::new();
        let mut hold = |what: String, value: &Value, span: Span| {
            let said = value.as_form().and_then(|form| form.arguments.get("region")).and_then(Value::as_text);
            if let Some(other) = said.filter(|other| !is_within(&region, other)) {
                apart.push((what, other.to_owned(), span));
            }
        };
        if let Some(store) = found.field("artifacts") {
            hold("its artifacts are".into(), store, found.said.get("artifacts").copied().unwrap_or(at));
        }
        for (need, (value, span)) in &found.bindings {
            hold(format!("`{}` is", self.model.name(*need)), value, *span);
        }
        for (what, other, span) in apart {
            let message = format!("`{}` runs in `{region}`, and {what} in `{other}`", self.name(environment));
            self.report(
                report::regions_apart(span, message).label(at, "steps run here").help(
                    "bring them together: what is read from afar is slow, costs, and may leave where it must stay",
                ),
            );
        }
    }

    /// A run in an environment that says so can be made again.
    pub(super) fn check_reproducible(&mut self, environment: DeclId) {
        let found = self.model.environments[&environment].clone();
        if found.field("reproducible").and_then(Value::as_bool) != Some(true) {
            return;
        }
        let at = found.said.get("reproducible").copied().unwrap_or(self.model.span(environment));
        let mut seen: Vec<DeclId> = Vec::new();
        for pipeline in &found.pipelines {
            for call in calls_of(&self.model, *pipeline) {
                if call.is_pipeline || seen.contains(&call.callee) {
                    continue;
                }
                seen.push(call.callee);
                self.check_image_is_fixed(call.callee, &mut seen, at);
                self.check_seed(call.callee, at);
            }
        }
        for (need, (value, span)) in &found.bindings {
            let Some(form) = value.as_form().filter(|form| form.arguments.contains_key("snapshot")) else { continue };
            if !matches!(form.arguments["snapshot"], Value::None) {
                continue;
            }
            let message = format!("`{}` may have other rows tomorrow", self.name(*need));
            self.not_reproducible(
                *span,
                message,
                at,
                "say of which moment its rows are: `snapshot: \"2026-01-31T00:00:00Z\"`",
            );
        }
    }

    fn not_reproducible(&mut self, span: Span, message: String, at: Span, help: &str) {
        self.report(report::not_reproducible(span, message).label(at, "runs can be made again here").help(help));
    }

    /// What is built is locked, what is pulled is named by its digest.
    fn check_image_is_fixed(&mut self, step: DeclId, seen: &mut Vec<DeclId>, at: Span) {
        let image = self.model.steps.get(&step).and_then(|step| step.fields.get("image"));
        let Some(ExprKind::Value(Value::Reference(image))) = image.map(|image| image.kind.clone()) else { return };
        if seen.contains(&image) {
            return;
        }
        seen.push(image);
        let Some(build) = self.model.builds.get(&image) else { return };
        let (reference, locked) =
            (build.reference().map(str::to_owned), build.fields.get("lock").and_then(Value::as_text).is_some());
        let (span, name) = (self.model.span(image), self.name(image));
        match reference {
            Some(reference) if !reference.contains("@sha256:") => {
                let message = format!("image `{name}` is pulled by a name that may mean another tomorrow");
                self.not_reproducible(span, message, at, "name it by its digest: `python@sha256:…`");
            }
            None if !locked => {
                let message = format!("nothing locks what is installed in image `{name}`");
                self.not_reproducible(span, message, at, "name the file that does: `lock: \"requirements.lock\"`");
            }
            _ => {}
        }
    }

    /// What depends on chance is told where to begin.
    fn check_seed(&mut self, step: DeclId, at: Span) {
        let Some(found) = self.model.steps.get(&step) else { return };
        let is_random =
            matches!(found.fields.get("random").map(|value| &value.kind), Some(ExprKind::Value(Value::Bool(true))));
        if !is_random || found.inputs.iter().any(|input| input.has_mark("seed")) {
            return;
        }
        let message = format!("step `{}` depends on chance, and none of its inputs is a seed", self.name(step));
        self.not_reproducible(
            self.model.span(step),
            message,
            at,
            "mark the input that it begins with: `seed: int @seed`",
        );
    }
}

/// Whether a region lies in another: `europe-west1` in `EU`, `us-east1` in `us`.
fn is_within(region: &str, of: &str) -> bool {
    let (region, of) = (region.to_lowercase(), of.to_lowercase());
    let continent = match of.as_str() {
        "eu" | "europe" => "europe-",
        "us" => "us-",
        "asia" => "asia-",
        _ => return region == of,
    };
    region == of || region.starts_with(continent) || (continent == "europe-" && region.starts_with("eu-"))
}
