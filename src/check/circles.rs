//! Pipelines that call each other in a circle.

use super::checker::Checker;
use crate::diagnostics::report;
use crate::model::Call;
use crate::resolve::DeclId;

impl Checker<'_> {
    /// Reports every circle once; whether there is none.
    pub(super) fn check_pipeline_circles(&mut self) -> bool {
        let pipelines: Vec<DeclId> = self.model.pipelines.keys().copied().collect();
        let mut done: Vec<DeclId> = Vec::new();
        let mut good = true;
        for start in pipelines {
            let mut way: Vec<(DeclId, Option<Call>)> = Vec::new();
            good &= self.visit(start, None, &mut way, &mut done);
        }
        good
    }

    fn visit(
        &mut self,
        decl: DeclId,
        by: Option<Call>,
        way: &mut Vec<(DeclId, Option<Call>)>,
        done: &mut Vec<DeclId>,
    ) -> bool {
        if let Some(at) = way.iter().position(|(other, _)| *other == decl) {
            self.report_circle(&way[at..], by.as_ref());
            return false;
        }
        if done.contains(&decl) {
            return true;
        }
        let calls: Vec<Call> = self
            .model
            .pipelines
            .get(&decl)
            .map(|pipeline| pipeline.calls().into_iter().filter(|call| call.is_pipeline).cloned().collect())
            .unwrap_or_default();
        way.push((decl, by));
        let mut good = true;
        for call in calls {
            good &= self.visit(call.callee, Some(call), way, done);
        }
        way.pop();
        done.push(decl);
        good
    }

    fn report_circle(&mut self, circle: &[(DeclId, Option<Call>)], last: Option<&Call>) {
        let names: Vec<String> = circle.iter().map(|(decl, _)| self.name(*decl)).collect();
        let first = names[0].clone();
        let way = names.iter().chain([&first]).cloned().collect::<Vec<_>>().join("` -> `");
        let message = format!("pipeline `{first}` calls itself: `{way}`");
        let mut diagnostic =
            report::goes_in_a_circle(self.model.span(circle[0].0), message).here("it begins and ends here");
        for (decl, call) in &circle[1..] {
            if let Some(call) = call {
                diagnostic = diagnostic.label(call.span, format!("`{}` is called here", self.name(*decl)));
            }
        }
        if let Some(call) = last {
            diagnostic = diagnostic.label(call.span, format!("`{first}` is called again here"));
        }
        self.report(diagnostic.help("a run would never end: let one of them not call the other"));
    }
}
