//! `formatDate`: the time in a format of Java's (`yyyy-MM-dd`) or with `%` (`%Y-%m-%d`), in a zone.

use std::fmt::Write;

use chrono::DateTime;
use chrono_tz::Tz;

use crate::values::Row;
use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "formatDate",
    aliases: &["strftime"],
    title: "query-function-formatdate",
    example: ("formatDate(@timestamp, 'yyyy/MM/dd HH:mm', 'Asia/Tokyo')", "2026/03/05 10:02"),
    least: 2,
    most: Some(3),
    body: Body::Rows(&[Kind::Time, Kind::Text], Kernel::Text(|row| {
        let time = DateTime::from_timestamp_micros(row.time(0)?)?.with_timezone(&zone_of(row, 2)?);
        let mut text = String::new();
        // A format that chrono does not know fails here, and the value is null.
        write!(text, "{}", time.format(&chrono_format(row.text(1)?)?)).ok()?;
        Some(text)
    })),
};

/// A format of Java's, or one with `%` as it is, in chrono's terms; `None` where a letter is not known.
pub(super) fn chrono_format(java: &str) -> Option<String> {
    if java.contains('%') {
        return Some(java.to_owned());
    }
    let mut format = String::new();
    let mut rest = java;
    while let Some(first) = rest.chars().next() {
        if let Some(quoted) = rest.strip_prefix('\'') {
            let end = quoted.find('\'')?;
            format.push_str(if end == 0 { "'" } else { &quoted[..end] });
            rest = &quoted[end + 1..];
            continue;
        }
        let end = rest.find(|c| c != first).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        if first.is_ascii_alphabetic() {
            format.push_str(KNOWN.iter().find(|(java, _)| *java == run)?.1);
        } else {
            format.push_str(run);
        }
        rest = after;
    }
    Some(format)
}

/// Runs of letters of Java's formats.
const KNOWN: &[(&str, &str)] = &[
    ("yyyy", "%Y"),
    ("uuuu", "%Y"),
    ("yy", "%y"),
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
    ("SSSSSS", "%6f"),
    ("SSS", "%3f"),
    ("XXX", "%:z"),
    ("XX", "%z"),
    ("xxx", "%:z"),
    ("Z", "%z"),
    ("z", "%Z"),
    ("VV", "%Z"),
];

/// The zone that an argument names; the configured one where there is none.
pub(super) fn zone_of(row: &Row<'_>, argument: usize) -> Option<Tz> {
    match row.text(argument) {
        Some(name) => name.parse().ok(),
        None => Some(row.zone()),
    }
}
