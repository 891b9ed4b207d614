//! The height of every cell, given the order of each layer: as near to straight wires as it can be.

use super::broken::Columns;
use super::layered::{Cell, Edge, Segment};
use super::order::Layers;

/// Between two boxes one above the other.
pub(super) const APART: f64 = 22.0;
/// Around a lane.
const LANE: f64 = 14.0;
/// The least distance from the top of a cell to the top of the one below it.
pub(super) fn separation(upper: &Cell, lower: &Cell) -> f64 {
    let apart = match (upper.is_lane, lower.is_lane) {
        (true, true) => LANE,
        (false, false) => APART,
        _ => LANE + 2.0,
    };
    upper.height + apart
}

/// The top of every cell: as near to straight wires as their order allows.
pub(super) fn heights(cells: &[Cell], segments: &[Segment], layers: &Layers, columns: &Columns) -> Vec<f64> {
    let wires = Wires::of(cells, segments);
    let mut y = stacked(cells, layers);
    let all: Vec<usize> = (0..layers.len()).collect();
    for pass in 0..30 {
        wires.sweep(cells, layers, &all, pass, pass >= 22, &mut y);
    }
    if !columns.broken.is_empty() {
        columns.level(cells, layers, &mut y);
        let others: Vec<usize> = all.into_iter().filter(|layer| !columns.holds(*layer)).collect();
        (0..8).for_each(|pass| wires.sweep(cells, layers, &others, pass, true, &mut y));
    }
    let top = y.iter().copied().fold(f64::INFINITY, f64::min);
    y.iter().map(|y| y - top).collect()
}

/// Every layer's cells one below the other.
fn stacked(cells: &[Cell], layers: &Layers) -> Vec<f64> {
    let mut y = vec![0.0; cells.len()];
    for layer in layers {
        let mut top = 0.0;
        for pair in layer.windows(2) {
            top += separation(&cells[pair[0]], &cells[pair[1]]);
            y[pair[1]] = top;
        }
    }
    y
}

/// What each cell is tied to in the layer before and after: the other, the difference of their tops that would be straight, how much it counts.
struct Wires {
    before: Vec<Vec<(usize, f64, f64)>>,
    after: Vec<Vec<(usize, f64, f64)>>,
}

impl Wires {
    fn of(cells: &[Cell], segments: &[Segment]) -> Self {
        let mut wires = Self { before: vec![Vec::new(); cells.len()], after: vec![Vec::new(); cells.len()] };
        for segment in segments {
            let straight = straightness(&cells[segment.from], &cells[segment.to]);
            wires.after[segment.from].push((segment.to, segment.to_y - segment.from_y, straight));
            wires.before[segment.to].push((segment.from, segment.from_y - segment.to_y, straight));
        }
        wires
    }

    /// Moves the cells of those layers nearer to what they are tied to: rightward in even passes, leftward in odd ones.
    fn sweep(&self, cells: &[Cell], layers: &Layers, which: &[usize], pass: usize, both: bool, y: &mut [f64]) {
        let rightward = pass.is_multiple_of(2);
        let mut one = |layer: usize| {
            let wanted = layers[layer].iter().map(|&cell| {
                let before = self.before[cell].iter().filter(|_| both || rightward);
                let after = self.after[cell].iter().filter(|_| both || !rightward);
                wish(y, cell, before.chain(after))
            });
            let wanted: Vec<(f64, f64)> = wanted.collect();
            settle(cells, &layers[layer], &wanted, y);
        };
        match rightward {
            true => which.iter().for_each(|layer| one(*layer)),
            false => which.iter().rev().for_each(|layer| one(*layer)),
        }
    }
}

/// How much a wire's part asks to be straight: a lane more than a wire's end, the lanes of a broken layer above all.
fn straightness(from: &Cell, to: &Cell) -> f64 {
    let along_edge = from.edge != Edge::Between || to.edge != Edge::Between;
    match (from.is_lane, to.is_lane) {
        (true, true) if along_edge => 1_000.0,
        (true, true) => 8.0,
        (false, false) => 1.0,
        _ if along_edge => 0.05,
        _ => 2.0,
    }
}

/// Where a cell would like to be, and how much: the mean of what its wires ask.
fn wish<'a>(y: &[f64], cell: usize, wires: impl Iterator<Item = &'a (usize, f64, f64)>) -> (f64, f64) {
    let (sum, weight) = wires.fold((0.0, 0.0), |(sum, weight), (other, offset, straight)| {
        (sum + straight * (y[*other] + offset), weight + straight)
    });
    if weight > 0.0 { (sum / weight, weight) } else { (y[cell], 0.02) }
}

/// Puts a layer's cells as near to where they would like to be as order and distance allow (pool adjacent violators).
fn settle(cells: &[Cell], layer: &[usize], wanted: &[(f64, f64)], y: &mut [f64]) {
    let mut offset = 0.0;
    let mut offsets = Vec::with_capacity(layer.len());
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for (index, (wish, weight)) in wanted.iter().enumerate() {
        if index > 0 {
            offset += separation(&cells[layer[index - 1]], &cells[layer[index]]);
        }
        offsets.push(offset);
        pools.push(((wish - offset) * weight, *weight, 1));
        while let [.., upper, lower] = pools.as_slice() {
            if upper.0 / upper.1 <= lower.0 / lower.1 {
                break;
            }
            let merged = (upper.0 + lower.0, upper.1 + lower.1, upper.2 + lower.2);
            pools.truncate(pools.len() - 2);
            pools.push(merged);
        }
    }
    let tops = pools.iter().flat_map(|(sum, weight, count)| std::iter::repeat_n(sum / weight, *count));
    for ((cell, offset), top) in layer.iter().zip(offsets).zip(tops) {
        y[*cell] = top + offset;
    }
}
