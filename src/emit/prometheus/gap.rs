//! The longest time between two moments that a cron expression names.

use std::collections::BTreeMap;

use chrono::{Duration, TimeZone, Utc};
use croner::Direction;

/// Moments that are looked at one after another: more than a day has minutes.
const MOMENTS: usize = 1_500;
/// Days between which is looked: a year, and some.
const DAYS: i64 = 400;
/// A leap day comes back after eight years at most.
const YEARS: i64 = 9;

/// What is known of expressions: many pipelines have the same.
#[derive(Default)]
pub(super) struct Gaps {
    known: BTreeMap<String, Option<u64>>,
}

impl Gaps {
    /// Seconds; none where the expression names two moments in nine years at most.
    pub(super) fn longest(&mut self, expression: &str) -> Option<u64> {
        *self.known.entry(expression.to_owned()).or_insert_with(|| longest(expression))
    }
}

/// Any fixed beginning serves: the same text gives the same.
fn longest(expression: &str) -> Option<u64> {
    let cron: croner::Cron = expression.parse().ok()?;
    let begin = Utc.with_ymd_and_hms(2024, 1, 1, 0, 0, 0).single()?;
    let end = begin + Duration::days(366 * YEARS);
    let moments = cron.iter_from(begin, Direction::Forward).take(MOMENTS).take_while(|moment| *moment < end);
    let moments: Vec<_> = moments.collect();
    let one_by_one = moments.windows(2).map(|pair| pair[1] - pair[0]);
    let over_night = (1..DAYS).filter_map(|day| {
        let midnight = begin + Duration::days(day);
        let before = cron.iter_from(midnight - Duration::seconds(1), Direction::Backward).next()?;
        Some(cron.iter_from(midnight, Direction::Forward).next()? - before)
    });
    let longest = if moments.len() < MOMENTS { one_by_one.max() } else { one_by_one.chain(over_night).max() };
    longest.and_then(|longest| u64::try_from(longest.num_seconds()).ok())
}

#[cfg(test)]
mod tests {
    use super::longest;

    #[test]
    fn gaps_are_the_longest() {
        assert_eq!(longest("30 3 * * 1"), Some(7 * 86_400));
        assert_eq!(longest("0 8,16 * * *"), Some(16 * 3_600));
        assert_eq!(longest("0 9 * * MON-FRI"), Some(3 * 86_400));
        assert_eq!(longest("0 0 1 * *"), Some(31 * 86_400));
        assert_eq!(longest("*/5 * * * MON-FRI"), Some(2 * 86_400 + 300));
        assert_eq!(longest("* * 1 * *"), Some(30 * 86_400 + 60));
        assert_eq!(longest("0 0 29 2 *"), Some(4 * 365 * 86_400 + 86_400));
        assert_eq!(longest("* * * * *"), Some(60));
        assert_eq!(longest("never"), None);
    }
}
