//! Trials arrived: `setup check` made a harmless event for each source, waited for it, and found it in the vault, within the twelve months
//! before the period's end. Settings say that evidence should arrive; a trial shows that it does (PCI DSS 10.7.2, handbook 1.1.2).

use std::collections::BTreeMap;

use serde::Deserialize;
use shoseki_event::Timestamp;
use shoseki_messages::msg;

use super::days::DAY;
use super::evidence::Evidence;
use super::finding::Finding;
use super::{Check, Query, Severity};

/// Each run leaves a record of all its trials.
const QUERIES: &[Query] = &[Query::own_whole_sql(
    "select time, raw -> 'details' ->> 'trials' as trials, \"@ptr\" as record\n\
     from events\nwhere kind = 'event' and operation = 'setup.check'\norder by time",
)];

pub(super) const CHECK: Check = Check::evidence("evidence_trials_arrived", Severity::Medium, QUERIES, judge);

/// How long a trial says something, in days: a year, and the day on which the next is made.
const VALID: i64 = 366;

/// A trial as its record has it.
#[derive(Deserialize)]
struct Trial {
    source: String,
    of: String,
    verdict: String,
    #[serde(default)]
    account: String,
    #[serde(default)]
    region: String,
}

impl Trial {
    /// What it is about. Two clusters of one name are two.
    fn subject(&self) -> String {
        let Self { source, of, account, region, .. } = self;
        match account.is_empty() || of.starts_with(account) {
            true => format!("{source} {of}").trim().to_owned(),
            false => format!("{source} {of} ({account} {region})"),
        }
    }
}

/// The latest that was said of a trial.
struct Said {
    verdict: String,
    time: Timestamp,
    record: String,
}

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut all: BTreeMap<String, Said> = BTreeMap::new();
    let first = Timestamp(evidence.period.to.0.saturating_sub(VALID * DAY));
    for row in evidence.answer(0) {
        let Some(time) = row.time("time").filter(|time| *time >= first) else { continue };
        // A run that was stopped before it began leaves none.
        let trials: Vec<Trial> = serde_json::from_str(row.text("trials")).unwrap_or_default();
        for trial in trials {
            let subject = trial.subject();
            let said = Said { verdict: trial.verdict, time, record: row.text("record").to_owned() };
            // What was answered once is not taken back by a later run that was not made, or not waited for.
            let is_answer = matches!(said.verdict.as_str(), "arrived" | "late");
            if is_answer || !all.contains_key(&subject) {
                all.insert(subject, said);
            }
        }
    }
    if all.is_empty() {
        return vec![Finding::no_evidence("shoseki", msg!("check-found-no-trial"))];
    }
    all.into_iter().map(|(subject, said)| finding(subject, said)).collect()
}

fn finding(subject: String, Said { verdict, time, record }: Said) -> Finding {
    let when = time.to_string();
    let finding = match verdict.as_str() {
        "arrived" => Finding::pass(subject, msg!("check-found-trial-arrived", time = when)),
        "late" => Finding::fail(subject, msg!("check-found-trial-late", time = when)),
        _ => Finding::no_evidence(subject, msg!("check-found-trial-open", time = when)),
    };
    finding.of_events(1, Some(time), Some(time)).proved_by([record])
}

#[cfg(test)]
mod tests {
    use super::super::tests::judged;
    use super::super::{Cell, Rows};
    use super::*;

    /// What is found of runs: when each was, and its trials.
    fn of(runs: &[(&str, &str)]) -> Vec<String> {
        let row = |(time, trials): &(&str, &str)| {
            [Cell::Time(Timestamp::parse(time).unwrap()), (*trials).into(), format!("s:{time}").as_str().into()]
        };
        let rows = Rows::of(["time", "trials", "record"], runs.iter().map(row).collect());
        let found = judged(&CHECK, &["app/a"], vec![rows]);
        found.iter().filter_map(|line| line.split(':').next().map(str::to_owned)).collect()
    }

    fn trial(source: &str, verdict: &str) -> String {
        format!(r#"[{{"source":"{source}","of":"shop","verdict":"{verdict}","mark":"x"}}]"#)
    }

    #[test]
    fn the_latest_answer_of_each_trial_counts() {
        let (arrived, late, open) = (trial("eks", "arrived"), trial("eks", "late"), trial("eks", "not_emitted"));
        let (january, march) = ("2026-01-05T00:00:00Z", "2026-03-03T00:00:00Z");
        assert_eq!(of(&[(january, &arrived)]), ["pass eks shop"]);
        assert_eq!(of(&[(january, &arrived), (march, &late)]), ["fail eks shop"], "it arrives no more");
        assert_eq!(of(&[(january, &late), (march, &arrived)]), ["pass eks shop"], "it was mended");
        assert_eq!(of(&[(january, &arrived), (march, &open)]), ["pass eks shop"], "nothing was asked in March");
        assert_eq!(of(&[(january, &arrived), (march, &trial("eks", "slow"))]), ["pass eks shop"], "nor waited for");
        assert_eq!(of(&[(march, &open)]), ["no_evidence eks shop"]);
        assert_eq!(of(&[(march, &trial("falco", "arrived")), (march, &late)]).len(), 2);
    }

    #[test]
    fn two_clusters_of_one_name_are_two() {
        let of_region = |region: &str, verdict: &str| {
            format!(
                r#"{{"source":"eks","of":"shop","account":"111122223333","region":"{region}","verdict":"{verdict}"}}"#
            )
        };
        let trials = format!("[{},{}]", of_region("us-east-1", "late"), of_region("us-west-2", "arrived"));
        let found = of(&[("2026-03-03T00:00:00Z", &trials)]);
        assert_eq!(found, ["fail eks shop (111122223333 us-east-1)", "pass eks shop (111122223333 us-west-2)"]);
    }

    #[test]
    fn without_a_trial_of_the_last_year_there_is_no_evidence() {
        assert_eq!(of(&[]), ["no_evidence shoseki"]);
        assert_eq!(of(&[("2025-03-01T00:00:00Z", &trial("eks", "arrived"))]), ["no_evidence shoseki"]);
        assert_eq!(of(&[("2026-03-03T00:00:00Z", "null")]), ["no_evidence shoseki"], "it was stopped");
    }
}
