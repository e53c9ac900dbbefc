//! When something is done: pure arithmetic of times, days and zones.
//!
//! ```text
//! every = "1h"                      each full hour, counted from 1970 on, so that a restart changes nothing
//! at = "06:30", on = ["mon", 31]    at that time of the zone, on Mondays and on the last day of each month
//! ```

use std::time::Duration;

use chrono::{DateTime, Datelike, Days as DayCount, NaiveDate, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use shoseki_event::Timestamp;
use shoseki_messages::{Lang, Message, Value, msg};

use crate::config::{At, On, WEEK};

/// How many days are looked through for the next one: each month has one that fits.
const AHEAD: u64 = 400;

/// When.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// Again after so long.
    Every(Duration),
    /// At a time of the day, on these days; on each where there are none.
    At(At, Vec<On>),
}

/// When, and in which zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// When.
    pub when: When,
    /// The zone of its times and days.
    pub zone: Tz,
}

impl Plan {
    /// The first time after another one.
    pub fn after(&self, time: Timestamp) -> Timestamp {
        match &self.when {
            When::Every(every) => {
                let every = micros(*every);
                Timestamp(time.0.div_euclid(every).saturating_add(1).saturating_mul(every))
            }
            When::At(at, on) => {
                let today = self.day_of(time);
                let days = (0..AHEAD).filter_map(|ahead| today.checked_add_days(DayCount::new(ahead)));
                let due = days.filter(|day| is_on(on, *day)).filter_map(|day| self.at(day, *at));
                due.into_iter().find(|due| *due > time).unwrap_or(Timestamp(i64::MAX))
            }
        }
    }

    /// The last time that is not after another one; nothing where there was none in a year.
    pub fn latest(&self, time: Timestamp) -> Option<Timestamp> {
        match &self.when {
            When::Every(every) => {
                let every = micros(*every);
                Some(Timestamp(time.0.div_euclid(every) * every))
            }
            When::At(at, on) => {
                let today = self.day_of(time);
                let days = (0..AHEAD).filter_map(|ago| today.checked_sub_days(DayCount::new(ago)));
                let mut due = days.filter(|day| is_on(on, *day)).filter_map(|day| self.at(day, *at));
                due.find(|due| *due <= time)
            }
        }
    }

    /// The day of a time.
    pub(super) fn day_of(&self, time: Timestamp) -> NaiveDate {
        utc(time).with_timezone(&self.zone).date_naive()
    }

    fn at(&self, day: NaiveDate, at: At) -> Option<Timestamp> {
        moment(day, (at.hour, at.minute), self.zone)
    }

    /// It in a line: it tells one plan from another, and stands in the record of a start.
    pub fn line(&self) -> String {
        match &self.when {
            When::Every(every) => format!("every {}s", every.as_secs()),
            When::At(at, on) => {
                let days: Vec<String> = on.iter().map(|day| name(*day)).collect();
                let days = if days.is_empty() { String::new() } else { format!(" on {}", days.join(",")) };
                format!("at {:02}:{:02}{days} {}", at.hour, at.minute, self.zone.name())
            }
        }
    }

    /// It for people.
    pub fn said(&self) -> Message {
        match &self.when {
            When::Every(every) => msg!("schedule-every", length = length(*every)),
            When::At(at, on) => {
                let (at, zone) = (format!("{:02}:{:02}", at.hour, at.minute), self.zone.name());
                match on.is_empty() {
                    true => msg!("schedule-daily", at = at, zone = zone),
                    false => {
                        let days = Value::Both { en: days(on, Lang::En), ja: days(on, Lang::Ja) };
                        msg!("schedule-at", at = at, zone = zone, days = days)
                    }
                }
            }
        }
    }
}

/// A length of time as it is written in a configuration.
fn length(length: Duration) -> String {
    let seconds = length.as_secs();
    let unit = [("d", 86_400), ("h", 3_600), ("m", 60)].into_iter().find(|(_, unit)| seconds.is_multiple_of(*unit));
    unit.map_or_else(|| format!("{seconds}s"), |(name, unit)| format!("{}{name}", seconds / unit))
}

fn micros(length: Duration) -> i64 {
    i64::try_from(length.as_micros()).unwrap_or(i64::MAX).max(1_000_000)
}

fn utc(time: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(time.0).unwrap_or_default()
}

/// A time of a day in a zone. Where clocks jump over it, the first time after the jump.
pub(crate) fn moment(day: NaiveDate, (hour, minute): (u32, u32), zone: Tz) -> Option<Timestamp> {
    let local = day.and_hms_opt(hour, minute, 0)?;
    let later = (0..=180).find_map(|more| {
        let local = local.checked_add_signed(chrono::TimeDelta::minutes(more))?;
        zone.from_local_datetime(&local).earliest()
    });
    later.map(|time| Timestamp(time.timestamp_micros()))
}

fn is_on(on: &[On], day: NaiveDate) -> bool {
    let is_last = day.succ_opt().is_none_or(|next| next.month() != day.month());
    on.is_empty()
        || on.iter().any(|on| match on {
            On::Week(weekday) => day.weekday() == *weekday,
            On::Month(number) => day.day() == *number || (is_last && *number > day.day()),
        })
}

