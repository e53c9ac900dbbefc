//! Lists: what somebody did, by who did it. Most checks over the evidence are such a list, with another rule of what of it is wrong.
//!
//! The rows have `stream`, `actor`, `operation`, `resource`, `status`, `events`, `first`, `last`, `record`; what is missing is empty.

use std::collections::{BTreeMap, BTreeSet};

use shoseki_event::Timestamp;
use shoseki_messages::{Message, msg};

use super::Evidence;
use super::finding::{Finding, Status};
use super::rows::Row;
use super::scope::{CLOUDTRAIL, Kind};

/// How a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    /// It is wrong.
    Wrong,
    /// A person should look at it.
    Review,
    /// It is as it should be.
    Good,
    /// It cannot be judged.
    Unknown,
}

/// A list.
pub(super) struct List {
    /// Kinds of evidence that say such things, each of its own part of the estate: of a part that says nothing, nothing is known.
    pub(super) needs: &'static [&'static Kind],
    /// Whether it is empty only where global services are recorded too.
    pub(super) is_global: bool,
    /// How a row stands; nothing where it is not about this.
    pub(super) mark: fn(Row<'_>) -> Option<Mark>,
    /// What is said of those who did something, with `events`, `what` and `failed`.
    pub(super) says: fn(Mark) -> Message,
    /// What is said where nothing happened.
    pub(super) none: fn() -> Message,
}

/// How many different things are named of one who did them.
const NAMED: usize = 4;

#[derive(Default)]
struct Did {
    events: u64,
    failed: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    /// What, and how often.
    what: BTreeMap<String, u64>,
    records: Vec<String>,
}

impl List {
    /// The findings: one for each who did something, and how that stands; what cannot be seen; that nothing happened.
    pub(super) fn judge(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let (acts, mut findings) = (self.acts(evidence), self.unseen(evidence));
        let is_seen = self.has_any(evidence) && findings.iter().all(|one| one.status == Status::NotApplicable);
        if acts.is_empty() && is_seen {
            findings.push(self.nothing(evidence));
        }
        findings.extend(acts);
        findings
    }

    /// One finding for each who did something, and how that stands.
    pub(super) fn acts(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let mut all: BTreeMap<(Mark, String), Did> = BTreeMap::new();
        for row in (0..evidence.rows.len()).flat_map(|question| evidence.answer(question)) {
            let Some(mark) = (self.mark)(row) else { continue };
            let actor = row.text("actor");
            let who = if actor.is_empty() { row.text("stream") } else { actor };
            all.entry((mark, who.to_owned())).or_default().add(row);
        }
        all.into_iter().map(|((mark, who), did)| did.finding(mark, who, (self.says)(mark))).collect()
    }

    /// Whether one of the kinds arrived.
    fn has_any(&self, evidence: &Evidence<'_>) -> bool {
        self.needs.iter().any(|kind| kind.has_arrived(evidence))
    }

    /// What is said of the kinds of which nothing arrived.
    fn absent<'a>(&self, evidence: &'a Evidence<'_>) -> impl Iterator<Item = Finding> + use<'a> {
        self.needs.iter().filter(|kind| !kind.has_arrived(evidence)).map(|kind| kind.missing(evidence))
    }

    /// What cannot be seen, whatever is: kinds that did not arrive, global services without their region, and days without a record
    /// of what speaks each day.
    fn unseen(&self, evidence: &Evidence<'_>) -> Vec<Finding> {
        let is_blind = self.is_global && CLOUDTRAIL.has_arrived(evidence) && !evidence.arrivals.has_global_region();
        let global = is_blind.then(|| Finding::no_evidence("cloudtrail", msg!("check-found-no-global-region")));
        let daily = self.needs.iter().filter(|kind| kind.is_daily && kind.has_arrived(evidence));
        let thin = daily.filter_map(|kind| thin(kind.sources, evidence));
        global.into_iter().chain(self.absent(evidence)).chain(thin).collect()
    }

