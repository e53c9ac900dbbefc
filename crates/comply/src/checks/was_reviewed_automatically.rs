//! Schedules looked at the evidence on every day of the period: PCI DSS 10.4.1.1. `serve` leaves a record of each run
//! (`schedule.done`); checks of the evidence, questions, rules of detection and digests look, reports and packages do not.

use std::collections::{BTreeMap, BTreeSet};

use shoseki_event::Timestamp;
use shoseki_messages::msg;

use super::days::{DAY, day_of, days};
use super::evidence::Evidence;
use super::finding::Finding;
use super::rows::Row;
use super::{Check, Query, Severity};

/// What is due on a day may run on the next.
const QUERIES: &[Query] = &[Query::own_open_sql(
    "select time, raw -> 'details' ->> 'schedule' as schedule, raw -> 'details' ->> 'command' as command, \"@ptr\" as record\n\
     from events\nwhere kind = 'event' and operation = 'schedule.done'\norder by time",
)];

pub(super) const CHECK: Check =
    Check::evidence("evidence_was_reviewed_automatically", Severity::Medium, QUERIES, judge);

/// The commands that look at the evidence; of `check`, those that look at settings do not.
const LOOKS: [&str; 4] = ["shoseki check ", "shoseki query ", "shoseki detect ", "shoseki review "];
const ELSEWHERE: [&str; 2] = ["shoseki check iac", "shoseki check --live"];

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let begins = |row: &Row<'_>, all: &[&str]| all.iter().any(|words| row.text("command").starts_with(words));
    let looks = |row: &Row<'_>| begins(row, &LOOKS) && !begins(row, &ELSEWHERE);
    let runs: Vec<Row<'_>> = evidence.answer(0).filter(looks).collect();
    if runs.is_empty() {
        return vec![Finding::no_evidence("shoseki", msg!("check-found-no-schedule-ran"))];
    }
    let mut by_day: BTreeMap<i64, usize> = BTreeMap::new();
    for time in runs.iter().filter_map(|run| run.time("time")) {
        *by_day.entry(day_of(time, evidence.zone)).or_default() += 1;
    }
    // Before anything arrived there was nothing to look at, and a day is over when it is.
    let first = evidence.arrivals.streams.values().filter_map(|stream| stream.first).min();
    let first = first.map_or(i64::MIN, |first| day_of(first, evidence.zone));
    let today = day_of(Timestamp(evidence.now.0.saturating_sub(DAY)), evidence.zone);
    let due = evidence.period.whole_days(evidence.zone).into_iter().filter(|day| (first..=today).contains(day));
    let missing: Vec<i64> = due.filter(|day| !by_day.contains_key(day)).collect();
    let records = |rows: &[Row<'_>]| rows.iter().map(|row| row.text("record").to_owned()).collect::<Vec<_>>();
    let times = || runs.iter().filter_map(|run| run.time("time"));
    let names: BTreeSet<&str> = runs.iter().map(|run| run.text("schedule")).collect();
    let names = names.into_iter().collect::<Vec<_>>().join(", ");
    let finding = match missing.is_empty() {
        true => Finding::pass("shoseki", msg!("check-found-schedules-ran", runs = runs.len(), names = names)),
        false => {
            Finding::fail("shoseki", msg!("check-found-no-schedule-on", count = missing.len(), days = days(&missing)))
        }
    };
    vec![finding.of_events(runs.len() as u64, times().min(), times().max()).proved_by(records(&runs))]
}

#[cfg(test)]
mod tests {
    use super::super::tests::judged;
    use super::super::{Cell, Rows};
    use super::*;

    #[test]
    fn every_day_has_a_run_that_looks() {
        let of = |runs: &[(i64, &str)]| {
            let row = |(day, command): &(i64, &str)| {
                let time = Timestamp::parse(&format!("2026-03-{day:02}T06:30:00Z")).unwrap();
                [Cell::Time(time), "nightly".into(), (*command).into(), format!("s:{day}").as_str().into()]
            };
            let rows = Rows::of(["time", "schedule", "command", "record"], runs.iter().map(row).collect());
            let found = judged(&CHECK, &["app/a"], vec![rows]);
            found.iter().filter_map(|line| line.split(':').next().map(str::to_owned)).collect::<Vec<String>>()
        };
        // The period is from the 2nd to the 6th of March.
        let all: Vec<(i64, &str)> = (2..=6).map(|day| (day, "shoseki check --framework pci-dss")).collect();
        assert_eq!(of(&all), ["pass shoseki"]);
        assert_eq!(of(&[&all[..1], &all[2..]].concat()), ["fail shoseki"], "a day is missing");
        assert_eq!(of(&[]), ["no_evidence shoseki"]);
        assert_eq!(
            of(&[(3, "shoseki report --framework pci-dss")]),
            ["no_evidence shoseki"],
            "a report looks at nothing new"
        );
        let settings: Vec<(i64, &str)> = (2..=6).map(|day| (day, "shoseki check iac infra --record")).collect();
        assert_eq!(of(&settings), ["no_evidence shoseki"], "no log is looked at");
    }
}
