//! A log group of evidence keeps it for a year at least.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("logs_group_is_kept_a_year", Severity::High, &[Kind::LogGroup], judge, TERRAFORM);

const TERRAFORM: &str = "retention_in_days = 400";

/// A year, in days.
const YEAR: u64 = 365;

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(group) = at.evidence_group() else { return Vec::new() };
    let finding = match group.retention.get() {
        Err(why) => at.unknown("RetentionInDays", why),
        Ok(None) => at.pass(msg!("settings-never-expires")),
        Ok(Some(days)) if *days < YEAR => at.fail(msg!("settings-kept", days = *days)),
        Ok(Some(days)) => at.pass(msg!("settings-kept", days = *days)),
    };
    vec![finding]
}
