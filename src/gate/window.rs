//! Windows: whether a moment is one at which a change may pass, and until when that stays so.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use serde_json::Value as Json;

use crate::plan::Form;

/// What a window says of a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Whether a change may pass.
    pub open: bool,
    /// Until when that stays so; none: for as long as one can see.
    pub until: Option<DateTime<Utc>>,
    /// The window in words.
    pub window: String,
}

/// How many days ahead an opening is looked for.
const AHEAD: u64 = 400;

/// Decides a window; a sentence where it cannot be.
pub fn decide(window: &Form, at: DateTime<Utc>) -> Result<Opening, String> {
    let text = |name: &str| window.arguments.get(name).and_then(Json::as_str).unwrap_or_default();
    let zone: Tz = text("timezone").parse().map_err(|_| format!("`{}` is no time zone", text("timezone")))?;
    match window.form.as_str() {
        "open" => {
            let days = window.arguments.get("days").and_then(Json::as_array);
            let days: Vec<Weekday> = days.into_iter().flatten().filter_map(|day| day.as_str()?.parse().ok()).collect();
            let hours = Hours { days, from: time(text("from"))?, to: time(text("to"))?, zone };
            let (open, until) = hours.at(at);
            Ok(Opening { open, until, window: format!("open {} to {}, {zone}", text("from"), text("to")) })
        }
        "freeze" => {
            let (from, to) = (date(text("from"))?, date(text("to"))?);
            let begin = start_of(zone, from);
            let end = start_of(zone, to + Days::new(1));
            let frozen = at >= begin && at < end;
            let until = if frozen { Some(end) } else { Some(begin).filter(|begin| at < *begin) };
            Ok(Opening { open: !frozen, until, window: format!("frozen from {from} to {to}, {zone}") })
        }
        other => Err(format!("`{other}` is no window that can be decided")),
    }
}

/// Hours of days of the week. Hours that end before they begin go over midnight, and belong to the day on which they begin.
struct Hours {
    days: Vec<Weekday>,
    from: NaiveTime,
    to: NaiveTime,
    zone: Tz,
}

impl Hours {
    fn at(&self, at: DateTime<Utc>) -> (bool, Option<DateTime<Utc>>) {
        let today = at.with_timezone(&self.zone).date_naive();
        let first = today - Days::new(1);
        for day in (0..AHEAD).map(|ahead| first + Days::new(ahead)).filter(|day| self.days.contains(&day.weekday())) {
            let last = if self.to <= self.from { day + Days::new(1) } else { day };
            let (begin, end) = (moment(self.zone, day.and_time(self.from)), moment(self.zone, last.and_time(self.to)));
            if at < begin {
                return (false, Some(begin));
            }
            if at < end {
                return (true, Some(end));
            }
        }
        (false, None)
    }
}

/// A moment by a clock on the wall. An hour that is skipped in spring begins when the clock goes on; of one that comes twice in
/// autumn, the first is meant.
fn moment(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    let mut local = local;
    loop {
        if let Some(found) = zone.from_local_datetime(&local).earliest() {
            return found.with_timezone(&Utc);
        }
        local += chrono::TimeDelta::minutes(1);
    }
}

fn start_of(zone: Tz, day: NaiveDate) -> DateTime<Utc> {
    moment(zone, day.and_time(NaiveTime::MIN))
}

fn time(text: &str) -> Result<NaiveTime, String> {
    // A day ends where the next begins.
    if text == "24:00" {
        return Ok(NaiveTime::MIN);
    }
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| format!("`{text}` is no time of day"))
}

