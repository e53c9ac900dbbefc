//! What a judgement is given: the period, what arrived in it, the rows of the check's questions, and what is known of the vault.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use shoseki_event::Timestamp;

use super::Rows;
use super::days::{date, day_of};
use super::rows::Row;
use super::scope::Scope;
use crate::gaps::Register;

/// The time that is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end, which does not belong to it; never later than now.
    pub to: Timestamp,
}

/// Records of each stream by days (UTC): what arrived, and the base of every judgement that something is not there. The first and the
/// last of such a day tell of the days of any zone whether it spoke on them: no more than one midnight lies between.
pub const ARRIVALS: &str = "select source, stream, date_trunc('day', time) as day, count(*) as records, min(time) as first, max(time) as last\n\
     from events\nwhere kind = 'event'\ngroup by 1, 2, 3";

/// When each stream spoke first, ever.
pub const FIRSTS: &str = "select source, stream, min(time) as first, max(time) as last, count(*) as records\nfrom events\nwhere kind = 'event'\ngroup by 1, 2";

/// A stream in the period.
#[derive(Clone, Debug, Default)]
pub struct Arrived {
    /// Its source.
    pub source: String,
    /// Its records in the period.
    pub records: u64,
    /// The days (since 1970, of the zone of who asks) on which it spoke.
    pub days: BTreeSet<i64>,
    /// The first event in the period.
    pub first: Option<Timestamp>,
    /// The last.
    pub last: Option<Timestamp>,
}

/// What arrived in the period, by streams.
#[derive(Clone, Debug, Default)]
pub struct Arrivals {
    /// By the stream's name.
    pub streams: BTreeMap<String, Arrived>,
}

impl Arrivals {
    /// From the rows of [`ARRIVALS`]; the days are of the zone.
    pub fn of(rows: &Rows, zone: Tz) -> Self {
        let mut arrivals = Self::default();
        for row in rows.iter() {
            let stream = arrivals.streams.entry(row.text("stream").to_owned()).or_default();
            stream.source = row.text("source").to_owned();
            stream.records += row.count("records");
            let (first, last) = (row.time("first"), row.time("last"));
            stream.days.extend([first, last].into_iter().flatten().map(|time| day_of(time, zone)));
            stream.first = [stream.first, first].into_iter().flatten().min();
            stream.last = [stream.last, last].into_iter().flatten().max();
        }
        arrivals
    }

    /// The streams of these sources.
    pub fn of_sources(&self, sources: &[&str]) -> impl Iterator<Item = (&String, &Arrived)> {
        self.streams.iter().filter(|(_, stream)| sources.contains(&stream.source.as_str()))
    }

    /// Whether one of these sources spoke.
    pub fn has(&self, sources: &[&str]) -> bool {
        self.of_sources(sources).next().is_some()
    }

    /// Whether CloudTrail spoke of the region that the global services (IAM, STS's global endpoint, log-ins of root) record in.
    /// Without it, an empty list of such events says nothing.
    pub fn has_global_region(&self) -> bool {
        let is_global = |name: &str| ["us-east-1", "cn-north-1", "us-gov-west-1"].iter().any(|end| name.ends_with(end));
        self.of_sources(&["cloudtrail"]).any(|(name, _)| is_global(name))
    }
}

/// What is known of the vault itself, by who opened it.
#[derive(Clone, Debug, Default)]
pub struct VaultFacts {
    /// Where it lies: a whole path, or a URL. Verifications of a copy elsewhere leave records too.
    pub place: String,
    /// Where checkpoints are kept outside.
    pub anchors: Vec<String>,
    /// When a backup of the keys was last checked from this machine.
    pub backup_checked: Option<Timestamp>,
    /// How many records of accesses wait here to be sealed.
    pub waiting_accesses: u64,
    /// The period of each class of evidence, in calendar months; nothing is for ever.
    pub periods: BTreeMap<String, Option<u32>>,
    /// The holds in force: their ids and why each was placed.
    pub holds: BTreeMap<String, String>,
}

/// What a judgement is given.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// The time that is judged.
    pub period: Period,
    /// The zone of who asks: days are days of it.
    pub zone: Tz,
    /// The days (since 1970, of the zone) that are judged; see [`Period::days`].
    pub days: &'a [i64],
    /// When it is judged.
    pub now: Timestamp,
    /// What arrived in the period.
    pub arrivals: &'a Arrivals,
    /// Which kinds of evidence people left out of the scope.
    pub scope: &'a Scope,
    /// The rows of the check's questions, in their order.
    pub rows: Vec<&'a Rows>,
    /// What is known of the vault.
    pub vault: &'a VaultFacts,
    /// The gap register of the period, for checks that ask for it.
    pub gaps: Option<&'a Register>,
}

impl<'a> Evidence<'a> {
    /// The rows of a question of the check, by its place.
    pub fn answer(&self, question: usize) -> impl Iterator<Item = Row<'a>> + use<'a> {
        self.rows.get(question).copied().into_iter().flat_map(Rows::iter)
    }

    /// The date of a moment, in the zone.
    pub fn date(&self, time: Timestamp) -> String {
        date(time, self.zone)
    }
}
