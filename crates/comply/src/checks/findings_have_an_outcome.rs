//! What was found is answered in time: PCI DSS 10.4.3, ISO/IEC 27001 10.2. The register is judged as it stood at the period's end.

use shoseki_messages::{Lang, Message, msg};

use super::evidence::Evidence;
use super::finding::Finding;
use super::{Check, Query, Severity};
use crate::findings::{Case, Nature, Origin, Overdue, RECORDS, Register, State, days_allowed};

const QUERIES: &[Query] = &[Query::own_whole_sql(RECORDS)];

pub(super) const CHECK: Check = Check::evidence(ID, Severity::High, QUERIES, judge);

const ID: &str = "evidence_findings_have_an_outcome";

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let period = evidence.period;
    let register = evidence.rows.first().map(|rows| Register::from_rows(rows, period.to));
    let Some(register) = register.filter(|register| !register.is_empty()) else {
        return vec![Finding::no_evidence("shoseki", msg!("check-found-no-findings"))];
    };
    // That a finding has no outcome is a finding; that this has none is not another one.
    let cases = || register.iter().filter(|case| case.check() != Some(ID));
    let records = |case: &Case| case.history.last().map(|moment| moment.record.clone());
    let mut findings = Vec::new();
    for case in cases() {
        let subject = case.id.to_string();
        if let Some(what) = unanswered(case, &register, evidence) {
            let finding = Finding::fail(subject, what).of_events(0, Some(case.first_seen), None);
            findings.push(finding.proved_by(records(case)));
        } else if let Some(what) = unexplained(case, evidence).filter(|_| is_since(case, evidence)) {
            findings.push(Finding::pass(subject, what).to_review().proved_by(records(case)));
        }
    }
    if findings.iter().all(|finding| finding.is_to_review) {
        let count = |state: State| cases().filter(|case| case.state() == state).count();
        let (open, accepted, resolved) = (count(State::Open), count(State::Accepted), count(State::Resolved));
        let what = msg!("check-found-outcomes", open = open, accepted = accepted, resolved = resolved);
        findings.push(Finding::pass("shoseki", what));
    }
    findings
}

/// Why a finding that is open should not be any more.
fn unanswered(case: &Case, register: &Register, evidence: &Evidence<'_>) -> Option<Message> {
    let about = about(case);
    if let (State::Open, Some(ended)) = (case.state(), case.ended) {
        return Some(msg!("check-found-exception-ended", about = about, day = evidence.date(ended)));
    }
    Some(match case.overdue(register.at)? {
        Overdue::Due(day) => msg!("check-found-overdue", about = about, day = evidence.date(day)),
        Overdue::Measure(day) => msg!("check-found-measure-overdue", about = about, day = evidence.date(day)),
        Overdue::Open(_) => {
            let days = days_allowed(case.severity());
            msg!("check-found-open-long", about = about, since = evidence.date(case.open_since), days = days)
        }
    })
}

/// What a person should look at of a finding that is closed: something grave that happened and that only a run closed, since its period
/// is a later one; one from outside without proof. A state that is mended needs no words: the check has seen it.
fn unexplained(case: &Case, evidence: &Evidence<'_>) -> Option<Message> {
    let resolution = case.resolution.as_ref()?;
    let about = about(case);
    match (&resolution.said, case.nature()) {
        (None, Nature::Fail) if case.severity() >= Severity::High && case.cause.is_none() && is_of_events(case) => {
            Some(msg!("check-found-gone-unexplained", about = about, day = evidence.date(resolution.at)))
        }
        (Some(said), Nature::Outside) => {
            let why = said.without_proof.clone()?;
            Some(msg!("check-found-resolved-unproved", about = about, why = why))
        }
        _ => None,
    }
}

/// What a finding is about, in names that are of no language.
fn about(case: &Case) -> String {
    match case.check() {
        Some(check) => format!("{check}: {}", case.subject()),
        None => format!("{}: {}", case.subject(), case.what(Lang::En)),
    }
}

fn is_of_events(case: &Case) -> bool {
    matches!(&case.origin, Origin::Check(seen) if seen.last.is_some())
}

