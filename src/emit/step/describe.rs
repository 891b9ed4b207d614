//! The JSON that tells the runner what to start: the value of `--step`.
//!
//! Types and conditions are the plan's own, without what only a reader of the plan needs.

use serde_json::{Value, json};

use super::Delivery;
use crate::plan::{Expr, ExprKind, Field, Parameter, Predicate, Run, Task, Type};
use crate::text::json::inert;

/// What the runner must know to start a task that is given its inputs so.
pub fn describe(task: &Task, pipeline: &str, delivery: &Delivery) -> String {
    let mut step = json!({"task": task.id, "step": task.step, "pipeline": pipeline});
    if let Run::Python { file, function, sha256 } = &task.run {
        step["file"] = json!(file);
        step["function"] = json!(function);
        step["sha256"] = json!(sha256);
    }
    if let Run::Gate { text } = &task.run {
        let told = delivery.delivered.iter().map(|(name, value)| (name.clone(), json!(value.to_string())));
        step["gate"] = json!(text);
        step["told"] = told.collect();
    }
    if task.recorded {
        step["recorded"] = json!(true);
        if !task.stub.is_empty() {
            step["stub"] = json!(task.stub);
        }
    }
    let input = |(name, input): (&String, &crate::plan::Input)| {
        let mut one = described(name, &input.ty, &input.predicates, &[]);
        if let Some(value) = delivery.composed.get(name) {
            one["value"] = describe_expr(value);
        }
        one
    };
    step["inputs"] = task.inputs.iter().map(input).collect();
    let outputs = task.outputs.iter().map(|one| json!({"name": one.name, "type": describe_type(&one.ty)}));
    step["outputs"] = outputs.collect();
    inert(&step)
}

/// What the runner must know to check parameters before anything starts.
pub fn check(pipeline: &str, parameters: &[&Parameter]) -> String {
    let input = |one: &&Parameter| described(&one.name, &one.ty, &one.predicates, &one.item_predicates);
    let inputs: Vec<Value> = parameters.iter().map(input).collect();
    inert(&json!({"step": "the parameters", "pipeline": pipeline, "inputs": inputs, "outputs": []}))
}

fn described(name: &str, ty: &Type, predicates: &[Predicate], of_items: &[Predicate]) -> Value {
    let mut one = json!({"name": name, "type": describe_type(ty)});
    for (key, predicates) in [("predicates", predicates), ("item_predicates", of_items)] {
        if !predicates.is_empty() {
            let predicate = |one: &Predicate| json!({"text": one.text, "condition": describe_expr(&one.condition)});
            one[key] = predicates.iter().map(predicate).collect();
        }
    }
    one
}

/// A type as the runner reads it.
pub fn describe_type(ty: &Type) -> Value {
    let simple = |kind: &str| json!({"kind": kind});
    match ty {
        Type::Bool => simple("bool"),
        Type::Int => simple("int"),
        Type::Float => simple("float"),
        Type::Percent => simple("percent"),
        Type::Duration => simple("duration"),
        Type::Size => simple("size"),
        Type::String => simple("string"),
        Type::Uri => simple("uri"),
        Type::Timestamp => simple("timestamp"),
        Type::Cron => simple("cron"),
        Type::Money => simple("money"),
        Type::Json => simple("json"),
        Type::RunStatus => simple("run_status"),
        Type::TaskConfig => simple("json"),
        Type::Enum { name, variants } => json!({"kind": "enum", "name": name, "variants": variants}),
        Type::List { of } => json!({"kind": "list", "of": describe_type(of)}),
        Type::Map { of } => json!({"kind": "map", "of": describe_type(of)}),
        Type::Optional { of } => json!({"kind": "optional", "of": describe_type(of)}),
        Type::Struct { name, fields } => {
            json!({"kind": "struct", "name": name, "fields": fields.iter().map(field).collect::<Value>()})
        }
        Type::Artifact { name, title, .. } => json!({"kind": "artifact", "name": name, "title": title}),
        Type::Table { schema, .. } => json!({"kind": "table", "name": schema}),
    }
}

fn field(field: &Field) -> Value {
    let mut one = json!({"name": field.name, "type": describe_type(&field.ty)});
    if field.optional {
        one["optional"] = json!(true);
    }
    one
}

/// An expression as the runner reads it.
pub fn describe_expr(expr: &Expr) -> Value {
    let boxed = |part: &Expr| describe_expr(part);
    match &expr.kind {
        ExprKind::Literal { value } => json!({"is": "literal", "type": describe_type(&expr.ty), "value": value}),
        ExprKind::Parameter { name } => json!({"is": "parameter", "type": describe_type(&expr.ty), "name": name}),
        ExprKind::It => json!({"is": "it"}),
        ExprKind::Field { of, name } => {
            json!({"is": "field", "type": describe_type(&expr.ty), "of": boxed(of), "name": name})
        }
        ExprKind::Length { of } => json!({"is": "length", "type": describe_type(&expr.ty), "of": boxed(of)}),
        ExprKind::Text { parts } => {
            json!({"is": "text", "type": describe_type(&expr.ty), "parts": parts.iter().map(describe_expr).collect::<Value>()})
        }
        ExprKind::List { items } => {
            json!({"is": "list", "type": describe_type(&expr.ty), "items": items.iter().map(describe_expr).collect::<Value>()})
        }
        ExprKind::Record { entries } => {
            let entries: serde_json::Map<_, _> =
                entries.iter().map(|(key, entry)| (key.clone(), describe_expr(entry))).collect();
            json!({"is": "record", "type": describe_type(&expr.ty), "entries": entries})
        }
        ExprKind::Not { operand } => json!({"is": "not", "type": describe_type(&expr.ty), "operand": boxed(operand)}),
        ExprKind::Binary { operator, left, right } => json!({
            "is": "binary", "type": describe_type(&expr.ty), "operator": operator, "left": boxed(left), "right": boxed(right),
        }),
        ExprKind::Between { operand, low, high, inclusive } => json!({
            "is": "between", "type": describe_type(&expr.ty), "operand": boxed(operand), "low": boxed(low),
            "high": boxed(high), "inclusive": inclusive,
        }),
        ExprKind::Keyed { .. } => unreachable!("a runner is given no map whose keys are made when it runs"),
        ExprKind::Output { .. }
        | ExprKind::Item { .. }
        | ExprKind::Status
        | ExprKind::Context { .. }
        | ExprKind::Measure { .. } => {
            unreachable!("a value of the run is delivered under a name before the runner is told of it")
        }
    }
}
