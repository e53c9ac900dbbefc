//! Periods of time in a zone: where the one begins that holds an instant. Exact, without AWS's caps.
//!
//! Milliseconds to hours count from local midnight of 1970-01-01 and days from that day; weeks begin on Monday; months,
//! quarters and years follow the calendar from year 0.

use chrono::{
    DateTime, Datelike, Duration as Delta, MappedLocalTime, Months, NaiveDate, NaiveDateTime, Offset, TimeZone, Utc,
};
use chrono_tz::Tz;
use shoseki_insights::{Duration, Unit};

const DAY: i64 = 86_400_000_000;

/// The length of a period in microseconds; `None` where it depends on the calendar (a day may have 23 hours).
fn period_micros(period: Duration) -> Option<i64> {
    let unit = match period.unit {
        Unit::Millisecond => 1_000,
        Unit::Second => 1_000_000,
        Unit::Minute => 60_000_000,
        Unit::Hour => 3_600_000_000,
        Unit::Day | Unit::Week | Unit::Month | Unit::Quarter | Unit::Year => return None,
    };
    Some(unit * i64::from(period.count))
}

/// The beginning of the period that holds an instant; both in microseconds since 1970, UTC.
pub(crate) fn bin(micros: i64, period: Duration, zone: Tz) -> Option<i64> {
    edges(micros, period, zone).map(|(start, _)| start)
}

/// Beginnings of periods, one after another. Of periods of days and longer it remembers the last: which day it is locally decides where
/// such a period begins, whatever the clocks do.
pub(crate) struct Binner {
    period: Duration,
    zone: Tz,
    /// The days of the last period, in local microseconds, and where it begins.
    last: Option<(std::ops::Range<i64>, i64)>,
}

impl Binner {
    pub(crate) fn new(period: Duration, zone: Tz) -> Self {
        Self { period, zone, last: None }
    }

    /// As [`bin`] does.
    pub(crate) fn start(&mut self, micros: i64) -> Option<i64> {
        let local = micros.checked_add(offset_micros(micros, self.zone)?)?;
        if let Some((_, start)) = self.last.as_ref().filter(|(days, _)| days.contains(&local)) {
            return Some(*start);
        }
        if period_micros(self.period).is_none() {
            let (first, end) = dates(local.div_euclid(DAY), self.period)?;
            let start = midnight(first, self.zone)?;
            self.last = Some((local_of(first)?..local_of(end)?, start));
            return Some(start);
        }
        bin(micros, self.period, self.zone)
    }
}

/// Midnight of a date, in local microseconds.
fn local_of(date: NaiveDate) -> Option<i64> {
    Some(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros())
}

/// The instant itself where a period begins there, or the beginning of the next.
pub(crate) fn ceiling(micros: i64, period: Duration, zone: Tz) -> Option<i64> {
    let (start, end) = edges(micros, period, zone)?;
    Some(if start == micros { start } else { end })
}

/// The instant a period later, or, backwards, earlier. Days and longer periods follow the calendar of the zone; of a month
/// that lacks the day it is the last one.
pub(crate) fn moved(micros: i64, period: Duration, backwards: bool, zone: Tz) -> Option<i64> {
    if let Some(length) = period_micros(period) {
        return micros.checked_add(if backwards { -length } else { length });
    }
    let local = DateTime::from_timestamp_micros(micros)?.with_timezone(&zone).naive_local();
    let months = |count: u32| {
        let count = Months::new(period.count.checked_mul(count)?);
        if backwards { local.checked_sub_months(count) } else { local.checked_add_months(count) }
    };
    let days = |count: i64| {
        let count = Delta::try_days(i64::from(period.count) * count)?;
        if backwards { local.checked_sub_signed(count) } else { local.checked_add_signed(count) }
    };
    let there = match period.unit {
        Unit::Week => days(7)?,
        Unit::Month => months(1)?,
        Unit::Quarter => months(3)?,
        Unit::Year => months(12)?,
        _ => days(1)?,
    };
    local_micros(there, zone)
}

/// The first instant that, moved forward by the period, is this one or a later one. A month before 29 March is the first of
/// March where February has 28 days: all of February moves to before it.
pub(crate) fn moved_from(micros: i64, period: Duration, zone: Tz) -> Option<i64> {
    let back = moved(micros, period, true, zone)?;
    let date = |micros| Some(DateTime::from_timestamp_micros(micros)?.with_timezone(&zone).date_naive());
    let is_of_months = matches!(period.unit, Unit::Month | Unit::Quarter | Unit::Year);
    if is_of_months && date(back)?.day() != date(micros)?.day() {
        return midnight(date(back)?.succ_opt()?, zone);
    }
    Some(back)
}

