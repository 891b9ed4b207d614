//! The order of the cells in each layer: few crossings, found by barycentres, the same every time.

use super::layered::{Cell, Segment};

/// Cells by layer, from top to bottom.
pub(super) type Layers = Vec<Vec<usize>>;

const SWEEPS: usize = 16;

pub(super) fn ordered(cells: &[Cell], segments: &[Segment]) -> Layers {
    let count = cells.iter().map(|cell| cell.layer + 1).max().unwrap_or(0);
    let mut layers: Layers = vec![Vec::new(); count];
    for (index, cell) in cells.iter().enumerate() {
        layers[cell.layer].push(index);
    }
    layers.iter_mut().for_each(|layer| layer.sort_by_key(|cell| cells[*cell].edge));
    let between = by_layer(cells, segments, count);
    let mut best = layers.clone();
    let mut fewest = crossings(cells, &layers, &between);
    for sweep in 0..SWEEPS {
        if fewest == 0 {
            break;
        }
        if sweep % 2 == 0 {
            (1..count).for_each(|layer| sort(cells, &mut layers, layer, layer - 1, &between[layer - 1], true));
        } else {
            (0..count - 1).rev().for_each(|layer| sort(cells, &mut layers, layer, layer + 1, &between[layer], false));
        }
        let crossing = crossings(cells, &layers, &between);
        if crossing < fewest {
            (fewest, best) = (crossing, layers.clone());
        }
    }
    best
}

/// The segments that begin in each layer.
fn by_layer<'a>(cells: &[Cell], segments: &'a [Segment], count: usize) -> Vec<Vec<&'a Segment>> {
    let mut between = vec![Vec::new(); count];
    for segment in segments {
        between[cells[segment.from].layer].push(segment);
    }
    between
}

/// Where each cell of a layer stands, as a number that grows downward.
fn positions(cells: &[Cell], layer: &[usize]) -> std::collections::BTreeMap<usize, (f64, f64)> {
    layer.iter().enumerate().map(|(at, cell)| (*cell, (at as f64, 1.0 / cells[*cell].height.max(1.0)))).collect()
}

/// The height of a port, as a number that grows downward: the cell's place and the port's within it.
fn port(positions: &std::collections::BTreeMap<usize, (f64, f64)>, cell: usize, y: f64) -> f64 {
    positions.get(&cell).map_or(0.0, |(at, scale)| at + (y * scale).clamp(0.0, 0.99))
}

fn sort(cells: &[Cell], layers: &mut Layers, layer: usize, fixed: usize, segments: &[&Segment], rightward: bool) {
    let known = positions(cells, &layers[fixed]);
    let own = positions(cells, &layers[layer]);
    let mut sums: std::collections::BTreeMap<usize, (f64, f64)> = Default::default();
    for segment in segments {
        let (moving, still, y) = match rightward {
            true => (segment.to, segment.from, segment.from_y),
            false => (segment.from, segment.to, segment.to_y),
        };
        let sum = sums.entry(moving).or_default();
        *sum = (sum.0 + port(&known, still, y), sum.1 + 1.0);
    }
    let key = |cell: &usize| sums.get(cell).map(|(sum, count)| sum / count);
    let last = layers[fixed].len().max(1) as f64 / layers[layer].len().max(1) as f64;
    let wish = |cell: &usize| key(cell).unwrap_or_else(|| own.get(cell).map_or(0.0, |(at, _)| at * last));
    layers[layer].sort_by(|a, b| cells[*a].edge.cmp(&cells[*b].edge).then(wish(a).total_cmp(&wish(b))));
    keep_order(cells, &mut layers[layer]);
}

/// Puts the cells that keep their order into it, each where one of them stands.
fn keep_order(cells: &[Cell], layer: &mut [usize]) {
    let places: Vec<usize> = (0..layer.len()).filter(|at| cells[layer[*at]].in_order).collect();
    let mut kept: Vec<usize> = places.iter().map(|at| layer[*at]).collect();
    kept.sort_unstable();
    places.into_iter().zip(kept).for_each(|(at, cell)| layer[at] = cell);
}

fn crossings(cells: &[Cell], layers: &Layers, between: &[Vec<&Segment>]) -> usize {
    let positions: Vec<_> = layers.iter().map(|layer| positions(cells, layer)).collect();
    let layer_crossings = |(layer, segments): (usize, &Vec<&Segment>)| {
        let Some(next) = positions.get(layer + 1) else { return 0 };
        let mut ends: Vec<(f64, f64)> = segments
            .iter()
            .map(|segment| {
                (port(&positions[layer], segment.from, segment.from_y), port(next, segment.to, segment.to_y))
            })
            .collect();
        ends.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        inversions(&mut ends.into_iter().map(|(_, to)| to).collect::<Vec<_>>())
    };
    between.iter().enumerate().map(layer_crossings).sum()
}

/// How many pairs stand in the wrong order (merge sort).
fn inversions(values: &mut Vec<f64>) -> usize {
    if values.len() < 2 {
        return 0;
    }
    let mut right = values.split_off(values.len() / 2);
    let mut count = inversions(values) + inversions(&mut right);
    let mut merged = Vec::with_capacity(values.len() + right.len());
    let (mut i, mut j) = (0, 0);
    while i < values.len() && j < right.len() {
        if right[j] < values[i] {
            count += values.len() - i;
            merged.push(right[j]);
            j += 1;
        } else {
            merged.push(values[i]);
            i += 1;
        }
    }
    merged.extend_from_slice(&values[i..]);
    merged.extend_from_slice(&right[j..]);
    *values = merged;
    count
}

#[cfg(test)]
mod tests {
    #[test]
    fn pairs_in_the_wrong_order_are_counted() {
        assert_eq!(super::inversions(&mut vec![1.0, 2.0, 3.0]), 0);
        assert_eq!(super::inversions(&mut vec![3.0, 2.0, 1.0]), 3);
        assert_eq!(super::inversions(&mut vec![2.0, 1.0, 2.0, 1.0]), 3);
    }
}
