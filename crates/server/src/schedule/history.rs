//! What was done by schedules and what was told, read back from the records that say so. Nothing else is kept: a restart, another
//! process and a person who runs a schedule by hand all see the same.
//!
//! ```text
//! {"action":"serve.start", …, "details":{"schedules":"nightly=at 06:30 Asia/Tokyo; root=every 300s", …}}
//! {"action":"schedule.done", …, "details":{"schedule":"nightly","due":"…","verdict":"fail", …}}
//! {"action":"finding.opened", …, "details":{"findings":"F-… F-…", …}}
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use shoseki_comply::checks::Rows;
use shoseki_event::Timestamp;
use shoseki_messages::Lang;

use super::untold::Untold;
use crate::detecting::{self, FOUND};
use crate::{Happening, Severity};

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

/// How a run stands whose rows are too many to be told apart.
pub(crate) const TOO_MANY: &str = "too_many";

/// The question for all of it; an auditor can ask the same.
pub(super) const HISTORY: &str = "select time, operation, arrow_cast(raw, 'Utf8') as raw\nfrom events\n\
     where kind = 'event' and operation in ('serve.start', 'schedule.done', 'schedule.failed', 'schedule.recovered', \
     'finding.opened', 'finding.closed', 'query.opened', 'query.closed', 'digest.made', 'review.missing', 'alert.failed', \
     'match.found')";

/// A run that came to its end, or failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastRun {
    /// When that was told.
    pub at: Timestamp,
    /// When it was due.
    pub due: Timestamp,
    /// `fail`, `pass`, `rows`, `made`; nothing where it failed.
    pub verdict: Option<String>,
    /// Why it failed, in English and in Japanese.
    pub why: Option<(String, String)>,
}

impl LastRun {
    /// Whether something is to be done so that the next one is better: it failed, or it cannot tell its rows apart.
    pub fn is_failing(&self) -> bool {
        self.verdict.as_deref().is_none_or(|verdict| verdict == TOO_MANY)
    }

    /// Why it failed.
    pub fn why(&self, lang: Lang) -> Option<&str> {
        self.why.as_ref().map(|(en, ja)| if lang == Lang::Ja { ja.as_str() } else { en.as_str() })
    }
}

/// What is known of a schedule.
#[derive(Clone, Debug, Default)]
struct Runs {
    last: Option<LastRun>,
    /// The latest time for which it ran: a run by hand may be told later and have been due before.
    due: Option<Timestamp>,
    /// Whether the last one that came to its end had what is to be told, and when that was.
    matched: Option<(Timestamp, bool)>,
    /// Whether the last one that came to its end had more rows than are told apart, and when that was.
    too_many: Option<(Timestamp, bool)>,
    /// The rows that it had, by their hashes, as of the last one that said.
    rows: Option<(Timestamp, BTreeSet<String>)>,
    /// How severe what was told was, where it said so; nothing where it was told that it is over.
    severities: BTreeMap<Timestamp, Option<Severity>>,
}

/// What a finding was told as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum As {
    /// As open, and a failure.
    Failing,
    /// As open: without evidence, to be looked at, from outside.
    Open,
    /// As resolved.
    Closed,
}

/// A day whose digest was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// `2026-03-05`.
    pub(super) day: String,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    /// What it counted: events, those that failed, failures, what is to be looked at.
    pub(super) counts: String,
}

/// All that is known.
#[derive(Clone, Debug, Default)]
pub struct History {
    runs: BTreeMap<String, Runs>,
    /// When a finding was told last, and as what.
    findings: BTreeMap<String, (Timestamp, As)>,
    /// By schedule and day.
    digests: BTreeMap<(String, String), Told>,
    unsigned: BTreeSet<(String, String)>,
    /// The matches that were told.
    matches: Arc<detecting::Told>,
    /// The schedules of each start, with their plans.
    starts: BTreeMap<Timestamp, BTreeSet<String>>,
    /// Who could not be told of what.
    pub(super) untold: Untold,
    /// Up to when records were read.
    read_to: Option<Timestamp>,
}

/// How far back records are read, in microseconds: what was told earlier and is so still may be told once more.
const OLDEST: i64 = 400 * 86_400 * 1_000_000;
/// How far a record's time may be after now, in microseconds. A clock that was years ahead once must not silence what comes for years.
const AHEAD: i64 = 300 * 1_000_000;
/// How long a record may wait for its seal and be read all the same, in microseconds: what this process told, it knows anyway.
const BEHIND: i64 = 2 * 86_400 * 1_000_000;

