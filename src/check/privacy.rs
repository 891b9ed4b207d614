//! Privacy: where marked columns go, and whether they may.

use super::checker::Checker;
use crate::ast::NeedKind;
use crate::diagnostics::report;
use crate::model::{Call, ExprKind, Model, Type, Value};
use crate::resolve::DeclId;

/// Marks that taint: what is made from such a column is as private as it is.
pub(crate) const TAINTS: &[&str] = &["pii", "sensitive", "identifier"];

/// The columns that a binding of data delivers, each with its marks; masked ones come empty, and are left out.
pub(super) fn delivered(model: &Model, need: DeclId, value: &Value) -> Vec<(String, Vec<String>)> {
    let Some(found) = model.needs.get(&need).filter(|need| need.kind == NeedKind::Data) else { return Vec::new() };
    let Type::Table(Some(schema)) = found.ty.required() else { return Vec::new() };
    let masked: Vec<&str> = masked(value);
    let columns = model.structs.get(schema).map(|found| found.fields.as_slice()).unwrap_or_default();
    let left = columns.iter().filter(|column| !masked.contains(&column.name.as_str()));
    left.map(|column| (column.name.clone(), column.marks.clone())).collect()
}

fn masked(value: &Value) -> Vec<&str> {
    let list = value.field("masked").and_then(Value::as_list).unwrap_or_default();
    list.iter()
        .filter_map(|item| match item {
            Value::Column(_, column) => Some(column.as_str()),
            _ => None,
        })
        .collect()
}

