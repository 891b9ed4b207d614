//! Parameters as JSON Schema, so that Airflow refuses a value before anything starts.

use serde_json::{Map, Value as Json, json};

use super::super::model::Param;
use crate::plan::{Expr, ExprKind, Field, Operator, Parameter, Predicate, Type};

/// A parameter with what must hold of it.
pub(super) fn param(parameter: &Parameter) -> Param {
    let mut schema = of_type(&parameter.ty);
    constrain(&mut schema, &parameter.predicates, &parameter.ty);
    if let Some(Json::Object(items)) = schema.get_mut("items") {
        let item = element(&parameter.ty);
        constrain(items, &parameter.item_predicates, item);
    }
    let optional = matches!(parameter.ty, Type::Optional { .. });
    Param {
        name: parameter.name.clone(),
        default: parameter.default.clone().or(optional.then_some(Json::Null)),
        description: parameter.description.clone(),
        schema: schema.into_iter().collect(),
    }
}

/// Whether every condition on a parameter can be said so.
pub(in crate::emit::airflow) fn unsaid(parameter: &Parameter) -> Option<&Predicate> {
    let of_it = parameter.predicates.iter().map(|it| (it, &parameter.ty));
    let of_items = parameter.item_predicates.iter().map(|it| (it, element(&parameter.ty)));
    of_it.chain(of_items).find(|(predicate, ty)| condition(&predicate.condition, ty).is_none()).map(|(it, _)| it)
}

fn element(ty: &Type) -> &Type {
    match ty.required() {
        Type::List { of } => of,
        other => other,
    }
}

fn constrain(schema: &mut Map<String, Json>, predicates: &[Predicate], ty: &Type) {
    for predicate in predicates {
        let more = condition(&predicate.condition, ty).unwrap_or_default();
        let clashes = more.keys().any(|key| schema.contains_key(key));
        if clashes {
            let all = schema.entry("allOf").or_insert_with(|| json!([]));
            all.as_array_mut().expect("it is made as one").push(Json::Object(more));
        } else {
            schema.extend(more);
        }
    }
}

fn of_type(ty: &Type) -> Map<String, Json> {
    let schema = match ty {
        Type::Bool => json!({"type": "boolean"}),
        Type::Int | Type::Size => json!({"type": "integer"}),
        Type::Float | Type::Percent | Type::Duration => json!({"type": "number"}),
        Type::String | Type::Cron => json!({"type": "string"}),
        Type::Uri => json!({"type": "string", "format": "uri"}),
        Type::Timestamp => json!({"type": "string", "format": "date-time"}),
        Type::Enum { variants, .. } => json!({"type": "string", "enum": variants}),
        Type::Money => json!({
            "type": "object",
            "properties": {"amount": {"type": "string"}, "currency": {"type": "string"}},
            "required": ["amount", "currency"],
        }),
        Type::List { of } => json!({"type": "array", "items": of_type(of)}),
        Type::Map { of } => json!({"type": "object", "additionalProperties": of_type(of)}),
        Type::Struct { fields, .. } => of_fields(fields),
        Type::Optional { of } => return optional(of_type(of)),
        Type::Json | Type::Artifact { .. } | Type::Table { .. } | Type::RunStatus | Type::TaskConfig => json!({}),
    };
    match schema {
        Json::Object(schema) => schema,
        _ => Map::new(),
    }
}

