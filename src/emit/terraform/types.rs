//! Plan types as Terraform's, and what a type demands that Terraform's does not.

use crate::plan::Type;
use crate::text::hcl::{Expr, Operator};

/// The largest whole number that JSON carries exactly.
const LARGEST: &str = "9007199254740991";

/// The type constraint; none for what is no value.
pub(super) fn constraint(ty: &Type) -> Option<Expr> {
    Some(match ty {
        Type::Bool => Expr::name("bool"),
        Type::Int | Type::Float | Type::Percent | Type::Duration | Type::Size => Expr::name("number"),
        Type::String | Type::Uri | Type::Timestamp | Type::Cron | Type::Enum { .. } => Expr::name("string"),
        Type::Money => object([("amount", Expr::name("string")), ("currency", Expr::name("string"))]),
        Type::Json => Expr::name("any"),
        Type::List { of } | Type::Map { of } if holds_json(of) => {
            constraint(of)?;
            Expr::name("any")
        }
        Type::List { of } => Expr::call("list", [constraint(of)?]),
        Type::Map { of } => Expr::call("map", [constraint(of)?]),
        Type::Optional { of } => constraint(of)?,
        Type::Struct { fields, .. } => {
            let fields = fields.iter().map(|field| {
                let ty = constraint(&field.ty)?;
                let may_be_left_out = field.optional || matches!(field.ty, Type::Optional { .. });
                Some((field.name.as_str(), if may_be_left_out { Expr::call("optional", [ty]) } else { ty }))
            });
            object(fields.collect::<Option<Vec<_>>>()?)
        }
        Type::Artifact { .. } | Type::Table { .. } | Type::RunStatus | Type::TaskConfig => return None,
    })
}

/// Terraform wants all items of a typed list alike: items of any kind are held by `any` alone.
fn holds_json(ty: &Type) -> bool {
    match ty {
        Type::Json => true,
        Type::List { of } | Type::Map { of } | Type::Optional { of } => holds_json(of),
        Type::Struct { fields, .. } => fields.iter().any(|field| holds_json(&field.ty)),
        _ => false,
    }
}

/// `object({ … })`
pub(super) fn object<'a>(fields: impl IntoIterator<Item = (&'a str, Expr)>) -> Expr {
    Expr::call("object", [Expr::Object(fields.into_iter().map(|(name, ty)| (name.to_owned(), ty)).collect())])
}

/// What must hold of a value of the type beside Terraform's own check.
pub(super) fn demand(value: &Expr, ty: &Type, depth: usize) -> Option<Expr> {
    match ty {
        Type::Int | Type::Size => Some(whole(value)),
        Type::Enum { variants, .. } => {
            let variants = Expr::List(variants.iter().map(Expr::text).collect());
            Some(Expr::call("contains", [variants, value.clone()]))
        }
        Type::Timestamp => Some(Expr::call("can", [Expr::call("formatdate", [Expr::text("YYYY"), value.clone()])])),
        Type::Money => Some(and(
            matches(r"-?[0-9]+(?:\.[0-9]+)?", value.clone().dot("amount")),
            matches("[A-Z]{3}", value.clone().dot("currency")),
        )),
        Type::List { of } | Type::Map { of } => {
            let name = if depth == 0 { "item".to_owned() } else { format!("item_{}", depth + 1) };
            let demand = demand(&Expr::name(&name), of, depth + 1)?;
            let each = Expr::For { name, source: Box::new(value.clone()), value: Box::new(demand) };
            Some(Expr::call("alltrue", [each]))
        }
        Type::Optional { of } => demand(value, of, depth).map(|demand| unless_null(value, demand)),
        Type::Struct { fields, .. } => {
            let demands = fields.iter().filter_map(|field| {
                let value = value.clone().dot(&field.name);
                let demand = demand(&value, field.ty.required(), depth)?;
                let guarded = field.optional || matches!(field.ty, Type::Optional { .. });
                Some(if guarded { unless_null(&value, demand) } else { demand })
            });
            demands.reduce(and)
        }
        _ => None,
    }
}

/// `value == null ? true : condition`: `||` would look at both sides.
pub(super) fn unless_null(value: &Expr, condition: Expr) -> Expr {
    let missing = Expr::binary(Operator::Equal, value.clone(), Expr::Null);
    Expr::choose(missing, Expr::Bool(true), condition)
}

/// Whether the whole text matches.
pub(super) fn matches(pattern: &str, text: Expr) -> Expr {
    Expr::call("can", [Expr::call("regex", [Expr::text(format!(r"\A(?:{pattern})\z")), text])])
}

/// `a && b`
pub(super) fn and(a: Expr, b: Expr) -> Expr {
    Expr::binary(Operator::And, a, b)
}

fn whole(value: &Expr) -> Expr {
    let floor = Expr::call("floor", [value.clone()]);
    let size = Expr::call("abs", [value.clone()]);
    and(
        Expr::binary(Operator::Equal, floor, value.clone()),
        Expr::binary(Operator::LessOrEqual, size, Expr::Number(LARGEST.to_owned())),
    )
}
