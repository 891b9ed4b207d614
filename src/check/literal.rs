//! Numbers and quantities as written -> values.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::diagnostics::{Diagnostic, did_you_mean, report};
use crate::model::{Type, Value};
use crate::source::Span;

/// The largest whole number that survives JSON.
pub(super) const LARGEST: i64 = (1 << 53) - 1;

const DURATIONS: &[(&str, i64)] = &[("ms", 1), ("s", 1_000), ("min", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

const SIZES: &[(&str, i64)] = &[
    ("B", 1),
    ("kB", 1_000),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// A whole number.
pub(super) fn int(text: &str, span: Span) -> Result<Value, Box<Diagnostic>> {
    match text.parse::<i64>() {
        Ok(value) if value.abs() <= LARGEST => Ok(Value::Int(value)),
        _ => Err(Box::new(
            report::number_too_large(span, format!("{text} is too large for an integer"))
                .note("integers are those that survive JSON: at most 9007199254740991 (2⁵³ − 1)")
                .help("write it as a float (`1e18`), or as text if it is a name"),
        )),
    }
}

/// A number with a fraction.
pub(super) fn float(text: &str, span: Span) -> Result<Value, Box<Diagnostic>> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Value::Float(value)),
        _ => Err(Box::new(
            report::number_too_large(span, format!("{text} is too large for a float"))
                .help("the largest float is about 1.8e308"),
        )),
    }
}

/// A number and a unit.
pub(crate) fn quantity(number: &str, unit: &str, span: Span) -> Result<(Type, Value), Box<Diagnostic>> {
    let amount: Decimal = number
        .parse()
        .or_else(|_| Decimal::from_scientific(number))
        .map_err(|_| Box::new(report::number_too_large(span, format!("{number} is too large or too exact"))))?;
    if unit == "%" {
        return Ok((Type::Percent, Value::Percent(amount)));
    }
    if let Some((_, scale)) = DURATIONS.iter().find(|(name, _)| *name == unit) {
        return Ok((Type::Duration, Value::Duration(scaled(amount, *scale, "a millisecond", span)?)));
    }
    if let Some((_, scale)) = SIZES.iter().find(|(name, _)| *name == unit) {
        return Ok((Type::Size, Value::Size(scaled(amount, *scale, "a byte", span)?)));
    }
    if unit.len() == 3 && unit.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok((Type::Money, Value::Money(amount, unit.to_owned())));
    }
    Err(Box::new(unknown_unit(unit, span)))
}

fn scaled(amount: Decimal, scale: i64, smallest: &str, span: Span) -> Result<i64, Box<Diagnostic>> {
    let too_large = || {
        Box::new(
            report::number_too_large(span, "this quantity is too large").note("at most 2⁵³ − 1 of its smallest unit"),
        )
    };
    let whole = amount.checked_mul(Decimal::from(scale)).ok_or_else(too_large)?;
    if !whole.fract().is_zero() {
        return Err(Box::new(
            report::unknown_unit(span, format!("this quantity is not a whole number of {smallest}s"))
                .help(format!("{smallest} is the smallest that there is")),
        ));
    }
    whole.to_i64().filter(|value| value.abs() <= LARGEST).ok_or_else(too_large)
}

fn unknown_unit(unit: &str, span: Span) -> Diagnostic {
    let known = DURATIONS.iter().chain(SIZES).map(|(name, _)| *name);
    let diagnostic = report::unknown_unit(span, format!("`{unit}` is no unit")).note(
        "durations: ms s min h d; sizes: B KB MB GB TB KiB MiB GiB TiB; percent: %; money: three capital letters",
    );
    let meant = match unit {
        "m" | "mins" | "minute" | "minutes" => Some("min"),
        "sec" | "secs" | "second" | "seconds" => Some("s"),
        "hr" | "hrs" | "hour" | "hours" => Some("h"),
        "day" | "days" => Some("d"),
        "Gi" | "G" | "g" => Some("GiB"),
        "Mi" | "M" => Some("MiB"),
        "Ki" | "K" | "k" => Some("KiB"),
        _ => did_you_mean(unit, known),
    };
    match meant {
        Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
        None => diagnostic,
    }
}

/// A quantity as a person writes it, in the largest unit that leaves it whole.
pub(super) fn show_duration(milliseconds: i64) -> String {
    show(milliseconds, DURATIONS.iter().rev())
}

/// Likewise, of a size.
pub(super) fn show_size(bytes: i64) -> String {
    let binary = SIZES.iter().rev().filter(|(name, _)| name.ends_with("iB") || *name == "B");
    show(bytes, binary)
}

fn show<'a>(amount: i64, mut units: impl Iterator<Item = &'a (&'a str, i64)>) -> String {
    let smallest = ("", 1);
    let (name, scale) = units.find(|(_, scale)| amount != 0 && amount % scale == 0).unwrap_or(&smallest);
    match amount {
        0 => "0s".into(),
        _ => format!("{}{name}", amount / scale),
    }
}
