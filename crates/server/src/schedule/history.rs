//! What was done by schedules and what was told, read back from the records that say so. Nothing else is kept: a restart, another
//! process and a person who runs a schedule by hand all see the same.
//!
//! ```text
//! {"action":"serve.start", …, "details":{"schedules":"nightly=at 06:30 Asia/Tokyo; root=every 300s", …}}
//! {"action":"schedule.done", …, "details":{"schedule":"nightly","due":"…","verdict":"fail", …}}
//! {"action":"finding.opened", …, "details":{"findings":"F-… F-…", …}}
//! ```

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use shoseki_comply::checks::Rows;
use shoseki_event::Timestamp;

use crate::Happening;

/// A run came to its end.
pub(crate) const DONE: &str = "schedule.done";
/// A run failed.
pub(crate) const FAILED: &str = "schedule.failed";
/// The first run after those that failed came to its end.
pub(crate) const RECOVERED: &str = "schedule.recovered";
/// A finding is open that was not, when it was looked at last.
pub(crate) const FINDING_OPENED: &str = "finding.opened";
/// A finding that was told is resolved.
pub(crate) const FINDING_CLOSED: &str = "finding.closed";
/// A question has rows that it did not have, or has none any more, whichever is to be told.
pub(crate) const QUERY_OPENED: &str = "query.opened";
/// That is over.
pub(crate) const QUERY_CLOSED: &str = "query.closed";
/// The digest of a day.
pub(crate) const DIGEST: &str = "digest.made";
/// Nobody signed the digest of a day.
pub(crate) const UNSIGNED: &str = "review.missing";

/// The question for all of it; an auditor can ask the same.
pub(super) const HISTORY: &str = "select time, operation, arrow_cast(raw, 'Utf8') as raw\nfrom events\n\
     where kind = 'event' and operation in ('serve.start', 'schedule.done', 'schedule.failed', 'finding.opened', \
     'finding.closed', 'digest.made', 'review.missing')\norder by time";

/// A run that came to its end, or failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastRun {
    /// When that was told.
    pub at: Timestamp,
    /// When it was due.
    pub due: Timestamp,
    /// `fail`, `pass`, `rows`, `made`; nothing where it failed.
    pub verdict: Option<String>,
    /// Why it failed.
    pub why: Option<String>,
}

/// What is known of a schedule.
#[derive(Clone, Debug, Default)]
struct Runs {
    last: Option<LastRun>,
    /// The latest time for which it ran: a run by hand may be told later and have been due before.
    due: Option<Timestamp>,
    /// Whether the last one that came to its end had what is to be told, and when that was.
    matched: Option<(Timestamp, bool)>,
    /// The rows that it had, by their hashes, as of the last one that said.
    rows: Option<(Timestamp, BTreeSet<String>)>,
}

/// A day whose digest was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// `2026-03-05`.
    pub(super) day: String,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
}

/// All that is known.
#[derive(Clone, Debug, Default)]
pub struct History {
    runs: BTreeMap<String, Runs>,
    /// When a finding was told last, and whether as open.
    findings: BTreeMap<String, (Timestamp, bool)>,
    /// By schedule and day.
    digests: BTreeMap<(String, String), Told>,
    unsigned: BTreeSet<(String, String)>,
    /// The schedules of each start, with their plans.
    starts: BTreeMap<Timestamp, BTreeSet<String>>,
    /// Up to when records were read.
    read_to: Option<Timestamp>,
}

/// How long a record may wait for its seal and be read all the same, in microseconds: what this process told, it knows anyway.
const BEHIND: i64 = 2 * 86_400 * 1_000_000;

impl History {
    /// From when on records are to be read, so that none is missed.
    pub(super) fn from(&self) -> Timestamp {
        Timestamp(self.read_to.map_or(0, |read| read.0.saturating_sub(BEHIND)))
    }

    /// Reads records on top of what is known. What is known already changes nothing.
    pub(super) fn read(&mut self, rows: &Rows, now: Timestamp) {
        self.read_to = Some(now);
        for row in rows.iter() {
            let Ok(event) = serde_json::from_str::<Value>(row.text("raw")) else { continue };
            // A run by hand tells at its end, and its record has the time of its beginning.
            let told = event["details"]["told"].as_str().and_then(|text| Timestamp::parse(text).ok());
            let Some(at) = told.or_else(|| row.time("time")) else { continue };
            self.take(row.text("operation"), at, &|name| event["details"][name].as_str());
        }
    }

