//! YAML, and JSON as a part of it, as trees with places.
//!
//! In: a file's text. Out: its documents, or the first thing that is wrong with it. It bounds how deep a document is and how much
//! its aliases make of it, and takes no key twice.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use granit_parser::{Event, Parser, ScalarStyle, Tag, options};

use super::node::{Form, Key, Kind, Node};

/// How deep a document may be.
const DEEPEST: usize = 128;
/// How many parts a file may have, what aliases repeat counted.
const MOST: usize = 5_000_000;

/// What is wrong with a text, and where.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) message: String,
    pub(super) at: Range<usize>,
}

fn broken<T>(message: impl Into<String>, at: Range<usize>) -> Result<T, Broken> {
    Err(Broken { message: message.into(), at })
}

/// Every document of the text.
pub(super) fn documents(text: &str) -> Result<Vec<Node>, Broken> {
    let form =
        if text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']) { Form::Json } else { Form::Bare };
    let settings = options! { block_scalar_eof_without_line_feed: true };
    let mut builder = Builder { form, ..Builder::default() };
    for next in Parser::new_from_str_with_options(text, settings) {
        match next {
            Ok((event, span)) => {
                let at = span.start.byte_offset().unwrap_or(0)..span.end.byte_offset().unwrap_or(0);
                builder.event(event, at)?;
            }
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
                let said = error.to_string();
                // The reader's own limit, where brackets are nested before they are events.
                let deep = said.starts_with("recursion limit");
                let said = if deep { format!("it is nested more than {DEEPEST} levels deep") } else { said };
                return broken(said, at..at);
            }
        }
    }
    Ok(builder.documents)
}

/// A list or map that is not closed yet.
enum Open {
    List {
        items: Vec<Node>,
        at: Range<usize>,
        anchor: usize,
    },
    Map {
        entries: Vec<(Key, Node)>,
        seen: BTreeSet<String>,
        merged: Vec<(Key, Node)>,
        key: Option<Key>,
        at: Range<usize>,
        anchor: usize,
    },
}

