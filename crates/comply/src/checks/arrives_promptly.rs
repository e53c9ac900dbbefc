//! Evidence is in the vault soon after it happened: 99 of 100 records of each stream within a day.
//!
//! What was taken in at once, an archive, says nothing of how promptly it came: where a stream's receipts span less than half of
//! the time that its events span, or less than an hour while half of its records are later than they may be, nothing is judged.

use std::collections::BTreeMap;

use shoseki_event::Timestamp;
use shoseki_messages::{Message, msg};

use super::evidence::Evidence;
use super::finding::Finding;
use super::{Check, Query, Severity};

const QUERIES: &[Query] = &[Query::sql(
    "select stream, greatest(0, cast(date_part('epoch', received) - date_part('epoch', time) as bigint)) as delay, \
     count(*) as records, min(time) as first, max(time) as last, min(received) as first_received, max(received) as last_received, \
     min(case when received > time + interval '24 hours' then \"@ptr\" end) as record\nfrom events\nwhere kind = 'event' and time_origin = 'event'\ngroup by 1, 2",
)];

pub(super) const CHECK: Check = Check::evidence("evidence_arrives_promptly", Severity::Medium, QUERIES, judge);

/// How long 99 of 100 records may be on their way, in seconds: a day, so that they are there for the daily review.
const BOUND: i64 = 86_400;

/// An hour in microseconds.
const HOUR: i64 = 3_600_000_000;

#[derive(Default)]
struct Delays {
    /// By seconds: how many records, and one of them.
    seconds: BTreeMap<i64, (u64, String)>,
    told: Option<(Timestamp, Timestamp)>,
    heard: Option<(Timestamp, Timestamp)>,
}

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut streams: BTreeMap<&str, Delays> = BTreeMap::new();
    for row in evidence.answer(0) {
        let delays = streams.entry(row.text("stream")).or_default();
        let entry = (row.count("records"), row.text("record").to_owned());
        delays.seconds.insert(row.number("delay"), entry);
        delays.told = wider(delays.told, (row.time("first"), row.time("last")));
        delays.heard = wider(delays.heard, (row.time("first_received"), row.time("last_received")));
    }
    if streams.is_empty() {
        return vec![Finding::no_evidence("*", msg!("check-found-nothing-arrived"))];
    }
    streams.into_iter().map(|(name, delays)| delays.finding(name)).collect()
}

type Span = Option<(Timestamp, Timestamp)>;

fn wider(known: Span, row: (Option<Timestamp>, Option<Timestamp>)) -> Span {
    let (Some(first), Some(last)) = row else { return known };
    let (from, to) = known.unwrap_or((first, last));
    Some((from.min(first), to.max(last)))
}

fn length(span: Span) -> i64 {
    span.map_or(0, |(from, to)| to.0 - from.0)
}

impl Delays {
    fn finding(self, name: &str) -> Finding {
        let all: u64 = self.seconds.values().map(|(records, _)| records).sum();
        let (p50, p99) = (self.at(all.div_ceil(2)), self.at((all * 99).div_ceil(100)));
        let most = self.seconds.last_key_value().map_or(0, |(seconds, _)| *seconds);
        let with = |message: Message| {
            message.with("p50", span(p50)).with("p99", span(p99)).with("most", span(most)).with("bound", span(BOUND))
        };
        let is_at_once = length(self.heard) < HOUR && p50 > BOUND;
        let finding = if is_at_once || length(self.heard) * 2 < length(self.told) {
            Finding::no_evidence(name, with(msg!("check-found-taken-in-at-once")))
        } else if p99 > BOUND {
            let late: Vec<String> = self.seconds.range(BOUND + 1..).map(|(_, (_, record))| record.clone()).collect();
            Finding::fail(name, with(msg!("check-found-late"))).proved_by(late)
        } else {
            Finding::pass(name, with(msg!("check-found-prompt")))
        };
        finding.of_events(all, self.told.map(|(from, _)| from), self.told.map(|(_, to)| to))
    }

    /// The delay that so many records do not exceed.
    fn at(&self, rank: u64) -> i64 {
        let mut seen = 0;
        for (seconds, (records, _)) in &self.seconds {
            seen += records;
            if seen >= rank {
                return *seconds;
            }
        }
        0
    }
}

/// A length of time in the largest unit that leaves two digits at most, or days.
fn span(seconds: i64) -> Message {
    match seconds {
        0..120 => msg!("check-span-seconds", n = seconds),
        120..7_200 => msg!("check-span-minutes", n = seconds / 60),
        7_200..172_800 => msg!("check-span-hours", n = seconds / 3_600),
        _ => msg!("check-span-days", n = seconds / 86_400),
    }
}
