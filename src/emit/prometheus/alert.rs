//! `alert NAME { when: …, notify: … }` as a rule.

use super::model::Alert as Rule;
use super::source::{AGE, CPU, FAILED, MEMORY, Source};
use super::standard::{Watched, made};
use super::{NAME, option};
use crate::diagnostics::{Diagnostic, report};
use crate::plan::{Alert, Environment, Expr as Planned, ExprKind, Operator, Plan};
use crate::text::promql::{Expr, Selector};

/// By what two measured values find each other: pipelines and outputs differ, the place does not.
const PLACE: &[&str] = &["project", "environment"];

/// What reads an alert's condition.
struct Reader<'a> {
    plan: &'a Plan,
    environment: &'a Environment,
    watched: &'a [(Watched<'a>, Source)],
}

/// The rule, or why there is none.
pub(super) fn rule(
    plan: &Plan,
    environment: &Environment,
    alert: &Alert,
    watched: &[(Watched, Source)],
) -> Result<Rule, Box<Diagnostic>> {
    let reader = Reader { plan, environment, watched };
    let expr = reader.condition(&alert.when, true).map_err(|why| {
        let message = format!("Prometheus cannot watch `{}` for the alert {}", alert.text, alert.name);
        Box::new(report::prometheus_cannot(alert.span, message).here(why.reason).help(why.mend))
    })?;
    let told = &alert.notice.notifier.form;
    let what = alert.description.clone().unwrap_or_else(|| format!("`{}` holds.", alert.text));
    let texts = [format!("{}: {}", alert.name, alert.text), what];
    let of = pipeline_of(&alert.when);
    let mut rule = made(plan, environment, of, &alert.name, expr, None, "warning", texts);
    rule.labels.insert("notify".to_owned(), told.clone());
    Ok(rule)
}

/// The one pipeline that a condition speaks of.
pub(super) fn pipeline_of(condition: &Planned) -> Option<&str> {
    match &condition.kind {
        ExprKind::Measure { of, .. } => Some(of),
        _ => {
            let mut found = condition.parts().into_iter().filter_map(pipeline_of);
            let first = found.next()?;
            found.all(|other| other == first).then_some(first)
        }
    }
}

/// Why something cannot be said, and what to do.
struct Unsaid {
    reason: String,
    mend: String,
}

fn unsaid<T>(reason: impl Into<String>, mend: impl Into<String>) -> Result<T, Unsaid> {
    Err(Unsaid { reason: reason.into(), mend: mend.into() })
}

type Said = Result<Expr, Unsaid>;

