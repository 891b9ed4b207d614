//! Which changes let more through, or let more be seen.

use serde_json::Value;

use super::changes::{Change, Effect};

/// Says of every change what it does to who may do what.
pub(super) fn judge(changes: &mut [Change]) {
    for change in changes {
        let path: Vec<&str> = change.path.iter().map(String::as_str).collect();
        change.effect = effect(&path, change.before.as_ref(), change.after.as_ref());
    }
}

fn effect(path: &[&str], before: Option<&Value>, after: Option<&Value>) -> Effect {
    match path {
        [_, "operations", _] if after.is_none() && is_gate(before) => Effect::Weakens,
        [_, "operations", _, rest @ ..] => operation(rest, before, after),
        [_, "on failure", "rollback" | "hold"] if after == Some(&Value::Bool(false)) => Effect::Weakens,
        ["ci", "checks", _] | ["verifications", _] if after.is_none() => Effect::Weakens,
        ["ci", "checks", _, "retries"] if rises(before, after) => Effect::Weakens,
        ["images", _, "scan"] if severity(after) > severity(before) => Effect::Weakens,
        ["policies", _] | ["policies", _, _] if after.is_none() => Effect::Weakens,
        ["policies", _, asserted] if is_lower_assert(asserted, before, after) => Effect::Weakens,
        ["ci", "triggers"] | [_, "mirrors"] if after.is_none() => Effect::Weakens,
        [.., "inputs", "met", "value"] if is_looser(before, after) => Effect::Weakens,
        [_, .., _] if after.is_none() && before.is_some_and(holds_gate) => Effect::Weakens,
        [.., "predicates"] | ["variables", _, "inner"] if lets_more(before, after) => Effect::Weakens,
        [way, _] if way.contains(": every way to ") && (after.is_none() || rises(after, before)) => Effect::Weakens,
        [.., "run", "users"] if after.is_some() => Effect::Widens,
        [_, "effects"] if after.is_some_and(|value| value == "allow") => Effect::Widens,
        [_, "marks" | "egress" | "grants"] if after.is_some() => Effect::Widens,
        _ => Effect::Changes,
    }
}

/// Inside an operation that is still there.
fn operation(path: &[&str], before: Option<&Value>, after: Option<&Value>) -> Effect {
    let weaker = match path {
        ["count" | "seconds"] => rises(after, before),
        ["asserts"] => after.is_none(),
        ["condition"] => is_looser(before, after),
        ["window" | "team" | "text"] => after.is_none(),
        _ => false,
    };
    if weaker { Effect::Weakens } else { Effect::Changes }
}

fn is_gate(operation: Option<&Value>) -> bool {
    let gates = ["start", "approve", "require", "soak", "window", "preflight", "verify", "watch"];
    operation.and_then(|value| value["action"].as_str()).is_some_and(|action| gates.contains(&action))
}

/// Whether a part of a pipeline is a gate, or one stands inside it.
fn holds_gate(node: &Value) -> bool {
    match node {
        Value::Object(fields) => {
            let run = node["run"]["run"].as_str();
            run.is_some_and(|run| ["gate", "approval"].contains(&run)) || fields.values().any(holds_gate)
        }
        Value::Array(nodes) => nodes.iter().any(holds_gate),
        _ => false,
    }
}

fn rises(before: Option<&Value>, after: Option<&Value>) -> bool {
    let number = |value: Option<&Value>| value.and_then(Value::as_f64);
    matches!((number(before), number(after)), (Some(before), Some(after)) if after > before)
}

/// Whether an assertion asks for less: its bound is another, and not a stricter one of the same unit.
fn is_lower_assert(asserted: &str, before: Option<&Value>, after: Option<&Value>) -> bool {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let (Some(before), Some(after)) = (text(before), text(after)) else { return before.is_some() };
    let parts = |text: &str| {
        let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
        text[..end].parse::<f64>().ok().map(|number| (number, text[end..].to_owned()))
    };
    match (parts(&before), parts(&after)) {
        (Some((old, unit)), Some((new, other))) if unit == other => {
            if asserted.contains(" >") {
                new < old
            } else {
                new > old
            }
        }
        _ => true,
    }
}

/// Whether predicates that were all kept leave more values than before.
fn lets_more(before: Option<&Value>, after: Option<&Value>) -> bool {
    let all = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let (before, after) = (all(before), all(after));
    let conditions: Vec<&Value> = after.iter().flat_map(|predicate| conjuncts(condition_of(predicate))).collect();
    let mut old = before.iter().flat_map(|predicate| conjuncts(condition_of(predicate)));
    old.any(|part| !is_implied(part, &conditions))
}

