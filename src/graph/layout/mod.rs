//! Where everything stands: boxes from the inside out, each block in layers from left to right.
//!
//! In: a [`Block`]. Out: a [`Scene`]. It refuses to know how a scene is drawn.

mod broken;
mod heights;
mod lanes;
mod layered;
mod order;
mod shape;

pub(super) use shape::{PORT, PortText, Shape};

use self::layered::{Item, Rank, Wire, arrange};
use super::picture::{Block, Kind, Node};

/// A block with a place for everything, from its own corner.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) boxes: Vec<Placed<'a>>,
    pub(super) paths: Vec<Path>,
}

/// A box in its place.
#[derive(Debug)]
pub(super) struct Placed<'a> {
    pub(super) node: &'a Node,
    pub(super) shape: Shape<'a>,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
}

/// An arrow: along its points, straight from an even point to the next, curved from an odd one.
#[derive(Debug)]
pub(super) struct Path {
    pub(super) points: Vec<(f64, f64)>,
    pub(super) waits: bool,
    /// Whether its head is drawn.
    pub(super) head: bool,
}

pub(super) fn scene(block: &Block) -> Scene<'_> {
    let shapes: Vec<Shape> = block.nodes.iter().map(shape::shape).collect();
    let items: Vec<Item> = block.nodes.iter().zip(&shapes).map(|(node, shape)| item(node, shape)).collect();
    let port = |ports: &[f64], index: Option<usize>, shape: &Shape| {
        index.and_then(|index| ports.get(index).copied()).unwrap_or(shape.middle)
    };
    let wires: Vec<Wire> = block
        .links
        .iter()
        .map(|link| Wire {
            from: link.from,
            from_y: port(&shapes[link.from].outputs_y, link.output, &shapes[link.from]),
            to: link.to,
            to_y: port(&shapes[link.to].inputs_y, link.input, &shapes[link.to]),
        })
        .collect();
    let arranged = arrange(&items, &wires);
    let places = shapes.into_iter().zip(&block.nodes).zip(arranged.places);
    let boxes = places.map(|((shape, node), place)| Placed { node, shape, x: place.x, y: place.y, width: place.width });
    let paths = block.links.iter().zip(arranged.paths).map(|(link, points)| Path {
        points,
        waits: link.waits,
        head: block.nodes[link.to].kind != Kind::Exit,
    });
    Scene { width: arranged.width, height: arranged.height, boxes: boxes.collect(), paths: paths.collect() }
}

fn item(node: &Node, shape: &Shape) -> Item {
    let rank = match node.kind {
        Kind::Entry => Rank::First,
        Kind::Exit => Rank::Last,
        _ => Rank::Free,
    };
    Item {
        width: shape.width,
        height: shape.height,
        rank,
        stretches: node.inner.is_none() && rank == Rank::Free,
        in_order: node.kind == Kind::Arm,
    }
}
