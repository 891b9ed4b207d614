//! Importers: where an artifact is that exists already, and what is known of it.

use indexmap::IndexMap;

use super::checker::Checker;
use crate::diagnostics::report;
use crate::model::{Expr, ExprKind, Field, Importer, Place, RecordPart, Run, Type, Value};
use crate::source::Span;

impl Checker<'_> {
    pub(super) fn importer_run(
        &mut self,
        arguments: &IndexMap<&str, &Expr>,
        span: Span,
        inputs: &[Field],
        outputs: &[Field],
    ) -> Run {
        let artifacts = outputs.iter().filter(|output| output.ty.is_artifact()).count();
        if outputs.len() != 1 || artifacts != 1 {
            self.report(report::importer_outputs(span, "an importer has one output, the artifact that exists already"));
        }
        let (Some(uri), Some(metadata)) = (arguments.get("uri"), arguments.get("metadata")) else {
            return Run::Unknown;
        };
        for told in [uri, metadata] {
            if let Some(part) = computed_part(told) {
                self.report(
                    report::bad_word(part.span, "an importer takes an input as it is, and this is computed of one")
                        .note("nobody is there to compute before the artifact is taken in")
                        .help("let a step make the value, and take that as an input"),
                );
                return Run::Unknown;
            }
        }
        self.warn_of_unused_inputs(&[uri, metadata], span, inputs);
        let mut flag = |name: &str| {
            let value = arguments.get(name).map(|value| self.constant(value));
            value.as_ref().and_then(Value::as_bool).unwrap_or(false)
        };
        let (reimport, download) = (flag("reimport"), flag("download_to_workspace"));
        let (uri, metadata) = ((*uri).clone(), (*metadata).clone());
        Run::Importer(Box::new(Importer { uri, metadata, reimport, download }))
    }

    fn warn_of_unused_inputs(&mut self, told: &[&Expr], span: Span, inputs: &[Field]) {
        let mut named = Vec::new();
        for expr in told {
            expr.walk(&mut |part| {
                if let ExprKind::Place(Place::Input, name) = &part.kind {
                    named.push(name.clone());
                }
            });
        }
        for input in inputs.iter().filter(|input| !named.contains(&input.name)) {
            let message = format!("the importer does not use the input `{}`", input.name);
            self.report(report::unused_input(input.span, message).label(span, "this importer"));
        }
    }
}

/// The first part that somebody would have to compute.
fn computed_part(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::Place(Place::Input, _) if !expr.ty.is_artifact() && !matches!(expr.ty, Type::Secret) => None,
        ExprKind::Context(..) => None,
        ExprKind::Text(parts) | ExprKind::List(parts) => parts.iter().find_map(computed_part),
        ExprKind::Record(parts) => parts.iter().find_map(|part| match part {
            RecordPart::Field(_, value) => computed_part(value),
            RecordPart::Keyed(key, value) => computed_part(key).or_else(|| computed_part(value)),
            RecordPart::Spread(value) => value.run_time_part(),
        }),
        _ => expr.run_time_part().map(|_| expr),
    }
}
