//! Who asks this vault, proves, packs or handles its keys leaves a record of it.

use shoseki_event::Timestamp;
use shoseki_messages::msg;

use super::evidence::Evidence;
use super::finding::Finding;
use super::listed::acts;
use super::{Check, Query, Severity};

const QUERIES: &[Query] = &[Query::own_sql(acts!(
    "stream = 'shoseki/access' and operation not in ('check.run', 'verify.run', 'finding.seen', 'review.digest')"
))];

pub(super) const CHECK: Check =
    Check::evidence("vault_access_is_recorded", Severity::High, QUERIES, |evidence| vec![finding(evidence, 0)]);

/// What a question about our own records of accesses found.
pub(super) fn finding(evidence: &Evidence<'_>, question: usize) -> Finding {
    let times = |name: &'static str| evidence.answer(question).filter_map(move |row| row.time(name));
    let (first, last): (Option<Timestamp>, Option<Timestamp>) = (times("first").min(), times("last").max());
    let events: u64 = evidence.answer(question).map(|row| row.count("events")).sum();
    if events == 0 {
        return Finding::no_evidence("shoseki/access", msg!("check-found-no-access-records"));
    }
    let what = msg!("check-found-access-records", events = events, waiting = evidence.vault.waiting_accesses);
    let records = evidence.answer(question).map(|row| row.text("record").to_owned());
    Finding::pass("shoseki/access", what).of_events(events, first, last).proved_by(records)
}