impl Checker<'_> {
    /// A mark goes only where the environment's `access` lets it.
    pub(super) fn check_privacy(&mut self) {
        let environments: Vec<DeclId> = self.model.concrete_environments().map(|(decl, _)| decl).collect();
        for environment in environments {
            self.check_bound_columns(environment);
            self.check_taint(environment);
        }
    }

    fn check_bound_columns(&mut self, environment: DeclId) {
        let found = self.model.environments[&environment].clone();
        let allowed = found.marks();
        for (need, (value, span)) in &found.bindings {
            self.check_masks(*need, value, *span);
            if !super::whole::uses(&self.model, environment).contains_key(need) {
                continue;
            }
            for (column, marks) in delivered(&self.model, *need, value) {
                let Some(mark) = marks.iter().find(|mark| is_guarded(mark) && !allowed.contains(&mark.as_str())) else {
                    continue;
                };
                let message = format!(
                    "column `{column}` is marked `@{mark}`, and environment `{}` may not see that",
                    self.name(environment)
                );
                let schema = self.schema_of(*need);
                let mut diagnostic =
                    report::mark_denied(*span, message).here(format!("`{}` delivers it here", self.name(*need)));
                if let Some(field) = schema.and_then(|schema| self.model.structs[&schema].field(&column).cloned()) {
                    diagnostic = diagnostic.label(field.span, format!("marked `@{mark}` here"));
                }
                if let Some(access) = found.said.get("access") {
                    diagnostic = diagnostic.label(*access, "what may be seen is said here");
                }
                let owner = schema.map(|schema| self.name(schema)).unwrap_or_default();
                self.report(diagnostic.help(format!(
                    "deliver it empty, `masked: [{owner}.{column}]`, or let the environment see it, `access: {{ marks: [@{mark}] }}`"
                )));
            }
        }
    }

    fn schema_of(&self, need: DeclId) -> Option<DeclId> {
        match self.model.needs.get(&need)?.ty.required() {
            Type::Table(schema) => *schema,
            _ => None,
        }
    }

    fn check_masks(&mut self, need: DeclId, value: &Value, span: crate::source::Span) {
        let Some(schema) = self.schema_of(need) else { return };
        let columns = self.columns(schema);
        for column in masked(value) {
            if !columns.iter().any(|known| known == column) {
                let message = format!("`{}` has no column `{column}` that could be masked", self.name(schema));
                self.report(report::unknown_part(span, message).label(self.model.span(schema), "its schema"));
            }
        }
    }

    /// What is made from marked columns must not leave by a step that changes the world outside.
    fn check_taint(&mut self, environment: DeclId) {
        let pipelines = self.model.environments[&environment].pipelines.clone();
        if self.model.environments[&environment].records_effects() {
            return;
        }
        for pipeline in pipelines {
            let Some(found) = self.model.pipelines.get(&pipeline).cloned() else { continue };
            let calls: Vec<Call> = found.calls().into_iter().cloned().collect();
            let mut tainted: Vec<(crate::model::NodeId, String, Vec<String>)> = Vec::new();
            for call in &calls {
                let taint = self.taint_of(environment, call, &tainted, &found);
                if taint.is_empty() {
                    continue;
                }
                let Some(step) = self.model.steps.get(&call.callee).cloned() else { continue };
                if self.is_external(call.callee) {
                    let (column, way) = (&taint[0].0, &taint[0].1);
                    let message = format!(
                        "what `{}` takes outside is made from the marked column `{column}`",
                        self.name(call.callee)
                    );
                    let chain = way.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" -> ");
                    self.report(
                        report::marked_data_leaves(call.span, message)
                            .label(self.model.span(call.callee), "this step changes the world outside the run")
                            .note(format!("the way it goes, in environment `{}`: {chain}", self.name(environment)))
                            .help("let the step that takes the column away say so: `declassifies: [Schema.column]`"),
                    );
                }
                let declassified = self.declassified(&step);
                for (column, mut way) in taint {
                    if !declassified.contains(&column) {
                        way.push(self.name(call.callee));
                        tainted.push((call.id, column, way));
                    }
                }
            }
        }
    }

    /// Marked columns that reach a call, each with the way that it went.
    fn taint_of(
        &self,
        environment: DeclId,
        call: &Call,
        tainted: &[(crate::model::NodeId, String, Vec<String>)],
        pipeline: &crate::model::Pipeline,
    ) -> Vec<(String, Vec<String>)> {
        let bindings = &self.model.environments[&environment].bindings;
        let mut found: Vec<(String, Vec<String>)> = Vec::new();
        for value in call.arguments.values() {
            value.walk(&mut |part| match &part.kind {
                ExprKind::Decl(need) => {
                    if let Some((value, _)) = bindings.get(need) {
                        for (column, marks) in delivered(&self.model, *need, value) {
                            if marks.iter().any(|mark| TAINTS.contains(&mark.as_str())) {
                                let owner = self.schema_of(*need).map(|schema| self.name(schema)).unwrap_or_default();
                                found.push((format!("{owner}.{column}"), vec![self.name(*need)]));
                            }
                        }
                    }
                }
                ExprKind::Node(node) => {
                    let sources = nodes_inside(pipeline, *node);
                    let from = tainted.iter().filter(|(id, ..)| sources.contains(id));
                    found.extend(from.map(|(_, column, way)| (column.clone(), way.clone())));
                }
                _ => {}
            });
        }
        found
    }

    /// `Schema.column` of every column that a step takes away.
    fn declassified(&self, step: &crate::model::Step) -> Vec<String> {
        let items = match step.fields.get("declassifies").map(|expr| &expr.kind) {
            Some(ExprKind::List(items)) => items.as_slice(),
            _ => &[],
        };
        let columns = items.iter().filter_map(|item| match &item.kind {
            ExprKind::Value(Value::Column(schema, column)) => Some(format!("{}.{column}", self.name(*schema))),
            _ => None,
        });
        columns.collect()
    }

    pub(super) fn is_external(&self, step: DeclId) -> bool {
        let effects = self.model.steps.get(&step).and_then(|step| step.fields.get("effects"));
        matches!(effects.map(|effects| &effects.kind), Some(ExprKind::Value(Value::Variant(text))) if text == "external")
    }
}

fn is_guarded(mark: &str) -> bool {
    !matches!(mark, "label" | "inference" | "identifier")
}

/// A node and every node inside it.
fn nodes_inside(pipeline: &crate::model::Pipeline, node: crate::model::NodeId) -> Vec<crate::model::NodeId> {
    fn search(
        block: &crate::model::Block,
        wanted: crate::model::NodeId,
        inside: bool,
        found: &mut Vec<crate::model::NodeId>,
    ) {
        for node in &block.nodes {
            let here = inside || node.id() == wanted;
            if here {
                found.push(node.id());
            }
            node.blocks().into_iter().for_each(|block| search(block, wanted, here, found));
        }
    }
    let mut found = Vec::new();
    search(&pipeline.body, node, false, &mut found);
    found
}