/// How many microseconds a period has, a day being 24 hours and a month the twelfth of a mean year: for rates.
pub(crate) fn mean_micros(period: Duration) -> f64 {
    const MEAN_MONTH: f64 = 365.2425 / 12.0;
    let days = match period.unit {
        Unit::Week => 7.0,
        Unit::Month => MEAN_MONTH,
        Unit::Quarter => MEAN_MONTH * 3.0,
        Unit::Year => MEAN_MONTH * 12.0,
        _ => 1.0,
    };
    period_micros(period).map_or_else(|| days * DAY as f64 * f64::from(period.count), |micros| micros as f64)
}

fn edges(micros: i64, period: Duration, zone: Tz) -> Option<(i64, i64)> {
    let offset = offset_micros(micros, zone)?;
    let local = micros.checked_add(offset)?;
    if let Some(length) = period_micros(period) {
        let start = local.div_euclid(length) * length - offset;
        return Some((start, start.checked_add(length)?));
    }
    let (start, end) = dates(local.div_euclid(DAY), period)?;
    Some((midnight(start, zone)?, midnight(end, zone)?))
}

/// The first date of the period of days or longer that holds a day (since 1970, local), and the first of the next.
fn dates(day: i64, period: Duration) -> Option<(NaiveDate, NaiveDate)> {
    let count = i64::from(period.count);
    let epoch = NaiveDate::from_ymd_opt(1970, 1, 1)?;
    // 1970-01-01 was a Thursday: three days after the Monday that weeks are counted from.
    let of_days = |length: i64, shift: i64| {
        let start = (day + shift).div_euclid(length) * length - shift;
        let date = |day: i64| epoch.checked_add_signed(Delta::try_days(day)?);
        Some((date(start)?, date(start.checked_add(length)?)?))
    };
    let of_months = |length: i64| {
        let date = epoch.checked_add_signed(Delta::try_days(day)?)?;
        let month = i64::from(date.year()) * 12 + i64::from(date.month0());
        let start = month.div_euclid(length) * length;
        let date = |month: i64| {
            let year = i32::try_from(month.div_euclid(12)).ok()?;
            NaiveDate::from_ymd_opt(year, u32::try_from(month.rem_euclid(12)).ok()? + 1, 1)
        };
        Some((date(start)?, date(start.checked_add(length)?)?))
    };
    match period.unit {
        Unit::Week => of_days(count.checked_mul(7)?, 3),
        Unit::Month => of_months(count),
        Unit::Quarter => of_months(count.checked_mul(3)?),
        Unit::Year => of_months(count.checked_mul(12)?),
        _ => of_days(count, 0),
    }
}

fn offset_micros(micros: i64, zone: Tz) -> Option<i64> {
    if zone == Tz::UTC {
        return Some(0);
    }
    let utc = DateTime::from_timestamp_micros(micros)?.naive_utc();
    Some(i64::from(zone.offset_from_utc_datetime(&utc).fix().local_minus_utc()) * 1_000_000)
}

fn midnight(date: NaiveDate, zone: Tz) -> Option<i64> {
    local_micros(date.and_hms_opt(0, 0, 0)?, zone)
}

/// A local time that the clocks skip is the first that there is after it; one that comes twice is the first.
pub(super) fn local_micros(local: NaiveDateTime, zone: Tz) -> Option<i64> {
    (0..=24).find_map(|hours| match zone.from_local_datetime(&local.checked_add_signed(Delta::try_hours(hours)?)?) {
        MappedLocalTime::Single(time) | MappedLocalTime::Ambiguous(time, _) => Some(time.timestamp_micros()),
        MappedLocalTime::None => None,
    })
}

