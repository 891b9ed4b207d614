//! From the plan to the module.

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::known;
use super::model::{Expected, Module, Run, Validation, Values, Variable};
use super::platform::{Generated, generated};
use super::predicate::{condition, speaks_of_none};
use super::refused::refused;
use super::types::{constraint, demand, unless_null};
use super::within::everywhere;
use crate::diagnostics::{Diagnostic, report};
use crate::emit::header;
use crate::plan::{Plan, Predicate, Type, Variable as Planned};
use crate::text::hcl::{Expr, Operator};

/// Names that Terraform keeps for itself.
const RESERVED: [&str; 8] =
    ["count", "depends_on", "for_each", "lifecycle", "locals", "providers", "source", "version"];

pub(super) fn lower(plan: &Plan) -> (Module, Vec<Diagnostic>) {
    let generated = generated(plan);
    let mut diagnostics = Vec::new();
    let mut declared = Vec::new();
    for planned in &plan.variables {
        match name_problem(planned, &generated) {
            Some(problem) => diagnostics.push(problem),
            None => declared.extend(variable(plan, planned, &mut diagnostics).map(|variable| (planned, variable))),
        }
    }
    let values = plan.environments.iter().enumerate();
    let values: Vec<Values> = values.map(|(index, _)| self::values(plan, index, &declared, &generated)).collect();
    let runs = runs(&declared, &values);
    let mut variables = vec![environment(plan)];
    variables.extend(declared.into_iter().map(|(_, variable)| variable));
    variables.extend(generated.into_iter().map(|generated| generated.variable));
    close(&mut variables);
    let header = header(plan, "main.mlp");
    let locals = vec![(known::LOCAL, known::file())];
    (Module { header, required_version: ">= 1.11.0, < 2.0.0", locals, variables, values, runs }, diagnostics)
}

/// What a values file says is of a variable and of its type, or refused.
fn close(variables: &mut [Variable]) {
    let names = known::variables(variables.iter().map(|variable| variable.name.as_str()));
    for variable in variables.iter_mut() {
        let attributes = known::attributes(variable);
        variable.preconditions.extend(attributes);
    }
    variables[0].preconditions.push(names);
}

fn environment(plan: &Plan) -> Variable {
    let names: Vec<&str> = plan.environments.iter().map(|environment| environment.name.as_str()).collect();
    let value = Expr::name("var").dot("environment");
    let known = Expr::call("contains", [Expr::json(&json!(names)), value.clone()]);
    let message = vec![
        Expr::text(format!("environment must be one of {}, not ", names.join(", "))),
        Expr::call("jsonencode", [value]),
        Expr::text("."),
    ];
    Variable {
        name: "environment".to_owned(),
        description: "The environment that the values are of.".to_owned(),
        ty: Expr::name("string"),
        default: None,
        nullable: false,
        validations: vec![Validation { condition: known, message: Expr::Template(message) }],
        preconditions: Vec::new(),
    }
}

fn name_problem(planned: &Planned, generated: &[Generated]) -> Option<Diagnostic> {
    let name = planned.name.as_str();
    let why = if RESERVED.contains(&name) {
        "Terraform keeps this name for itself"
    } else if name == "environment" || generated.iter().any(|generated| generated.variable.name == name) {
        "mlp itself writes a variable of this name, which says what the platform needs of the environment"
    } else {
        return None;
    };
    let message = format!("Terraform can have no variable with the name `{name}`");
    Some(report::terraform_reserved_name(planned.span, message).here(why).help("give it another name"))
}

fn variable(plan: &Plan, planned: &Planned, diagnostics: &mut Vec<Diagnostic>) -> Option<Variable> {
    let Some(ty) = constraint(&planned.ty) else {
        let message = format!("Terraform cannot hold a {}, which `{}` is", planned.ty, planned.name);
        diagnostics.push(report::terraform_cannot_say(planned.span, message).help("use a type of plain values"));
        return None;
    };
    let unbound =
        planned.default.is_none() && plan.environments.iter().any(|it| !it.variables.contains_key(&planned.name));
    let nullable = unbound || matches!(planned.ty, Type::Optional { .. });
    let value = Expr::name("var").dot(&planned.name);
    let mut validations = Vec::new();
    if unbound {
        validations.extend(needed(plan, planned, &value));
    }
    validations.extend(demand(&value, planned.ty.required(), 0).map(|demand| {
        let condition = if nullable { unless_null(&value, demand) } else { demand };
        Validation { condition, message: complaint(planned, &value, &format!("be of the type {}", planned.ty)) }
    }));
    for predicate in &planned.predicates {
        match bound(planned, predicate, &value, nullable) {
            Ok(validation) => validations.push(validation),
            Err(why) => diagnostics.push(unsayable(planned, predicate, why)),
        }
    }
    for inner in &planned.inner {
        match everywhere(inner, &value, &planned.ty) {
            Ok(condition) => {
                let must = format!("satisfy, in its parts: {}", inner.predicate.text);
                validations.push(Validation { condition, message: complaint(planned, &value, &must) });
            }
            Err(why) => diagnostics.push(unsayable(planned, &inner.predicate, why)),
        }
    }
    let default = planned.default.clone().or_else(|| nullable.then_some(Value::Null));
    let description = planned.description.clone().unwrap_or_else(|| format!("`{}`.", planned.name));
    let (name, preconditions) = (planned.name.clone(), Vec::new());
    Some(Variable { name, description, ty, default, nullable, validations, preconditions })
}

