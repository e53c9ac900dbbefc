//! `--period`: a year, half a year, a quarter or a month of the calendar or of Japan's fiscal year, which begins in April, or days.
//!
//! ```text
//! 2026   2026H1   2026Q3   2026-07   2026-07-01   FY2026   FY2026H2   FY2026Q3   2026-07-01..2026-09-30
//! ```

use chrono::{Months, NaiveDate, TimeZone};
use chrono_tz::Tz;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};

/// The first month of Japan's fiscal year, after which J-SOX counts.
const FISCAL: u32 = 4;

/// The time that a period names, in a zone; its end does not belong to it.
pub(super) fn parse(text: &str, zone: Tz) -> Result<(Timestamp, Timestamp)> {
    let unreadable = || Fault::caller(msg!("cli-check-period", text = text));
    let (from, to) = days(text).ok_or_else(unreadable)?;
    let begin = |day: NaiveDate| {
        let local = day.and_hms_opt(0, 0, 0)?;
        zone.from_local_datetime(&local).earliest().map(|time| Timestamp(time.timestamp_micros()))
    };
    begin(from).zip(begin(to)).filter(|(from, to)| from < to).ok_or_else(unreadable)
}

/// The first day of a period, and the day after its last.
pub(in super::super) fn days(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    if let Some((from, to)) = text.split_once("..") {
        return Some((from.parse().ok()?, to.parse::<NaiveDate>().ok()?.succ_opt()?));
    }
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Some((day, day.succ_opt()?));
    }
    let (fiscal, rest) = match text.strip_prefix("FY") {
        Some(rest) => (FISCAL, rest),
        None => (1, text),
    };
    let digits = rest.get(..4).filter(|year| year.bytes().all(|b| b.is_ascii_digit()))?;
    let year = NaiveDate::from_ymd_opt(digits.parse().ok()?, fiscal, 1)?;
    let part = rest.get(4..)?;
    let (skip, length) = match part.as_bytes() {
        [] => (0, 12),
        [b'H', half @ b'1'..=b'2'] => (u32::from(half - b'1') * 6, 6),
        [b'Q', quarter @ b'1'..=b'4'] => (u32::from(quarter - b'1') * 3, 3),
        [b'-', b'0'..=b'1', b'0'..=b'9'] if fiscal == 1 => {
            let month: u32 = part.get(1..)?.parse().ok()?;
            ((1..=12).contains(&month).then(|| month - 1)?, 1)
        }
        _ => return None,
    };
    let from = year.checked_add_months(Months::new(skip))?;
    Some((from, from.checked_add_months(Months::new(length))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_of_the_calendar_or_of_the_fiscal_year() {
        let read = |text: &str| {
            let period = parse(text, chrono_tz::Asia::Tokyo);
            period.map_or_else(|fault| fault.id().to_owned(), |(from, to)| format!("{from} {to}"))
        };
        for (text, period) in [
            ("2026Q3", "2026-06-30T15:00:00Z 2026-09-30T15:00:00Z"),
            ("FY2026Q3", "2026-09-30T15:00:00Z 2026-12-31T15:00:00Z"),
            ("FY2026Q4", "2026-12-31T15:00:00Z 2027-03-31T15:00:00Z"),
            ("FY2026H1", "2026-03-31T15:00:00Z 2026-09-30T15:00:00Z"),
            ("2026-07", "2026-06-30T15:00:00Z 2026-07-31T15:00:00Z"),
            ("2026-07-01", "2026-06-30T15:00:00Z 2026-07-01T15:00:00Z"),
            ("2026-12", "2026-11-30T15:00:00Z 2026-12-31T15:00:00Z"),
            ("2026", "2025-12-31T15:00:00Z 2026-12-31T15:00:00Z"),
            ("FY2026", "2026-03-31T15:00:00Z 2027-03-31T15:00:00Z"),
            ("2026-07-01..2026-09-30", "2026-06-30T15:00:00Z 2026-09-30T15:00:00Z"),
        ] {
            assert_eq!(read(text), period, "{text}");
        }
        for wrong in [
            "",
            "26Q3",
            "2026Q5",
            "2026Q0",
            "2026-13",
            "2026-00",
            "FY2026-07",
            "2026-7",
            "FY",
            "2026-07-02..2026-06-30",
            "２０２６",
            "2026Q３",
        ] {
            assert_eq!(read(wrong), "cli-check-period", "{wrong}");
        }
    }
}
