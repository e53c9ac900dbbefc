//! Times as senders write them, read into instants. It does not guess a zone: who calls says what a time without one is in.
//!
//! ```text
//! 2026-03-05T01:02:03.004Z   RFC 3339; also with a space for the T, a comma for the point, and without a zone
//! 20260305 01:02:03          MariaDB
//! 05/Mar/2026:01:02:03 +0000 S3's access logs
//! 1772672523.004             seconds since 1970; thousand times as much are milliseconds, and so on
//! ```

use shoseki_event::{TimeOrigin, Timestamp};

const MICROS: i64 = 1_000_000;
const MONTHS: &[&str] = &["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The time to file an event under that states one as RFC 3339. What is no time is a time that cannot be.
pub(crate) fn stated(text: Option<&str>, received: Timestamp) -> (Timestamp, TimeOrigin) {
    match text {
        None => TimeOrigin::judge(None, received),
        Some(text) => judged(Timestamp::parse(text).ok(), received),
    }
}

/// The time to file an event under that states one, given how it was read.
pub(crate) fn judged(read: Option<Timestamp>, received: Timestamp) -> (Timestamp, TimeOrigin) {
    match read {
        None => (received, TimeOrigin::Implausible),
        time => TimeOrigin::judge(time, received),
    }
}

/// A date and a time of day, as written, and what stands behind them: `2026-03-05 01:02:03.004 JST` gives the instant that
/// it would be in UTC, and ` JST`. Between date and time stands a space or a `T`, before decimals a point or a comma.
pub(crate) fn civil(text: &str) -> Option<(Timestamp, &str)> {
    let bytes = text.as_bytes();
    let marks = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
    if !marks.iter().all(|(at, mark)| bytes.get(*at) == Some(mark))
        || !matches!(bytes.get(10), Some(b' ' | b'T' | b't'))
    {
        return None;
    }
    let date = (number(bytes, 0..4)?, number(bytes, 5..7)?, number(bytes, 8..10)?);
    let time = (number(bytes, 11..13)?, number(bytes, 14..16)?, number(bytes, 17..19)?);
    let whole = instant(date, time)?;
    let rest = text.get(19..)?;
    let Some(decimals) = rest.strip_prefix(['.', ',']) else { return Some((whole, rest)) };
    let length = decimals.bytes().take_while(u8::is_ascii_digit).count();
    if length == 0 {
        return Some((whole, rest));
    }
    let (decimals, rest) = decimals.split_at(length);
    Some((Timestamp(whole.0 + micros(decimals)), rest))
}

/// Moves an instant that was written in a zone to UTC. `None` where the offset is none: `Z`, `+09`, `+0900`, `+09:00`.
pub(crate) fn at_offset(time: Timestamp, offset: &str) -> Option<Timestamp> {
    if matches!(offset, "Z" | "z") {
        return Some(time);
    }
    let (sign, digits) = match offset.as_bytes().split_first()? {
        (b'+', digits) => (1, digits),
        (b'-', digits) => (-1, digits),
        _ => return None,
    };
    let minutes = match digits.len() {
        2 => 0,
        4 => number(digits, 2..4)?,
        5 if digits[2] == b':' => number(digits, 3..5)?,
        _ => return None,
    };
    let hours = number(digits, 0..2)?;
    (hours < 24 && minutes < 60).then(|| Timestamp(time.0 - sign * (hours * 60 + minutes) * 60 * MICROS))
}

/// `20260305 01:02:03`, as if it were UTC.
pub(crate) fn compact(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    if bytes.len() != 17 || bytes[8] != b' ' || bytes[11] != b':' || bytes[14] != b':' {
        return None;
    }
    let date = (number(bytes, 0..4)?, number(bytes, 4..6)?, number(bytes, 6..8)?);
    instant(date, (number(bytes, 9..11)?, number(bytes, 12..14)?, number(bytes, 15..17)?))
}

/// `05/Mar/2026:01:02:03 +0000`.
pub(crate) fn access_log(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let marks = [(2, b'/'), (6, b'/'), (11, b':'), (14, b':'), (17, b':'), (20, b' ')];
    if !marks.iter().all(|(at, mark)| bytes.get(*at) == Some(mark)) {
        return None;
    }
    let month = MONTHS.iter().position(|month| text.get(3..6) == Some(*month))?;
    let date = (number(bytes, 7..11)?, i64::try_from(month).ok()? + 1, number(bytes, 0..2)?);
    let time = (number(bytes, 12..14)?, number(bytes, 15..17)?, number(bytes, 18..20)?);
    at_offset(instant(date, time)?, text.get(21..)?)
}

/// `Mar  5 01:02:03`, in a year and as if it were UTC. `None` where the year has no such day.
pub(crate) fn civil_of_year(text: &str, year: i64) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let marks = [(3, b' '), (6, b' '), (9, b':'), (12, b':')];
    if bytes.len() != 15 || !marks.iter().all(|(at, mark)| bytes.get(*at) == Some(mark)) {
        return None;
    }
    let month = MONTHS.iter().position(|month| text.get(..3) == Some(*month))?;
    let day = if bytes.get(4) == Some(&b' ') { number(bytes, 5..6)? } else { number(bytes, 4..6)? };
    let date = (year, i64::try_from(month).ok()? + 1, day);
    instant(date, (number(bytes, 7..9)?, number(bytes, 10..12)?, number(bytes, 13..15)?))
}

