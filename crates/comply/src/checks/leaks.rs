//! What the finder of secrets found in the events: what the two checks share.

use std::collections::BTreeMap;

use shoseki_event::Timestamp;
use shoseki_messages::{Message, msg};

use super::Query;
use super::evidence::Evidence;
use super::finding::Finding;
use super::listed::thin_of_all;

/// The question: which kinds of secrets stand in which streams; never what they are.
pub(super) const QUERIES: &[Query] = &[Query::insights(
    "filter ispresent(secrets(@message))\n| fields @ptr as record, secrets(@message) as kinds\n\
     | stats count(*) as events, min(@timestamp) as first, max(@timestamp) as last, sortsFirst(record) as record by kinds, @log as stream",
)];

/// The kind that is a card number; all others are secrets.
pub(super) const CARD: &str = "card-number";

/// One finding for each stream that has some of the kinds.
pub(super) fn judge(evidence: &Evidence<'_>, is_asked: fn(&str) -> bool, says: fn() -> Message) -> Vec<Finding> {
    type Found = (u64, Vec<String>, Vec<String>, Option<Timestamp>, Option<Timestamp>);
    let mut streams: BTreeMap<&str, Found> = BTreeMap::new();
    for row in evidence.answer(0) {
        let kinds: Vec<&str> = row.text("kinds").split(',').map(str::trim).filter(|kind| is_asked(kind)).collect();
        if kinds.is_empty() {
            continue;
        }
        let (events, known, records, first, last) = streams.entry(row.text("stream")).or_default();
        *events += row.count("events");
        known.extend(kinds.iter().map(|kind| (*kind).to_owned()));
        records.push(row.text("record").to_owned());
        *first = [*first, row.time("first")].into_iter().flatten().min();
        *last = [*last, row.time("last")].into_iter().flatten().max();
    }
    if streams.is_empty() {
        let records: u64 = evidence.arrivals.streams.values().map(|stream| stream.records).sum();
        return vec![match (records, thin_of_all(evidence)) {
            (0, _) => Finding::no_evidence("*", msg!("check-found-nothing-arrived")),
            (_, Some(thin)) => thin,
            (records, None) => {
                Finding::pass("*", msg!("check-found-no-leak", records = records)).of_events(records, None, None)
            }
        }];
    }
    let found = |(stream, (events, mut kinds, records, first, last)): (&str, Found)| {
        kinds.sort();
        kinds.dedup();
        let what = says().with("events", events).with("kinds", kinds.join(", "));
        Finding::fail(stream, what).of_events(events, first, last).proved_by(records)
    };
    streams.into_iter().map(found).collect()
}
