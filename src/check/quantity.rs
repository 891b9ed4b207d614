//! Amounts as Kubernetes writes them: `500m`, `16Gi`, `15G`.
//!
//! In: a text. Out: cores, bytes or a count; or what is wrong with it. It refuses to know where the amount is used.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Units, and what a number is multiplied by.
const UNITS: &[(&str, i64)] = &[
    ("", 1),
    ("k", 1_000),
    ("K", 1_000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("T", 1_000_000_000_000),
    ("P", 1_000_000_000_000_000),
    ("E", 1_000_000_000_000_000_000),
    ("Ki", 1 << 10),
    ("Mi", 1 << 20),
    ("Gi", 1 << 30),
    ("Ti", 1 << 40),
    ("Pi", 1 << 50),
    ("Ei", 1 << 60),
];

/// The number and the unit of a quantity.
fn parts(text: &str) -> Option<(Decimal, &str)> {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number = number.parse::<Decimal>().ok()?;
    Some((number, unit))
}

/// A quantity of any kind as a number.
pub(super) fn number(text: &str) -> Option<Decimal> {
    let (number, unit) = parts(text)?;
    if unit == "m" {
        return number.checked_div(Decimal::from(1000));
    }
    let (_, scale) = UNITS.iter().find(|(known, _)| *known == unit)?;
    number.checked_mul(Decimal::from(*scale))
}

/// Cores: `4`, `0.5`, `500m`.
pub(super) fn cores(text: &str) -> Result<f64, &'static str> {
    let wrong = "cores are a number, or thousandths with `m`: \"4\", \"500m\"";
    let (_, unit) = parts(text).ok_or(wrong)?;
    if !matches!(unit, "" | "m") {
        return Err(wrong);
    }
    number(text).and_then(|cores| cores.to_f64()).ok_or(wrong)
}

/// Bytes: `16Gi`, `15G`. A bare number would be bytes, which is never meant.
pub(super) fn bytes(text: &str) -> Result<i64, &'static str> {
    let wrong = "a size is a number and a unit: \"512Mi\", \"16Gi\", \"15G\"";
    let (_, unit) = parts(text).ok_or(wrong)?;
    if unit.is_empty() {
        return Err("without a unit this is a number of bytes: write a unit, \"512Mi\"");
    }
    if unit == "m" {
        return Err(wrong);
    }
    let bytes = number(text).ok_or(wrong)?;
    if !bytes.fract().is_zero() { Err("a size is whole bytes") } else { bytes.to_i64().ok_or(wrong) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_as_kubernetes_means_them() {
        assert_eq!([cores("4000m"), cores("0.5"), cores("16")], [Ok(4.0), Ok(0.5), Ok(16.0)]);
        assert_eq!([bytes("16Gi"), bytes("15G"), bytes("0.5Mi")], [Ok(1 << 34), Ok(15_000_000_000), Ok(1 << 19)]);
        assert!([cores("4Gi"), cores("many"), cores("")].iter().all(Result::is_err));
        assert!([bytes("512"), bytes("5m"), bytes("Gi"), bytes("1.5Q"), bytes("900Ei")].iter().all(Result::is_err));
    }
}
