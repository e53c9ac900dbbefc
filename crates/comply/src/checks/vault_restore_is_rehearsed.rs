//! The restore of the vault was rehearsed within the year, and passed: a backup that was never restored is a hope.

use shoseki_messages::msg;

use super::days::DAY;
use super::evidence::Evidence;
use super::finding::Finding;
use super::{Check, Query, Severity};

/// The last rehearsal that came to its end counts, also one that failed before it could compare.
const QUERIES: &[Query] = &[Query::own_whole_sql(
    "select time as last, raw -> 'details' ->> 'passed' as passed, \"@ptr\" as record\nfrom events\n\
     where kind = 'event' and stream = 'shoseki/access' and operation = 'restore.rehearse'\n\
     and (status = 'failure' or raw -> 'details' ->> 'ended' = 'whole')\n\
     order by time desc\nlimit 1",
)];

pub(super) const CHECK: Check = Check::evidence("vault_restore_is_rehearsed", Severity::Medium, QUERIES, judge);

/// How old the last rehearsal may be, in days.
const OLDEST: i64 = 365;

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let row = evidence.answer(0).next();
    let Some((row, last)) = row.and_then(|row| Some((row, row.time("last")?))) else {
        return vec![Finding::no_evidence("shoseki", msg!("check-found-no-rehearsal"))];
    };
    let days = (evidence.period.to.0 - last.0).div_euclid(DAY);
    let when = evidence.date(last);
    let finding = match (row.text("passed"), days > OLDEST) {
        ("true", false) => Finding::pass("shoseki", msg!("check-found-rehearsal", last = when)),
        ("true", true) => Finding::fail("shoseki", msg!("check-found-old-rehearsal", last = when, days = days)),
        _ => Finding::fail("shoseki", msg!("check-found-failed-rehearsal", last = when)),
    };
    vec![finding.of_events(1, None, Some(last)).proved_by([row.text("record").to_owned()])]
}

#[cfg(test)]
mod tests {
    use shoseki_event::Timestamp;

    use super::super::tests::judged_over;
    use super::super::{Arrivals, Cell, Rows, VaultFacts};
    use super::*;

    #[test]
    fn the_last_rehearsal_must_have_passed_within_the_year() {
        let over = |row: Option<(&str, &str)>| {
            let row = row.map(|(at, passed)| {
                let at = Timestamp::parse(at).unwrap_or_default();
                [Cell::from(at), Cell::from(passed), Cell::from("s:1")]
            });
            let rows = Rows::of(["last", "passed", "record"], row.into_iter().collect());
            let found = judged_over(&CHECK, &Arrivals::default(), &VaultFacts::default(), vec![rows]);
            found[0].split(' ').next().map(str::to_owned)
        };
        assert_eq!(over(None).as_deref(), Some("no_evidence"));
        assert_eq!(over(Some(("2026-03-01T00:00:00Z", "true"))).as_deref(), Some("pass"));
        assert_eq!(over(Some(("2026-03-01T00:00:00Z", "false"))).as_deref(), Some("fail"));
        assert_eq!(over(Some(("2024-01-01T00:00:00Z", "true"))).as_deref(), Some("fail"));
    }
}