    /// What was told a moment ago, before its record can be asked for.
    pub(crate) fn told(&mut self, happening: &Happening) {
        self.take(happening.action, happening.time, &|name| happening.details.get(name).map(String::as_str));
    }

    fn take<'a>(&mut self, action: &str, at: Timestamp, detail: &dyn Fn(&str) -> Option<&'a str>) {
        let schedule = || detail("schedule").unwrap_or_default().to_owned();
        match action {
            "serve.start" => {
                let plans = detail("schedules").unwrap_or_default().split("; ");
                let plans = plans.filter(|plan| !plan.is_empty()).map(str::to_owned).collect();
                self.starts.insert(at, plans);
            }
            DONE | FAILED => self.runs.entry(schedule()).or_default().ran(action == FAILED, at, detail),
            FINDING_OPENED | FINDING_CLOSED => {
                for finding in detail("findings").unwrap_or_default().split(' ').filter(|id| !id.is_empty()) {
                    let told = self.findings.entry(finding.to_owned()).or_insert((at, false));
                    if told.0 <= at {
                        *told = (at, action == FINDING_OPENED);
                    }
                }
            }
            DIGEST => {
                let time = |name: &str| detail(name).and_then(|text| Timestamp::parse(text).ok());
                if let (Some(day), Some(from), Some(to)) = (detail("day"), time("day_from"), time("day_to")) {
                    let day = day.to_owned();
                    self.digests.insert((schedule(), day.clone()), Told { day, from, to });
                }
            }
            UNSIGNED => drop(self.unsigned.insert((schedule(), detail("day").unwrap_or_default().to_owned()))),
            _ => {}
        }
    }

    /// The last run of a schedule.
    pub fn last(&self, schedule: &str) -> Option<&LastRun> {
        self.runs.get(schedule)?.last.as_ref()
    }

    /// Whether its last run failed.
    pub(crate) fn is_failing(&self, schedule: &str) -> bool {
        self.last(schedule).is_some_and(|last| last.verdict.is_none())
    }

    /// Whether its last run that came to its end had what is to be told.
    pub(super) fn is_matched(&self, schedule: &str) -> bool {
        self.runs.get(schedule).and_then(|runs| runs.matched).is_some_and(|(_, matched)| matched)
    }

    /// The hashes of the rows that it had.
    pub(super) fn rows(&self, schedule: &str) -> Option<&BTreeSet<String>> {
        self.runs.get(schedule)?.rows.as_ref().map(|(_, rows)| rows)
    }

    /// When a finding was told as open, where it was told so last.
    pub(super) fn told_open(&self, finding: &str) -> Option<Timestamp> {
        self.findings.get(finding).filter(|(_, is_open)| *is_open).map(|(at, _)| *at)
    }

    /// The days whose digests a schedule told.
    pub(super) fn digests(&self, schedule: &str) -> impl Iterator<Item = &Told> {
        self.digests.iter().filter(move |((of, _), _)| of == schedule).map(|(_, told)| told)
    }

    /// Whether it was told that a day was not signed.
    pub(super) fn is_told_unsigned(&self, schedule: &str, day: &str) -> bool {
        self.unsigned.contains(&(schedule.to_owned(), day.to_owned()))
    }

    /// The time from which on a run that did not happen was missed: the first start that knew this plan without a break since, or the
    /// last run where that is later. Nothing where the last start did not know it: then it was not planned, and is not missed.
    pub(crate) fn since(&self, schedule: &str, plan: &str) -> Option<Timestamp> {
        let planned = format!("{schedule}={plan}");
        let (known, _) = self.starts.iter().rev().take_while(|(_, plans)| plans.contains(&planned)).last()?;
        let due = self.runs.get(schedule).and_then(|runs| runs.due);
        Some(*known).max(due)
    }
}

