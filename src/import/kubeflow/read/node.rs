//! What a YAML or JSON document holds, each part with its place.
//!
//! In: nothing. Out: the tree that `yaml` makes and `typed` reads. It refuses to know what a document is about.

use std::ops::Range;

use serde_json::{Map, Value};

use super::scalar;

/// A part of a document.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Its bytes in the file.
    pub(super) at: Range<usize>,
}

/// What a part is.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A text in quotes, or a bare word that may be a number or such.
    Scalar {
        text: String,
        form: Form,
    },
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// What a scalar may be read as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Form {
    /// Text, whatever it looks like.
    Text,
    /// What the bare word looks like in YAML.
    #[default]
    Bare,
    /// What it looks like in JSON.
    Json,
}

/// A key of a map.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) text: String,
    pub(super) at: Range<usize>,
}

impl Node {
    /// Whether it is `null`, or nothing at all.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Scalar { text, form } if *form != Form::Text && scalar::is_null(text))
    }

    /// The part of that name.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find(|(known, _)| known.text == key).map(|(_, node)| node),
            _ => None,
        }
    }

    /// Its text, where it is a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// As JSON; else where a number is that JSON cannot hold exactly.
    pub(super) fn json(&self) -> Result<Value, Range<usize>> {
        Ok(match &self.kind {
            Kind::Scalar { text, form } => scalar::resolve(text, *form).ok_or_else(|| self.at.clone())?,
            Kind::List(items) => Value::Array(items.iter().map(Node::json).collect::<Result<_, _>>()?),
            Kind::Map(entries) => {
                let pairs: Result<Map<_, _>, _> =
                    entries.iter().map(|(key, node)| node.json().map(|value| (key.text.clone(), value))).collect();
                Value::Object(pairs?)
            }
        })
    }
}
