//! Formats of dates: Java's (`yyyy-MM-dd HH:mm`), or with `%` (`%Y-%m-%d`), for writing and for reading.
//!
//! A format is cut into pieces. Most are chrono's; fractions of a second of any length, the names of zones and their ids
//! are ours, since chrono passes over the name of a zone when it reads one.

use std::fmt::Write;

use chrono::format::{Item, Parsed, StrftimeItems, parse_and_remainder};
use chrono::{DateTime, NaiveTime, Offset};
use chrono_tz::Tz;

use super::calendar::local_micros;

/// A format that was understood.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DateFormat {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    /// What chrono knows, in its terms.
    Known(String),
    /// Digits of the fraction of a second.
    Fraction(usize),
    /// The offset from UTC; `Z` is read as none.
    Offset(&'static str),
    /// The same, written as `Z` where it is none.
    OffsetOrZ(&'static str),
    /// The name of a zone: `JST`.
    ZoneName,
    /// The id of a zone: `Asia/Tokyo`.
    ZoneId,
}

/// The zone that a text names.
#[derive(Clone, Copy)]
enum Zone {
    Seconds(i32),
    Of(Tz),
}

/// Runs of letters of Java's formats that chrono has too.
const KNOWN: &[(&str, &str)] = &[
    ("yyyy", "%Y"),
    ("uuuu", "%Y"),
    ("y", "%Y"),
    ("u", "%Y"),
    ("yy", "%y"),
    ("Q", "%q"),
    ("MMMM", "%B"),
    ("MMM", "%b"),
    ("MM", "%m"),
    ("M", "%-m"),
    ("dd", "%d"),
    ("d", "%-d"),
    ("DDD", "%j"),
    ("EEEE", "%A"),
    ("EEE", "%a"),
    ("E", "%a"),
    ("HH", "%H"),
    ("H", "%-H"),
    ("hh", "%I"),
    ("h", "%-I"),
    ("a", "%p"),
    ("mm", "%M"),
    ("m", "%-M"),
    ("ss", "%S"),
    ("s", "%-S"),
];

/// Those that chrono lacks, or has otherwise.
const OURS: &[(&str, Piece)] = &[
    ("XXX", Piece::OffsetOrZ("%:z")),
    ("XX", Piece::OffsetOrZ("%z")),
    ("xxx", Piece::Offset("%:z")),
    ("Z", Piece::Offset("%z")),
    ("z", Piece::ZoneName),
    ("VV", Piece::ZoneId),
];

/// The most digits of a fraction of a second.
const MOST_DIGITS: usize = 9;

/// What people call zones, where that means one alone, and how many seconds before UTC their clocks are. `CST` and `IST` are
/// several.
const ZONE_NAMES: &[(&str, i32)] = &[
    ("UTC", 0),
    ("GMT", 0),
    ("UT", 0),
    ("Z", 0),
    ("JST", 9 * 3_600),
    ("KST", 9 * 3_600),
    ("CET", 3_600),
    ("CEST", 2 * 3_600),
    ("EET", 2 * 3_600),
    ("EEST", 3 * 3_600),
    ("EST", -5 * 3_600),
    ("EDT", -4 * 3_600),
    ("MST", -7 * 3_600),
    ("MDT", -6 * 3_600),
    ("PST", -8 * 3_600),
    ("PDT", -7 * 3_600),
];

/// The letters that a format may have, for people.
pub(crate) fn known_letters() -> String {
    let runs =
        KNOWN.iter().map(|(run, _)| *run).chain(["S", "SSS", "SSSSSSSSS"]).chain(OURS.iter().map(|(run, _)| *run));
    runs.collect::<Vec<_>>().join(" ")
}

impl DateFormat {
    /// Understands a format.
    ///
    /// # Errors
    /// The part of it that is not known.
    pub(crate) fn new(format: &str) -> Result<Self, String> {
        let mut pieces = Pieces::default();
        if format.contains('%') {
            pieces.percent(format)?
        } else {
            pieces.java(format)?
        }
        Ok(Self { pieces: pieces.all })
    }

    /// The instant in the format; both in microseconds since 1970, UTC.
    pub(crate) fn write(&self, micros: i64, zone: Tz) -> Option<String> {
        let time = DateTime::from_timestamp_micros(micros)?.with_timezone(&zone);
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Known(format) => write!(text, "{}", time.format(format)).ok()?,
                Piece::OffsetOrZ(_) if time.offset().fix().local_minus_utc() == 0 => text.push('Z'),
                Piece::Offset(format) | Piece::OffsetOrZ(format) => write!(text, "{}", time.format(format)).ok()?,
                Piece::ZoneName => write!(text, "{}", time.format("%Z")).ok()?,
                Piece::ZoneId => text.push_str(zone.name()),
                Piece::Fraction(digits) => {
                    let all = format!("{:09}", time.timestamp_subsec_nanos() % 1_000_000_000);
                    text.push_str(all.get(..*digits)?);
                }
            }
        }
        Some(text)
    }

    /// The instant that a text names, in the zone where it names none itself.
    pub(crate) fn read(&self, text: &str, zone: Tz) -> Option<i64> {
        let (mut parsed, mut named, mut rest) = (Parsed::new(), None, text);
        for piece in &self.pieces {
            rest = match piece {
                Piece::Known(format) => parse_and_remainder(&mut parsed, rest, StrftimeItems::new(format)).ok()?,
                Piece::Offset(format) | Piece::OffsetOrZ(format) => match rest.strip_prefix('Z') {
                    Some(rest) => {
                        parsed.set_offset(0).ok()?;
                        rest
                    }
                    None => parse_and_remainder(&mut parsed, rest, StrftimeItems::new(format)).ok()?,
                },
                Piece::Fraction(digits) => {
                    let (fraction, rest) = rest.split_at_checked(*digits)?;
                    let is_fraction = fraction.bytes().all(|byte| byte.is_ascii_digit());
                    let nanos = is_fraction.then(|| format!("{fraction:0<9}").parse().ok()).flatten()?;
                    parsed.set_nanosecond(nanos).ok()?;
                    rest
                }
                Piece::ZoneName => {
                    let (name, rest) = run(rest, |c| c.is_ascii_alphabetic());
                    let seconds = ZONE_NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?.1;
                    named = Some(Zone::Seconds(seconds));
                    rest
                }
                Piece::ZoneId => {
                    let (id, rest) = run(rest, |c| c.is_ascii_alphanumeric() || "/_+-".contains(c));
                    named = Some(Zone::Of(id.parse().ok()?));
                    rest
                }
            };
        }
        if !rest.is_empty() {
            return None;
        }
        instant(parsed, named.unwrap_or(Zone::Of(zone)))
    }

    /// Whether it says enough for an instant: what is written in it can be read.
    pub(crate) fn is_readable(&self) -> bool {
        // 2001-02-03 04:05:06.789 UTC
        const SAMPLE: i64 = 981_173_106_789_000;
        self.write(SAMPLE, Tz::UTC).is_some_and(|text| self.read(&text, Tz::UTC).is_some())
    }
}