impl Runs {
    fn ran<'a>(&mut self, is_failed: bool, at: Timestamp, detail: &dyn Fn(&str) -> Option<&'a str>) {
        let text = |name: &str| detail(name).map(str::to_owned);
        let due = detail("due").and_then(|due| Timestamp::parse(due).ok()).unwrap_or(at);
        self.due = self.due.max(Some(due));
        if self.last.as_ref().is_none_or(|last| last.at <= at) {
            let verdict = text("verdict").filter(|_| !is_failed);
            self.last = Some(LastRun { at, due, verdict, why: text("why") });
        }
        let is_newer = |known: Option<Timestamp>| known.is_none_or(|known| known <= at);
        if !is_failed && is_newer(self.matched.map(|(at, _)| at)) {
            self.matched = detail("matched").map(|matched| (at, matched == "true"));
        }
        if let Some(rows) = detail("known").filter(|_| !is_failed && is_newer(self.rows.as_ref().map(|(at, _)| *at))) {
            let rows = rows.split(' ').filter(|row| !row.is_empty()).map(str::to_owned);
            self.rows = Some((at, rows.collect()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp(1_772_668_800_000_000 + second * 1_000_000)
    }

    fn take(history: &mut History, second: i64, action: &str, details: &[(&str, &str)]) {
        let details: BTreeMap<String, String> =
            details.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        history.take(action, at(second), &|name| details.get(name).map(String::as_str));
    }

    #[test]
    fn the_last_run_is_the_last_whatever_comes_first() {
        let mut history = History::default();
        let due = at(10).to_string();
        take(&mut history, 12, DONE, &[("schedule", "a"), ("due", &due), ("verdict", "fail"), ("matched", "true")]);
        take(&mut history, 5, FAILED, &[("schedule", "a"), ("why", "away")]);
        assert_eq!(history.last("a").map(|last| (last.due, last.verdict.as_deref())), Some((at(10), Some("fail"))));
        assert!(!history.is_failing("a") && history.is_matched("a") && !history.is_matched("b"));
        take(&mut history, 20, FAILED, &[("schedule", "a"), ("why", "away")]);
        assert!(history.is_failing("a") && history.is_matched("a"), "what failed says nothing of what it asks");
    }

    #[test]
    fn rows_are_those_of_the_last_run_that_said() {
        let mut history = History::default();
        let mut done = |second: i64, more: &[(&str, &str)]| {
            take(&mut history, second, DONE, &[&[("schedule", "a"), ("verdict", "rows")], more].concat());
            history.rows("a").map(|rows| rows.iter().cloned().collect::<Vec<_>>().join(" "))
        };
        assert_eq!(done(1, &[]), None);
        assert_eq!(done(2, &[("known", "b a")]).as_deref(), Some("a b"));
        assert_eq!(done(3, &[]).as_deref(), Some("a b"), "it did not change");
        assert_eq!(done(1, &[("known", "c")]).as_deref(), Some("a b"), "it is older");
        assert_eq!(done(4, &[("known", "")]).as_deref(), Some(""));
    }

    #[test]
    fn a_finding_was_told_as_it_was_told_last() {
        let mut history = History::default();
        take(&mut history, 1, FINDING_OPENED, &[("findings", "F-A F-B")]);
        take(&mut history, 3, FINDING_CLOSED, &[("findings", "F-B")]);
        take(&mut history, 2, FINDING_OPENED, &[("findings", "F-B")]);
        assert_eq!(
            [history.told_open("F-A"), history.told_open("F-B"), history.told_open("F-C")],
            [Some(at(1)), None, None]
        );
    }

    #[test]
    fn what_was_missed_is_counted_from_when_it_was_planned() {
        let mut history = History::default();
        assert_eq!(history.since("a", "every 60s"), None);
        for (second, plans) in [(1, "a=every 60s"), (2, ""), (3, "b=every 1s; a=every 60s"), (4, "a=every 60s")] {
            take(&mut history, second, "serve.start", &[("schedules", plans)]);
        }
        assert_eq!(history.since("a", "every 60s"), Some(at(3)), "it was taken out in between");
        assert_eq!(history.since("a", "every 1s"), None, "that is another plan");
        take(&mut history, 9, DONE, &[("schedule", "a"), ("due", &at(8).to_string())]);
        assert_eq!([history.since("a", "every 60s"), history.since("a", "every 1s")], [Some(at(8)), None]);
        take(&mut history, 10, "serve.start", &[("schedules", "b=every 1s")]);
        assert_eq!(history.since("a", "every 60s"), None, "the last start did not know it");
    }
}
