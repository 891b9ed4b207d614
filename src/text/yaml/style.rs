//! How each text is written: the serializer's own choice, but for two cases that it leaves to be wished for.
//!
//! A text with lines that begin with a tab goes into quotes (libyaml takes the tab for indentation), and so does a text with `"`
//! or `\` that must be quoted anyway: into single quotes, where it needs no escapes.

use serde::Serialize;
use serde::ser::*;
use serde_saphyr::{DoubleQuoted, SingleQuoted};

/// What stands for a comment beside a value: its first field is the comment and no text of the document.
const COMMENTED: &str = "__yaml_commented";

/// A value whose texts are styled.
pub(super) struct Styled<T>(pub(super) T);

impl<T: Serialize> Serialize for Styled<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(Style { inner: serializer, raw: 0 })
    }
}

/// A serializer, or a list or map in one, whose next `raw` values are handed on as they are.
struct Style<S> {
    inner: S,
    raw: usize,
}

fn text<S: Serializer>(value: &str, serializer: S) -> Result<S::Ok, S::Error> {
    if value.lines().count() > 1 || value.ends_with('\n') {
        return match value.lines().any(|line| line.starts_with('\t')) {
            true => DoubleQuoted(value).serialize(serializer),
            false => serializer.serialize_str(value),
        };
    }
    let plain = !value.contains(['"', '\\']) || value.chars().any(|c| c.is_control() || BREAKS.contains(&c));
    if plain || !quoted(value) {
        return serializer.serialize_str(value);
    }
    SingleQuoted(value).serialize(serializer)
}

/// What single quotes cannot hold, beside control characters.
const BREAKS: [char; 6] = ['\u{85}', '\u{2028}', '\u{2029}', '\u{feff}', '\u{fffe}', '\u{ffff}'];

/// Whether the serializer would quote it.
fn quoted(value: &str) -> bool {
    serde_saphyr::to_string_with_options(&value, super::options()).is_ok_and(|text| text.starts_with('"'))
}

macro_rules! hand_on {
    ($($name:ident: $ty:ty,)*) => { $(
        fn $name(self, value: $ty) -> Result<Self::Ok, Self::Error> {
            self.inner.$name(value)
        }
    )* };
}

impl<S: Serializer> Serializer for Style<S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Style<S::SerializeSeq>;
    type SerializeTuple = Style<S::SerializeTuple>;
    type SerializeTupleStruct = Style<S::SerializeTupleStruct>;
    type SerializeTupleVariant = Style<S::SerializeTupleVariant>;
    type SerializeMap = Style<S::SerializeMap>;
    type SerializeStruct = Style<S::SerializeStruct>;
    type SerializeStructVariant = Style<S::SerializeStructVariant>;

    hand_on! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_f32: f32,
        serialize_f64: f64, serialize_char: char, serialize_bytes: &[u8], serialize_unit_struct: &'static str,
    }

    fn serialize_str(self, value: &str) -> Result<S::Ok, S::Error> {
        text(value, self.inner)
    }

    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.inner.serialize_none()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.inner.serialize_some(&Styled(value))
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.inner.serialize_unit()
    }

    fn serialize_unit_variant(self, name: &'static str, at: u32, variant: &'static str) -> Result<S::Ok, S::Error> {
        self.inner.serialize_unit_variant(name, at, variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<S::Ok, S::Error> {
        self.inner.serialize_newtype_struct(name, &Styled(value))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        at: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.inner.serialize_newtype_variant(name, at, variant, &Styled(value))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        Ok(Style { inner: self.inner.serialize_seq(len)?, raw: 0 })
    }

    fn serialize_tuple(self, len: usize) -> Result<Self::SerializeTuple, S::Error> {
        Ok(Style { inner: self.inner.serialize_tuple(len)?, raw: 0 })
    }

    fn serialize_tuple_struct(self, name: &'static str, len: usize) -> Result<Self::SerializeTupleStruct, S::Error> {
        Ok(Style { inner: self.inner.serialize_tuple_struct(name, len)?, raw: usize::from(name == COMMENTED) })
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        at: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        Ok(Style { inner: self.inner.serialize_tuple_variant(name, at, variant, len)?, raw: 0 })
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        Ok(Style { inner: self.inner.serialize_map(len)?, raw: 0 })
    }

    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Self::SerializeStruct, S::Error> {
        Ok(Style { inner: self.inner.serialize_struct(name, len)?, raw: 0 })
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        at: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        Ok(Style { inner: self.inner.serialize_struct_variant(name, at, variant, len)?, raw: 0 })
    }
}

macro_rules! items {
    ($($of:ident $add:ident;)*) => { $(
        impl<S: $of> $of for Style<S> {
            type Ok = S::Ok;
            type Error = S::Error;

            fn $add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
                if self.raw > 0 {
                    self.raw -= 1;
                    return self.inner.$add(value);
                }
                self.inner.$add(&Styled(value))
            }

            fn end(self) -> Result<S::Ok, S::Error> {
                self.inner.end()
            }
        }
    )* };
}

items! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

macro_rules! fields {
    ($($of:ident;)*) => { $(
        impl<S: $of> $of for Style<S> {
            type Ok = S::Ok;
            type Error = S::Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), S::Error> {
                self.inner.serialize_field(key, &Styled(value))
            }

            fn skip_field(&mut self, key: &'static str) -> Result<(), S::Error> {
                self.inner.skip_field(key)
            }

            fn end(self) -> Result<S::Ok, S::Error> {
                self.inner.end()
            }
        }
    )* };
}

fields! {
    SerializeStruct;
    SerializeStructVariant;
}

impl<S: SerializeMap> SerializeMap for Style<S> {
    type Ok = S::Ok;
    type Error = S::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), S::Error> {
        self.inner.serialize_key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
        self.inner.serialize_value(&Styled(value))
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        self.inner.end()
    }
}