/// What was read as an instant. Without an hour it is midnight; minutes and seconds that are not there are 0.
fn instant(mut parsed: Parsed, zone: Zone) -> Option<i64> {
    if let Some(seconds) = parsed.timestamp() {
        return seconds.checked_mul(1_000_000)?.checked_add(i64::from(parsed.nanosecond().unwrap_or(0) / 1_000));
    }
    let date = parsed.to_naive_date().ok()?;
    let has_hour = parsed.hour_div_12().is_some() || parsed.hour_mod_12().is_some();
    let has_less = parsed.minute().is_some() || parsed.second().is_some() || parsed.nanosecond().is_some();
    let time = if has_hour {
        if parsed.minute().is_none() {
            parsed.set_minute(0).ok()?;
        }
        if parsed.second().is_none() {
            parsed.set_second(0).ok()?;
        }
        parsed.to_naive_time().ok()?
    } else if has_less {
        return None;
    } else {
        NaiveTime::MIN
    };
    let local = date.and_time(time);
    let of_offset = |seconds: i32| {
        let micros = local.and_utc().timestamp_micros();
        micros.checked_sub(i64::from(seconds) * 1_000_000)
    };
    match (parsed.offset(), zone) {
        (Some(seconds), _) | (None, Zone::Seconds(seconds)) => of_offset(seconds),
        (None, Zone::Of(zone)) => local_micros(local, zone),
    }
}

