//! Values as others see them: the one place that says how a constant becomes JSON.
//!
//! In: a constant value. Out: JSON as targets, steps and tfvars read it. It refuses to know what the value is for.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value as Json, json};

use crate::model::Value;

/// A value as JSON; none for what has no JSON form (references, conditions).
pub(crate) fn json(value: &Value) -> Option<Json> {
    Some(match value {
        Value::None => Json::Null,
        Value::Bool(value) => json!(value),
        Value::Int(value) | Value::Size(value) => json!(value),
        Value::Float(value) => json!(value),
        Value::Text(text) | Value::Variant(text) | Value::Mark(text) => json!(text),
        Value::Duration(milliseconds) => json!(*milliseconds as f64 / 1000.0),
        Value::Percent(value) => json!(value.checked_div(Decimal::from(100))?.to_f64()?),
        Value::Money(amount, currency) => json!({"amount": amount.to_string(), "currency": currency}),
        Value::List(items) => Json::Array(items.iter().map(json).collect::<Option<_>>()?),
        Value::Record(fields) => {
            let fields = fields.iter().map(|(name, value)| Some((name.clone(), json(value)?)));
            Json::Object(fields.collect::<Option<_>>()?)
        }
        Value::Column(_, column) => json!(column),
        Value::Form(_)
        | Value::Unknown
        | Value::Reference(_)
        | Value::Condition(_)
        | Value::Path(_)
        | Value::Range(..) => return None,
    })
}
