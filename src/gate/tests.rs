//! Gates on values that are right, wrong, and not there.

use serde_json::json;

use super::{Measured, Outcome, drawing, evaluate, moment};
use crate::plan::{Expr, ExprKind, Operator, Type};

fn measure(name: &str, ty: Type) -> Expr {
    Expr { ty, kind: ExprKind::Measure { of: "training".into(), name: name.into() } }
}

fn binary(operator: Operator, left: Expr, right: Expr) -> Expr {
    let (left, right) = (Box::new(left), Box::new(right));
    Expr { ty: Type::Bool, kind: ExprKind::Binary { operator, left, right } }
}

fn at_least(name: &str, ty: Type, least: serde_json::Value) -> Expr {
    binary(Operator::GreaterOrEqual, measure(name, ty.clone()), Expr::literal(ty, least))
}

fn decided(condition: &Expr, values: &str) -> (Outcome, Vec<String>) {
    let measured = Measured::read(values).expect("the values can be read");
    let gate = super::gate("require", condition, "as written", "test", &measured);
    (gate.result, gate.problems)
}

#[test]
fn a_gate_has_three_results() {
    let gate = at_least("auc", Type::Float, json!(0.95));
    assert_eq!(decided(&gate, r#"{"training": {"auc": 0.95}}"#), (Outcome::Met, vec![]));
    assert_eq!(decided(&gate, r#"{"training": {"auc": 1}}"#).0, Outcome::Met);
    assert_eq!(decided(&gate, r#"{"training": {"auc": 0.9499999}}"#), (Outcome::NotMet, vec![]));
    for nothing in ["", " \n", "{}", r#"{"training": {}}"#, r#"{"other": {"auc": 1}}"#] {
        assert_eq!(decided(&gate, nothing).0, Outcome::NoData, "{nothing}");
    }
}

#[test]
fn what_is_wrong_with_a_value_is_said() {
    let said = |ty: Type, value: &str| {
        let (outcome, problems) = decided(&at_least("x", ty, json!(1)), &format!(r#"{{"training": {value}}}"#));
        assert_eq!(outcome, Outcome::NoData, "{value}");
        problems.join("; ")
    };
    for (value, wanted) in [
        (r#"{"x": null}"#, "`training.x` is null: only an output that is declared `float?` may be"),
        (r#"{"x": NaN}"#, "`training.x` is NaN, which is no value: whoever measured it has failed"),
        (r#"{"x": -Infinity}"#, "`training.x` is -Infinity, which is no value: whoever measured it has failed"),
        (r#"{"x": "0.97"}"#, "`training.x` is \"0.97\", and a `float` is wanted: a number"),
        (r#"{"x": [1]}"#, "`training.x` is a list, and a `float` is wanted: a number"),
        (r#"{"loss": 1}"#, "`training.x` has no value: `training` gave no `x`"),
        ("3", "`training` is a number, and an object from an output to its value is wanted"),
    ] {
        assert_eq!(said(Type::Float, value), wanted);
    }
    assert_eq!(said(Type::Int, r#"{"x": 1.5}"#), "`training.x` is 1.5, and a `int` is wanted: a whole number");
    assert!(said(Type::Duration, r#"{"x": "5min"}"#).ends_with("a `duration` is wanted: a number of seconds"));
    assert!(said(Type::Percent, r#"{"x": 1e300}"#).contains("too large"));
    assert!(said(Type::Timestamp, r#"{"x": "yesterday"}"#).contains("2026-01-31T02:00:00Z"));
    let near = decided(&at_least("accuracy", Type::Float, json!(1)), r#"{"training": {"acuracy": 1}}"#).1;
    assert_eq!(near, ["`training.accuracy` has no value: `training` gave no `accuracy`; there is `acuracy`"]);
}

#[test]
fn words_that_are_no_numbers_may_stand_in_a_text() {
    let gate = binary(
        Operator::Equal,
        measure("x", Type::String),
        Expr::literal(Type::String, json!("\\\"NaN\\\" and Infinity")),
    );
    assert_eq!(decided(&gate, r#"{"training": {"x": "\\\"NaN\\\" and Infinity"}, "y": NaN}"#).0, Outcome::Met);
}

#[test]
fn what_is_no_object_cannot_be_read() {
    assert!(Measured::read("[]").unwrap_err().contains("a list"));
    assert!(Measured::read("{").is_err());
    assert!(Measured::read("{\"a\": nan}").is_err());
}

#[test]
fn what_may_be_missing_is_none() {
    let optional = Type::Optional { of: Box::new(Type::Float) };
    let or = |other: f64| {
        let (left, right) =
            (Box::new(measure("x", optional.clone())), Box::new(Expr::literal(Type::Float, json!(other))));
        let kind = ExprKind::Binary { operator: Operator::Coalesce, left, right };
        binary(Operator::Greater, Expr { ty: Type::Float, kind }, Expr::literal(Type::Float, json!(0.5)))
    };
    for missing in ["", r#"{"training": {}}"#, r#"{"training": {"x": null}}"#] {
        assert_eq!(decided(&or(1.0), missing).0, Outcome::Met);
        assert_eq!(decided(&or(0.0), missing).0, Outcome::NotMet);
    }
    assert_eq!(decided(&or(1.0), r#"{"training": {"x": NaN}}"#).0, Outcome::NoData);
}

#[test]
fn the_right_side_is_asked_only_where_the_left_leaves_it_open() {
    let there = at_least("a", Type::Float, json!(1.0));
    let missing = at_least("b", Type::Float, json!(1.0));
    let decide = |operator, one: &Expr, other: &Expr, value: f64| {
        let values = json!({"training": {"a": value}}).to_string();
        decided(&binary(operator, one.clone(), other.clone()), &values).0
    };
    assert_eq!(decide(Operator::Or, &there, &missing, 1.0), Outcome::Met);
    assert_eq!(decide(Operator::Or, &there, &missing, 0.0), Outcome::NoData);
    assert_eq!(decide(Operator::And, &there, &missing, 0.0), Outcome::NotMet);
    assert_eq!(decide(Operator::And, &there, &missing, 1.0), Outcome::NoData);
    assert_eq!(decide(Operator::Or, &missing, &there, 1.0), Outcome::NoData);
}

#[test]
fn quantities_are_exact() {
    let value = |operator, ty: Type, a: f64, b: f64| {
        let kind = ExprKind::Binary {
            operator,
            left: Box::new(measure("a", ty.clone())),
            right: Box::new(measure("b", ty.clone())),
        };
        let measured = Measured::read(&json!({"training": {"a": a, "b": b}}).to_string()).unwrap();
        let value = evaluate::evaluate(&Expr { ty: ty.clone(), kind }, &measured).unwrap();
        evaluate::shown(&ty, &value)
    };
    assert_eq!(value(Operator::Add, Type::Percent, 0.1, 0.2), "30%");
    assert_eq!(value(Operator::Subtract, Type::Duration, 0.3, 0.1), "200ms");
    assert_eq!(value(Operator::Add, Type::Duration, 0.0201234, 1.0), "1.0201234s");
    let finer = at_least("x", Type::Duration, json!(0.021));
    assert_eq!(decided(&finer, r#"{"training": {"x": 0.0209999}}"#).0, Outcome::NotMet);
    assert_eq!(decided(&finer, r#"{"training": {"x": 0.021}}"#).0, Outcome::Met);
    let currency = binary(
        Operator::Less,
        measure("x", Type::Money),
        Expr::literal(Type::Money, json!({"amount": "5", "currency": "EUR"})),
    );
    let (outcome, problems) = decided(&currency, r#"{"training": {"x": {"amount": "2.50", "currency": "USD"}}}"#);
    assert_eq!(outcome, Outcome::NoData);
    assert_eq!(problems, ["`training.x < 5EUR` has no value: 2.50USD does not go with 5EUR"]);
}

#[test]
fn moments_are_compared_as_such() {
    let seconds = |text| moment::seconds(text).map(|seconds| seconds.normalize().to_string());
    assert_eq!(seconds("1970-01-01T00:00:00Z").as_deref(), Some("0"));
    assert_eq!(seconds("2024-02-29T12:00:00.250+02:00").as_deref(), Some("1709200800.25"));
    assert_eq!(seconds("1969-12-31T23:59:59Z").as_deref(), Some("-1"));
    for wrong in
        ["", "2024-02-29", "2024-13-01T00:00:00Z", "2024-02-29T12:00Z", "2024-02-29T12:00:00", "é024-02-29T12:00:00Z"]
    {
        assert_eq!(seconds(wrong), None, "{wrong}");
    }
}

#[test]
fn values_stand_under_their_parts() {
    let condition = binary(
        Operator::And,
        at_least("auc", Type::Float, json!(0.95)),
        binary(Operator::Less, measure("errors", Type::Percent), Expr::literal(Type::Percent, json!(0.01))),
    );
    let measured = Measured::read(r#"{"training": {"auc": 0.97, "errors": 0.0125}}"#).unwrap();
    let (text, parts) = drawing::draw(&condition, &measured);
    assert_eq!(text, condition.to_string());
    let drawn = drawing::under(&text, &parts);
    let wanted = "\
training.auc >= 0.95 and training.errors < 1%
|            |       |   |               |
0.97         true    |   1.25%           false
                     false
";
    assert_eq!(drawn, wanted);
    let values: Vec<_> = parts.iter().map(|part| part.value.clone()).collect();
    assert_eq!(values, [json!(0.97), json!(true), json!(false), json!(0.0125), json!(false)]);
}