/// A number of seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by its length: the instants from
/// 2001 to 2286 have ten digits of seconds.
pub(crate) fn epoch(text: &str) -> Option<Timestamp> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if !decimals.bytes().all(|byte| byte.is_ascii_digit()) || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    let micros = match whole.len() {
        10 => number * MICROS + micros(decimals),
        13 => number * 1_000 + micros(decimals) / 1_000,
        16 => number,
        19 => number / 1_000,
        _ => return None,
    };
    Some(Timestamp(micros))
}

/// The microseconds of decimals of a second; those past six are cut off.
fn micros(decimals: &str) -> i64 {
    let digits = decimals.bytes().map(|digit| i64::from(digit - b'0')).chain(std::iter::repeat(0));
    digits.take(6).fold(0, |sum, digit| sum * 10 + digit)
}

fn number(bytes: &[u8], range: std::ops::Range<usize>) -> Option<i64> {
    let digits = bytes.get(range)?;
    digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
}

/// The instant of a date of the Gregorian calendar and a time of day in UTC; a leap second is the second after it.
fn instant((year, month, day): (i64, i64, i64), (hour, minute, second): (i64, i64, i64)) -> Option<Timestamp> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=days).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Years begin in March here, so that the day that may be missing is the last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468;
    Some(Timestamp((((days * 24 + hour) * 60 + minute) * 60 + second) * MICROS))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(time: Option<Timestamp>) -> String {
        time.map(|time| time.to_string()).unwrap_or_default()
    }

    #[test]
    fn each_form_is_read() {
        let (time, rest) = civil("2026-03-05 01:02:03.0045678 JST").unwrap();
        assert_eq!((shown(Some(time)).as_str(), rest), ("2026-03-05T01:02:03.004567Z", " JST"));
        assert_eq!(civil("2026-03-05T01:02:03,5+09:00").map(|(_, rest)| rest), Some("+09:00"));
        assert_eq!(civil("2026-03-05 01:02:03. "), Some((time_of("2026-03-05T01:02:03Z"), ". ")));
        assert_eq!(shown(compact("20240229 23:59:59")), "2024-02-29T23:59:59Z");
        assert_eq!(shown(access_log("05/Mar/2026:10:02:03 +0900")), "2026-03-05T01:02:03Z");
        for text in ["1772672523", "1772672523000", "1772672523000000", "1772672523000000000", "1772672523.0"] {
            assert_eq!(shown(epoch(text)), "2026-03-05T01:02:03Z", "{text}");
        }
        assert_eq!(shown(epoch("1772672523.25")), "2026-03-05T01:02:03.250Z");
    }

    fn time_of(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "2026-02-29 00:00:00",
            "2026-13-01 00:00:00",
            "2026-03-05 24:00:00",
            "2026-03-05",
            "2026-03-05 1:02:03",
        ] {
            assert_eq!(civil(text), None, "{text}");
        }
        for text in ["20260229 00:00:00", "20260305 01:02:0x", "20260305T01:02:03", "2026030501:02:03"] {
            assert_eq!(compact(text), None, "{text}");
        }
        for text in [
            "05/Mrz/2026:01:02:03 +0000",
            "05/Mar/2026:01:02:03",
            "05/Mar/2026:01:02:03 UTC",
            "5/Mar/2026:01:02:03 +0000",
        ] {
            assert_eq!(access_log(text), None, "{text}");
        }
        for text in ["", "17", "-1772672523", "1772672523.x", "17726725230000000000", "1e9"] {
            assert_eq!(epoch(text), None, "{text}");
        }
        for offset in ["", "JST", "+9", "+24", "+09:0", "+0960", "09:00", "+証"] {
            assert_eq!(at_offset(Timestamp(0), offset), None, "{offset}");
        }
        let now = time_of("2026-03-06T00:00:00Z");
        assert_eq!(stated(None, now), (now, TimeOrigin::Received));
        assert_eq!(stated(Some("noon"), now), (now, TimeOrigin::Implausible));
    }

    proptest! {
        #[test]
        fn instants_are_read_as_they_are_written(micros in -60_000_000_000_000_000_i64..250_000_000_000_000_000) {
            let text = Timestamp(micros).to_string();
            let (time, rest) = civil(&text).unwrap();
            prop_assert_eq!(at_offset(time, rest), Some(Timestamp(micros)));
        }

        #[test]
        fn any_text_ends_in_an_answer(text in "[0-9/:.,+TZ -]{0,32}|\\PC{0,32}") {
            let _ = (civil(&text), compact(&text), access_log(&text), epoch(&text), at_offset(Timestamp(0), &text));
        }
    }
}
