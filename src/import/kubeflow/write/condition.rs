//! Conditions as text.

use super::Writer;
use super::value::Place;
use crate::import::kubeflow::flow::{Cel, Sign};
use crate::import::kubeflow::lang;

/// How tightly an operator binds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tight {
    Coalesce,
    Or,
    And,
    Not,
    Comparison,
    Sum,
    Operand,
}

impl<'a> Writer<'a, '_> {
    /// A condition in the head of an `if`.
    pub(super) fn condition(&mut self, place: Place<'_, 'a>, cel: &Cel<'a>) -> String {
        self.cel(place, cel, Tight::Coalesce)
    }

    fn cel(&mut self, place: Place<'_, 'a>, cel: &Cel<'a>, around: Tight) -> String {
        let (text, own) = match cel {
            Cel::Value(value) => (self.reference(place, value), Tight::Operand),
            Cel::Name(name) | Cel::Given(name) => (lang::name(name), Tight::Operand),
            Cel::Text(letters) => (lang::text(letters), Tight::Operand),
            Cel::Number(number) => (number.clone(), Tight::Operand),
            Cel::Bool(value) => (value.to_string(), Tight::Operand),
            Cel::Null | Cel::NullType => ("none".to_owned(), Tight::Operand),
            Cel::Int(inner) | Cel::Double(inner) | Cel::Type(inner) => return self.cel(place, inner, around),
            Cel::Group(inner) => return self.cel(place, inner, around),
            Cel::Not(inner) => (format!("not {}", self.cel(place, inner, Tight::Not)), Tight::Not),
            Cel::Size(inner) => (format!("{}.length", self.cel(place, inner, Tight::Operand)), Tight::Operand),
            Cel::Matches(inner, pattern) => {
                (format!("{} matches {}", self.cel(place, inner, Tight::Sum), lang::text(pattern)), Tight::Comparison)
            }
            Cel::List(items) => {
                let items: Vec<String> = items.iter().map(|item| self.cel(place, item, Tight::Coalesce)).collect();
                (format!("[{}]", items.join(", ")), Tight::Operand)
            }
            Cel::Index(of, index) => {
                let of = self.cel(place, of, Tight::Operand);
                match &**index {
                    Cel::Text(key) if lang::name(key) == *key => (format!("{of}.{key}"), Tight::Operand),
                    index => (format!("{of}[{}]", self.cel(place, index, Tight::Coalesce)), Tight::Operand),
                }
            }
            Cel::Choice(_, default, value) => {
                let value = self.cel(place, value, Tight::Or);
                (format!("{value} ?? {}", self.cel(place, default, Tight::Or)), Tight::Coalesce)
            }
            // A value of the run that is true says so by itself.
            Cel::Binary(Sign::Equal, left, right)
                if matches!((&**left, &**right), (Cel::Value(_), Cel::Bool(true))) =>
            {
                (self.cel(place, left, Tight::Operand), Tight::Operand)
            }
            Cel::Binary(sign, left, right) => {
                let (word, own, inner) = match sign {
                    Sign::Or => ("or", Tight::Or, Tight::Or),
                    Sign::And => ("and", Tight::And, Tight::And),
                    Sign::Equal => ("==", Tight::Comparison, Tight::Sum),
                    Sign::NotEqual => ("!=", Tight::Comparison, Tight::Sum),
                    Sign::Less => ("<", Tight::Comparison, Tight::Sum),
                    Sign::LessOrEqual => ("<=", Tight::Comparison, Tight::Sum),
                    Sign::Greater => (">", Tight::Comparison, Tight::Sum),
                    Sign::GreaterOrEqual => (">=", Tight::Comparison, Tight::Sum),
                    Sign::In => ("in", Tight::Comparison, Tight::Sum),
                    Sign::Add => ("+", Tight::Sum, Tight::Sum),
                };
                let left = self.cel(place, left, inner);
                let tighter = if inner == Tight::Sum { Tight::Operand } else { inner };
                (format!("{left} {word} {}", self.cel(place, right, tighter)), own)
            }
        };
        if own < around { format!("({text})") } else { text }
    }
}
