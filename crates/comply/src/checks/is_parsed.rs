//! All that arrived could be read as events. What could not is kept, but no question by fields finds it.

use shoseki_messages::msg;

use super::evidence::Evidence;
use super::finding::Finding;
use super::listed::thin_of_all;
use super::{Check, Query, Severity};

const QUERIES: &[Query] = &[Query::sql(
    "select stream, reason, count(*) as events, min(time) as first, max(time) as last, min(\"@ptr\") as record\n\
     from events\nwhere kind = 'unparsed'\ngroup by 1, 2",
)];

pub(super) const CHECK: Check =
    Check::evidence("evidence_is_parsed", Severity::Medium, QUERIES, |evidence: &Evidence<'_>| {
        let mut findings: Vec<Finding> = evidence
            .answer(0)
            .map(|row| {
                let what = msg!("check-found-unparsed", events = row.count("events"), why = row.text("reason"));
                let finding = Finding::fail(row.text("stream"), what);
                finding
                    .of_events(row.count("events"), row.time("first"), row.time("last"))
                    .proved_by([row.text("record").to_owned()])
            })
            .collect();
        if findings.is_empty() {
            let records: u64 = evidence.arrivals.streams.values().map(|stream| stream.records).sum();
            findings.push(match records {
                0 => Finding::no_evidence("*", msg!("check-found-nothing-arrived")),
                records => {
                    Finding::pass("*", msg!("check-found-all-parsed", records = records)).of_events(records, None, None)
                }
            });
            findings.extend(thin_of_all(evidence).filter(|_| records > 0));
        }
        findings
    });
