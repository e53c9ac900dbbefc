//! Instants and days, both UTC.

use std::fmt;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use shoseki_messages::{Fault, Result, msg};

const MICROS_A_DAY: i64 = 86_400_000_000;

/// An instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The clock of this machine.
    pub fn now() -> Self {
        Self(Utc::now().timestamp_micros())
    }

    /// Reads RFC 3339 with any offset and up to nine decimals (those past six are cut off).
    ///
    /// # Errors
    /// The caller's mistake where the text is no such time.
    pub fn parse(text: &str) -> Result<Self> {
        DateTime::parse_from_rfc3339(text)
            .map(|time| Self(time.timestamp_micros()))
            .map_err(|error| Fault::caller(msg!("event-time-unreadable", text = text)).because(error))
    }

    /// The UTC day that the instant falls into.
    pub fn day(self) -> Day {
        Day(i32::try_from(self.0.div_euclid(MICROS_A_DAY)).unwrap_or(i32::MAX))
    }

    /// As `chrono` has it; `None` outside its range of years.
    pub fn to_utc(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(self.0)
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC: `2026-03-05T01:02:03Z`, with decimals where there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_utc() {
            Some(time) => f.write_str(&time.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            None => write!(f, "{} µs", self.0),
        }
    }
}

/// A UTC day: days since 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// The first instant of the day; the nearest there is where a timestamp does not reach so far.
    pub fn start(self) -> Timestamp {
        Timestamp(i64::from(self.0).saturating_mul(MICROS_A_DAY))
    }

    /// Reads `2026-03-05`.
    ///
    /// # Errors
    /// The caller's mistake where the text is no such day.
    pub fn parse(text: &str) -> Result<Self> {
        let date: NaiveDate =
            text.parse().map_err(|error| Fault::caller(msg!("event-day-unreadable", text = text)).because(error))?;
        Ok(date.and_hms_opt(0, 0, 0).map(|time| Timestamp(time.and_utc().timestamp_micros()).day()).unwrap_or_default())
    }

    /// The month: `2026-03`.
    pub fn month(self) -> String {
        self.to_string().chars().take(7).collect()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.start().to_utc() {
            Some(time) => write!(f, "{}", time.format("%Y-%m-%d")),
            None => write!(f, "day {}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_written() {
        let time = Timestamp::parse("2026-03-05T10:00:00.123456789+09:00").unwrap();
        assert_eq!(time.to_string(), "2026-03-05T01:00:00.123456Z");
        assert_eq!(time.day().to_string(), "2026-03-05");
        assert_eq!(Day::parse("2026-03-05").unwrap(), time.day());
        assert_eq!(time.day().month(), "2026-03");
        assert!(Timestamp::parse("yesterday").is_err());
        assert!(Day::parse("2026-02-30").is_err());
    }

    #[test]
    fn days_before_1970_round_down() {
        assert_eq!(Timestamp(-1).day(), Day(-1));
    }
}
