//! `--from` and `--to`: RFC 3339, a date, a date and a time, or a stretch back from now such as `-7d`.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};

/// Reads a time. A date or a time without an offset is of `zone`; `is_end` makes a bare date mean its end.
pub fn parse(text: &str, zone: Tz, now: DateTime<Utc>, is_end: bool) -> Result<Timestamp> {
    let unreadable = || Fault::caller(msg!("cli-time-unreadable", text = text));
    if text == "now" {
        return Ok(Timestamp(now.timestamp_micros()));
    }
    if let Some(back) = text.strip_prefix('-') {
        let digits = back.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let seconds = match &back[digits.len()..] {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            "w" => 604_800,
            _ => return Err(unreadable()),
        };
        let n: i64 = digits.parse().map_err(|_| unreadable())?;
        let micros = n.checked_mul(seconds * 1_000_000).ok_or_else(unreadable)?;
        return now.timestamp_micros().checked_sub(micros).map(Timestamp).ok_or_else(unreadable);
    }
    if let Ok(time) = Timestamp::parse(text) {
        return Ok(time);
    }
    let local = if let Ok(date) = text.parse::<NaiveDate>() {
        let date = if is_end { date.succ_opt().ok_or_else(unreadable)? } else { date };
        date.and_hms_opt(0, 0, 0).ok_or_else(unreadable)?
    } else {
        ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
            .ok_or_else(unreadable)?
    };
    let time = zone.from_local_datetime(&local).earliest().ok_or_else(unreadable)?;
    Ok(Timestamp(time.timestamp_micros()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, is_end: bool) -> String {
        let now = "2026-03-05T12:00:00Z".parse().unwrap();
        parse(text, chrono_tz::Asia::Tokyo, now, is_end).map_or_else(|f| f.id().to_owned(), |time| time.to_string())
    }

    #[test]
    fn times_are_of_the_zone() {
        assert_eq!(read("2026-03-05", false), "2026-03-04T15:00:00Z");
        assert_eq!(read("2026-03-05", true), "2026-03-05T15:00:00Z");
        assert_eq!(read("2026-03-05 09:30", false), "2026-03-05T00:30:00Z");
        assert_eq!(read("2026-03-05T09:30:00Z", false), "2026-03-05T09:30:00Z");
        assert_eq!(read("-7d", false), "2026-02-26T12:00:00Z");
        assert_eq!(read("now", false), "2026-03-05T12:00:00Z");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for wrong in ["", "-", "-7", "-7y", "-99999999999999d", "yesterday", "2026-02-30", "2026-3"] {
            assert_eq!(read(wrong, false), "cli-time-unreadable", "{wrong}");
        }
    }
}
