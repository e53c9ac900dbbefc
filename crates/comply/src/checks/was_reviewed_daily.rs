//! A person looked at the digest of every day of the period, and not later than three days after it: PCI DSS 10.4.1.
//! `shoseki review` leaves the record.

use shoseki_event::Timestamp;
use shoseki_messages::msg;

use super::days::DAY;
use super::evidence::Evidence;
use super::finding::Finding;
use super::{Check, Query, Severity};
use crate::review::{Done, Hole, LATEST, REVIEWS, Reviews};

/// A review may come after the period's end.
const QUERIES: &[Query] = &[Query::own_open_sql(REVIEWS)];

pub(super) const CHECK: Check = Check::evidence("evidence_was_reviewed_daily", Severity::High, QUERIES, judge);

/// How many stretches are named.
const NAMED: usize = 5;

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let reviews = evidence.rows.first().map(|rows| Reviews::of(rows)).unwrap_or_default();
    let period = evidence.period;
    // What may still be reviewed in time is not asked for; where it was reviewed already, that counts.
    // Before the day on which something arrived for the first time in the period, there was nothing to look at. Whose day that is, the
    // reviews say: less than a day before the first of them is no hole.
    let first = evidence.arrivals.streams.values().filter_map(|stream| stream.first).min();
    let from = first.map_or(period.from, |first| Timestamp(first.0 - DAY + 1).max(period.from));
    let due = (from, period.to.min(Timestamp(evidence.now.0.saturating_sub(LATEST))));
    let whole = (period.from, period.to);
    let done: Vec<&Done> = reviews.within(whole).collect();
    let is_due = due.1.0.saturating_sub(due.0.0) >= DAY;
    if done.is_empty() {
        let what = if is_due { msg!("check-found-never-reviewed") } else { msg!("check-found-no-day-due") };
        return vec![Finding::no_evidence("shoseki", what)];
    }
    let records = |done: &[&Done]| done.iter().map(|done| done.record.clone()).collect::<Vec<String>>();
    let mut findings = Vec::new();
    let holes = if is_due { reviews.holes(due) } else { Vec::new() };
    if !holes.is_empty() {
        let days: i64 = holes.iter().map(|hole| (hole.to.0 - hole.from.0 + DAY / 2) / DAY).sum();
        let what = msg!("check-found-not-reviewed", days = days.max(1), stretches = stretches(&holes));
        findings.push(Finding::fail("shoseki", what).told_by("missing"));
    }
    let late = reviews.late(whole);
    if !late.is_empty() {
        let days = late.iter().map(|done| done.said.day.clone()).take(NAMED).collect::<Vec<_>>().join(", ");
        let what = msg!("check-found-reviewed-late", count = late.len(), days = days);
        findings.push(Finding::fail("shoseki", what).told_by("late").proved_by(records(&late)));
    }
    if findings.is_empty() {
        let hours = done.iter().map(|done| done.delay() / (DAY / 24)).max().unwrap_or_default();
        let what = msg!("check-found-reviewed", reviews = done.len(), hours = hours);
        findings.push(Finding::pass("shoseki", what).proved_by(records(&done)));
    }
    findings
}

fn stretches(holes: &[Hole]) -> String {
    let named: Vec<String> = holes.iter().take(NAMED).map(|hole| format!("{} – {}", hole.from, hole.to)).collect();
    let more = if holes.len() > NAMED { ", …" } else { "" };
    format!("{}{more}", named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::Rows;
    use super::super::VaultFacts;
    use super::super::tests::{arrivals, judged, judged_over};
    use super::*;
    use crate::review::reviewed;

    #[test]
    fn every_day_is_reviewed_and_in_time() {
        // The period is from the 2nd to the 6th of March (UTC), the reviews are of days of Tokyo.
        let of = |days: &[(i64, i64)]| {
            let found = judged(&CHECK, &[], vec![reviewed(days)]);
            found.iter().filter_map(|line| line.split(':').next().map(str::to_owned)).collect::<Vec<String>>()
        };
        let all: Vec<(i64, i64)> = (1..=6).map(|day| (day, 2)).collect();
        assert_eq!(of(&all), ["pass shoseki"]);
        assert_eq!(of(&all[..4]), ["fail shoseki"], "the last whole day is missing");
        assert_eq!(of(&[&all[..2], &all[3..]].concat()), ["fail shoseki"]);
        assert_eq!(of(&[&all[..5], &[(6, 100)]].concat()), ["fail shoseki"], "four days later");
        assert_eq!(of(&[]), ["no_evidence shoseki"]);
        assert!(judged(&CHECK, &[], vec![Rows::default()])[0].starts_with("no_evidence"));
        // Nothing is there to be looked at before the 4th.
        let late = arrivals(&[("app/a", &[4, 5, 6])]);
        let over = |days: &[(i64, i64)]| judged_over(&CHECK, &late, &VaultFacts::default(), vec![reviewed(days)]);
        assert!(over(&all[2..])[0].starts_with("pass shoseki"), "{:?}", over(&all[2..]));
        assert!(over(&all[3..])[0].starts_with("fail shoseki"), "{:?}", over(&all[3..]));
    }
}