/// The letters at the beginning that are of a kind, and the rest.
fn run(text: &str, is_of_it: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !is_of_it(c)).unwrap_or(text.len()))
}

#[derive(Default)]
struct Pieces {
    all: Vec<Piece>,
}

impl Pieces {
    /// Adds to what chrono reads and writes.
    fn known(&mut self, format: &str) {
        match self.all.last_mut() {
            Some(Piece::Known(known)) => known.push_str(format),
            _ => self.all.push(Piece::Known(format.to_owned())),
        }
    }

    /// A format with `%`, as chrono has them.
    fn percent(&mut self, format: &str) -> Result<(), String> {
        let mut rest = format;
        while let Some(first) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("%Z") {
                self.all.push(Piece::ZoneName);
                rest = after;
                continue;
            }
            // `%`, perhaps with signs and digits between, and its letter.
            let length = match rest.strip_prefix('%') {
                Some(after) => {
                    let letter = after.find(|c: char| c.is_ascii_alphabetic() || c == '%');
                    1 + letter.map_or(after.len(), |at| at + 1)
                }
                None => first.len_utf8(),
            };
            let (one, after) = rest.split_at(length);
            if StrftimeItems::new(one).any(|item| item == Item::Error) {
                return Err(one.to_owned());
            }
            self.known(one);
            rest = after;
        }
        Ok(())
    }

    /// A format of Java's.
    fn java(&mut self, format: &str) -> Result<(), String> {
        let mut rest = format;
        while let Some(first) = rest.chars().next() {
            if let Some(quoted) = rest.strip_prefix('\'') {
                // Two of them are one apostrophe, within a text in quotes too.
                if let Some(after) = quoted.strip_prefix('\'') {
                    self.known("'");
                    rest = after;
                    continue;
                }
                let mut left = quoted;
                loop {
                    let (text, after) = left.split_once('\'').ok_or_else(|| rest.to_owned())?;
                    self.known(text);
                    left = after;
                    let Some(after) = left.strip_prefix('\'') else { break };
                    self.known("'");
                    left = after;
                }
                rest = left;
                continue;
            }
            let (same, after) = run(rest, |c| c == first);
            rest = after;
            let ours = || OURS.iter().find(|(run, _)| *run == same).map(|(_, piece)| piece.clone());
            match KNOWN.iter().find(|(run, _)| *run == same) {
                // Java's optional parts, and what it keeps for later.
                _ if "[]#{}".contains(first) => return Err(same.to_owned()),
                _ if !first.is_ascii_alphabetic() => self.known(same),
                Some((_, known)) => self.known(known),
                None if first == 'S' && same.len() <= MOST_DIGITS => self.all.push(Piece::Fraction(same.len())),
                None => self.all.push(ours().ok_or_else(|| same.to_owned())?),
            }
        }
        Ok(())
    }
}

/// A zone by its id, or by a name that means one alone.
pub(crate) fn zone_named(name: &str) -> Option<Tz> {
    match name {
        "JST" => Some(Tz::Asia__Tokyo),
        "KST" => Some(Tz::Asia__Seoul),
        "Z" => Some(Tz::UTC),
        name => name.parse().ok(),
    }
}