    fn nothing(&self, evidence: &Evidence<'_>) -> Finding {
        let sources: Vec<&str> = self.needs.iter().flat_map(|kind| kind.sources).copied().collect();
        let mut arrived: Vec<&str> =
            evidence.arrivals.of_sources(&sources).map(|(_, stream)| stream.source.as_str()).collect();
        arrived.sort_unstable();
        arrived.dedup();
        Finding::pass(arrived.join(", "), (self.none)())
    }
}

impl Did {
    fn add(&mut self, row: Row<'_>) {
        let events = row.count("events").max(1);
        self.events += events;
        if row.text("status") == "failure" {
            self.failed += events;
        }
        self.first = [self.first, row.time("first")].into_iter().flatten().min();
        self.last = [self.last, row.time("last")].into_iter().flatten().max();
        let what = match row.text("resource") {
            "" => row.text("operation").to_owned(),
            resource => format!("{} {resource}", row.text("operation")),
        };
        *self.what.entry(what).or_default() += events;
        self.records.push(row.text("record").to_owned());
    }

    fn finding(self, mark: Mark, who: String, says: Message) -> Finding {
        let mut what: Vec<(&String, &u64)> = self.what.iter().collect();
        what.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        let shown = what.iter().take(NAMED).map(|(what, times)| match times {
            1 => (*what).clone(),
            times => format!("{what} ×{times}"),
        });
        let mut text = shown.collect::<Vec<_>>().join(", ");
        if what.len() > NAMED {
            text.push_str(", …");
        }
        let says = says.with("events", self.events).with("failed", self.failed).with("what", text);
        let status = match mark {
            Mark::Wrong => Status::Fail,
            Mark::Review | Mark::Good => Status::Pass,
            Mark::Unknown => Status::NoEvidence,
        };
        let finding = Finding::new(status, who, says).of_events(self.events, self.first, self.last);
        let finding = finding.proved_by(self.records);
        if mark == Mark::Review { finding.to_review() } else { finding }
    }
}

/// Days of the period on which none of these sources spoke: what they would have said, nobody knows.
pub(super) fn thin(sources: &[&str], evidence: &Evidence<'_>) -> Option<Finding> {
    let spoken: BTreeSet<i64> =
        evidence.arrivals.of_sources(sources).flat_map(|(_, stream)| stream.days.iter().copied()).collect();
    let all = evidence.days;
    let days = all.iter().filter(|day| spoken.contains(day)).count();
    let what = msg!("check-found-thin", days = days, all = all.len());
    (days < all.len()).then(|| Finding::no_evidence(sources.join(", "), what))
}

/// Days of the period on which nothing spoke of what arrived in it.
pub(super) fn thin_of_all(evidence: &Evidence<'_>) -> Option<Finding> {
    let mut sources: Vec<&str> = evidence.arrivals.streams.values().map(|stream| stream.source.as_str()).collect();
    sources.sort_unstable();
    sources.dedup();
    thin(&sources, evidence)
}

/// Those of these sources that arrived in the period.
pub(super) fn arrived<'a>(sources: &[&'a str], evidence: &Evidence<'_>) -> Vec<&'a str> {
    sources.iter().copied().filter(|source| evidence.arrivals.has(&[source])).collect()
}

/// The question of a list over the table `events`, with its condition.
macro_rules! acts {
    ($condition:literal) => {
        concat!(
            "select stream, actor, operation, resource, status, count(*) as events, min(time) as first, max(time) as last, \
             min(\"@ptr\") as record\nfrom events\nwhere kind = 'event' and ",
            $condition,
            "\ngroup by 1, 2, 3, 4, 5"
        )
    };
}
pub(super) use acts;

/// The same over statements that MariaDB audits, by what stands in them.
macro_rules! acts_in_mariadb {
    ($pattern:literal) => {
        concat!(
            "select stream, username as actor, lower(regexp_replace(\"object\", '^\\s*(\\w+\\s+\\w+).*$', '\\1', 's')) as operation, \
             \"database\" as resource, case when retcode = 0 then 'success' else 'failure' end as status, \
             count(*) as events, min(time) as first, max(time) as last, min(\"@ptr\") as record\nfrom mariadb_audit\n\
             where operation = 'QUERY' and regexp_like(\"object\", '",
            $pattern,
            "')\ngroup by 1, 2, 3, 4, 5"
        )
    };
}
pub(super) use acts_in_mariadb;