/// Days in a language.
fn days(on: &[On], lang: Lang) -> String {
    let week: Vec<On> = WEEK.iter().take(5).map(|(_, day)| On::Week(*day)).collect();
    let said: Vec<String> = match on.strip_prefix(week.as_slice()) {
        Some(rest) => std::iter::once(msg!("schedule-day-weekdays"))
            .chain(rest.iter().map(day))
            .map(|day| day.text(lang))
            .collect(),
        None => on.iter().map(|on| day(on).text(lang)).collect(),
    };
    said.join(if lang == Lang::Ja { "、" } else { ", " })
}

/// A day for people.
fn day(day: &On) -> Message {
    match day {
        On::Week(Weekday::Mon) => msg!("schedule-day-mon"),
        On::Week(Weekday::Tue) => msg!("schedule-day-tue"),
        On::Week(Weekday::Wed) => msg!("schedule-day-wed"),
        On::Week(Weekday::Thu) => msg!("schedule-day-thu"),
        On::Week(Weekday::Fri) => msg!("schedule-day-fri"),
        On::Week(Weekday::Sat) => msg!("schedule-day-sat"),
        On::Week(Weekday::Sun) => msg!("schedule-day-sun"),
        On::Month(number) => msg!("schedule-day-month", day = *number),
    }
}

/// A day as it is written in a configuration.
fn name(day: On) -> String {
    match day {
        On::Week(day) => WEEK.iter().find(|(_, known)| *known == day).map_or("", |(name, _)| name).to_owned(),
        On::Month(number) => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn daily(hour: u32, minute: u32, on: &[On], zone: Tz) -> Plan {
        Plan { when: When::At(At { hour, minute }, on.to_vec()), zone }
    }

    #[test]
    fn every_so_often_is_counted_from_1970_on() {
        let hourly = Plan { when: When::Every(Duration::from_secs(3_600)), zone: Tz::UTC };
        assert_eq!(hourly.after(at("2026-03-05T06:30:00Z")), at("2026-03-05T07:00:00Z"));
        assert_eq!(hourly.after(at("2026-03-05T07:00:00Z")), at("2026-03-05T08:00:00Z"));
        assert_eq!(hourly.latest(at("2026-03-05T07:00:00Z")), Some(at("2026-03-05T07:00:00Z")));
        assert_eq!(hourly.latest(at("2026-03-05T07:59:59Z")), Some(at("2026-03-05T07:00:00Z")));
        assert_eq!((hourly.line().as_str(), hourly.said().to_string()), ("every 3600s", "every 1h".to_owned()));
    }

    #[test]
    fn times_of_a_day_are_of_the_zone() {
        let plan = daily(6, 30, &[], chrono_tz::Asia::Tokyo);
        assert_eq!(plan.after(at("2026-03-04T21:00:00Z")), at("2026-03-04T21:30:00Z"));
        assert_eq!(plan.after(at("2026-03-04T21:30:00Z")), at("2026-03-05T21:30:00Z"));
        assert_eq!(plan.latest(at("2026-03-04T21:29:59Z")), Some(at("2026-03-03T21:30:00Z")));
        assert_eq!(plan.line(), "at 06:30 Asia/Tokyo");
    }

    #[test]
    fn days_of_the_week_and_of_the_month() {
        // 2026-03-05 is a Thursday.
        let monday = daily(0, 0, &[On::Week(Weekday::Mon)], Tz::UTC);
        assert_eq!(monday.after(at("2026-03-05T00:00:00Z")), at("2026-03-09T00:00:00Z"));
        assert_eq!(monday.latest(at("2026-03-05T00:00:00Z")), Some(at("2026-03-02T00:00:00Z")));
        let last = daily(0, 0, &[On::Month(31)], Tz::UTC);
        assert_eq!(last.after(at("2026-02-05T00:00:00Z")), at("2026-02-28T00:00:00Z"));
        assert_eq!(last.after(at("2026-02-28T00:00:00Z")), at("2026-03-31T00:00:00Z"));
        let both = daily(7, 5, &[On::Week(Weekday::Fri), On::Month(1)], Tz::UTC);
        assert_eq!(both.after(at("2026-02-28T00:00:00Z")), at("2026-03-01T07:05:00Z"));
        assert_eq!(both.after(at("2026-03-05T00:00:00Z")), at("2026-03-06T07:05:00Z"));
        assert_eq!(both.line(), "at 07:05 on fri,1 UTC");
        assert_eq!(both.said().to_string(), "07:05 (UTC) on Fridays, day 1 of the month");
        assert_eq!(both.said().text(Lang::Ja), "金曜日、毎月 1 日の 07:05 (UTC)");
        let week: Vec<On> = WEEK.iter().take(5).map(|(_, day)| On::Week(*day)).collect();
        assert_eq!(daily(7, 5, &week, Tz::UTC).said().to_string(), "07:05 (UTC) on working days (Monday to Friday)");
    }

    #[test]
    fn where_clocks_jump_nothing_is_left_out_and_nothing_is_done_twice() {
        let plan = daily(2, 30, &[], chrono_tz::Europe::Berlin);
        // 2026-03-29: from 02:00 clocks go to 03:00.
        assert_eq!(plan.after(at("2026-03-28T12:00:00Z")), at("2026-03-29T01:00:00Z"));
        assert_eq!(plan.after(at("2026-03-29T01:00:00Z")), at("2026-03-30T00:30:00Z"));
        // 2026-10-25: 02:30 is there twice.
        assert_eq!(plan.after(at("2026-10-24T12:00:00Z")), at("2026-10-25T00:30:00Z"));
        assert_eq!(plan.after(at("2026-10-25T00:30:00Z")), at("2026-10-26T01:30:00Z"));
    }
}