fn is_since(case: &Case, evidence: &Evidence<'_>) -> bool {
    case.resolution.as_ref().is_some_and(|resolution| resolution.at >= evidence.period.from)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::{judged, time};
    use super::super::{Cell, Rows};
    use super::*;
    use crate::findings::Id;

    /// Records: a finding of a severity that a run found on a day, and what else was said.
    fn rows(found: &[(&str, &str, &str)], said: &[(&str, &str, serde_json::Value)]) -> Rows {
        let event = |at: &str, action: &str, details: serde_json::Value| {
            let id = format!("{at}{action}{details}");
            let event = json!({"outcome": "success", "id": id, "actor": {"user": "aiko"}, "details": details});
            [Cell::Time(time(at)), action.into(), event.to_string().as_str().into(), "s:1".into()]
        };
        let seen = |(subject, severity, at): &(&str, &str, &str)| {
            event(
                at,
                "finding.seen",
                json!({
                    "finding": Id::of("c", subject, ""), "check": "c", "subject": subject, "severity": severity, "status": "fail",
                    "what": {"en": "is so", "ja": "そうである"}, "from": "2026-01-01T00:00:00Z", "to": at, "run": "r", "last": last_of(subject),
                }),
            )
        };
        let all =
            found.iter().map(seen).chain(said.iter().map(|(at, action, details)| event(at, action, details.clone())));
        Rows::of(["time", "operation", "raw", "record"], all.collect())
    }

    /// What happened in the case of `a`; `state` is how something is, without events.
    fn last_of(subject: &str) -> Option<&'static str> {
        (subject != "state").then_some("2026-01-05T00:00:00Z")
    }

    fn lines(found: &[(&str, &str, &str)], said: &[(&str, &str, serde_json::Value)]) -> Vec<String> {
        let found = judged(&CHECK, &[], vec![rows(found, said)]);
        found.iter().map(|line| line.replace(&Id::of("c", "a", "").to_string(), "A")).collect()
    }

    #[test]
    fn what_is_open_for_too_long_or_whose_exception_ended_fails() {
        // The period ends on the 7th of March.
        assert!(lines(&[("a", "high", "2026-02-10T00:00:00Z")], &[])[0].starts_with("pass shoseki"));
        let long = lines(&[("a", "high", "2026-02-01T00:00:00Z")], &[]);
        assert!(long[0].starts_with("fail A: c: a: open since 2026-02-01"), "{long:?}");
        assert!(lines(&[("a", "critical", "2026-02-27T00:00:00Z")], &[])[0].starts_with("fail A"));
        let accept = |end: &str| {
            let until = json!({"day": "d", "end": end});
            let details = json!({"finding": Id::of("c", "a", ""), "owner": "mei", "reason": "r", "until": until});
            ("2026-02-02T00:00:00Z", "finding.accept", details)
        };
        let old = [("a", "critical", "2026-02-01T00:00:00Z")];
        assert!(lines(&old, &[accept("2026-03-20T00:00:00Z")])[0].starts_with("pass shoseki"));
        let ended = lines(&old, &[accept("2026-03-05T00:00:00Z")]);
        assert!(ended[0].contains("exception ended on 2026-03-05"), "{ended:?}");
        // What is said after the period's end is not said yet.
        let late = ("2026-03-08T00:00:00Z", "finding.resolve", json!({"finding": Id::of("c", "a", ""), "cause": "c"}));
        assert!(lines(&old, &[late])[0].starts_with("fail A"));
    }

    #[test]
    fn a_grave_one_that_only_a_run_closed_is_to_be_looked_at() {
        let run = |from: &str| {
            let judged = json!([{"check": "c", "status": "pass", "found": {}}]);
            let run = json!({"from": from, "to": "2026-03-05T00:00:00Z", "judged": judged});
            [("2026-03-05T00:00:00Z", "check.run", run)]
        };
        // What happened on the 5th of January is not undone by a run over March.
        let later = lines(&[("a", "high", "2026-02-20T00:00:00Z")], &run("2026-03-01T00:00:00Z"));
        assert!(later[0].contains("1 open, 0 accepted, 0 resolved"), "{later:?}");
        let said = run("2026-01-05T00:00:00Z");
        let found = lines(&[("a", "high", "2026-02-20T00:00:00Z")], &said);
        assert!(found[0].starts_with("pass! A") && found[1].starts_with("pass shoseki"), "{found:?}");
        assert_eq!(lines(&[("a", "low", "2026-02-20T00:00:00Z")], &said).len(), 1);
        assert_eq!(lines(&[("state", "high", "2026-02-20T00:00:00Z")], &said).len(), 1, "it was mended");
        let why = ("2026-03-04T00:00:00Z", "finding.cause", json!({"finding": Id::of("c", "a", ""), "text": "a test"}));
        assert_eq!(lines(&[("a", "high", "2026-02-20T00:00:00Z")], &[said[0].clone(), why]).len(), 1);
    }
}
