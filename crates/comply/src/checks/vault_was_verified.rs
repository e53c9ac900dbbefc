//! The vault was verified since the period began, and found intact: each `shoseki verify` leaves a record with its verdict. One that
//! came after the period covers what was sealed in it.

use shoseki_messages::msg;

use super::evidence::{Evidence, date};
use super::finding::Finding;
use super::{Check, Query, Severity};

const QUERIES: &[Query] = &[Query::own_open_sql(
    "select raw -> 'details' ->> 'verdict' as verdict, raw -> 'details' ->> 'deep' as deep, time as last, \"@ptr\" as record\n\
     from events\nwhere kind = 'event' and stream = 'shoseki/access' and operation = 'verify.run'\norder by time",
)];

pub(super) const CHECK: Check = Check::evidence("vault_was_verified", Severity::High, QUERIES, judge);

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let judged = || evidence.answer(0).filter(|row| ["intact", "tampered"].contains(&row.text("verdict")));
    let Some(last) = judged().last() else {
        return vec![Finding::no_evidence("shoseki", msg!("check-found-not-verified"))];
    };
    let runs = judged().count();
    let deep = judged().filter(|row| row.text("deep") == "true").count();
    let tampered: Vec<String> =
        judged().filter(|row| row.text("verdict") == "tampered").map(|row| row.text("record").to_owned()).collect();
    let when = last.time("last").map(date).unwrap_or_default();
    let first = judged().find_map(|row| row.time("last"));
    let finding = if tampered.is_empty() {
        let what = msg!("check-found-verified", runs = runs, deep = deep, last = when);
        Finding::pass("shoseki", what).proved_by([last.text("record").to_owned()])
    } else {
        let what = msg!("check-found-tampered", runs = runs, tampered = tampered.len(), last = when);
        Finding::fail("shoseki", what).proved_by(tampered)
    };
    vec![finding.of_events(runs as u64, first, last.time("last"))]
}

#[cfg(test)]
mod tests {
    use super::super::tests::judged;
    use super::super::{Cell, Rows};
    use super::*;

    #[test]
    fn a_verdict_is_needed_and_a_tampered_one_stays_a_failure() {
        let rows = |verdicts: &[&str]| {
            let rows = verdicts.iter().map(|verdict| [Cell::from(*verdict), "true".into(), "s:1".into()]).collect();
            vec![Rows::of(["verdict", "deep", "record"], rows)]
        };
        let status = |verdicts: &[&str]| judged(&CHECK, &[], rows(verdicts))[0].split(' ').next().map(str::to_owned);
        assert_eq!(status(&[]).as_deref(), Some("no_evidence"));
        assert_eq!(status(&["unverifiable"]).as_deref(), Some("no_evidence"));
        assert_eq!(status(&["intact"]).as_deref(), Some("pass"));
        assert_eq!(status(&["tampered", "intact"]).as_deref(), Some("fail"));
    }
}