/// The ids of all zones.
pub(crate) fn zones() -> impl Iterator<Item = &'static str> {
    chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, format: &str) -> Option<String> {
        DateFormat::new(format).unwrap().read(text, Tz::UTC).map(super::super::show_time)
    }

    #[test]
    fn what_a_text_says_of_its_zone_counts() {
        for (text, format, expected) in [
            ("2026-03-05 10:00:00 JST", "yyyy-MM-dd HH:mm:ss z", "2026-03-05T01:00:00Z"),
            ("2026-03-05 10:00:00 UTC", "yyyy-MM-dd HH:mm:ss z", "2026-03-05T10:00:00Z"),
            ("2026-03-05 10:00:00 PST", "%Y-%m-%d %H:%M:%S %Z", "2026-03-05T18:00:00Z"),
            ("2026-07-05 10:00 America/New_York", "yyyy-MM-dd HH:mm VV", "2026-07-05T14:00:00Z"),
            ("2026-03-05T10:00:00+09:00", "yyyy-MM-dd'T'HH:mm:ssXXX", "2026-03-05T01:00:00Z"),
            ("2026-03-05T10:00:00Z", "yyyy-MM-dd'T'HH:mm:ssXXX", "2026-03-05T10:00:00Z"),
            ("05/Mar/2026:10:00:00 +0900", "dd/MMM/yyyy:HH:mm:ss Z", "2026-03-05T01:00:00Z"),
        ] {
            assert_eq!(read(text, format).as_deref(), Some(expected), "{text}");
        }
        for (text, format) in [
            ("2026-03-05 10:00:00 CST", "yyyy-MM-dd HH:mm:ss z"),
            ("2026-03-05 10:00:00 Asia/Tokio", "yyyy-MM-dd HH:mm:ss VV"),
            ("2026-03-05 10:00:00", "yyyy-MM-dd HH:mm:ss z"),
            ("2026-03-05 10:00:00 x", "yyyy-MM-dd HH:mm:ss"),
        ] {
            assert_eq!(read(text, format), None, "{text}");
        }
    }

    #[test]
    fn an_hour_alone_is_the_hour() {
        for (text, format, expected) in [
            ("2026-03-05 10", "yyyy-MM-dd HH", "2026-03-05T10:00:00Z"),
            ("2026-03-05 10 PM", "yyyy-MM-dd hh a", "2026-03-05T22:00:00Z"),
            ("2026-03-05", "yyyy-MM-dd", "2026-03-05T00:00:00Z"),
            ("2026-064", "yyyy-DDD", "2026-03-05T00:00:00Z"),
            ("2026-03-05 10:02:03.5", "yyyy-MM-dd HH:mm:ss.S", "2026-03-05T10:02:03.500Z"),
            ("2026-03-05 10:02:03.123456789", "yyyy-MM-dd HH:mm:ss.SSSSSSSSS", "2026-03-05T10:02:03.123456Z"),
            ("1772704923", "%s", "2026-03-05T10:02:03Z"),
        ] {
            assert_eq!(read(text, format).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(read("2026-03-05 1", "yyyy-MM-dd S"), None);
    }

    #[test]
    fn times_are_written() {
        let write =
            |format: &str| DateFormat::new(format).unwrap().write(1_772_668_923_456_789, Tz::Asia__Tokyo).unwrap();
        assert_eq!(write("yyyy-MM-dd'T'HH:mm:ss.SS XXX"), "2026-03-05T09:02:03.45 +09:00");
        assert_eq!(write("S SSS SSSSSS"), "4 456 456789");
        assert_eq!(write("VV z"), "Asia/Tokyo JST");
        assert_eq!(write("%Y %% %Z"), "2026 % JST");
        assert_eq!(write("yyyy年M月d日 ''H''"), "2026年3月5日 '9'");
        assert_eq!(write("hh 'o''clock' a"), "09 o'clock AM");
        let utc = |format: &str| DateFormat::new(format).unwrap().write(1_772_668_923_456_789, Tz::UTC).unwrap();
        assert_eq!(utc("HH XX XXX xxx"), "00 Z Z +00:00");
    }

    #[test]
    fn what_is_not_known_is_named() {
        for (format, part) in [
            ("yyyy-MM-dd k", "k"),
            ("ww", "ww"),
            ("SSSSSSSSSS", "SSSSSSSSSS"),
            ("yyyy 'T", "'T"),
            ("%Y-%Q", "%Q"),
            ("%", "%"),
            ("HH:mm[:ss]", "["),
        ] {
            assert_eq!(DateFormat::new(format).unwrap_err(), part, "{format}");
        }
        for format in ["HH:mm", "yyyy-MM-dd mm", "yyyy-MM-dd hh", "yyyy"] {
            assert!(!DateFormat::new(format).unwrap().is_readable(), "{format}");
        }
        for format in ["yyyy-MM-dd", "yyyy-MM-dd hh a", "%s", "EEE, dd MMM yyyy HH:mm:ss z", "yyyy-MM-dd VV"] {
            assert!(DateFormat::new(format).unwrap().is_readable(), "{format}");
        }
    }
}
