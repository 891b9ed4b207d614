//! Quantities of Kubernetes as exact numbers.
//!
//! In: `"500m"`, `"16Gi"`, or a number of an older field. Out: the same number for the same quantity, however it is written.

use rust_decimal::Decimal;
use serde_json::Value as Json;

/// A quantity as a number; what is none stays as it is.
pub(super) fn exact(text: &str) -> Json {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let scale: Option<Decimal> = match unit {
        "" => Some(Decimal::ONE),
        "m" => Some(Decimal::new(1, 3)),
        "k" | "K" => Some(Decimal::from(1_000)),
        "M" => Some(Decimal::from(1_000_000)),
        "G" => Some(Decimal::from(1_000_000_000)),
        "T" => Some(Decimal::from(1_000_000_000_000_i64)),
        "P" => Some(Decimal::from(1_000_000_000_000_000_i64)),
        "E" => Some(Decimal::from(1_000_000_000_000_000_000_i64)),
        "Ki" => Some(Decimal::from(1_i64 << 10)),
        "Mi" => Some(Decimal::from(1_i64 << 20)),
        "Gi" => Some(Decimal::from(1_i64 << 30)),
        "Ti" => Some(Decimal::from(1_i64 << 40)),
        "Pi" => Some(Decimal::from(1_i64 << 50)),
        "Ei" => Some(Decimal::from(1_i64 << 60)),
        _ => None,
    };
    let number = number.parse::<Decimal>().ok();
    match number.zip(scale).and_then(|(number, scale)| number.checked_mul(scale)) {
        Some(exact) => Json::String(exact.normalize().to_string()),
        None => Json::String(text.to_owned()),
    }
}

/// A number of an older field in the unit of a newer one.
pub(super) fn old(number: f64, scale: i64) -> Json {
    match Decimal::try_from(number).ok().and_then(|number| number.checked_mul(Decimal::from(scale))) {
        Some(exact) => Json::String(exact.normalize().to_string()),
        None => Json::String(number.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_numbers() {
        assert_eq!(exact("16Gi"), old(17.179_869_184, 1_000_000_000));
        assert_eq!(exact("0.5"), exact("500m"));
        assert_eq!(exact("{{$.x}}"), Json::String("{{$.x}}".into()));
    }
}