fn of_fields(fields: &[Field]) -> Json {
    let properties: Map<String, Json> =
        fields.iter().map(|field| (field.name.clone(), Json::Object(of_type(&field.ty)))).collect();
    let needed = fields.iter().filter(|field| !field.optional && !matches!(field.ty, Type::Optional { .. }));
    let required: Vec<&str> = needed.map(|field| field.name.as_str()).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn optional(mut schema: Map<String, Json>) -> Map<String, Json> {
    if let Some(ty) = schema.get("type").cloned() {
        schema.insert("type".to_owned(), json!(["null", ty]));
    }
    if let Some(Json::Array(variants)) = schema.get_mut("enum") {
        variants.push(Json::Null);
    }
    schema
}

/// A condition on `it` as JSON Schema, where JSON Schema can say it.
fn condition(expr: &Expr, ty: &Type) -> Option<Map<String, Json>> {
    let schema = match &expr.kind {
        ExprKind::Literal { value: Json::Bool(true) } => json!({}),
        ExprKind::Not { operand } => json!({"not": condition(operand, ty)?}),
        ExprKind::Binary { operator: Operator::And, left, right } => {
            let (left, right) = (condition(left, ty)?, condition(right, ty)?);
            if left.keys().any(|key| right.contains_key(key)) {
                json!({"allOf": [left, right]})
            } else {
                Json::Object(left.into_iter().chain(right).collect())
            }
        }
        ExprKind::Binary { operator: Operator::Or, left, right } => {
            json!({"anyOf": [condition(left, ty)?, condition(right, ty)?]})
        }
        ExprKind::Between { operand, low, high, inclusive } => {
            let below = if *inclusive { Operator::LessOrEqual } else { Operator::Less };
            let mut both = bound(operand, Operator::GreaterOrEqual, low.as_literal()?, ty)?;
            both.extend(bound(operand, below, high.as_literal()?, ty)?);
            Json::Object(both)
        }
        ExprKind::Binary { operator, left, right } => match (left.as_literal(), right.as_literal()) {
            (None, Some(value)) => Json::Object(bound(left, *operator, value, ty)?),
            (Some(value), None) => Json::Object(bound(right, mirrored(*operator)?, value, ty)?),
            _ => return None,
        },
        _ => return None,
    };
    match schema {
        Json::Object(schema) => Some(schema),
        _ => None,
    }
}

fn mirrored(operator: Operator) -> Option<Operator> {
    Some(match operator {
        Operator::Less => Operator::Greater,
        Operator::LessOrEqual => Operator::GreaterOrEqual,
        Operator::Greater => Operator::Less,
        Operator::GreaterOrEqual => Operator::LessOrEqual,
        Operator::Equal | Operator::NotEqual => operator,
        _ => return None,
    })
}

/// `it`, or how long it is, compared with a constant.
fn bound(of: &Expr, operator: Operator, value: &Json, ty: &Type) -> Option<Map<String, Json>> {
    let schema = match &of.kind {
        ExprKind::It => match operator {
            Operator::Equal => json!({"const": value}),
            Operator::NotEqual => json!({"not": {"const": value}}),
            Operator::In => json!({"enum": value.as_array()?}),
            Operator::Matches => json!({"pattern": format!("^(?:{})$", value.as_str()?)}),
            _ if !value.is_number() => return None,
            Operator::Less => json!({"exclusiveMaximum": value}),
            Operator::LessOrEqual => json!({"maximum": value}),
            Operator::Greater => json!({"exclusiveMinimum": value}),
            Operator::GreaterOrEqual => json!({"minimum": value}),
            _ => return None,
        },
        ExprKind::Length { of } if matches!(of.kind, ExprKind::It) => {
            let (least, most) = match ty.required() {
                Type::List { .. } => ("minItems", "maxItems"),
                Type::Map { .. } => ("minProperties", "maxProperties"),
                _ => ("minLength", "maxLength"),
            };
            let count = value.as_i64()?;
            match operator {
                Operator::Less => json!({most: count - 1}),
                Operator::LessOrEqual => json!({most: count}),
                Operator::Greater => json!({least: count + 1}),
                Operator::GreaterOrEqual => json!({least: count}),
                Operator::Equal => json!({least: count, most: count}),
                _ => return None,
            }
        }
        _ => return None,
    };
    match schema {
        Json::Object(schema) => Some(schema),
        _ => None,
    }
}