/// A predicate's condition; one on a part of a value is compared with the way to that part.
fn condition_of(predicate: &Value) -> &Value {
    if predicate.get("path").is_some() { predicate } else { predicate.get("condition").unwrap_or(predicate) }
}

/// How much a scan lets through: nothing scanned lets everything.
fn severity(scan: Option<&Value>) -> usize {
    let levels = ["low", "medium", "high", "critical"];
    let level = scan.and_then(Value::as_str).and_then(|scan| levels.iter().position(|level| *level == scan));
    level.unwrap_or(levels.len())
}

/// Whether a condition holds where it did not before: a bound on the same measure that moved, or a part of an `and` that
/// is gone.
fn is_looser(before: Option<&Value>, after: Option<&Value>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return after.is_none() };
    let new = conjuncts(after);
    conjuncts(before).iter().any(|part| !is_implied(part, &new))
}

/// Whether a part holds wherever all of some others hold, as far as can be told.
fn is_implied(part: &Value, by: &[&Value]) -> bool {
    if part["is"] == "binary" && part["operator"] == "or" {
        return [&part["left"], &part["right"]].iter().any(|one| is_implied(one, by)) || by.contains(&part);
    }
    let bound = bound(part);
    by.iter().any(|other| {
        let tighter = bound.as_ref().zip(self::bound(other)).is_some_and(|(bound, other)| {
            bound.of == other.of && bound.is_upper == other.is_upper && !other.is_looser_than(bound)
        });
        *other == part || tighter
    })
}

fn conjuncts(condition: &Value) -> Vec<&Value> {
    if condition["is"] == "binary" && condition["operator"] == "and" {
        return [&condition["left"], &condition["right"]].into_iter().flat_map(conjuncts).collect();
    }
    vec![condition]
}

/// `training.auc >= 0.95`
struct Bound<'a> {
    of: &'a Value,
    limit: f64,
    is_upper: bool,
    is_strict: bool,
}

impl Bound<'_> {
    fn is_looser_than(&self, other: &Bound<'_>) -> bool {
        let beyond = if self.is_upper { self.limit > other.limit } else { self.limit < other.limit };
        beyond || (self.limit == other.limit && other.is_strict && !self.is_strict)
    }
}

fn bound(condition: &Value) -> Option<Bound<'_>> {
    let (is_upper, is_strict) = match condition["operator"].as_str()? {
        "less" => (true, true),
        "less_or_equal" => (true, false),
        "greater" => (false, true),
        "greater_or_equal" => (false, false),
        _ => return None,
    };
    let (left, right) = (&condition["left"], &condition["right"]);
    match (limit(left), limit(right)) {
        (None, Some(limit)) => Some(Bound { of: left, limit, is_upper, is_strict }),
        (Some(limit), None) => Some(Bound { of: right, limit, is_upper: !is_upper, is_strict }),
        _ => None,
    }
}

/// The number that is compared with; of money its amount.
fn limit(side: &Value) -> Option<f64> {
    let value = side.get("value").unwrap_or(side);
    value.as_f64().or_else(|| value["amount"].as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at_least(limit: f64) -> Value {
        let measure = json!({ "is": "measure", "of": "training", "name": "auc" });
        json!({ "is": "binary", "operator": "greater_or_equal", "left": measure, "right": { "is": "literal", "value": limit } })
    }

    #[test]
    fn a_lowered_bound_is_looser_and_a_raised_one_is_not() {
        assert!(is_looser(Some(&at_least(0.95)), Some(&at_least(0.9))));
        assert!(!is_looser(Some(&at_least(0.9)), Some(&at_least(0.95))));
        let both = json!({ "is": "binary", "operator": "and", "left": at_least(0.9), "right": { "is": "other" } });
        assert!(is_looser(Some(&both), Some(&at_least(0.9))));
        assert!(!is_looser(Some(&at_least(0.9)), Some(&both)));
    }

    #[test]
    fn fewer_approvals_weaken_and_more_marks_widen() {
        let approve = ["p: a -> b", "operations", "approve-ml", "count"];
        assert_eq!(effect(&approve, Some(&json!(2)), Some(&json!(1))), Effect::Weakens);
        assert_eq!(effect(&approve, Some(&json!(1)), Some(&json!(2))), Effect::Changes);
        let gone = json!({ "action": "verify" });
        assert_eq!(effect(&["e", "operations", "verify-smoke"], Some(&gone), None), Effect::Weakens);
        assert_eq!(effect(&["environment", "marks"], None, Some(&json!("pii"))), Effect::Widens);
        assert_eq!(effect(&["environment", "marks"], Some(&json!("pii")), None), Effect::Changes);
    }
}
