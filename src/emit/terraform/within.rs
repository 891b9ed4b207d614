//! Predicates on parts of a value: on each item, on a field, however deep.

use super::predicate::{Unsayable, condition, speaks_of_none};
use super::types::unless_null;
use crate::plan::{InnerPredicate, Part, Type};
use crate::text::hcl::Expr;

/// The condition on the whole value that says the predicate of its parts.
pub(super) fn everywhere(inner: &InnerPredicate, value: &Expr, ty: &Type) -> Result<Expr, Unsayable> {
    reach(&inner.path, inner, value, ty, 0)
}

fn reach(path: &[Part], inner: &InnerPredicate, value: &Expr, ty: &Type, depth: usize) -> Result<Expr, Unsayable> {
    let Some((part, rest)) = path.split_first() else {
        let holds = condition(&inner.predicate.condition, value)?;
        let spared = matches!(ty, Type::Optional { .. }) && !speaks_of_none(&inner.predicate.condition);
        return Ok(if spared { unless_null(value, holds) } else { holds });
    };
    let holds = match (part, ty.required()) {
        (Part::Each, Type::List { of } | Type::Map { of }) => {
            let name = format!("part_{}", depth + 1);
            let holds = reach(rest, inner, &Expr::name(&name), of, depth + 1)?;
            Expr::call("alltrue", [Expr::For { name, source: Box::new(value.clone()), value: Box::new(holds) }])
        }
        (Part::Field { name }, Type::Struct { fields, .. }) => {
            let field = fields.iter().find(|field| field.name == *name).ok_or("it is of a field that is not there")?;
            let part = value.clone().dot(name);
            let holds = reach(rest, inner, &part, &field.ty, depth)?;
            let left_out = field.optional && !matches!(field.ty, Type::Optional { .. });
            if left_out { unless_null(&part, holds) } else { holds }
        }
        _ => return Err("it is of a part that the value does not have"),
    };
    Ok(if may_be_null(ty) { unless_null(value, holds) } else { holds })
}

fn may_be_null(ty: &Type) -> bool {
    matches!(ty, Type::Optional { .. })
}