/// The instant that a text names: RFC 3339; a date, or a date and a time, in the zone; or milliseconds since 1970.
pub(crate) fn read_time(text: &str, zone: Tz) -> Option<i64> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.with_timezone(&Utc).timestamp_micros());
    }
    for format in ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"] {
        if let Ok(local) = NaiveDateTime::parse_from_str(text, format) {
            return local_micros(local, zone);
        }
    }
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return midnight(date, zone);
    }
    super::read_number(text).and_then(super::time_of_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, period: &str, zone: Tz, start: &str, end: &str) {
        let query = shoseki_insights::parse(&format!("stats count(*) by bin({period})"));
        let printed = query.query.to_string();
        assert!(query.errors.is_empty(), "{printed}");
        let digits = period.find(|c: char| !c.is_ascii_digit()).unwrap();
        let (count, unit) = period.split_at(digits);
        let period = Duration { count: count.parse().unwrap(), unit: Unit::from_name(unit).unwrap() };
        let micros = read_time(text, zone).unwrap();
        let show = |micros: Option<i64>| super::super::show_time(micros.unwrap());
        assert_eq!((show(bin(micros, period, zone)), show(ceiling(micros, period, zone))), (start.into(), end.into()));
    }

    #[test]
    fn periods_are_exact_and_follow_the_zone() {
        let (utc, tokyo) = (Tz::UTC, Tz::Asia__Tokyo);
        let time = "2026-03-05T16:07:31.5Z";
        check(time, "300s", utc, "2026-03-05T16:05:00Z", "2026-03-05T16:10:00Z");
        check(time, "7m", utc, "2026-03-05T16:06:00Z", "2026-03-05T16:13:00Z");
        check(time, "1d", utc, "2026-03-05T00:00:00Z", "2026-03-06T00:00:00Z");
        check(time, "1d", tokyo, "2026-03-05T15:00:00Z", "2026-03-06T15:00:00Z");
        check(time, "1w", utc, "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z");
        check(time, "1mo", tokyo, "2026-02-28T15:00:00Z", "2026-03-31T15:00:00Z");
        check(time, "1q", utc, "2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z");
        check(time, "1y", utc, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
        check("2026-03-05T00:00:00Z", "1d", utc, "2026-03-05T00:00:00Z", "2026-03-05T00:00:00Z");
        // The day on which New York's clocks go forward has 23 hours.
        let york = Tz::America__New_York;
        check("2026-03-08T12:00:00Z", "1d", york, "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z");
    }

    #[test]
    fn one_after_another_is_as_each_by_itself() {
        // In St. John's the clocks went back at one minute past midnight: for a minute it was the next day already.
        let zones = [Tz::UTC, Tz::Asia__Tokyo, Tz::America__New_York, Tz::America__St_Johns];
        let from = read_time("2006-10-27T00:00:00Z", Tz::UTC).unwrap();
        for zone in zones {
            for (count, unit) in
                [(1, Unit::Day), (3, Unit::Day), (1, Unit::Week), (1, Unit::Month), (1, Unit::Hour), (7, Unit::Minute)]
            {
                let period = Duration { count, unit };
                let mut binner = Binner::new(period, zone);
                // Forwards by odd steps, and back again.
                let steps = (0..2_000_i64).chain((0..2_000).rev());
                for micros in steps.map(|step| from + step * 17 * 60_000_001) {
                    assert_eq!(binner.start(micros), bin(micros, period, zone), "{micros} {count} {unit:?} {zone}");
                }
            }
        }
        assert_eq!(Binner::new(Duration { count: 1, unit: Unit::Day }, Tz::UTC).start(i64::MAX), None);
    }

    #[test]
    fn times_are_moved_by_the_calendar() {
        let check = |text: &str, count: u32, unit: Unit, backwards: bool, zone: Tz, expected: &str| {
            let there = moved(read_time(text, zone).unwrap(), Duration { count, unit }, backwards, zone);
            assert_eq!(super::super::show_time(there.unwrap()), expected, "{text} {count} {unit:?}");
        };
        let (utc, york) = (Tz::UTC, Tz::America__New_York);
        check("2026-03-05T16:07:31.5Z", 90, Unit::Minute, false, utc, "2026-03-05T17:37:31.500Z");
        check("2026-03-31T00:00:00Z", 1, Unit::Month, true, utc, "2026-02-28T00:00:00Z");
        check("2026-03-05T00:00:00Z", 2, Unit::Week, false, utc, "2026-03-19T00:00:00Z");
        check("2026-03-05T00:00:00Z", 1, Unit::Quarter, true, utc, "2025-12-05T00:00:00Z");
        // Noon to noon over the day of 23 hours.
        check("2026-03-07T17:00:00Z", 1, Unit::Day, false, york, "2026-03-08T16:00:00Z");
        let from = |text: &str| {
            let micros = moved_from(read_time(text, utc).unwrap(), Duration { count: 1, unit: Unit::Month }, utc);
            super::super::show_time(micros.unwrap())
        };
        assert_eq!(from("2026-03-28T00:00:00Z"), "2026-02-28T00:00:00Z");
        assert_eq!(from("2026-03-29T00:00:00Z"), "2026-03-01T00:00:00Z");
        assert_eq!(from("2026-03-31T12:00:00Z"), "2026-03-01T00:00:00Z");
        assert_eq!(from("2026-04-01T12:00:00Z"), "2026-03-01T12:00:00Z");
        assert_eq!(moved(i64::MAX, Duration { count: 1, unit: Unit::Hour }, false, utc), None);
        assert_eq!(mean_micros(Duration { count: 2, unit: Unit::Day }), 172_800e6);
    }

    #[test]
    fn times_are_read_in_the_zone() {
        let tokyo = |text: &str| read_time(text, Tz::Asia__Tokyo).map(super::super::show_time);
        assert_eq!(tokyo("2026-03-05").as_deref(), Some("2026-03-04T15:00:00Z"));
        assert_eq!(tokyo("2026-03-05 09:30").as_deref(), Some("2026-03-05T00:30:00Z"));
        assert_eq!(tokyo("2026-03-05T09:30:00+00:00").as_deref(), Some("2026-03-05T09:30:00Z"));
        assert_eq!(tokyo("1772668800000").as_deref(), Some("2026-03-05T00:00:00Z"));
        assert_eq!((tokyo("yesterday"), tokyo("")), (None, None));
    }
}
