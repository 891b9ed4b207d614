//! A layered drawing: every arrow runs from a layer to one further right.
//!
//! In: boxes by their sizes, wires between heights of them. Out: places, and the points of each wire. It refuses to know what they are.
//! A wire that passes layers keeps a lane free in each, so no wire crosses a box.

use super::broken::{Columns, spread};
use super::heights::heights;
use super::lanes::Lanes;
use super::order::{Layers, ordered};

/// Between two layers, at least.
pub(super) const GAP: f64 = 46.0;

/// A box.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) rank: Rank,
    /// Whether it may be as wide as the widest in its layer.
    pub(super) stretches: bool,
    /// Whether it stays below those of its kind that come before it.
    pub(super) in_order: bool,
}

/// Which layer a box may stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rank {
    First,
    Free,
    Last,
}

/// An arrow between heights of two boxes.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    pub(super) from: usize,
    pub(super) from_y: f64,
    pub(super) to: usize,
    pub(super) to_y: f64,
}

/// Everything in its place.
pub(super) struct Arranged {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) places: Vec<Place>,
    pub(super) paths: Vec<Vec<(f64, f64)>>,
}

/// A box's place.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
}

/// A box or, in a layer that a wire passes, its lane.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) layer: usize,
    pub(super) height: f64,
    pub(super) is_lane: bool,
    pub(super) edge: Edge,
    pub(super) in_order: bool,
}

/// Where in its layer a cell stands: the lanes that serve a layer broken into several run along its edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Edge {
    Top,
    Between,
    Bottom,
}

/// A part of a wire between neighbouring layers.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub(super) from: usize,
    pub(super) from_y: f64,
    pub(super) to: usize,
    pub(super) to_y: f64,
}

pub(super) fn arrange(items: &[Item], wires: &[Wire]) -> Arranged {
    if items.is_empty() {
        return Arranged { width: 0.0, height: 0.0, places: Vec::new(), paths: Vec::new() };
    }
    let mut ranks = ranks(items, wires);
    let broken = spread(items, &mut ranks);
    let mut cells: Vec<Cell> = items
        .iter()
        .zip(&ranks)
        .map(|(item, &layer)| Cell {
            layer,
            height: item.height,
            is_lane: false,
            edge: Edge::Between,
            in_order: item.in_order,
        })
        .collect();
    let mut segments = Vec::new();
    let mut lanes = Lanes::of(wires, &broken);
    let routes: Vec<Vec<usize>> =
        wires.iter().map(|wire| lanes.route(wire, &ranks, &mut cells, &mut segments)).collect();
    let layers = ordered(&cells, &segments);
    let columns = Columns { broken, buses: lanes.buses() };
    let y = heights(&cells, &segments, &layers, &columns);
    draw(items, wires, &cells, &segments, &layers, &routes, &y)
}

/// Each item's layer: as far left as its wires allow, but what nothing leads to stands beside what it leads to.
fn ranks(items: &[Item], wires: &[Wire]) -> Vec<usize> {
    let least = usize::from(items.iter().any(|item| item.rank == Rank::First));
    let base = |index: usize| if items[index].rank == Rank::First { 0 } else { least };
    let mut ranks: Vec<usize> = (0..items.len()).map(base).collect();
    let mut next = vec![Vec::new(); items.len()];
    let mut led_to = vec![false; items.len()];
    for wire in wires.iter().filter(|wire| wire.from != wire.to) {
        next[wire.from].push(wire.to);
        led_to[wire.to] = true;
    }
    for index in in_order(&next) {
        for &to in &next[index] {
            ranks[to] = ranks[to].max(ranks[index] + 1);
        }
    }
    for (index, item) in items.iter().enumerate() {
        let nearest = next[index].iter().map(|&to| ranks[to]).min();
        if let (Rank::Free, false, Some(nearest)) = (item.rank, led_to[index], nearest) {
            ranks[index] = nearest.saturating_sub(1).max(least);
        }
    }
    let deepest =
        |rank: Rank| items.iter().zip(&ranks).filter(move |(item, _)| item.rank == rank).map(|(_, layer)| *layer).max();
    let last = deepest(Rank::Free).or(deepest(Rank::First)).map_or(0, |deepest| deepest + 1);
    for (item, layer) in items.iter().zip(&mut ranks) {
        if item.rank == Rank::Last {
            *layer = last;
        }
    }
    ranks
}

/// The items so that each comes after those that lead to it; what is in a circle is left out.
fn in_order(next: &[Vec<usize>]) -> Vec<usize> {
    let mut waiting = vec![0usize; next.len()];
    next.iter().flatten().for_each(|to| waiting[*to] += 1);
    let mut order: Vec<usize> = (0..next.len()).filter(|index| waiting[*index] == 0).collect();
    let mut at = 0;
    while at < order.len() {
        for &to in &next[order[at]] {
            waiting[to] -= 1;
            if waiting[to] == 0 {
                order.push(to);
            }
        }
        at += 1;
    }
    order
}

fn draw(
    items: &[Item],
    wires: &[Wire],
    cells: &[Cell],
    segments: &[Segment],
    layers: &Layers,
    routes: &[Vec<usize>],
    y: &[f64],
) -> Arranged {
    let boxes = |layer: usize| items.iter().enumerate().filter(move |(index, _)| cells[*index].layer == layer);
    let stretched: Vec<f64> = (0..layers.len())
        .map(|layer| boxes(layer).filter(|(_, item)| item.stretches).map(|(_, item)| item.width).fold(0.0, f64::max))
        .collect();
    let mut left = Vec::with_capacity(layers.len());
    let mut right = Vec::with_capacity(layers.len());
    for layer in 0..layers.len() {
        let start = right.last().map_or(0.0, |end: &f64| end + gap(cells, segments, layer - 1, y));
        left.push(start);
        right.push(start + boxes(layer).map(|(_, item)| item.width).fold(0.0, f64::max));
    }
    let places: Vec<Place> = items
        .iter()
        .enumerate()
        .map(|(index, item)| {
            let layer = cells[index].layer;
            let width = if item.stretches { stretched[layer] } else { item.width };
            let x = if item.rank == Rank::Last { right[layer] - width } else { left[layer] };
            Place { x, y: y[index], width }
        })
        .collect();
    let paths = wires.iter().zip(routes).map(|(wire, route)| {
        let from = &places[wire.from];
        let mut points = vec![(from.x + from.width, from.y + wire.from_y)];
        points.push((right[cells[wire.from].layer], from.y + wire.from_y));
        for cell in &route[1..route.len() - 1] {
            points.push((left[cells[*cell].layer], y[*cell]));
            points.push((right[cells[*cell].layer], y[*cell]));
        }
        let to = &places[wire.to];
        points.push((left[cells[wire.to].layer], to.y + wire.to_y));
        points.push((to.x, to.y + wire.to_y));
        points
    });
    let bottoms = cells.iter().zip(y).map(|(cell, y)| y + cell.height);
    Arranged {
        width: right.last().copied().unwrap_or(0.0),
        height: bottoms.fold(0.0, f64::max),
        paths: paths.collect(),
        places,
    }
}

/// Between a layer and the next: wider where wires are steep.
fn gap(cells: &[Cell], segments: &[Segment], layer: usize, y: &[f64]) -> f64 {
    let here = segments.iter().filter(|segment| cells[segment.from].layer == layer);
    let steepest = here.map(|it| (y[it.from] + it.from_y - y[it.to] - it.to_y).abs()).fold(0.0, f64::max);
    GAP + (steepest * 0.1).min(110.0).round()
}