fn date(text: &str) -> Result<NaiveDate, String> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| format!("`{text}` is no day"))
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;
    use serde_json::json;

    use super::*;
    use crate::source::Span;

    fn form(name: &str, arguments: &[(&str, Json)]) -> Form {
        let arguments = arguments.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Form { form: name.to_owned(), arguments, properties: IndexMap::new(), span: Span::default() }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a moment")
    }

    fn said(window: &Form, moment: &str) -> (bool, Option<String>) {
        let found = decide(window, at(moment)).expect("a window");
        (found.open, found.until.map(|until| until.format("%Y-%m-%dT%H:%MZ").to_string()))
    }

    #[test]
    fn working_hours_are_those_of_the_place() {
        let days = json!(["monday", "tuesday"]);
        let berlin = form(
            "open",
            &[("days", days), ("from", json!("08:00")), ("to", json!("16:00")), ("timezone", json!("Europe/Berlin"))],
        );
        // 2026-06-01 is a Monday; Berlin is two hours ahead in summer, one in winter.
        assert_eq!(said(&berlin, "2026-06-01T05:59:00Z"), (false, Some("2026-06-01T06:00Z".into())));
        assert_eq!(said(&berlin, "2026-06-01T06:00:00Z"), (true, Some("2026-06-01T14:00Z".into())));
        assert_eq!(said(&berlin, "2026-06-02T14:00:00Z"), (false, Some("2026-06-08T06:00Z".into())));
        assert_eq!(said(&berlin, "2026-12-07T06:30:00Z"), (false, Some("2026-12-07T07:00Z".into())));
    }

    #[test]
    fn hours_over_midnight_belong_to_the_day_on_which_they_begin() {
        let night = form(
            "open",
            &[
                ("days", json!(["saturday"])),
                ("from", json!("22:00")),
                ("to", json!("04:00")),
                ("timezone", json!("UTC")),
            ],
        );
        assert_eq!(said(&night, "2026-06-07T03:59:00Z"), (true, Some("2026-06-07T04:00Z".into())));
        assert_eq!(said(&night, "2026-06-06T03:59:00Z"), (false, Some("2026-06-06T22:00Z".into())));
    }

    #[test]
    fn an_hour_that_the_clock_skips_begins_when_it_goes_on() {
        // In Berlin the clock goes from 02:00 to 03:00 on 2026-03-29, a Sunday.
        let early = form(
            "open",
            &[
                ("days", json!(["sunday"])),
                ("from", json!("02:30")),
                ("to", json!("04:00")),
                ("timezone", json!("Europe/Berlin")),
            ],
        );
        assert_eq!(said(&early, "2026-03-29T00:30:00Z"), (false, Some("2026-03-29T01:00Z".into())));
        assert_eq!(said(&early, "2026-03-29T01:00:00Z"), (true, Some("2026-03-29T02:00Z".into())));
    }

    #[test]
    fn a_freeze_denies_both_its_days() {
        let freeze =
            form("freeze", &[("from", json!("2026-12-20")), ("to", json!("2027-01-03")), ("timezone", json!("UTC"))]);
        assert_eq!(said(&freeze, "2026-12-19T23:59:00Z"), (true, Some("2026-12-20T00:00Z".into())));
        assert_eq!(said(&freeze, "2026-12-20T00:00:00Z"), (false, Some("2027-01-04T00:00Z".into())));
        assert_eq!(said(&freeze, "2027-01-03T23:59:00Z"), (false, Some("2027-01-04T00:00Z".into())));
        assert_eq!(said(&freeze, "2027-01-04T00:00:00Z"), (true, None));
    }

    #[test]
    fn no_day_is_never() {
        let never = form(
            "open",
            &[("days", json!([])), ("from", json!("08:00")), ("to", json!("16:00")), ("timezone", json!("UTC"))],
        );
        assert_eq!(said(&never, "2026-06-01T09:00:00Z"), (false, None));
        let wrong = form(
            "open",
            &[("days", json!([])), ("from", json!("29:00")), ("to", json!("16:00")), ("timezone", json!("UTC"))],
        );
        assert_eq!(decide(&wrong, at("2026-06-01T09:00:00Z")), Err("`29:00` is no time of day".to_owned()));
    }
}
