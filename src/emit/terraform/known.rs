//! What Terraform lets slip: it only warns of a variable that no module declares, and drops an attribute that a type does
//! not have. A condition on the values file itself finds both.

use super::model::{Validation, Variable};
use super::types::and;
use crate::text::hcl::{Expr, Operator};

/// The key of a values file that Terraform passes over: what the file is.
const COMMENT: &str = "//";

/// The local value that holds what the file says.
pub(super) const LOCAL: &str = "said";

/// The values file of `var.environment` names no other variable than these.
pub(super) fn variables<'a>(names: impl IntoIterator<Item = &'a str>) -> Validation {
    let names = names.into_iter().chain([COMMENT]).map(Expr::text).collect();
    let strange = Expr::call("setsubtract", [Expr::call("keys", [said()]), Expr::List(names)]);
    let message = Expr::Template(vec![
        environment(),
        Expr::text(".tfvars.json has values of no variable: "),
        Expr::call("join", [Expr::text(", "), strange.clone()]),
        Expr::text("."),
    ]);
    Validation { condition: none(strange), message }
}

/// The variable's value in the values file of `var.environment` has no attribute that its type does not have.
pub(super) fn attributes(variable: &Variable) -> Option<Validation> {
    let condition = of_type(&variable.ty, &said().dot(&variable.name), 0)?;
    let message = Expr::Template(vec![
        Expr::text(format!("{} has, in ", variable.name)),
        environment(),
        Expr::text(".tfvars.json, an attribute that its type does not have."),
    ]);
    Some(Validation { condition, message })
}

/// What the attributes below a value must keep to; none where its type has none.
fn of_type(ty: &Expr, value: &Expr, depth: usize) -> Option<Expr> {
    let Expr::Call(constructor, arguments) = ty else { return None };
    match (constructor.as_str(), arguments.first()?) {
        ("optional", of) => of_type(of, value, depth),
        ("list" | "map", of) => {
            let name = format!("part_{}", depth + 1);
            let each = of_type(of, &Expr::name(&name), depth + 1)?;
            let each = Expr::For { name, source: Box::new(value.clone()), value: Box::new(each) };
            Some(holds(Expr::call("alltrue", [each])))
        }
        ("object", Expr::Object(fields)) => {
            let names = fields.iter().map(|(name, _)| Expr::text(name)).collect();
            let here = none(Expr::call("setsubtract", [Expr::call("keys", [value.clone()]), Expr::List(names)]));
            let below = fields.iter().filter_map(|(name, ty)| of_type(ty, &value.clone().dot(name), depth));
            Some(below.fold(holds(here), and))
        }
        _ => None,
    }
}

/// What is not there, or of another shape, is for the type to refuse.
fn holds(condition: Expr) -> Expr {
    Expr::call("try", [condition, Expr::Bool(true)])
}

fn none(of: Expr) -> Expr {
    Expr::binary(Operator::Equal, Expr::call("length", [of]), Expr::Number("0".to_owned()))
}

/// What the values file of `var.environment` says, read once; where there is none, nothing.
pub(super) fn file() -> Expr {
    let below = Expr::name("path").dot("module");
    let path = Expr::Template(vec![below, Expr::text("/"), environment(), Expr::text(".tfvars.json")]);
    let read = Expr::call("jsondecode", [Expr::call("file", [path])]);
    Expr::call("try", [read, Expr::Object(Vec::new())])
}

fn said() -> Expr {
    Expr::name("local").dot(LOCAL)
}

fn environment() -> Expr {
    Expr::name("var").dot("environment")
}
