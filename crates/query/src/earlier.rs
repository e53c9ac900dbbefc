//! The earlier time range that `diff`, `logcompare` and `anomaly` compare a query's own with.
//!
//! ```text
//! diff:               [from - length, from)  [from, to)
//! anomaly:            as diff, unless one of the others says which
//! diff previousDay:   [from - 1 d, …)        [from, to)      as long as the range itself
//! ```

use chrono::{DateTime, Days, Months, NaiveDateTime, TimeZone};
use chrono_tz::Tz;
use datafusion::logical_expr::{Expr, col, lit};
use datafusion::scalar::ScalarValue;
use shoseki_event::Timestamp;
use shoseki_insights::{Command, Duration, Earlier, Query, Unit};

use crate::scan::Selection;

/// From an instant, inclusive, to another, exclusive.
pub(crate) type Range = (Timestamp, Timestamp);

/// A query's own range and the earlier one, where it compares and where its own range begins somewhere. What has no end
/// ends now.
pub(crate) fn compared(query: &Query, about: &Selection, (now, zone): (Timestamp, Tz)) -> Option<(Range, Range)> {
    let said = query.steps.iter().find_map(|step| match &step.command {
        Command::Diff(command) => Some(shift_of(command.with)),
        Command::Logcompare(command) => Some(Some(command.shift)),
        _ => None,
    });
    let has_anomaly = query.steps.iter().any(|step| matches!(step.command, Command::Anomaly(_)));
    let shift = said.or(has_anomaly.then_some(None))?;
    let own = (about.from?, about.to.unwrap_or(now));
    Some((own, earlier(own, shift, zone)?))
}

/// Whether an event's time lies in a range.
pub(crate) fn within(range: Range) -> Expr {
    let instant = |time: Timestamp| lit(ScalarValue::TimestampMicrosecond(Some(time.0), Some("UTC".into())));
    col("time").gt_eq(instant(range.0)).and(col("time").lt(instant(range.1)))
}

/// How long before; `None` is the length of the range.
fn shift_of(earlier: Earlier) -> Option<Duration> {
    let unit = match earlier {
        Earlier::Period => return None,
        Earlier::Day => Unit::Day,
        Earlier::Week => Unit::Week,
        Earlier::Month => Unit::Month,
    };
    Some(Duration { count: 1, unit })
}

/// The earlier range; `None` where there is no such time.
fn earlier(own: Range, shift: Option<Duration>, zone: Tz) -> Option<Range> {
    let length = own.1.0.checked_sub(own.0.0)?;
    let from = match shift {
        Some(shift) => before(own.0.0, shift, zone)?,
        None => own.0.0.checked_sub(length)?,
    };
    Some((Timestamp(from), Timestamp(from.checked_add(length)?)))
}

/// An instant some time before another: days and longer units by the calendar of the zone, so that it is the same time
/// of the day; the 31st is the last day of a shorter month.
fn before(micros: i64, shift: Duration, zone: Tz) -> Option<i64> {
    let local = zone.from_utc_datetime(&DateTime::from_timestamp_micros(micros)?.naive_utc()).naive_local();
    let days = |count: u32| local.checked_sub_days(Days::new(u64::from(count)));
    let months = |count: Option<u32>| local.checked_sub_months(Months::new(count?));
    let shifted = match shift.unit {
        Unit::Millisecond | Unit::Second | Unit::Minute | Unit::Hour => {
            return micros.checked_sub(length(shift)?);
        }
        Unit::Day => days(shift.count)?,
        Unit::Week => days(shift.count.checked_mul(7)?)?,
        Unit::Month => months(Some(shift.count))?,
        Unit::Quarter => months(shift.count.checked_mul(3))?,
        Unit::Year => months(shift.count.checked_mul(12))?,
    };
    instant(shifted, zone)
}

/// The instant of a local time; one that the clocks skip is an hour later.
fn instant(local: NaiveDateTime, zone: Tz) -> Option<i64> {
    let later = local.checked_add_signed(chrono::Duration::try_hours(1)?)?;
    let found = zone.from_local_datetime(&local).earliest().or_else(|| zone.from_local_datetime(&later).earliest());
    found.map(|time| time.timestamp_micros())
}

/// The length of a period in microseconds, where a day has 24 hours, a month 30 days, a quarter 91 and a year 365.
pub(crate) fn length(period: Duration) -> Option<i64> {
    const SECOND: i64 = 1_000_000;
    const DAY: i64 = 86_400 * SECOND;
    let unit = match period.unit {
        Unit::Millisecond => 1_000,
        Unit::Second => SECOND,
        Unit::Minute => 60 * SECOND,
        Unit::Hour => 3_600 * SECOND,
        Unit::Day => DAY,
        Unit::Week => 7 * DAY,
        Unit::Month => 30 * DAY,
        Unit::Quarter => 91 * DAY,
        Unit::Year => 365 * DAY,
    };
    i64::from(period.count).checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, from: &str, to: &str, expected: (&str, &str)) {
        let time = |text: &str| Timestamp::parse(text).unwrap();
        let about = Selection { from: Some(time(from)), to: Some(time(to)), ..Selection::default() };
        let query = shoseki_insights::parse(query);
        assert!(query.errors.is_empty());
        let (_, earlier) = compared(&query.query, &about, (time(to), Tz::Asia__Tokyo)).unwrap();
        assert_eq!((earlier.0.to_string().as_str(), earlier.1.to_string().as_str()), expected);
    }

    #[test]
    fn earlier_ranges_are_as_long() {
        let (from, to) = ("2026-03-31T00:00:00Z", "2026-03-31T06:00:00Z");
        check("diff", from, to, ("2026-03-30T18:00:00Z", "2026-03-31T00:00:00Z"));
        check("diff previousDay", from, to, ("2026-03-30T00:00:00Z", "2026-03-30T06:00:00Z"));
        check("diff previousWeek", from, to, ("2026-03-24T00:00:00Z", "2026-03-24T06:00:00Z"));
        check("diff previousMonth", from, to, ("2026-02-28T00:00:00Z", "2026-02-28T06:00:00Z"));
        check("anomaly", from, to, ("2026-03-30T18:00:00Z", "2026-03-31T00:00:00Z"));
        check("anomaly | diff previousDay", from, to, ("2026-03-30T00:00:00Z", "2026-03-30T06:00:00Z"));
        check("logcompare timeshift 90m", from, to, ("2026-03-30T22:30:00Z", "2026-03-31T04:30:00Z"));
        check("logcompare timeshift -7d", from, to, ("2026-03-24T00:00:00Z", "2026-03-24T06:00:00Z"));
    }

    #[test]
    fn without_a_beginning_there_is_nothing_before() {
        let query = shoseki_insights::parse("diff").query;
        assert!(compared(&query, &Selection::default(), (Timestamp(0), Tz::UTC)).is_none());
    }
}
