//! The days of a period, as they are in the zone of who asks: a day of Tokyo is none of UTC.

use chrono::{DateTime, NaiveDate, TimeZone};
use chrono_tz::Tz;
use shoseki_event::Timestamp;

use super::evidence::Period;

/// A day's length in microseconds, where clocks are not put forward or back.
pub const DAY: i64 = 86_400_000_000;

/// The day that a moment is of, in a zone: days since 1970-01-01.
pub fn day_of(time: Timestamp, zone: Tz) -> i64 {
    let local = time.to_utc().map(|utc| utc.with_timezone(&zone).date_naive());
    local.map_or(time.0.div_euclid(DAY), |date| date.signed_duration_since(NaiveDate::default()).num_days())
}

/// The date of a moment, in a zone.
pub fn date(time: Timestamp, zone: Tz) -> String {
    named(day_of(time, zone))
}

fn named(day: i64) -> String {
    DateTime::from_timestamp(day.saturating_mul(DAY / 1_000_000), 0)
        .map_or_else(|| day.to_string(), |time| time.date_naive().to_string())
}

/// When a day begins; where clocks are put forward at midnight, an hour later.
fn begin(day: i64, zone: Tz) -> Option<i64> {
    let midnight = DateTime::from_timestamp(day.checked_mul(DAY / 1_000_000)?, 0)?.naive_utc();
    let hours = (0..4).filter_map(|hour| midnight.checked_add_signed(chrono::TimeDelta::hours(hour)));
    hours.filter_map(|local| zone.from_local_datetime(&local).earliest()).map(|time| time.timestamp_micros()).next()
}

impl Period {
    /// The days of the period that are judged: those that lie in it as a whole; where none does, the one that it ends in. A day that
    /// has hardly begun may still be spoken on, and of one whose morning is cut off it is not known whether it was.
    pub fn days(self, zone: Tz) -> Vec<i64> {
        let days = self.whole_days(zone);
        if days.is_empty() { vec![self.last_day(zone)] } else { days }
    }

    /// The days that lie in the period as a whole.
    pub fn whole_days(self, zone: Tz) -> Vec<i64> {
        let is_whole = |day: &i64| {
            let bounds = begin(*day, zone).zip(begin(day + 1, zone));
            bounds.is_some_and(|(from, to)| from >= self.from.0 && to <= self.to.0)
        };
        (day_of(self.from, zone)..=self.last_day(zone)).filter(is_whole).collect()
    }

    fn last_day(self, zone: Tz) -> i64 {
        day_of(Timestamp(self.to.0.saturating_sub(1)), zone)
    }
}

/// Days as people read them: stretches of days that follow each other, `2026-03-05`, `2026-03-07 – 2026-03-09`; some of many.
pub fn days(all: &[i64]) -> String {
    let mut stretches: Vec<(i64, i64)> = Vec::new();
    for day in all {
        match stretches.last_mut() {
            Some((_, last)) if *last + 1 == *day => *last = *day,
            _ => stretches.push((*day, *day)),
        }
    }
    const SHOWN: usize = 5;
    let shown = stretches.iter().take(SHOWN).map(|(from, to)| match from == to {
        true => named(*from),
        false => format!("{} – {}", named(*from), named(*to)),
    });
    let mut text = shown.collect::<Vec<_>>().join(", ");
    if stretches.len() > SHOWN {
        text.push_str(", …");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::tests::time;
    use super::*;

    fn of(from: &str, to: &str, zone: Tz) -> String {
        days(&Period { from: time(from), to: time(to) }.days(zone))
    }

    #[test]
    fn days_are_those_of_the_zone() {
        let tokyo = chrono_tz::Asia::Tokyo;
        assert_eq!(of("2026-03-04T15:00:00Z", "2026-03-05T15:00:00Z", tokyo), "2026-03-05");
        assert_eq!(of("2026-03-04T15:00:00Z", "2026-03-06T15:00:00Z", tokyo), "2026-03-05 – 2026-03-06");
        assert_eq!(of("2026-03-04T00:00:00Z", "2026-03-06T00:00:00Z", Tz::UTC), "2026-03-04 – 2026-03-05");
        assert_eq!(date(time("2026-03-04T15:00:00Z"), tokyo), "2026-03-05");
        assert_eq!(date(time("2026-03-04T14:59:59Z"), tokyo), "2026-03-04");
        assert_eq!(date(time("1969-12-31T14:59:59Z"), tokyo), "1969-12-31");
    }

    #[test]
    fn a_part_of_a_day_counts_where_there_is_no_whole_one() {
        assert_eq!(of("2026-03-04T00:00:01Z", "2026-03-06T23:59:59Z", Tz::UTC), "2026-03-05");
        assert_eq!(of("2026-03-04T00:00:00Z", "2026-03-06T12:00:00Z", Tz::UTC), "2026-03-04 – 2026-03-05");
        assert_eq!(of("2026-03-04T23:00:00Z", "2026-03-05T01:00:00Z", Tz::UTC), "2026-03-05", "an hour of each");
        assert_eq!(of("2026-03-04T23:00:00Z", "2026-03-05T00:00:00Z", Tz::UTC), "2026-03-04");
    }

    #[test]
    fn clocks_are_put_forward_at_midnight() {
        // Beirut has no hour after the midnight of this day.
        let beirut = chrono_tz::Asia::Beirut;
        assert_eq!(of("2026-03-27T22:00:00Z", "2026-03-29T21:00:00Z", beirut), "2026-03-28 – 2026-03-29");
    }
}