impl Reader<'_> {
    /// Series that are there where the condition holds (or, not `held`, where it does not).
    fn condition(&self, condition: &Planned, held: bool) -> Said {
        match &condition.kind {
            ExprKind::Not { operand } => self.condition(operand, !held),
            ExprKind::Binary { operator: Operator::And, left, right } => self.both(left, right, held, held),
            ExprKind::Binary { operator: Operator::Or, left, right } => self.both(left, right, held, !held),
            ExprKind::Binary { operator, left, right } => {
                let Some(sign) = sign(*operator, held) else {
                    return unsaid(
                        "a metric is compared as a number alone",
                        "compare it by `<`, `<=`, `==`, `!=`, `>`, `>=`",
                    );
                };
                self.compared(sign, self.value(left)?, self.value(right)?)
            }
            ExprKind::Between { operand, low, high, inclusive } => {
                let value = || self.value(operand);
                let (above, below) = if held {
                    (">=", if *inclusive { "<=" } else { "<" })
                } else {
                    ("<", if *inclusive { ">" } else { ">=" })
                };
                let above = self.compared(above, value()?, self.value(low)?)?;
                let below = self.compared(below, value()?, self.value(high)?)?;
                Ok(if held { above.then_on("and", PLACE, below) } else { above.then("or", below) })
            }
            ExprKind::Measure { of, name } if name == "missed" && held => self.missed(of),
            _ => unsaid(
                "this is no comparison of what is measured",
                "compare what is measured with a number: `training.failures > 0`",
            ),
        }
    }

    /// `both` says whether both must be.
    fn both(&self, left: &Planned, right: &Planned, held: bool, both: bool) -> Said {
        let (left, right) = (self.condition(left, held)?, self.condition(right, held)?);
        Ok(if both { left.then_on("and", PLACE, right) } else { left.then("or", right) })
    }

    fn compared(&self, sign: &'static str, left: Expr, right: Expr) -> Said {
        match (&left, &right) {
            (Expr::Number(_), Expr::Number(_)) => {
                unsaid("nothing that is measured decides this", "speak of a pipeline: `training.duration > 2h`")
            }
            (Expr::Number(_), _) | (_, Expr::Number(_)) => Ok(left.then(sign, right)),
            _ => Ok(left.then_on(sign, PLACE, right)),
        }
    }

    fn value(&self, value: &Planned) -> Said {
        match &value.kind {
            ExprKind::Literal { value } => match value.as_f64() {
                Some(number) => Ok(Expr::Number(number)),
                None => unsaid("a metric is a number, and this is none", "compare it with a number"),
            },
            ExprKind::Measure { of, name } => self.measure(of, name),
            ExprKind::Binary { operator, left, right } => {
                let Some(sign) = arithmetic(*operator) else {
                    return unsaid("Prometheus computes with numbers alone", "add, subtract, multiply or divide");
                };
                let (left, right) = (self.value(left)?, self.value(right)?);
                Ok(match (&left, &right) {
                    (Expr::Number(_), _) | (_, Expr::Number(_)) => left.then(sign, right),
                    _ => left.then_on(sign, PLACE, right),
                })
            }
            _ => unsaid("this is no number that is measured", "speak of what a pipeline or a verification gives"),
        }
    }

    fn measure(&self, of: &str, name: &str) -> Said {
        let record = match name {
            "duration" => AGE,
            "failures" => FAILED,
            "cpu" => CPU,
            "memory" => MEMORY,
            "missed" => return unsaid("`missed` is no number", "write `when: training.missed`"),
            _ => return self.pushed(of, name),
        };
        match self.watched(of) {
            Some(watched) => Ok(watched.series(record)),
            None => self.pushed(of, name),
        }
    }

    fn missed(&self, of: &str) -> Said {
        let found = self.watched(of).and_then(|watched| watched.missed());
        found.map_or_else(
            || {
                unsaid(
                    format!("no clock starts `{of}` in {}", self.environment.name),
                    "give it a schedule by `cron(…)` there",
                )
            },
            Ok,
        )
    }

    fn watched(&self, of: &str) -> Option<&Watched<'_>> {
        self.watched.iter().map(|(watched, _)| watched).find(|watched| watched.pipeline.name == of)
    }

    /// What only whoever measures it can push.
    fn pushed(&self, of: &str, name: &str) -> Said {
        let Some(metric) = option(self.plan, "measures") else {
            let mend = format!("name the metric that it is pushed as: `target {NAME} {{ measures: \"mlp_measure\" }}`");
            return unsaid(format!("no orchestrator has a metric for `{of}.{name}` here"), mend);
        };
        let series = Selector::of(metric).with("project", self.plan.project.name.as_str());
        let series = series.with("environment", self.environment.name.as_str());
        Ok(series.with("of", of).with("output", name).expr())
    }
}

fn sign(operator: Operator, held: bool) -> Option<&'static str> {
    Some(match (operator, held) {
        (Operator::Equal, true) | (Operator::NotEqual, false) => "==",
        (Operator::NotEqual, true) | (Operator::Equal, false) => "!=",
        (Operator::Less, true) | (Operator::GreaterOrEqual, false) => "<",
        (Operator::LessOrEqual, true) | (Operator::Greater, false) => "<=",
        (Operator::Greater, true) | (Operator::LessOrEqual, false) => ">",
        (Operator::GreaterOrEqual, true) | (Operator::Less, false) => ">=",
        _ => return None,
    })
}

fn arithmetic(operator: Operator) -> Option<&'static str> {
    Some(match operator {
        Operator::Add => "+",
        Operator::Subtract => "-",
        Operator::Multiply => "*",
        Operator::Divide => "/",
        _ => return None,
    })
}
