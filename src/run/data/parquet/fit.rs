//! Whether what a column holds can be of a type at all, before any value is looked at.

use super::kind::Kind;
use super::shape::Shape;
use crate::plan::Type;

/// What a column holds in place of a type; nothing where it may be of it.
pub(super) fn misfit(ty: &Type, shape: &Shape) -> Option<&'static str> {
    match (ty.required(), shape) {
        (_, Shape::Optional(_, of)) => misfit(ty, of),
        (_, Shape::Leaf(_, Kind::Nothing)) => None,
        (Type::Bool, Shape::Leaf(_, Kind::Truth)) => None,
        (
            Type::Int | Type::Size | Type::Float | Type::Percent | Type::Duration,
            Shape::Leaf(_, Kind::Whole | Kind::Unsigned | Kind::Float | Kind::Half | Kind::Decimal(_)),
        ) => None,
        (Type::String | Type::Uri | Type::Cron | Type::Enum { .. } | Type::Timestamp, Shape::Leaf(_, Kind::Text)) => {
            None
        }
        (Type::Timestamp, Shape::Leaf(_, Kind::Moment(_))) => None,
        (
            Type::Money | Type::List { .. } | Type::Map { .. } | Type::Struct { .. } | Type::Json,
            Shape::Leaf(_, Kind::Json),
        ) => None,
        (Type::List { of }, Shape::List(_, item)) => misfit(of, item),
        (Type::Map { of }, Shape::Map(_, key, value)) => misfit(&Type::String, key).or_else(|| misfit(of, value)),
        (Type::Map { of }, Shape::Group(fields)) => fields.iter().find_map(|(_, field)| misfit(of, field)),
        (Type::Struct { fields, .. }, Shape::Group(held)) => fields.iter().find_map(|field| {
            let held = held.iter().find(|(name, _)| *name == field.name);
            held.and_then(|(_, held)| misfit(&field.ty, held))
        }),
        (Type::Money, Shape::Group(_)) | (Type::Json, _) => unlike_json(shape),
        _ => Some(shape.noun()),
    }
}

/// What is in it that JSON does not have.
fn unlike_json(shape: &Shape) -> Option<&'static str> {
    let unlike = |kind: &Kind| matches!(kind, Kind::Moment(_) | Kind::Other(_));
    shape.leaves().into_iter().map(|(_, kind)| kind).find(unlike).map(Kind::noun)
}
