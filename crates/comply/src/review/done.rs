//! Days that were reviewed: the records that people looked, and the days that nobody looked at.
//!
//! ```text
//! {"action":"review.done", …, "actor":{"user":"aiko"}, "details":{"day":"2026-03-05","zone":"Asia/Tokyo","from":"…","to":"…",
//!   "digest_sha256":"…","counts":{"events":12345,…},"tree_size":40,"note":"…","findings":["F-…"]}}
//! {"action":"review.digest", …, "details":{"digest":{…}}}      what was looked at, with the same hash
//! ```

use serde::{Deserialize, Serialize};
use serde_json::Value;
use shoseki_event::Timestamp;

use crate::checks::Rows;
use crate::findings::{Id, by, stamp};

/// The action of who looked at a day's digest.
pub const DONE: &str = "review.done";
/// The action of the record that keeps the digest itself.
pub const DIGEST: &str = "review.digest";

/// The question for all reviews; an auditor can ask the same.
pub const REVIEWS: &str = "select time, arrow_cast(raw, 'Utf8') as raw, \"@ptr\" as record\nfrom events\n\
     where kind = 'event' and operation = 'review.done'\norder by time";

/// How long after a day's end its review may be, in microseconds: three days, so that a weekend is no failure.
pub const LATEST: i64 = 3 * DAY;
const DAY: i64 = 86_400_000_000;

/// What the record of a review says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The day.
    pub day: String,
    /// The zone that it is a day of.
    pub zone: String,
    /// Its beginning.
    #[serde(with = "stamp")]
    pub from: Timestamp,
    /// Its end.
    #[serde(with = "stamp")]
    pub to: Timestamp,
    /// The digest that was looked at.
    pub digest_sha256: String,
    /// Its counts.
    #[serde(default)]
    pub counts: Value,
    /// The tree that was asked.
    #[serde(default)]
    pub tree_size: u64,
    /// What the person says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Findings that were entered with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Id>,
}

/// A review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// When.
    pub at: Timestamp,
    /// Who, as the machine knows the person.
    pub by: Option<String>,
    /// The record.
    pub record: String,
    /// What it says.
    pub said: Note,
}

impl Done {
    /// How long after the day's end it was, in microseconds.
    pub fn delay(&self) -> i64 {
        self.at.0.saturating_sub(self.said.to.0)
    }

    /// Whether it is of a day that was over, and of no more than a day (of 25 hours, where clocks are put back).
    fn is_of_a_day(&self) -> bool {
        let length = self.said.to.0.saturating_sub(self.said.from.0);
        (1..=DAY + DAY / 12).contains(&length) && self.delay() >= 0
    }
}

/// A stretch that nobody reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hole {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
}

/// The reviews that there are, in the order of their days.
#[derive(Clone, Debug, Default)]
pub struct Reviews {
    all: Vec<Done>,
}

impl Reviews {
    /// From the rows of [`REVIEWS`].
    pub fn of(rows: &Rows) -> Self {
        let done = |row: crate::checks::Row<'_>| {
            let mut event: Value = serde_json::from_str(row.text("raw")).ok()?;
            let details = event["details"].take();
            let is_whole = event["outcome"] == "success";
            let said: Note = serde_json::from_value(details).ok().filter(|_| is_whole)?;
            let record = row.text("record").to_owned();
            Some(Done { at: row.time("time")?, by: by(&event["actor"]), record, said })
        };
        let mut all: Vec<Done> = rows.iter().filter_map(done).filter(Done::is_of_a_day).collect();
        all.sort_by(|a, b| (a.said.from, a.at, &a.record).cmp(&(b.said.from, b.at, &b.record)));
        Self { all }
    }

    /// Those of days that lie in a time in part at least.
    pub fn within(&self, (from, to): (Timestamp, Timestamp)) -> impl Iterator<Item = &Done> {
        self.all.iter().filter(move |done| done.said.to > from && done.said.from < to)
    }

    /// The first of a day.
    pub fn first_of(&self, (from, to): (Timestamp, Timestamp)) -> Option<&Done> {
        self.of_day((from, to)).min_by_key(|done| done.at)
    }

    /// All of a day.
    pub fn of_day(&self, (from, to): (Timestamp, Timestamp)) -> impl Iterator<Item = &Done> {
        self.all.iter().filter(move |done| done.said.from <= from && done.said.to >= to)
    }

    /// What of a time nobody reviewed. Less than a day at its beginning and at its end is left out: whose days they are, the zone of
    /// the reviews decides.
    pub fn holes(&self, (from, to): (Timestamp, Timestamp)) -> Vec<Hole> {
        let mut holes = Vec::new();
        let mut reached = from;
        for done in self.within((from, to)) {
            if done.said.from > reached {
                holes.push(Hole { from: reached, to: done.said.from });
            }
            reached = reached.max(done.said.to);
        }
        if reached < to {
            holes.push(Hole { from: reached, to });
        }
        let is_edge = |hole: &Hole| hole.from == from || hole.to == to;
        holes.retain(|hole| !is_edge(hole) || hole.to.0 - hole.from.0 >= DAY);
        holes
    }

    /// The first reviews of days in a time that came later than they may.
    pub fn late(&self, within: (Timestamp, Timestamp)) -> Vec<&Done> {
        let is_first = |done: &&Done| self.first_of((done.said.from, done.said.to)).is_some_and(|first| first == *done);
        self.within(within).filter(|done| done.delay() > LATEST).filter(is_first).collect()
    }
}