fn bound(planned: &Planned, predicate: &Predicate, value: &Expr, nullable: bool) -> Result<Validation, &'static str> {
    let holds = condition(&predicate.condition, value)?;
    let guarded = nullable && !speaks_of_none(&predicate.condition);
    let condition = if guarded { unless_null(value, holds) } else { holds };
    Ok(Validation { condition, message: complaint(planned, value, &format!("satisfy: {}", predicate.text)) })
}

/// An environment without the variable may leave it out; the others may not.
fn needed(plan: &Plan, planned: &Planned, value: &Expr) -> Option<Validation> {
    let bound = plan.environments.iter().filter(|environment| environment.variables.contains_key(&planned.name));
    let bound: Vec<&str> = bound.map(|environment| environment.name.as_str()).collect();
    let given = Expr::binary(Operator::NotEqual, value.clone(), Expr::Null);
    let here = Expr::call("contains", [Expr::json(&json!(bound)), Expr::name("var").dot("environment")]);
    let condition = Expr::binary(Operator::Or, given, Expr::negate(here));
    let message = Expr::text(format!("{} must be given in {}.", planned.name, bound.join(", ")));
    (!bound.is_empty()).then_some(Validation { condition, message })
}

fn complaint(planned: &Planned, value: &Expr, must: &str) -> Expr {
    let begin = Expr::text(format!("{} must {must}, not ", planned.name));
    Expr::Template(vec![begin, Expr::call("jsonencode", [value.clone()]), Expr::text(".")])
}

fn unsayable(planned: &Planned, predicate: &Predicate, why: &str) -> Diagnostic {
    let message = format!("Terraform cannot check `{}` of `{}`", predicate.text, planned.name);
    report::terraform_cannot_say(planned.span, message)
        .here(why)
        .help("bound it by comparisons, `in`, `matches` and `length` of constants")
}

fn values(plan: &Plan, index: usize, declared: &[(&Planned, Variable)], generated: &[Generated]) -> Values {
    let environment = &plan.environments[index];
    let mut values = IndexMap::from([("environment".to_owned(), json!(environment.name))]);
    for (planned, _) in declared {
        if let Some(value) = environment.variables.get(&planned.name) {
            values.insert(planned.name.clone(), value.clone());
        }
    }
    for generated in generated {
        if let Some(value) = generated.values.get(index).filter(|value| !value.is_null()) {
            values.insert(generated.variable.name.clone(), value.clone());
        }
    }
    Values { environment: environment.name.clone(), values }
}

/// Each environment's values pass; an unknown environment and a value out of bounds do not.
fn runs(declared: &[(&Planned, Variable)], values: &[Values]) -> Vec<Run> {
    let mut runs: Vec<Run> = values
        .iter()
        .map(|values| Run {
            name: format!("passes_{}", values.environment),
            variables: values.values.keys().map(|name| (name.clone(), from_file(values, name))).collect(),
            expected: Expected::Passes(values.environment.clone()),
        })
        .collect();
    if let Some(first) = values.first() {
        runs.push(refuses(first, "environment", 1, &json!("no such environment")));
    }
    for (planned, variable) in declared {
        let bound = values.iter().find(|values| values.values.contains_key(&variable.name)).or(values.first());
        let Some(values) = bound else { continue };
        for (index, value) in refused(planned, values.values.get(&variable.name)).iter().enumerate() {
            runs.push(refuses(values, &variable.name, index + 1, value));
        }
    }
    runs
}

/// The values with another one in one place; `number` counts what is wrong with that variable.
fn refuses(values: &Values, variable: &str, number: usize, value: &Value) -> Run {
    let others = values.values.keys().filter(|name| *name != variable);
    let others = others.map(|name| (name.clone(), from_file(values, name)));
    let given = others.chain([(variable.to_owned(), Expr::json(value))]);
    Run {
        name: if number == 1 { format!("refuses_{variable}") } else { format!("refuses_{variable}_{number}") },
        variables: given.collect(),
        expected: Expected::Refuses(variable.to_owned()),
    }
}

fn from_file(values: &Values, name: &str) -> Expr {
    let text = Expr::call("file", [Expr::text(values.file())]);
    Expr::call("jsondecode", [text]).dot(name)
}
