//! What was not there in the thirty days before: streams, who, what is done, from where.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shoseki_event::Timestamp;

use super::MOST;
use crate::checks::Rows;

/// The question for streams of the day.
pub(super) const STREAMS: &str = "select stream as name, source as of, count(*) as events, \
     count(*) filter (where status = 'failure') as failed, min(time) as first, min(\"@ptr\") as record\nfrom events\n\
     where kind = 'event'\ngroup by 1, 2";
/// Who did something.
pub(super) const PRINCIPALS: &str = "select actor as name, '' as of, count(*) as events, \
     count(*) filter (where status = 'failure') as failed, min(time) as first, min(\"@ptr\") as record\nfrom events\n\
     where kind = 'event' and actor <> ''\ngroup by 1";
/// What was done.
pub(super) const OPERATIONS: &str = "select operation as name, source as of, count(*) as events, min(time) as first, \
     min(\"@ptr\") as record\nfrom events\nwhere kind = 'event' and operation <> ''\ngroup by 1, 2";
/// From where.
pub(super) const ADDRESSES: &str = "select src_ip as name, '' as of, count(*) as events, min(time) as first, \
     min(\"@ptr\") as record\nfrom events\nwhere kind = 'event' and src_ip <> ''\ngroup by 1";

/// The same of the days before, by names alone.
pub(super) const STREAMS_BEFORE: &str = "select stream as name, source as of, count(*) as events, min(time) as first\nfrom events\nwhere kind = 'event'\ngroup by 1, 2";
/// Who did something before.
pub(super) const PRINCIPALS_BEFORE: &str =
    "select actor as name, '' as of, count(*) as events\nfrom events\nwhere kind = 'event' and actor <> ''\ngroup by 1";
/// What was done before.
pub(super) const OPERATIONS_BEFORE: &str = "select operation as name, source as of, count(*) as events\nfrom events\n\
     where kind = 'event' and operation <> ''\ngroup by 1, 2";
/// From where it was done before.
pub(super) const ADDRESSES_BEFORE: &str = "select src_ip as name, '' as of, count(*) as events\nfrom events\nwhere kind = 'event' and src_ip <> ''\ngroup by 1";

/// A name that was not there before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct New {
    /// The name.
    pub name: String,
    /// The source, for streams and operations.
    pub of: String,
    /// Its events on the day.
    pub events: u64,
    /// The time of the first.
    pub first: Option<Timestamp>,
    /// One of them.
    pub record: String,
}

/// Names that were not there before: how many, and some of them, those with most events first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// How many.
    pub count: u64,
    /// Some of them.
    pub some: Vec<New>,
}

/// What is new on a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fresh {
    /// Whether there is anything in the thirty days before; else everything is new, and that says nothing.
    pub is_compared: bool,
    /// Streams.
    pub streams: Names,
    /// Who did something.
    pub principals: Names,
    /// What was done, by source.
    pub operations: Names,
    /// From where.
    pub addresses: Names,
}

impl Names {
    /// Those of the day that are not among those before.
    pub(super) fn of(day: &Rows, before: &Rows) -> Self {
        let key = |row: crate::checks::Row<'_>| (row.text("of").to_owned(), row.text("name").to_owned());
        let known: BTreeSet<(String, String)> = before.iter().map(key).collect();
        let new = day.iter().filter(|row| !known.contains(&key(*row)));
        let mut some: Vec<New> = new
            .map(|row| New {
                name: row.text("name").to_owned(),
                of: row.text("of").to_owned(),
                events: row.count("events"),
                first: row.time("first"),
                record: row.text("record").to_owned(),
            })
            .collect();
        some.sort_by(|a, b| b.events.cmp(&a.events).then_with(|| (&a.of, &a.name).cmp(&(&b.of, &b.name))));
        let count = some.len() as u64;
        some.truncate(MOST);
        Self { count, some }
    }

    fn to_json(&self) -> Value {
        let one = |new: &New| {
            json!({
                "name": new.name, "source": (!new.of.is_empty()).then_some(new.of.as_str()), "events": new.events,
                "first": new.first.map(|first| first.to_string()), "record": new.record,
            })
        };
        json!({"count": self.count, "some": self.some.iter().map(one).collect::<Vec<_>>()})
    }
}

impl Fresh {
    /// As JSON.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "compared": self.is_compared,
            "streams": self.streams.to_json(),
            "principals": self.principals.to_json(),
            "operations": self.operations.to_json(),
            "addresses": self.addresses.to_json(),
        })
    }
}
