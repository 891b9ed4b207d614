//! Layers that are much higher than wide, broken into columns side by side.
//!
//! The columns begin at one height; the wires that serve them run straight above or below them, on buses.

use std::ops::Range;

use super::heights::{APART, separation};
use super::layered::{Cell, Edge, GAP, Item};
use super::order::Layers;

/// Up to which a layer is never broken.
const HIGHEST: f64 = 1_100.0;

/// What breaking did.
pub(super) struct Columns {
    /// The layers that were one.
    pub(super) broken: Vec<Range<usize>>,
    /// The lanes of one wire or bundle of wires beside one broken layer.
    pub(super) buses: Vec<Vec<usize>>,
}

/// Breaks a layer that is much higher than wide into several side by side, and says which those are.
pub(super) fn spread(items: &[Item], ranks: &mut [usize]) -> Vec<Range<usize>> {
    let mut broken = Vec::new();
    let count = ranks.iter().max().map_or(0, |last| last + 1);
    let mut shift = 0;
    for layer in 0..count {
        let here: Vec<usize> = (0..items.len()).filter(|index| ranks[*index] == layer + shift).collect();
        let loose: Vec<usize> = here.iter().copied().filter(|index| items[*index].stretches).collect();
        let columns = columns(items, &loose);
        if columns < 2 {
            continue;
        }
        ranks.iter_mut().filter(|rank| **rank > layer + shift).for_each(|rank| *rank += columns - 1);
        let rows = loose.len().div_ceil(columns);
        for (at, index) in loose.into_iter().enumerate() {
            ranks[index] += at / rows;
        }
        broken.push(layer + shift..layer + shift + columns);
        shift += columns - 1;
    }
    broken
}

/// Into how many columns a layer's boxes are broken so that they are about as wide as high.
fn columns(items: &[Item], loose: &[usize]) -> usize {
    let height: f64 = loose.iter().map(|index| items[*index].height + APART).sum();
    let width = loose.iter().map(|index| items[*index].width).fold(0.0, f64::max) + GAP;
    let fits = |columns: &usize| height / *columns as f64 <= HIGHEST.max(*columns as f64 * width * 1.1);
    (1..).find(fits).unwrap_or(1)
}

impl Columns {
    /// Lets the columns begin at one height and straightens the buses: upward those above, downward those below.
    pub(super) fn level(&self, cells: &[Cell], layers: &Layers, y: &mut [f64]) {
        for columns in &self.broken {
            let below_top = |layer: usize| layers[layer].iter().copied().filter(|cell| cells[*cell].edge != Edge::Top);
            let begins = |layer: usize, y: &[f64]| below_top(layer).next().map(|cell| y[cell]);
            let start = columns.clone().filter_map(|layer| begins(layer, y)).fold(f64::NEG_INFINITY, f64::max);
            for layer in columns.clone() {
                let down = begins(layer, y).map_or(0.0, |begin| start - begin);
                below_top(layer).for_each(|cell| y[cell] += down);
                draw_in(cells, &layers[layer], y);
            }
        }
        for bus in &self.buses {
            let heights = || bus.iter().map(|cell| y[*cell]);
            let height = match bus.first().map(|cell| cells[*cell].edge) {
                Some(Edge::Top) => heights().fold(f64::INFINITY, f64::min),
                Some(Edge::Bottom) => heights().fold(f64::NEG_INFINITY, f64::max),
                _ => continue,
            };
            bus.iter().for_each(|cell| y[*cell] = height);
        }
    }

    /// Whether the layer is one of the columns.
    pub(super) fn holds(&self, layer: usize) -> bool {
        self.broken.iter().any(|columns| columns.contains(&layer))
    }
}

/// Puts the lanes at a layer's edges as near to its boxes as may be.
fn draw_in(cells: &[Cell], layer: &[usize], y: &mut [f64]) {
    for pair in layer.windows(2).rev().filter(|pair| cells[pair[0]].edge == Edge::Top) {
        y[pair[0]] = y[pair[1]] - separation(&cells[pair[0]], &cells[pair[1]]);
    }
    for pair in layer.windows(2).filter(|pair| cells[pair[1]].edge == Edge::Bottom) {
        y[pair[1]] = y[pair[0]] + separation(&cells[pair[0]], &cells[pair[1]]);
    }
}
