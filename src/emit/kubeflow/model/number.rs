//! A 64-bit integer as proto3's JSON has it: in quotes.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An `int64`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Int64(pub(crate) i64);

impl Serialize for Int64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Either {
    Number(i64),
    Text(String),
}

impl<'de> Deserialize<'de> for Int64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Either::deserialize(deserializer)? {
            Either::Number(number) => Ok(Int64(number)),
            Either::Text(text) => text.parse().map(Int64).map_err(serde::de::Error::custom),
        }
    }
}
