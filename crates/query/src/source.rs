//! What `SOURCE` leaves to ask about: streams by their names, and a time range. It only ever narrows what the options say.

use std::collections::BTreeSet;

use chrono::{DateTime, Months, NaiveDate};
use chrono_tz::Tz;
use shoseki_event::Timestamp;
use shoseki_insights::{Duration, Logs, Moment, Name, Source, Span, Unit, nearest};
use shoseki_messages::{Message, msg};

use crate::scan::Selection;
use crate::store::Store;
use crate::values::{read_number, read_time};

/// A selection, and what there is to say about it.
#[derive(Debug)]
pub(crate) struct Narrowed {
    pub(crate) selection: Selection,
    pub(crate) hints: Vec<Message>,
}

/// A mistake; without a place where it is one of the whole command.
pub(crate) type Wrong = (Option<Span>, Message);

/// No stream is called so: an empty list of streams would mean all.
const NO_STREAM: &str = "\0";

/// Numbers below are seconds since 1970, as in AWS's API, and those above milliseconds: it is the year 5138.
const LEAST_MILLIS: f64 = 1e11;

/// Narrows what is asked about by a `SOURCE`.
pub(crate) fn narrow(
    base: &Selection,
    source: &Source,
    streams: &BTreeSet<String>,
    (now, zone): (Timestamp, Tz),
) -> Result<Narrowed, Wrong> {
    let bound = |moment: &Option<Moment>, is_end: bool| match moment {
        Some(moment) => time(moment, is_end, now, zone).map(Some),
        None => Ok(None),
    };
    let (start, end) = (bound(&source.start, false)?, bound(&source.end, true)?);
    if let (Some(start), Some(end)) = (start, end)
        && start >= end
    {
        return Err((None, msg!("query-source-range", start = start.to_string(), end = end.to_string())));
    }
    let mut selection = base.clone();
    selection.from = selection.from.max(start);
    selection.to = match (selection.to, end) {
        (Some(to), Some(end)) => Some(to.min(end)),
        (to, end) => to.or(end),
    };
    let mut hints = Vec::new();
    let (wanted, is_prefix) = match &source.logs {
        Logs::Named(names) => (names, false),
        Logs::Prefixes(prefixes) => (prefixes, true),
    };
    if !wanted.is_empty() {
        let fits = |stream: &str, name: &Name| {
            if is_prefix { stream.starts_with(&name.text) } else { stream == name.text }
        };
        for name in wanted.iter().filter(|name| !streams.iter().any(|stream| fits(stream, name))) {
            hints.push(no_stream(&name.text, is_prefix, streams));
        }
        let is_open = |stream: &String| selection.streams.is_empty() || selection.streams.contains(stream);
        let fitting = streams.iter().filter(|stream| wanted.iter().any(|name| fits(stream, name)));
        let mut left: Vec<String> = fitting.filter(|stream| is_open(stream)).cloned().collect();
        if left.is_empty() {
            left.push(NO_STREAM.to_owned());
        }
        selection.streams = left;
    }
    Ok(Narrowed { selection, hints })
}

/// What there is to say of streams that somebody named and that are not there.
pub(crate) fn unknown(named: &[String], store: &dyn Store) -> Vec<Message> {
    if named.is_empty() {
        return Vec::new();
    }
    let streams = crate::asked::streams(store);
    named.iter().filter(|name| !streams.contains(*name)).map(|name| no_stream(name, false, &streams)).collect()
}

fn no_stream(name: &str, is_prefix: bool, streams: &BTreeSet<String>) -> Message {
    if is_prefix {
        return msg!("query-hint-no-stream-prefix", name = name);
    }
    match nearest(name, streams.iter().map(String::as_str)) {
        Some(near) => msg!("query-hint-no-stream-near", name = name, near = near),
        None => msg!("query-hint-no-stream", name = name),
    }
}

fn time(moment: &Moment, is_end: bool, now: Timestamp, zone: Tz) -> Result<Timestamp, Wrong> {
    match moment {
        Moment::Now => Ok(now),
        Moment::Back(length) => {
            back(now, *length).ok_or_else(|| (None, msg!("query-source-too-far", length = length.to_string())))
        }
        Moment::At(text) => {
            let unreadable = || (Some(text.span), msg!("query-source-time", text = text.text.as_str()));
            read(&text.text, is_end, zone).ok_or_else(unreadable)
        }
    }
}

