//! No event is later than its receipt: that proves a clock that is fast, by more than shows. A slow clock cannot be seen so.

use std::collections::BTreeMap;

use shoseki_messages::msg;

use super::evidence::Evidence;
use super::finding::Finding;
use super::{Check, Query, Severity};

/// A second is given: times are stated in seconds.
const QUERIES: &[Query] = &[Query::sql(
    "select stream, time_origin, count(*) as records, \
     count(case when time > received + interval '1 second' then 1 end) as later, \
     cast(max(date_part('epoch', time) - date_part('epoch', received)) as bigint) as most, \
     min(case when time > received + interval '1 second' or time_origin = 'implausible' then \"@ptr\" end) as record\n\
     from events\nwhere kind = 'event'\ngroup by 1, 2",
)];

pub(super) const CHECK: Check = Check::evidence("evidence_clocks_are_in_step", Severity::Medium, QUERIES, judge);

/// What came later than this, in seconds, would not show a clock that is faster by less.
const AT_ONCE: i64 = 3_600;

#[derive(Default)]
struct Clock {
    stated: u64,
    later: u64,
    /// How much later than its receipt an event is at most; below zero where all were on their way.
    most: Option<i64>,
    implausible: u64,
    records: Vec<String>,
}

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut streams: BTreeMap<&str, Clock> = BTreeMap::new();
    for row in evidence.answer(0) {
        let clock = streams.entry(row.text("stream")).or_default();
        match row.text("time_origin") {
            "event" => {
                clock.stated += row.count("records");
                clock.later += row.count("later");
                clock.most = clock.most.max(Some(row.number("most")));
            }
            "implausible" => clock.implausible += row.count("records"),
            _ => {}
        }
        clock.records.push(row.text("record").to_owned());
    }
    if streams.is_empty() {
        return vec![Finding::no_evidence("*", msg!("check-found-nothing-arrived"))];
    }
    streams.into_iter().map(|(name, clock)| clock.finding(name)).collect()
}

impl Clock {
    fn finding(self, name: &str) -> Finding {
        if self.implausible > 0 {
            let what = msg!("check-found-implausible", events = self.implausible);
            return Finding::fail(name, what).of_events(self.implausible, None, None).proved_by(self.records);
        }
        let most = self.most.unwrap_or_default();
        match (self.stated, self.later) {
            (stated, 0) if stated > 0 && most < -AT_ONCE => {
                Finding::no_evidence(name, msg!("check-found-long-on-their-way", hours = -most / 3_600))
            }
            (0, _) => Finding::no_evidence(name, msg!("check-found-no-times")),
            (stated, 0) => {
                Finding::pass(name, msg!("check-found-in-step", events = stated)).of_events(stated, None, None)
            }
            (_, later) => Finding::fail(name, msg!("check-found-fast", events = later, seconds = most))
                .of_events(later, None, None)
                .proved_by(self.records),
        }
    }
}
