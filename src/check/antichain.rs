//! The heaviest things of which none comes before another: what may run at once, exactly.
//!
//! By Dilworth's theorem with weights, that is the sum of all weights less the greatest flow from each to what comes after it.

use std::collections::VecDeque;

/// Beyond so many things the flow takes too long, and whoever asks keeps a bound.
pub(super) const MOST: usize = 300;
/// What is left by sums of decimals that binary fractions do not hold.
const NOTHING: f64 = 1e-9;

/// The greatest sum of weights of things that may be at once. `before[b][a]`: `a` comes before `b`, over others too.
pub(super) fn heaviest(weights: &[f64], before: &[Vec<bool>]) -> f64 {
    let mut flow = Flow::new(weights, before);
    while flow.augment() {}
    weights.iter().sum::<f64>() - flow.sent
}

/// Every thing stands on both sides: as an earlier one and as a later one.
struct Flow<'a> {
    before: &'a [Vec<bool>],
    earlier_left: Vec<f64>,
    later_left: Vec<f64>,
    along: Vec<Vec<f64>>,
    sent: f64,
}

impl<'a> Flow<'a> {
    fn new(weights: &[f64], before: &'a [Vec<bool>]) -> Self {
        let along = vec![vec![0.0; weights.len()]; weights.len()];
        Self { before, earlier_left: weights.to_vec(), later_left: weights.to_vec(), along, sent: 0.0 }
    }

    /// Sends more along a shortest way that has room; false where there is none.
    fn augment(&mut self) -> bool {
        let count = self.before.len();
        let mut came_later: Vec<Option<usize>> = vec![None; count];
        let mut came_earlier: Vec<Option<usize>> = vec![None; count];
        let mut starts = vec![false; count];
        let mut queue = VecDeque::new();
        for at in (0..count).filter(|at| self.earlier_left[*at] > NOTHING) {
            starts[at] = true;
            queue.push_back(at);
        }
        while let Some(earlier) = queue.pop_front() {
            for later in 0..count {
                let follows = self.before[later].get(earlier).copied().unwrap_or(false);
                if !follows || came_later[later].is_some() {
                    continue;
                }
                came_later[later] = Some(earlier);
                if self.later_left[later] > NOTHING {
                    self.send(later, &came_later, &came_earlier, &starts);
                    return true;
                }
                for back in 0..count {
                    let known = starts[back] || came_earlier[back].is_some();
                    if self.along[back][later] > NOTHING && !known {
                        came_earlier[back] = Some(later);
                        queue.push_back(back);
                    }
                }
            }
        }
        false
    }

    fn send(&mut self, end: usize, came_later: &[Option<usize>], came_earlier: &[Option<usize>], starts: &[bool]) {
        let mut way = Vec::new();
        let (mut later, mut room) = (end, self.later_left[end]);
        loop {
            let Some(earlier) = came_later[later] else { return };
            way.push((earlier, later));
            if starts[earlier] {
                room = room.min(self.earlier_left[earlier]);
                self.earlier_left[earlier] -= room;
                break;
            }
            let Some(over) = came_earlier[earlier] else { return };
            room = room.min(self.along[earlier][over]);
            later = over;
        }
        self.later_left[end] -= room;
        self.sent += room;
        for (at, (earlier, later)) in way.iter().enumerate() {
            self.along[*earlier][*later] += room;
            if let Some((_, over)) = way.get(at + 1) {
                self.along[*earlier][*over] -= room;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::heaviest;

    fn order(count: usize, pairs: &[(usize, usize)]) -> Vec<Vec<bool>> {
        let mut before = vec![vec![false; count]; count];
        pairs.iter().for_each(|(a, b)| before[*b][*a] = true);
        for middle in 0..count {
            for b in 0..count {
                for a in 0..count {
                    before[b][a] |= before[middle][a] && before[b][middle];
                }
            }
        }
        before
    }

    /// Every set tried.
    fn by_trying(weights: &[f64], before: &[Vec<bool>]) -> f64 {
        let count = weights.len();
        let apart = |set: usize| {
            let held = |at: usize| set & (1 << at) != 0;
            (0..count).all(|a| (0..count).all(|b| !held(a) || !held(b) || !before[b][a]))
        };
        let weight = |set: usize| (0..count).filter(|at| set & (1 << at) != 0).map(|at| weights[at]).sum::<f64>();
        (0..1usize << count).filter(|set| apart(*set)).map(weight).fold(0.0, f64::max)
    }

    #[test]
    fn it_is_what_trying_every_set_finds() {
        let mut seed = 7u64;
        let mut next = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        for _ in 0..300 {
            let count = 1 + next(8) as usize;
            let weights: Vec<f64> = (0..count).map(|_| next(9) as f64 / 2.0).collect();
            let mut pairs = Vec::new();
            for b in 0..count {
                pairs.extend((0..b).filter(|_| next(3) == 0).map(|a| (a, b)).collect::<Vec<_>>());
            }
            let before = order(count, &pairs);
            let (found, wanted) = (heaviest(&weights, &before), by_trying(&weights, &before));
            assert!((found - wanted).abs() < 1e-6, "{weights:?} {pairs:?}: {found}, not {wanted}");
        }
    }
}