impl History {
    /// Nothing yet, with the matches that others in this process tell, too.
    pub(super) fn beside(matches: &Arc<detecting::Told>) -> Self {
        Self { matches: Arc::clone(matches), ..Self::default() }
    }

    /// From when on records are to be read, so that none is missed.
    pub(super) fn from(&self, now: Timestamp) -> Timestamp {
        let oldest = Timestamp(now.0.saturating_sub(OLDEST));
        self.read_to.map_or(oldest, |read| Timestamp(read.0.saturating_sub(BEHIND)).max(oldest))
    }

    /// Reads records on top of what is known. What is known already changes nothing.
    pub(super) fn read(&mut self, rows: &Rows, now: Timestamp) {
        self.read_to = Some(now);
        for row in rows.iter() {
            let Ok(event) = serde_json::from_str::<Value>(row.text("raw")) else { continue };
            // A run by hand tells at its end, and its record has the time of its beginning.
            let told = event["details"]["told"].as_str().and_then(|text| Timestamp::parse(text).ok());
            let Some(at) = told.or_else(|| row.time("time")) else { continue };
            if at.0 > now.0.saturating_add(AHEAD) {
                continue;
            }
            self.take(row.text("operation"), at, &|name| event["details"][name].as_str());
        }
    }

    /// What was told a moment ago, before its record can be asked for.
    pub(crate) fn told(&mut self, happening: &Happening) {
        self.take(happening.action, happening.time, &|name| happening.details.get(name).map(String::as_str));
    }

    fn take<'a>(&mut self, action: &str, at: Timestamp, detail: &dyn Fn(&str) -> Option<&'a str>) {
        let schedule = || detail("schedule").unwrap_or_default().to_owned();
        self.untold.take(action, at, detail);
        match action {
            "serve.start" => {
                let plans = detail("schedules").unwrap_or_default().split("; ");
                let plans = plans.filter(|plan| !plan.is_empty()).map(str::to_owned).collect();
                self.starts.insert(at, plans);
            }
            QUERY_OPENED | QUERY_CLOSED => {
                self.matches.add(detail("new_rows").unwrap_or_default());
                let severity = detail("severity").and_then(Severity::from_name).filter(|_| action == QUERY_OPENED);
                let is_over = action == QUERY_CLOSED && detail(TOO_MANY).is_none(); // rows that are few again are not gone
                if severity.is_some() || is_over {
                    self.runs.entry(schedule()).or_default().severities.insert(at, severity);
                }
            }
            DONE | FAILED => self.runs.entry(schedule()).or_default().ran(action == FAILED, at, detail),
            FINDING_OPENED | FINDING_CLOSED => {
                let failing: BTreeSet<&str> = detail("failing").unwrap_or_default().split(' ').collect();
                let is_failure = detail("nature") == Some("fail");
                for finding in detail("findings").unwrap_or_default().split(' ').filter(|id| !id.is_empty()) {
                    let told_as = match action {
                        FINDING_CLOSED => As::Closed,
                        _ if is_failure || failing.contains(finding) => As::Failing,
                        _ => As::Open,
                    };
                    let told = self.findings.entry(finding.to_owned()).or_insert((at, told_as));
                    if told.0 <= at {
                        *told = (at, told_as);
                    }
                }
            }
            DIGEST => {
                let time = |name: &str| detail(name).and_then(|text| Timestamp::parse(text).ok());
                if let (Some(day), Some(from), Some(to)) = (detail("day"), time("day_from"), time("day_to")) {
                    let day = day.to_owned();
                    let counts = counts(&|name| detail(name).map(str::to_owned));
                    self.digests.insert((schedule(), day.clone()), Told { day, from, to, counts });
                }
            }
            FOUND => self.matches.add(detail("matches").unwrap_or_default()),
            UNSIGNED => drop(self.unsigned.insert((schedule(), detail("day").unwrap_or_default().to_owned()))),
            _ => {}
        }
    }

    /// The severity of the worst that was told by a schedule and is not over, or was not until it was told so.
    pub(super) fn severity(&self, schedule: &str) -> Option<Severity> {
        let told = self.runs.get(schedule)?.severities.values().rev();
        told.skip_while(|severity| severity.is_none()).map_while(|severity| *severity).max()
    }

    /// The last run of a schedule.
    pub fn last(&self, schedule: &str) -> Option<&LastRun> {
        self.runs.get(schedule)?.last.as_ref()
    }

    /// Whether its last run failed.
    pub(crate) fn is_failing(&self, schedule: &str) -> bool {
        self.last(schedule).is_some_and(|last| last.verdict.is_none())
    }

    /// Whether its last run that came to its end had what is to be told; nothing where none said.
    pub(super) fn matched(&self, schedule: &str) -> Option<bool> {
        self.runs.get(schedule).and_then(|runs| runs.matched).map(|(_, matched)| matched)
    }

    /// Whether its last run that came to its end had more rows than are told apart.
    pub(super) fn is_too_many(&self, schedule: &str) -> bool {
        self.runs.get(schedule).and_then(|runs| runs.too_many).is_some_and(|(_, too_many)| too_many)
    }

    /// The hashes of the rows that it had.
    pub(super) fn rows(&self, schedule: &str) -> Option<&BTreeSet<String>> {
        self.runs.get(schedule)?.rows.as_ref().map(|(_, rows)| rows)
    }

    /// When a finding was told as open, where it was told so last, and whether as a failure.
    pub(super) fn told_open(&self, finding: &str) -> Option<(Timestamp, bool)> {
        let (at, told_as) = self.findings.get(finding)?;
        (*told_as != As::Closed).then_some((*at, *told_as == As::Failing))
    }

    /// Whether a digest that counts so was told of a day.
    pub(super) fn is_told_digest(&self, schedule: &str, digest: &Happening) -> bool {
        let detail = |name: &str| digest.details.get(name).cloned();
        let of_day = self.digests.get(&(schedule.to_owned(), detail("day").unwrap_or_default()));
        of_day.is_some_and(|told| told.counts == counts(&detail))
    }

    /// The days whose digests a schedule told.
    pub(super) fn digests(&self, schedule: &str) -> impl Iterator<Item = &Told> {
        self.digests.iter().filter(move |((of, _), _)| of == schedule).map(|(_, told)| told)
    }

    /// Whether a match was told as it was sealed.
    pub(super) fn is_told_match(&self, id: &str) -> bool {
        self.matches.has(id)
    }

    /// Whether it was told that a day was not signed.
    pub(super) fn is_told_unsigned(&self, schedule: &str, day: &str) -> bool {
        self.unsigned.contains(&(schedule.to_owned(), day.to_owned()))
    }

    /// The time from which on a run that did not happen was missed: the first start that knew this plan, since it was another, or the
    /// last run where that is later. Nothing where it was another at the last start that had it: then it was not planned, and is not
    /// missed. A start without it says nothing: it may be of another process, which has schedules of its own over the same vault.
    pub(crate) fn since(&self, schedule: &str, plan: &str) -> Option<Timestamp> {
        let (of_it, planned) = (format!("{schedule}="), format!("{schedule}={plan}"));
        let is_of_it = |plans: &BTreeSet<String>| plans.iter().any(|one| one.starts_with(&of_it));
        let of_it = self.starts.iter().rev().filter(|(_, plans)| is_of_it(plans));
        let (known, _) = of_it.take_while(|(_, plans)| plans.contains(&planned)).last()?;
        let due = self.runs.get(schedule).and_then(|runs| runs.due);
        Some(*known).max(due)
    }
}

