//! Forms, to the letter. What they mean is tried by a real CEL, in `tests/conformance/conditions.rs`.

use serde_json::json;

use super::*;

const X: &str = "inputs.parameter_values['x']";

fn parameter(ty: Type) -> Expr {
    Expr { ty, kind: ExprKind::Parameter { name: "x".into() } }
}

fn optional(of: Type) -> Type {
    Type::Optional { of: Box::new(of) }
}

fn compare(operator: Operator, left: Expr, right: Expr) -> String {
    let kind = ExprKind::Binary { operator, left: Box::new(left), right: Box::new(right) };
    condition(&Expr { ty: Type::Bool, kind }).unwrap().to_string()
}

#[test]
fn operands_are_written_as_the_sdk_writes_them() {
    for (operator, ty, constant, text) in [
        (Operator::Equal, Type::Int, Expr::literal(Type::Int, json!(3)), format!("int({X}) == 3")),
        (Operator::Less, Type::Int, Expr::literal(Type::Float, json!(1.5)), format!("double(int({X})) < 1.5")),
        (Operator::Greater, Type::Float, Expr::literal(Type::Int, json!(1)), format!("{X} > double(1)")),
        (Operator::GreaterOrEqual, Type::Float, Expr::literal(Type::Float, json!(0.95)), format!("{X} >= 0.95")),
        (Operator::Equal, Type::Bool, Expr::literal(Type::Bool, json!(false)), format!("{X} == false")),
        (Operator::NotEqual, Type::String, Expr::literal(Type::String, json!("text")), format!("{X} != 'text'")),
        (Operator::Equal, Type::Float, parameter(Type::Int), format!("{X} == double(int({X}))")),
    ] {
        assert_eq!(compare(operator, parameter(ty), constant), text);
    }
    assert_eq!(condition(&parameter(Type::Bool)).unwrap().to_string(), format!("{X} == true"));
}

#[test]
fn lists_hold_doubles_and_patterns_match_the_whole() {
    let list = Type::List { of: Box::new(Type::Int) };
    let constant = Expr::literal(list.clone(), json!([1, 2]));
    assert_eq!(compare(Operator::In, parameter(Type::Int), constant.clone()), format!("int({X}) in [1, 2]"));
    assert_eq!(compare(Operator::In, parameter(Type::Int), parameter(list.clone())), format!("{X} in {X}"));
    assert_eq!(compare(Operator::Equal, parameter(list), constant), format!("{X} == [1.0, 2.0]"));
    let pattern = Expr::literal(Type::String, json!("a|b"));
    assert_eq!(compare(Operator::Matches, parameter(Type::String), pattern), format!("{X}.matches('^(?:a|b)$')"));
}

#[test]
fn what_may_be_absent_is_asked_for_first() {
    let none = Expr::literal(optional(Type::Int), Value::Null);
    let absent = format!("!('x' in inputs.parameter_values) || type({X}) == null_type");
    let present = format!("'x' in inputs.parameter_values && type({X}) != null_type");
    assert_eq!(compare(Operator::Equal, parameter(optional(Type::Int)), none.clone()), absent);
    assert_eq!(compare(Operator::NotEqual, parameter(optional(Type::Int)), none), present);
    let three = || Expr::literal(Type::Int, json!(3));
    let x = || parameter(optional(Type::Int));
    assert_eq!(compare(Operator::Equal, x(), three()), format!("{present} && int({X}) == 3"));
    assert_eq!(compare(Operator::NotEqual, three(), x()), format!("{absent} || 3 != int({X})"));
}
