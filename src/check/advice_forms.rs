//! What the library cannot say of its forms' arguments in types: time zones, canary weights.

use indexmap::IndexMap;
use rust_decimal::Decimal;

use super::checker::Checker;
use crate::diagnostics::report;
use crate::model::{Expr, ExprKind, Value};

/// Holds the arguments of a form against what is known of them by name.
pub(super) fn check(checker: &mut Checker<'_>, form: &str, arguments: &IndexMap<String, Expr>) {
    if let Some(Expr { kind: ExprKind::Value(Value::Text(zone)), span, .. }) = arguments.get("timezone")
        && let Err(diagnostic) = super::formats::timezone(zone, *span)
    {
        checker.report(*diagnostic);
    }
    if form == "toleration" {
        checker.check_toleration(arguments);
    }
    if form == "canary"
        && let Some(weights) = arguments.get("weights")
    {
        canary(checker, weights);
    }
}

/// Weights rise, and end at 100%.
fn canary(checker: &mut Checker<'_>, weights: &Expr) {
    let ExprKind::List(items) = &weights.kind else { return };
    let values: Vec<(Decimal, &Expr)> = items
        .iter()
        .filter_map(|item| match checker.constant(item) {
            Value::Percent(weight) => Some((weight, item)),
            _ => None,
        })
        .collect();
    let mut faults = Vec::new();
    for pair in values.windows(2) {
        let ((before, first), (after, second)) = (pair[0], pair[1]);
        if after <= before {
            faults.push(
                report::weights_fall(second.span, format!("a canary's weights rise: {after}% follows {before}%"))
                    .here("this weight is not larger")
                    .label(first.span, "than this one")
                    .help("list the weights from the smallest to 100%"),
            );
        }
    }
    let hundred = Decimal::from(100);
    match values.last() {
        None if items.is_empty() => faults.push(
            report::weights_fall(weights.span, "a canary has no weights").help("list them from the smallest to 100%"),
        ),
        Some((last, item)) if faults.is_empty() && *last != hundred => faults.push(
            report::weights_fall(item.span, format!("a canary ends at 100%, not at {last}%"))
                .help("add `100%` as its last weight"),
        ),
        _ => {}
    }
    faults.into_iter().for_each(|fault| checker.report(fault));
}