/// What a digest counted, as one text.
fn counts(detail: &dyn Fn(&str) -> Option<String>) -> String {
    ["events", "failed", "failures", "to_review"].map(|name| detail(name).unwrap_or_default()).join(" ")
}

impl Runs {
    fn ran<'a>(&mut self, is_failed: bool, at: Timestamp, detail: &dyn Fn(&str) -> Option<&'a str>) {
        let text = |name: &str| detail(name).map(str::to_owned);
        let due = detail("due").and_then(|due| Timestamp::parse(due).ok()).unwrap_or(at);
        self.due = self.due.max(Some(due));
        if self.last.as_ref().is_none_or(|last| last.at <= at) {
            let verdict = text("verdict").filter(|_| !is_failed);
            let why = text("why").map(|en| (en.clone(), text("why_ja").unwrap_or(en)));
            self.last = Some(LastRun { at, due, verdict, why });
        }
        let is_newer = |known: Option<Timestamp>| known.is_none_or(|known| known <= at);
        if !is_failed && is_newer(self.matched.map(|(at, _)| at)) {
            self.matched = detail("matched").map(|matched| (at, matched == "true"));
        }
        if !is_failed && is_newer(self.too_many.map(|(at, _)| at)) {
            self.too_many = Some((at, detail("verdict") == Some(TOO_MANY)));
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
    fn the_severity_of_what_is_told_lasts_until_it_is_over() {
        let opened = |severity: &'static str| (QUERY_OPENED, vec![("schedule", "s"), ("severity", severity)]);
        let few = (QUERY_CLOSED, vec![("schedule", "s"), (TOO_MANY, "false")]);
        let records =
            [opened("high"), opened("low"), few, (QUERY_CLOSED, vec![("schedule", "s")]), opened("informational")];
        let severity = |upto: usize, order: &dyn Fn(Vec<usize>) -> Vec<usize>| {
            let mut history = History::default();
            for at in order((0..upto).collect()) {
                take(&mut history, i64::try_from(at).unwrap(), records[at].0, &records[at].1);
            }
            history.severity("s")
        };
        let backwards = |all: Vec<usize>| all.into_iter().rev().collect::<Vec<_>>();
        for order in [&|all| all, &backwards as &dyn Fn(Vec<usize>) -> Vec<usize>] {
            let all: Vec<Option<Severity>> = (0..=5).map(|upto| severity(upto, order)).collect();
            let high = Some(Severity::High);
            assert_eq!(all, [None, high, high, high, high, Some(Severity::Info)]);
        }
    }

    #[test]
    fn the_last_run_is_the_last_whatever_comes_first() {
        let mut history = History::default();
        let due = at(10).to_string();
        take(&mut history, 12, DONE, &[("schedule", "a"), ("due", &due), ("verdict", "fail"), ("matched", "true")]);
        take(&mut history, 5, FAILED, &[("schedule", "a"), ("why", "away")]);
        assert_eq!(history.last("a").map(|last| (last.due, last.verdict.as_deref())), Some((at(10), Some("fail"))));
        assert_eq!((history.is_failing("a"), history.matched("a"), history.matched("b")), (false, Some(true), None));
        take(&mut history, 20, FAILED, &[("schedule", "a"), ("why", "away")]);
        assert!(history.is_failing("a"));
        assert_eq!(history.matched("a"), Some(true), "what failed says nothing of what it asks");
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
            [Some((at(1), false)), None, None]
        );
        take(&mut history, 4, FINDING_OPENED, &[("findings", "F-A F-C"), ("failing", "F-C")]);
        take(&mut history, 5, FINDING_OPENED, &[("findings", "F-B"), ("nature", "fail")]);
        assert_eq!(
            [history.told_open("F-A"), history.told_open("F-B"), history.told_open("F-C")],
            [Some((at(4), false)), Some((at(5), true)), Some((at(4), true))]
        );
    }

    #[test]
    fn what_was_missed_is_counted_from_when_it_was_planned() {
        let mut history = History::default();
        assert_eq!(history.since("a", "every 60s"), None);
        for (second, plans) in [(1, "a=every 60s"), (2, ""), (3, "b=every 1s; a=every 60s"), (4, "a=every 60s")] {
            take(&mut history, second, "serve.start", &[("schedules", plans)]);
        }
        assert_eq!(history.since("a", "every 60s"), Some(at(1)), "a start without it may be another's");
        assert_eq!(history.since("a", "every 1s"), None, "that is another plan");
        take(&mut history, 9, DONE, &[("schedule", "a"), ("due", &at(8).to_string())]);
        assert_eq!([history.since("a", "every 60s"), history.since("a", "every 1s")], [Some(at(8)), None]);
        take(&mut history, 10, "serve.start", &[("schedules", "b=every 1s")]);
        assert_eq!(history.since("a", "every 60s"), Some(at(8)), "another process started");
        take(&mut history, 11, "serve.start", &[("schedules", "a=every 1s")]);
        assert_eq!(history.since("a", "every 60s"), None, "it was another plan then");
        take(&mut history, 12, "serve.start", &[("schedules", "a=every 60s")]);
        assert_eq!(history.since("a", "every 60s"), Some(at(12)));
    }

    #[test]
    fn a_clock_that_was_ahead_silences_nothing() {
        let row = |second: i64, due: i64| {
            let details = serde_json::json!({"schedule": "a", "verdict": "rows", "due": at(due).to_string()});
            let raw = serde_json::json!({"details": details}).to_string();
            [at(second).into(), DONE.into(), raw.as_str().into()]
        };
        let rows = Rows::of(["time", "operation", "raw"], vec![row(100_000_000, 100_000_000), row(5, 5)]);
        let mut history = History::default();
        history.read(&rows, at(10));
        assert_eq!(history.last("a").map(|last| last.due), Some(at(5)));
        assert_eq!(history.from(at(10)), Timestamp(at(10).0 - BEHIND));
        assert_eq!(History::default().from(at(10)), Timestamp(at(10).0 - OLDEST));
    }
}
