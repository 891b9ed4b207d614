//! What a column of a file is, as the file's schema says: leaves in options, lists, maps and groups.
//!
//! Each level that the file has of a value says how much of the way to the value is there: a shape keeps which level an option or
//! a list is there from.

use parquet::basic::{ConvertedType, LogicalType, Repetition};
use parquet::schema::types::Type as Node;

use super::kind::Kind;

/// A column, or a part of one.
#[derive(Debug)]
pub(super) enum Shape {
    /// Values: the leaf that they are in, and what they mean.
    Leaf(usize, Kind),
    /// What may be null: there from this definition level.
    Optional(i16, Box<Shape>),
    /// Values side by side, each with its name.
    Group(Vec<(String, Shape)>),
    /// Values after each other.
    List(Repeated, Box<Shape>),
    /// Keys and values after each other.
    Map(Repeated, Box<Shape>, Box<Shape>),
}

/// Where a list has an item: from this definition level, and a further one at this repetition level.
#[derive(Clone, Copy, Debug)]
pub(super) struct Repeated {
    pub(super) definition: i16,
    pub(super) repetition: i16,
}

impl Shape {
    /// Every column of a file.
    pub(super) fn of(schema: &Node) -> Vec<Shape> {
        let mut leaves = 0;
        let none = Repeated { definition: 0, repetition: 0 };
        schema.get_fields().iter().map(|column| shape(column, none, &mut leaves)).collect()
    }

    /// The first leaf: its levels speak for the whole.
    pub(super) fn first(&self) -> Option<usize> {
        match self {
            Shape::Leaf(at, _) => Some(*at),
            Shape::Optional(_, of) | Shape::List(_, of) | Shape::Map(_, of, _) => of.first(),
            Shape::Group(fields) => fields.iter().find_map(|(_, field)| field.first()),
        }
    }

    /// All leaves, in order.
    pub(super) fn leaves(&self) -> Vec<(usize, Kind)> {
        match self {
            Shape::Leaf(at, kind) => vec![(*at, *kind)],
            Shape::Optional(_, of) | Shape::List(_, of) => of.leaves(),
            Shape::Map(_, key, value) => [key.leaves(), value.leaves()].concat(),
            Shape::Group(fields) => fields.iter().flat_map(|(_, field)| field.leaves()).collect(),
        }
    }

    /// What to call the values.
    pub(super) fn noun(&self) -> &'static str {
        match self {
            Shape::Leaf(_, kind) => kind.noun(),
            Shape::Optional(_, of) => of.noun(),
            Shape::Group(_) => "groups of fields",
            Shape::List(..) => "lists",
            Shape::Map(..) => "maps",
        }
    }
}

/// `above` is the level of what the node lies in.
fn shape(node: &Node, above: Repeated, leaves: &mut usize) -> Shape {
    let info = node.get_basic_info();
    let one_more = above.definition + 1;
    match info.has_repetition().then(|| info.repetition()) {
        Some(Repetition::OPTIONAL) => {
            let inner = Repeated { definition: one_more, ..above };
            Shape::Optional(one_more, Box::new(required(node, inner, leaves)))
        }
        Some(Repetition::REPEATED) => {
            let item = Repeated { definition: one_more, repetition: above.repetition + 1 };
            Shape::List(item, Box::new(required(node, item, leaves)))
        }
        _ => required(node, above, leaves),
    }
}

/// A node as if it were always there.
fn required(node: &Node, above: Repeated, leaves: &mut usize) -> Shape {
    if node.is_primitive() {
        *leaves += 1;
        return Shape::Leaf(*leaves - 1, Kind::of(node));
    }
    let info = node.get_basic_info();
    let says = |logical, converted: &[ConvertedType]| {
        info.logical_type_ref() == Some(&logical) || converted.contains(&info.converted_type())
    };
    let repeated = match node.get_fields() {
        [one] if one.get_basic_info().has_repetition() => {
            Some(&**one).filter(|one| one.get_basic_info().repetition() == Repetition::REPEATED)
        }
        _ => None,
    };
    let item = Repeated { definition: above.definition + 1, repetition: above.repetition + 1 };
    match repeated {
        Some(repeated) if says(LogicalType::List, &[ConvertedType::LIST]) => {
            let of = match repeated.is_group().then(|| repeated.get_fields()) {
                Some([element]) if !is_element(node, repeated) => shape(element, item, leaves),
                _ => required(repeated, item, leaves),
            };
            Shape::List(item, Box::new(of))
        }
        Some(repeated)
            if repeated.is_group()
                && repeated.get_fields().len() == 2
                && says(LogicalType::Map, &[ConvertedType::MAP, ConvertedType::MAP_KEY_VALUE]) =>
        {
            let key = shape(&repeated.get_fields()[0], item, leaves);
            Shape::Map(item, Box::new(key), Box::new(shape(&repeated.get_fields()[1], item, leaves)))
        }
        _ => {
            let field = |field: &std::sync::Arc<Node>| (field.name().to_owned(), shape(field, above, leaves));
            Shape::Group(node.get_fields().iter().map(field).collect())
        }
    }
}

/// Whether the group that is repeated is the item itself, as old writers have it, and not what it holds.
fn is_element(list: &Node, repeated: &Node) -> bool {
    repeated.name() == "array" || repeated.name() == format!("{}_tuple", list.name())
}
