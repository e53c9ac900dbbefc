//! A backup of the vault's keys was checked within the year: without the encryption key, nobody reads the evidence any more.

use shoseki_messages::msg;

use super::days::DAY;
use super::evidence::Evidence;
use super::finding::Finding;
use super::{Check, Query, Severity};

/// Checks from other machines are in the records.
const QUERIES: &[Query] = &[Query::own_whole_sql(
    "select max(time) as last, max(\"@ptr\") as record\nfrom events\n\
     where kind = 'event' and stream = 'shoseki/access' and operation = 'key.check' and status = 'success'",
)];

pub(super) const CHECK: Check = Check::evidence("vault_key_backup_is_checked", Severity::High, QUERIES, judge);

/// How old the last check may be, in days.
const OLDEST: i64 = 365;

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let recorded = evidence.answer(0).find_map(|row| Some((row.time("last")?, row.text("record").to_owned())));
    let here = evidence.vault.backup_checked.filter(|checked| *checked < evidence.period.to);
    let last = recorded.as_ref().map(|(time, _)| *time).max(here);
    let Some(last) = last else {
        return vec![Finding::no_evidence("shoseki", msg!("check-found-no-backup"))];
    };
    let days = (evidence.period.to.0 - last.0).div_euclid(DAY);
    let finding = match days > OLDEST {
        true => Finding::fail("shoseki", msg!("check-found-old-backup", last = evidence.date(last), days = days)),
        false => Finding::pass("shoseki", msg!("check-found-backup", last = evidence.date(last))),
    };
    vec![finding.of_events(0, None, Some(last)).proved_by(recorded.map(|(_, record)| record))]
}
