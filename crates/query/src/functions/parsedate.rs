//! `parseDate`: the time that a text names in a format of Java's, in a zone.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};

use super::formatdate::{chrono_format, zone_of};
use super::{Body, Function};
use crate::values::{Kernel, Kind};

pub(super) const FUNCTION: Function = Function {
    name: "parseDate",
    aliases: &[],
    title: "query-function-parsedate",
    example: ("parseDate('2026/03/05 10:02', 'yyyy/MM/dd HH:mm', 'Asia/Tokyo')", "2026-03-05T01:02:00Z"),
    least: 2,
    most: Some(3),
    body: Body::Rows(&[Kind::Text], Kernel::Time(|row| {
        let (text, format) = (row.text(0)?, chrono_format(row.text(1)?)?);
        if let Ok(time) = DateTime::parse_from_str(text, &format) {
            return Some(time.timestamp_micros());
        }
        let local = NaiveDateTime::parse_from_str(text, &format)
            .or_else(|_| NaiveDate::parse_from_str(text, &format).map(|date| date.and_time(NaiveTime::MIN)))
            .ok()?;
        zone_of(row, 2)?.from_local_datetime(&local).earliest().map(|time| time.timestamp_micros())
    })),
};
