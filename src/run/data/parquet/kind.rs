//! What the values of one leaf mean: the physical type of the file, with what its schema says of it.

use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical};
use parquet::schema::types::Type as Node;

/// What a leaf's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Truth,
    Whole,
    Unsigned,
    Float,
    Half,
    /// How many digits are behind the point.
    Decimal(i32),
    Text,
    Json,
    Moment(Unit),
    /// Nothing but nulls, as a table has them of which no value ever told the type.
    Nothing,
    /// What no type of the language is written as, and what to call it.
    Other(&'static str),
}

/// What a moment is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Milliseconds,
    Microseconds,
    Nanoseconds,
}

impl Kind {
    /// What a leaf of the schema holds.
    pub(super) fn of(leaf: &Node) -> Kind {
        let known = match leaf.get_basic_info().logical_type_ref() {
            Some(logical) => logically(leaf, logical),
            None => formerly(leaf),
        };
        known.unwrap_or_else(|| physically(leaf))
    }

    /// What to call the values.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Kind::Truth => "booleans",
            Kind::Whole | Kind::Unsigned => "whole numbers",
            Kind::Float | Kind::Half => "floating-point numbers",
            Kind::Decimal(_) => "decimals",
            Kind::Text => "texts",
            Kind::Json => "JSON",
            Kind::Moment(_) => "timestamps",
            Kind::Nothing => "nulls",
            Kind::Other(noun) => noun,
        }
    }
}

fn logically(leaf: &Node, logical: &LogicalType) -> Option<Kind> {
    Some(match logical {
        LogicalType::String | LogicalType::Enum => Kind::Text,
        LogicalType::Json => Kind::Json,
        LogicalType::Integer(int) if int.is_signed => Kind::Whole,
        LogicalType::Integer(_) => Kind::Unsigned,
        LogicalType::Decimal(decimal) => Kind::Decimal(decimal.scale),
        LogicalType::Float16 => Kind::Half,
        LogicalType::Timestamp(stamp) if !stamp.is_adjusted_to_u_t_c => Kind::Other("timestamps without a time zone"),
        LogicalType::Timestamp(stamp) => Kind::Moment(match stamp.unit {
            TimeUnit::MILLIS => Unit::Milliseconds,
            TimeUnit::MICROS => Unit::Microseconds,
            TimeUnit::NANOS => Unit::Nanoseconds,
        }),
        LogicalType::Date => Kind::Other("dates"),
        LogicalType::Time(_) => Kind::Other("times of day"),
        LogicalType::Uuid => Kind::Other("UUIDs"),
        LogicalType::Unknown => Kind::Nothing,
        LogicalType::Bson => Kind::Other("BSON"),
        LogicalType::Geometry(_) | LogicalType::Geography(_) => Kind::Other("shapes on a map"),
        _ => return formerly(leaf),
    })
}

/// As files said it before there were logical types.
fn formerly(leaf: &Node) -> Option<Kind> {
    Some(match leaf.get_basic_info().converted_type() {
        ConvertedType::UTF8 | ConvertedType::ENUM => Kind::Text,
        ConvertedType::JSON => Kind::Json,
        ConvertedType::DECIMAL => Kind::Decimal(leaf.get_scale()),
        ConvertedType::TIMESTAMP_MILLIS => Kind::Moment(Unit::Milliseconds),
        ConvertedType::TIMESTAMP_MICROS => Kind::Moment(Unit::Microseconds),
        ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64 => {
            Kind::Unsigned
        }
        ConvertedType::DATE => Kind::Other("dates"),
        ConvertedType::TIME_MILLIS | ConvertedType::TIME_MICROS => Kind::Other("times of day"),
        ConvertedType::INTERVAL => Kind::Other("intervals"),
        ConvertedType::BSON => Kind::Other("BSON"),
        _ => return None,
    })
}

fn physically(leaf: &Node) -> Kind {
    match leaf.get_physical_type() {
        Physical::BOOLEAN => Kind::Truth,
        Physical::INT32 | Physical::INT64 => Kind::Whole,
        Physical::FLOAT | Physical::DOUBLE => Kind::Float,
        // Whoever writes them so writes them in UTC.
        Physical::INT96 => Kind::Moment(Unit::Nanoseconds),
        Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY => Kind::Other("bytes that are not said to be text"),
    }
}