/// A bare date is its beginning, and as an end that of the next day.
fn read(text: &str, is_end: bool, zone: Tz) -> Option<Timestamp> {
    if let Some(number) = read_number(text) {
        let millis = if number.abs() < LEAST_MILLIS { number * 1_000.0 } else { number };
        return crate::values::time_of_millis(millis).map(Timestamp);
    }
    let date = text.trim().parse::<NaiveDate>().ok().filter(|_| is_end);
    let text = match date {
        Some(date) => date.succ_opt()?.to_string(),
        None => text.to_owned(),
    };
    read_time(&text, zone).map(Timestamp)
}

/// So long before an instant. Days have 24 hours, and months follow the calendar.
fn back(now: Timestamp, length: Duration) -> Option<Timestamp> {
    let count = i64::from(length.count);
    let micros = |unit: i64| now.0.checked_sub(count.checked_mul(unit)?).map(Timestamp);
    let months = |unit: u32| {
        let time = DateTime::from_timestamp_micros(now.0)?;
        let time = time.checked_sub_months(Months::new(length.count.checked_mul(unit)?))?;
        Some(Timestamp(time.timestamp_micros()))
    };
    match length.unit {
        Unit::Millisecond => micros(1_000),
        Unit::Second => micros(1_000_000),
        Unit::Minute => micros(60_000_000),
        Unit::Hour => micros(3_600_000_000),
        Unit::Day => micros(86_400_000_000),
        Unit::Week => micros(604_800_000_000),
        Unit::Month => months(1),
        Unit::Quarter => months(3),
        Unit::Year => months(12),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn narrowed(query: &str, base: &Selection) -> Result<Selection, String> {
        let query = shoseki_insights::parse(query);
        assert!(query.errors.is_empty(), "{:?}", query.errors);
        let source = crate::asked::source_of(&query.query).unwrap();
        let streams = ["a/1", "a/2", "b"].map(str::to_owned).into_iter().collect();
        let now = Timestamp::parse("2026-03-06T12:00:00Z").unwrap();
        let narrowed = narrow(base, source, &streams, (now, Tz::Asia__Tokyo));
        narrowed.map(|narrowed| narrowed.selection).map_err(|(_, message)| message.id().to_owned())
    }

    fn range(query: &str) -> (Option<String>, Option<String>) {
        let selection = narrowed(query, &Selection::default()).unwrap();
        (selection.from.map(|time| time.to_string()), selection.to.map(|time| time.to_string()))
    }

    #[test]
    fn moments_are_read() {
        let some = |from: &str, to: &str| (Some(from.to_owned()), Some(to.to_owned()));
        assert_eq!(range("SOURCE 'b' START=-1d END=now"), some("2026-03-05T12:00:00Z", "2026-03-06T12:00:00Z"));
        assert_eq!(range("SOURCE 'b' START=-1mo END=-30m"), some("2026-02-06T12:00:00Z", "2026-03-06T11:30:00Z"));
        assert_eq!(
            range("SOURCE 'b' START='2026-03-05' END='2026-03-05'"),
            some("2026-03-04T15:00:00Z", "2026-03-05T15:00:00Z")
        );
        assert_eq!(
            range("SOURCE 'b' START=1729728200 END=1729728215000"),
            some("2024-10-24T00:03:20Z", "2024-10-24T00:03:35Z")
        );
        assert_eq!(range("SOURCE logGroups()"), (None, None));
        let base = Selection::default();
        assert_eq!(narrowed("SOURCE 'b' START='x'", &base).unwrap_err(), "query-source-time");
        assert_eq!(narrowed("SOURCE 'b' START=now END=-1d", &base).unwrap_err(), "query-source-range");
        assert_eq!(narrowed("SOURCE 'b' START=-4000000000y", &base).unwrap_err(), "query-source-too-far");
    }

    #[test]
    fn it_only_narrows() {
        let time = |text| Some(Timestamp::parse(text).unwrap());
        let base = Selection {
            from: time("2026-03-06T00:00:00Z"),
            to: time("2026-03-06T06:00:00Z"),
            streams: vec!["a/2".to_owned(), "b".to_owned()],
            ..Selection::default()
        };
        let selection = narrowed("SOURCE logGroups(namePrefix: ['a/']) START=-1d END=now", &base).unwrap();
        assert_eq!((selection.from, selection.to, selection.streams), (base.from, base.to, vec!["a/2".to_owned()]));
        let selection = narrowed("SOURCE 'a/1' START=-10h", &base).unwrap();
        assert_eq!((selection.from, selection.streams), (time("2026-03-06T02:00:00Z"), vec![NO_STREAM.to_owned()]));
        let all = narrowed("SOURCE logGroups(namePrefix: [])", &base).unwrap();
        assert_eq!(all.streams, base.streams);
    }
}
