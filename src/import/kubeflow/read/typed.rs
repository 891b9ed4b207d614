//! Trees as the emitter's own types, field by field: what does not fit is told with its place and path.
//!
//! In: a tree. Out: a message of the specification, and every field that no specification has. It refuses to know any message.

use std::fmt;
use std::ops::Range;

use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor};

use super::node::{Key, Kind, Node};

/// How many faults of one document are told.
const MOST: usize = 20;

/// Something that does not fit.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    /// What, with the path.
    pub(super) message: String,
    pub(super) at: Range<usize>,
}

/// The tree as a message; else everything that does not fit.
pub(super) fn read<T: DeserializeOwned>(node: &Node) -> Result<T, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut node = node.clone();
    loop {
        let error = match T::deserialize(Of(&node)) {
            Ok(value) if faults.is_empty() => return Ok(value),
            Ok(_) => return Err(faults),
            Err(error) => error,
        };
        let path: Vec<String> = error.path.iter().rev().cloned().collect();
        let place = if path.is_empty() { "the document".to_owned() } else { path.join(".") };
        let message = format!("`{place}`: {}", error.message);
        faults.push(Fault { message, at: error.at.clone().unwrap_or_else(|| node.at.clone()) });
        if faults.len() >= MOST || path.is_empty() || !remove(&mut node, &path) {
            return Err(faults);
        }
    }
}

/// Takes the part at a path away, so that what else is wrong is found too.
fn remove(node: &mut Node, path: &[String]) -> bool {
    let Some((first, rest)) = path.split_first() else { return false };
    match &mut node.kind {
        Kind::Map(entries) => {
            let Some(at) = entries.iter().position(|(key, _)| key.text == *first) else { return false };
            if rest.is_empty() {
                entries.remove(at);
                return true;
            }
            remove(&mut entries[at].1, rest)
        }
        Kind::List(items) => {
            let Some(at) = first.parse::<usize>().ok().filter(|at| *at < items.len()) else { return false };
            if rest.is_empty() {
                items.remove(at);
                return true;
            }
            remove(&mut items[at], rest)
        }
        Kind::Scalar { .. } => false,
    }
}

/// Why a part does not fit; the path is from the inside out.
#[derive(Debug)]
struct Error {
    message: String,
    path: Vec<String>,
    at: Option<Range<usize>>,
}

impl Error {
    fn inside(mut self, part: impl Into<String>, at: &Range<usize>) -> Self {
        self.path.push(part.into());
        self.at.get_or_insert_with(|| at.clone());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { message: message.to_string(), path: Vec::new(), at: None }
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        de::Error::custom("no specification that is known here has this field")
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        de::Error::custom(format!("`{variant}` is not one of {}", expected.join(", ")))
    }
}

/// A tree while it is read.
#[derive(Clone, Copy)]
struct Of<'a>(&'a Node);

impl Of<'_> {
    /// `skip`: whether what is null is left out.
    fn entries<'de, V: Visitor<'de>>(self, skip: bool, visitor: V) -> Result<V::Value, Error> {
        match &self.0.kind {
            Kind::Map(entries) => visitor.visit_map(Entries { entries, next: 0, skip }),
            _ => self.wrong("a map"),
        }
    }

    fn wrong<T>(self, wanted: &str) -> Result<T, Error> {
        let found = match &self.0.kind {
            Kind::List(_) => "a list".to_owned(),
            Kind::Map(_) => "a map".to_owned(),
            Kind::Scalar { text, .. } => format!("`{}`", text.chars().take(40).collect::<String>()),
        };
        Err(Error {
            message: format!("{wanted} is wanted here, and there is {found}"),
            path: Vec::new(),
            at: Some(self.0.at.clone()),
        })
    }

    fn scalar(self) -> Result<serde_json::Value, Error> {
        self.0.json().map_err(|at| Error {
            message: "this number cannot be kept exactly".to_owned(),
            path: Vec::new(),
            at: Some(at),
        })
    }
}

macro_rules! numbers {
    ($($method:ident)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self.scalar()? {
                serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
                    (Some(whole), ..) => visitor.visit_i64(whole),
                    (_, Some(whole), _) => visitor.visit_u64(whole),
                    (.., Some(double)) if double.fract() == 0.0 && double.abs() < 9e15 => visitor.visit_i64(double as i64),
                    _ => self.wrong("a whole number"),
                },
                serde_json::Value::String(text) => match text.parse::<i64>() {
                    Ok(whole) => visitor.visit_i64(whole),
                    Err(_) => self.wrong("a whole number"),
                },
                _ => self.wrong("a whole number"),
            }
        }
    )* };
}

impl<'de> de::Deserializer<'de> for Of<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0.kind {
            Kind::List(_) => self.deserialize_seq(visitor),
            Kind::Map(entries) => visitor.visit_map(Entries { entries, next: 0, skip: false }),
            Kind::Scalar { .. } => match self.scalar()? {
                serde_json::Value::Null => visitor.visit_unit(),
                serde_json::Value::Bool(value) => visitor.visit_bool(value),
                serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
                    (Some(whole), ..) => visitor.visit_i64(whole),
                    (_, Some(whole), _) => visitor.visit_u64(whole),
                    (.., double) => visitor.visit_f64(double.unwrap_or_default()),
                },
                serde_json::Value::String(text) => visitor.visit_string(text),
                _ => self.wrong("a value"),
            },
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.scalar()? {
            serde_json::Value::Bool(value) => visitor.visit_bool(value),
            _ => self.wrong("true or false"),
        }
    }

    numbers! { deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.scalar()? {
            serde_json::Value::Number(number) => visitor.visit_f64(number.as_f64().unwrap_or_default()),
            _ => self.wrong("a number"),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_f64(visitor)
    }

    /// A field that holds text takes a bare word as it is written.
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0.kind {
            Kind::Scalar { text, .. } => visitor.visit_str(text),
            _ => self.wrong("text"),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0.kind {
            Kind::List(items) => visitor.visit_seq(Items { items, next: 0 }),
            _ => self.wrong("a list"),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.entries(false, visitor)
    }

    /// In a message a field that is null is one that is left out.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.entries(true, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match &self.0.kind {
            Kind::Scalar { text, .. } => visitor.visit_enum(text.as_str().into_deserializer()),
            _ => self.wrong("a word"),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! { char bytes byte_buf unit unit_struct tuple tuple_struct ignored_any i128 u128 }
}

struct Items<'a> {
    items: &'a [Node],
    next: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let Some(item) = self.items.get(self.next) else { return Ok(None) };
        let at = self.next;
        self.next += 1;
        seed.deserialize(Of(item)).map(Some).map_err(|error| error.inside(at.to_string(), &item.at))
    }
}

struct Entries<'a> {
    entries: &'a [(Key, Node)],
    next: usize,
    skip: bool,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        while self.skip && self.entries.get(self.next).is_some_and(|(_, node)| node.is_null()) {
            self.next += 1;
        }
        let Some((key, _)) = self.entries.get(self.next) else { return Ok(None) };
        let text: de::value::StrDeserializer<'_, Error> = key.text.as_str().into_deserializer();
        seed.deserialize(text).map(Some).map_err(|error| error.inside(key.text.as_str(), &key.at))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        let (key, node) = &self.entries[self.next];
        self.next += 1;
        seed.deserialize(Of(node)).map_err(|error| error.inside(key.text.as_str(), &node.at))
    }
}
