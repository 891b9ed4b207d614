//! The longest time between two moments that a cron expression names.

use chrono::{TimeZone, Utc};

/// How many moments are looked at, and over how many years: a leap day comes back after eight at most.
const MOMENTS: usize = 2_000;
const YEARS: i64 = 9;

/// Seconds; none where it names two moments in nine years at most. Any fixed beginning serves: the same text gives the same.
pub(super) fn longest(expression: &str) -> Option<u64> {
    let cron: croner::Cron = expression.parse().ok()?;
    let begin = Utc.with_ymd_and_hms(2024, 1, 1, 0, 0, 0).single()?;
    let end = begin + chrono::Duration::days(366 * YEARS);
    let moments: Vec<_> =
        cron.iter_from(begin, croner::Direction::Forward).take(MOMENTS).take_while(|moment| *moment < end).collect();
    let gaps = moments.windows(2).map(|pair| (pair[1] - pair[0]).num_seconds());
    gaps.max().and_then(|longest| u64::try_from(longest).ok())
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
        assert_eq!(longest("* * * * *"), Some(60));
        assert_eq!(longest("never"), None);
    }
}
