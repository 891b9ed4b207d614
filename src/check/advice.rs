//! What to do about a value that does not fit.

use super::checker::Checker;
use crate::model::Type;

/// The mend for a value of one type where another is wanted, as a sentence.
pub(super) fn for_misfit(checker: &Checker<'_>, from: &Type, to: &Type) -> Option<String> {
    let inner = match from.unrefined() {
        Type::Optional(inner) => Some(&**inner),
        _ => None,
    };
    match (from.unrefined(), to.required()) {
        (_, to) if inner.is_some_and(|inner| checker.fits(inner, to)) => {
            Some("it may be `none`: give another value for that with `??`, or ask `if … != none` first".into())
        }
        (Type::Percent, Type::Float) => Some("`ratio(25%)` is 0.25".into()),
        (Type::Int | Type::Float, Type::Percent) => Some("write it with its unit: `25%`".into()),
        (Type::Int | Type::Float, Type::Duration) => Some("write it with its unit: `30min`, `90s`, `2h`".into()),
        (Type::Int | Type::Float, Type::Size) => Some("write it with its unit: `16GiB`, `512MiB`".into()),
        (Type::Int | Type::Float, Type::Money) => Some("write it with its currency: `5USD`".into()),
        (Type::Size, Type::Duration) => Some("a duration is written `30min`, `90s`, `2h`".into()),
        (Type::Duration, Type::Size) => Some("a size is written `16GiB`, `512MiB`".into()),
        (Type::String, Type::Secret) => Some(
            "a secret is never text: declare it with `secret NAME`, and say in each environment where it is kept"
                .into(),
        ),
        (Type::Secret, Type::String) => {
            Some("a secret is never text: give it to a step by `secrets: { NAME: the_secret }`".into())
        }
        (Type::Int | Type::Float | Type::Bool, Type::String) => Some("write it inside a text: `\"\\(value)\"`".into()),
        (Type::Float, Type::Int) => Some("only a whole number fits".into()),
        (from, Type::List(item)) if checker.fits(from, item) => Some("put it into a list: `[ … ]`".into()),
        (Type::Artifact { schemas: from, .. }, Type::Artifact { schemas: to, .. }) => {
            let missing: Vec<String> =
                from.iter().zip(to).flat_map(|(from, to)| checker.missing_columns(*from, *to)).collect();
            columns_sentence(&missing)
        }
        (Type::Table(Some(from)), Type::Table(Some(to))) => columns_sentence(&checker.missing_columns(*from, *to)),
        (Type::Record(fields), _) => {
            let names: Vec<String> = fields.iter().map(|(name, _)| format!("`.{name}`")).collect();
            Some(format!("it has several parts; name the one that is meant: {}", names.join(", ")))
        }
        _ => None,
    }
}

fn columns_sentence(missing: &[String]) -> Option<String> {
    match missing {
        [] => None,
        [one] => Some(format!("it lacks the column `{one}`, or has it with another type")),
        many => Some(format!("it lacks the columns `{}`, or has them with other types", many.join("`, `"))),
    }
}
