//! The ways of wires through the layers that they pass.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::layered::{Cell, Edge, Segment, Wire};

/// The lanes of wires: those that begin at one port share them, else those that end at one port.
pub(super) struct Lanes {
    begin_together: BTreeSet<(usize, u64)>,
    end_together: BTreeSet<(usize, u64)>,
    broken: Vec<Range<usize>>,
    cells: BTreeMap<(bool, usize, u64, usize), usize>,
    joined: BTreeSet<(usize, u64, usize, u64)>,
}

impl Lanes {
    pub(super) fn of(wires: &[Wire], broken: &[Range<usize>]) -> Self {
        let several = |port: fn(&Wire) -> (usize, u64)| {
            let mut seen = BTreeSet::new();
            wires.iter().map(port).filter(|port| !seen.insert(*port)).collect()
        };
        Self {
            begin_together: several(|wire| (wire.from, wire.from_y.to_bits())),
            end_together: several(|wire| (wire.to, wire.to_y.to_bits())),
            broken: broken.to_vec(),
            cells: BTreeMap::new(),
            joined: BTreeSet::new(),
        }
    }

    fn edge(&self, layer: usize, from_start: bool, port: (usize, u64)) -> Edge {
        match (self.broken.iter().any(|columns| columns.contains(&layer)), from_start) {
            (true, true) => Edge::Top,
            (true, false) if self.end_together.contains(&port) => Edge::Bottom,
            _ => Edge::Between,
        }
    }

    /// The cells that a wire runs through; new lanes, and the segments between them.
    pub(super) fn route(
        &mut self,
        wire: &Wire,
        ranks: &[usize],
        cells: &mut Vec<Cell>,
        segments: &mut Vec<Segment>,
    ) -> Vec<usize> {
        let begin = (wire.from, wire.from_y.to_bits());
        let from_start = self.begin_together.contains(&begin);
        let (node, port) = if from_start { begin } else { (wire.to, wire.to_y.to_bits()) };
        let mut through = vec![wire.from];
        for layer in ranks[wire.from] + 1..ranks[wire.to] {
            let edge = self.edge(layer, from_start, (node, port));
            let cell = *self.cells.entry((from_start, node, port, layer)).or_insert_with(|| {
                cells.push(Cell { layer, height: 0.0, is_lane: true, edge, in_order: false });
                cells.len() - 1
            });
            through.push(cell);
        }
        through.push(wire.to);
        for pair in through.windows(2) {
            let from_y = if pair[0] == wire.from { wire.from_y } else { 0.0 };
            let to_y = if pair[1] == wire.to { wire.to_y } else { 0.0 };
            if self.joined.insert((pair[0], from_y.to_bits(), pair[1], to_y.to_bits())) {
                segments.push(Segment { from: pair[0], from_y, to: pair[1], to_y });
            }
        }
        through
    }

    /// Lanes of one bundle beside one broken layer.
    pub(super) fn buses(&self) -> Vec<Vec<usize>> {
        let mut buses: BTreeMap<(bool, usize, u64, usize), Vec<usize>> = BTreeMap::new();
        for ((from_start, node, port, layer), cell) in &self.cells {
            if let Some(columns) = self.broken.iter().find(|columns| columns.contains(layer)) {
                buses.entry((*from_start, *node, *port, columns.start)).or_default().push(*cell);
            }
        }
        buses.into_values().collect()
    }
}
