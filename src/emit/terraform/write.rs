//! The module's files.

use serde_json::Value;

use super::model::{Expected, Module, Run, Validation, Values, Variable};
use crate::emit::Files;
use crate::text::hcl::{self, Body, Expr};

const TARGET: &str = "terraform";

pub(super) fn write(module: &Module) -> Files {
    let mut files = Files::default();
    let begin = || Body::default().comment(&module.header);
    let mut add = |path: &str, body: &Body| files.add(TARGET, format!("terraform/{path}"), hcl::write(body));

    let terraform = Body::default().attribute("required_version", Expr::text(module.required_version));
    add("versions.tf", &begin().block("terraform", [], terraform));
    add("variables.tf", &module.variables.iter().fold(begin(), variable));
    let locals = module.locals.iter().fold(Body::default(), |body, (name, value)| body.attribute(*name, value.clone()));
    add("outputs.tf", &module.variables.iter().fold(begin().block("locals", [], locals), output));
    add("tests/environments.tftest.hcl", &module.runs.iter().fold(begin(), run));
    for values in &module.values {
        files.add(TARGET, format!("terraform/{}", values.file()), self::values(&module.header, values));
    }
    files
}

fn variable(file: Body, variable: &Variable) -> Body {
    let mut body = Body::default()
        .attribute("description", Expr::text(&variable.description))
        .attribute("type", variable.ty.clone());
    if let Some(default) = &variable.default {
        body = body.attribute("default", Expr::json(default));
    }
    if !variable.nullable {
        body = body.attribute("nullable", Expr::Bool(false));
    }
    let body = conditions(body, "validation", &variable.validations);
    file.block("variable", [variable.name.as_str()], body)
}

fn conditions(body: Body, kind: &str, conditions: &[Validation]) -> Body {
    conditions.iter().fold(body, |body, validation| {
        let inner = Body::default()
            .attribute("condition", validation.condition.clone())
            .attribute("error_message", validation.message.clone());
        body.block(kind, [], inner)
    })
}

fn output(file: Body, variable: &Variable) -> Body {
    let body = Body::default()
        .attribute("description", Expr::text(&variable.description))
        .attribute("value", Expr::name("var").dot(&variable.name));
    let body = conditions(body, "precondition", &variable.preconditions);
    file.block("output", [variable.name.as_str()], body)
}

fn run(file: Body, run: &Run) -> Body {
    let given = run.variables.iter().fold(Body::default(), |body, (name, value)| body.attribute(name, value.clone()));
    let body = Body::default().attribute("command", Expr::name("plan")).block("variables", [], given);
    let body = match &run.expected {
        Expected::Passes(environment) => {
            let same =
                Expr::binary(hcl::Operator::Equal, Expr::name("output").dot("environment"), Expr::text(environment));
            let message = Expr::text(format!("These are not the values of {environment}."));
            body.block("assert", [], Body::default().attribute("condition", same).attribute("error_message", message))
        }
        Expected::Refuses(variable) => {
            body.attribute("expect_failures", Expr::List(vec![Expr::name("var").dot(variable)]))
        }
    };
    file.block("run", [run.name.as_str()], body)
}

/// JSON; Terraform passes over a `//` key of a values file.
fn values(header: &str, values: &Values) -> String {
    let mut object = serde_json::Map::new();
    object.insert("//".to_owned(), Value::String(header.to_owned()));
    object.extend(values.values.iter().map(|(name, value)| (name.clone(), value.clone())));
    format!("{:#}\n", Value::Object(object))
}
