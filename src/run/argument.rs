//! What a person gives for a parameter, on a line of a terminal, as a value.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::flow::Values;
use super::hold;
use crate::check::literal;
use crate::diagnostics::did_you_mean;
use crate::encode;
use crate::model::Value;
use crate::plan::{Parameter, Pipeline, Type};
use crate::source::Span;

/// Every parameter of a pipeline: what is given as `name=value`, else its default. Every fault is said.
pub fn parameters(pipeline: &Pipeline, given: &[String]) -> Result<Values, Vec<String>> {
    let (mut values, mut faults, mut named) = (Values::new(), Vec::new(), BTreeSet::new());
    for one in given {
        let name = one.split_once('=').map_or(one.as_str(), |(name, _)| name);
        if !named.insert(name) {
            faults.push(format!("`{name}` is given twice"));
            continue;
        }
        match read(pipeline, one) {
            Ok((name, value)) => drop(values.insert(name, value)),
            Err(fault) => faults.push(fault),
        }
    }
    let mut all = Values::new();
    for parameter in &pipeline.parameters {
        let name = &parameter.name;
        let optional = matches!(parameter.ty, Type::Optional { .. });
        match values.shift_remove(name).or_else(|| parameter.default.clone()) {
            Some(value) => drop(all.insert(name.clone(), value)),
            None if optional => drop(all.insert(name.clone(), Json::Null)),
            // What is wrong with it has been said.
            None if named.contains(name.as_str()) => {}
            None => faults.push(format!("`{name}` must be given: `--set {name}=…`, {}", wanted(&parameter.ty))),
        }
    }
    if faults.is_empty() { Ok(all) } else { Err(faults) }
}

fn read(pipeline: &Pipeline, given: &str) -> Result<(String, Json), String> {
    let (name, text) = given.split_once('=').ok_or_else(|| format!("`{given}` is not of the form `name=value`"))?;
    let known = || pipeline.parameters.iter().map(|parameter| parameter.name.as_str());
    let Some(parameter) = pipeline.parameters.iter().find(|parameter| parameter.name == name) else {
        let near = did_you_mean(name, known()).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        return Err(format!("`{}` has no parameter `{name}`{near}", pipeline.name));
    };
    Ok((name.to_owned(), hold(parameter, value(parameter, text)?)?))
}

fn value(parameter: &Parameter, text: &str) -> Result<Json, String> {
    if matches!(parameter.ty, Type::Optional { .. }) && text == "none" {
        return Ok(Json::Null);
    }
    match parameter.ty.required() {
        Type::String | Type::Uri | Type::Cron | Type::Timestamp | Type::Enum { .. } => Ok(Json::from(text)),
        ty => quantity(ty, text)
            .or_else(|| serde_json::from_str(text).ok())
            .ok_or_else(|| format!("`{}` is {text:?}, and {} is wanted", parameter.name, wanted(ty))),
    }
}

/// `30min`, `16GiB`, `25%`, `5USD`.
fn quantity(ty: &Type, text: &str) -> Option<Json> {
    if !matches!(ty, Type::Percent | Type::Duration | Type::Size | Type::Money) {
        return None;
    }
    encode::json(&amount(text)?)
}

/// A number and a unit, as in the language.
fn amount(text: &str) -> Option<Value> {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && !"._-".contains(letter))?;
    let (number, unit) = text.split_at(end);
    literal::quantity(number, unit, Span::default()).ok().map(|(_, value)| value)
}

/// Seconds of a duration such as `30min`, more than none.
pub fn seconds(text: &str) -> Result<f64, String> {
    let seconds = amount(text).and_then(|amount| amount.as_seconds()).filter(|seconds| *seconds > 0.0);
    seconds.ok_or_else(|| "a duration is a number and a unit: `30s`, `30min`, `2h`".to_owned())
}

fn wanted(ty: &Type) -> String {
    let example = match ty.required() {
        Type::Duration => ", such as `30min`",
        Type::Size => ", such as `16GiB`",
        Type::Percent => ", such as `25%`",
        Type::Money => ", such as `5USD`",
        Type::List { .. } => ", as JSON: `[1, 2]`",
        Type::Map { .. } | Type::Struct { .. } => ", as JSON: `{\"key\": 1}`",
        _ => "",
    };
    format!("a `{ty}`{example}")
}
