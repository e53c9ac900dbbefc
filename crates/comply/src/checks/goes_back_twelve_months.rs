//! Evidence is kept for twelve months, and is at hand: a stream has records that are a year old at the period's end.
//!
//! A stream that is younger has nothing yet by which its keeping could be shown.

use shoseki_event::Timestamp;
use shoseki_messages::msg;

use super::days::DAY;
use super::evidence::{Evidence, FIRSTS};
use super::finding::Finding;
use super::{Check, Query, Severity};

const QUERIES: &[Query] = &[Query::whole_sql(FIRSTS)];

pub(super) const CHECK: Check = Check::evidence("evidence_goes_back_twelve_months", Severity::High, QUERIES, judge);

/// A year in days.
const YEAR: i64 = 365;

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for row in evidence.answer(0) {
        let Some(first) = row.time("first") else { continue };
        let days = (evidence.period.to.0 - first.0).div_euclid(DAY);
        let since =
            msg!("check-found-goes-back", first = evidence.date(first), days = days, records = row.count("records"));
        let finding = if days >= YEAR {
            Finding::pass(row.text("stream"), since)
        } else {
            let from = evidence.date(Timestamp(first.0 + YEAR * DAY));
            let young = msg!("check-found-young", first = evidence.date(first), days = days, from = from);
            Finding::no_evidence(row.text("stream"), young)
        };
        findings.push(finding.of_events(row.count("records"), Some(first), row.time("last")));
    }
    if findings.is_empty() {
        findings.push(Finding::no_evidence("*", msg!("check-found-nothing-arrived")));
    }
    findings
}