#[derive(Default)]
struct Builder {
    form: Form,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Rc<(Node, usize)>>,
    /// How many parts there are so far.
    count: usize,
    documents: Vec<Node>,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, at: Range<usize>) -> Result<(), Broken> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let bare = style == ScalarStyle::Plain;
                let form = match self.tag(tag.as_deref(), &at)? {
                    Some("str") => Form::Text,
                    Some(_) => self.form,
                    None if bare => self.form,
                    None => Form::Text,
                };
                self.put(Node { kind: Kind::Scalar { text: text.into_owned(), form }, at }, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.tag(tag.as_deref(), &at)?;
                self.opened(Open::List { items: Vec::new(), at, anchor })
            }
            Event::MappingStart(_, anchor, tag) => {
                self.tag(tag.as_deref(), &at)?;
                let (entries, seen, merged) = (Vec::new(), BTreeSet::new(), Vec::new());
                self.opened(Open::Map { entries, seen, merged, key: None, at, anchor })
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List { items, at: start, anchor }) => {
                    self.put(Node { kind: Kind::List(items), at: start.start..at.end }, anchor)
                }
                Some(Open::Map { mut entries, seen, merged, at: start, anchor, .. }) => {
                    entries.extend(merged.into_iter().filter(|(key, _)| !seen.contains(&key.text)));
                    self.put(Node { kind: Kind::Map(entries), at: start.start..at.end }, anchor)
                }
                None => Ok(()),
            },
            Event::Alias(anchor) => {
                let Some(known) = self.anchors.get(&anchor).cloned() else {
                    return broken("an alias stands inside of what it repeats", at);
                };
                self.count += known.1;
                self.bound(&at)?;
                self.put(Node { at, ..known.0.clone() }, 0)
            }
            _ => Ok(()),
        }
    }

    fn tag<'t>(&self, tag: Option<&'t Tag>, at: &Range<usize>) -> Result<Option<&'t str>, Broken> {
        let Some(tag) = tag else { return Ok(None) };
        match tag.core_suffix() {
            Some(suffix) => Ok(Some(suffix)),
            None => broken("a tag of somebody's own stands here, which no compiled pipeline has", at.clone()),
        }
    }

    fn opened(&mut self, open: Open) -> Result<(), Broken> {
        let at = match &open {
            Open::List { at, .. } | Open::Map { at, .. } => at.clone(),
        };
        if self.open.len() >= DEEPEST {
            return broken(format!("it is nested more than {DEEPEST} levels deep"), at);
        }
        if let Some(Open::Map { key: None, .. }) = self.open.last() {
            return broken("a list or a map is a key here, and keys are texts", at);
        }
        self.open.push(open);
        Ok(())
    }

    fn bound(&self, at: &Range<usize>) -> Result<(), Broken> {
        match self.count > MOST {
            true => broken(format!("it has more than {MOST} parts, what aliases repeat counted"), at.clone()),
            false => Ok(()),
        }
    }

    fn put(&mut self, node: Node, anchor: usize) -> Result<(), Broken> {
        self.count += 1;
        self.bound(&node.at)?;
        if anchor != 0 {
            let size = size(&node);
            self.anchors.insert(anchor, Rc::new((node.clone(), size)));
        }
        match self.open.last_mut() {
            None => self.documents.push(node),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { entries, seen, merged, key, .. }) => match key.take() {
                None => {
                    let Kind::Scalar { text, form } = node.kind else {
                        return broken("a list or a map is a key here, and keys are texts", node.at);
                    };
                    let merges = text == "<<" && form == Form::Bare;
                    if !merges && !seen.insert(text.clone()) {
                        return broken(format!("the key `{text}` stands here a second time"), node.at);
                    }
                    *key = Some(Key { text, at: node.at });
                }
                Some(name) if name.text == "<<" && !seen.contains("<<") => merge(node, merged)?,
                Some(name) => entries.push((name, node)),
            },
        }
        Ok(())
    }
}

/// `<<: *defaults`: what is said itself comes first, then what is merged first.
fn merge(node: Node, merged: &mut Vec<(Key, Node)>) -> Result<(), Broken> {
    match node.kind {
        Kind::Map(entries) => {
            let known: BTreeSet<String> = merged.iter().map(|(key, _)| key.text.clone()).collect();
            merged.extend(entries.into_iter().filter(|(key, _)| !known.contains(&key.text)));
            Ok(())
        }
        Kind::List(items) => items.into_iter().try_for_each(|item| merge(item, merged)),
        Kind::Scalar { .. } => broken("`<<` takes a map, or a list of them", node.at),
    }
}

fn size(node: &Node) -> usize {
    match &node.kind {
        Kind::Scalar { text, .. } => 1 + text.len() / 64,
        Kind::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        Kind::Map(entries) => 1 + entries.iter().map(|(_, node)| 1 + size(node)).sum::<usize>(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        documents(text).expect_err("it is wrong").message
    }

    #[test]
    fn anchors_and_merges_are_followed() {
        let found = documents("a: &x {b: 1}\nc: *x\nd: {<<: *x, b: 2, e: 3}\n").expect("it is YAML");
        let value = found[0].json().expect("it has a value");
        assert_eq!(value, serde_json::json!({"a": {"b": 1}, "c": {"b": 1}, "d": {"b": 2, "e": 3}}));
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert!(refused("a: 1\na: 2\n").contains("`a`"));
        let deep = refused(&format!("{}1{}", "[".repeat(300), "]".repeat(300)));
        assert!(deep.contains("deep"), "{deep}");
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = format!("*a{}", level - 1);
            bomb.push_str(&format!("a{level}: &a{level} [{}]\n", [before.as_str(); 10].join(", ")));
        }
        assert!(refused(&bomb).contains("parts"));
        assert!(documents("a: [1, 2").is_err());
        assert!(refused("a: !mine 1").contains("tag"));
    }
}
