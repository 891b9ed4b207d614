//! A value as it lies in a file -> the JSON that it means.

use chrono::{DateTime, SecondsFormat};
use parquet::data_type::{ByteArray, FixedLenByteArray, Int96};
use serde_json::{Number, Value as Json};

use super::kind::{Kind, Unit};

/// A value, or what is wrong with it.
pub(super) type Meant = Result<Json, &'static str>;

const NO_MOMENT: &str = "its moment is too far away to have a date";
const NO_VALUE: &str = "it is not of the kind that its schema says";

/// A value of a physical type.
pub(super) trait Meaning {
    /// What it means, where the schema says that it is of a kind.
    fn meant(&self, kind: Kind) -> Meant;
}

impl Meaning for bool {
    fn meant(&self, _: Kind) -> Meant {
        Ok(Json::Bool(*self))
    }
}

impl Meaning for i32 {
    fn meant(&self, kind: Kind) -> Meant {
        match kind {
            Kind::Unsigned => Ok(Json::from(self.cast_unsigned())),
            kind => i64::from(*self).meant(kind),
        }
    }
}

impl Meaning for i64 {
    fn meant(&self, kind: Kind) -> Meant {
        match kind {
            Kind::Whole => Ok(Json::from(*self)),
            Kind::Unsigned => Ok(Json::from(self.cast_unsigned())),
            Kind::Decimal(scale) => decimal((*self).into(), scale),
            Kind::Moment(unit) => moment(*self, unit),
            _ => Err(NO_VALUE),
        }
    }
}

impl Meaning for Int96 {
    fn meant(&self, _: Kind) -> Meant {
        let [low, high, _] = *self.data() else { return Err(NO_VALUE) };
        let nanoseconds = (u64::from(high) << 32 | u64::from(low)) % 1_000_000_000;
        text(DateTime::from_timestamp(self.to_seconds(), nanoseconds as u32))
    }
}

impl Meaning for f32 {
    fn meant(&self, kind: Kind) -> Meant {
        f64::from(*self).meant(kind)
    }
}

impl Meaning for f64 {
    fn meant(&self, _: Kind) -> Meant {
        Number::from_f64(*self).map(Json::Number).ok_or(match self.is_nan() {
            true => "NaN is no value",
            false => "infinity is no value",
        })
    }
}

impl Meaning for ByteArray {
    fn meant(&self, kind: Kind) -> Meant {
        match kind {
            Kind::Text => std::str::from_utf8(self.data()).map(Json::from).map_err(|_| "its bytes are no UTF-8"),
            Kind::Json => serde_json::from_slice(self.data()).map_err(|_| "it is said to be JSON, and is none"),
            Kind::Decimal(scale) => decimal(unscaled(self.data())?, scale),
            _ => Err(NO_VALUE),
        }
    }
}

impl Meaning for FixedLenByteArray {
    fn meant(&self, kind: Kind) -> Meant {
        match (kind, self.data()) {
            (Kind::Decimal(scale), bytes) => decimal(unscaled(bytes)?, scale),
            (Kind::Half, &[low, high]) => half(u16::from_le_bytes([low, high])).meant(kind),
            _ => Err(NO_VALUE),
        }
    }
}

fn moment(count: i64, unit: Unit) -> Meant {
    text(match unit {
        Unit::Milliseconds => DateTime::from_timestamp_millis(count),
        Unit::Microseconds => DateTime::from_timestamp_micros(count),
        Unit::Nanoseconds => Some(DateTime::from_timestamp_nanos(count)),
    })
}

fn text(moment: Option<DateTime<chrono::Utc>>) -> Meant {
    moment.map(|moment| Json::from(moment.to_rfc3339_opts(SecondsFormat::AutoSi, true))).ok_or(NO_MOMENT)
}

/// The nearest number that a float can be, as it is of the same digits in CSV.
fn decimal(unscaled: i128, scale: i32) -> Meant {
    match i64::try_from(unscaled) {
        Ok(whole) if scale == 0 => Ok(Json::from(whole)),
        _ => format!("{unscaled}e{}", -i64::from(scale)).parse::<f64>().map_err(|_| NO_VALUE)?.meant(Kind::Float),
    }
}

/// A whole number from its two's complement, the highest byte first.
fn unscaled(bytes: &[u8]) -> Result<i128, &'static str> {
    let filling = if bytes.first().is_some_and(|first| *first >= 0x80) { 0xff } else { 0 };
    let kept = &bytes[bytes.len().saturating_sub(16)..];
    let mut whole = [filling; 16];
    whole[16 - kept.len()..].copy_from_slice(kept);
    let whole = i128::from_be_bytes(whole);
    let fits = bytes[..bytes.len() - kept.len()].iter().all(|byte| *byte == filling) && (whole < 0) == (filling != 0);
    if fits { Ok(whole) } else { Err("it is a decimal of more than 38 digits") }
}

/// A number of 16 bits.
fn half(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    let size = match exponent {
        0 => fraction * 2f64.powi(-24),
        0x1f if fraction == 0.0 => f64::INFINITY,
        0x1f => f64::NAN,
        _ => (1024.0 + fraction) * 2f64.powi(exponent - 25),
    };
    if bits >> 15 == 0 { size } else { -size }
}
