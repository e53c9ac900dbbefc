//! A bucket that takes evidence keeps it for a year at least: no rule of its life cycle takes it away sooner.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};
use crate::settings::LifecycleRule;

pub(in crate::checks) const CHECK: Check =
    Check::settings("s3_evidence_bucket_is_kept_a_year", Severity::High, &[Kind::Bucket], judge, TERRAFORM);

const TERRAFORM: &str = r#"resource "aws_s3_bucket_lifecycle_configuration" "NAME" {
  bucket = aws_s3_bucket.NAME.id
  rule {
    id     = "keep"
    status = "Enabled"
    filter {}
    expiration {
      days = 400
    }
    noncurrent_version_expiration {
      noncurrent_days = 400
    }
  }
}"#;

/// A year, in days.
const YEAR: u64 = 365;

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(bucket) = at.evidence_bucket() else { return Vec::new() };
    let at = at.of("lifecycle");
    let rules = match bucket.lifecycle.get() {
        Err(why) => return vec![at.unknown("LifecycleConfiguration", why)],
        Ok(None) => return vec![at.pass(msg!("settings-never-expires"))],
        Ok(Some(rules)) => rules,
    };
    let finding = rules.iter().map(|rule| of_rule(at, rule)).min_by_key(|finding| finding.status);
    vec![finding.unwrap_or_else(|| at.pass(msg!("settings-never-expires")))]
}

fn of_rule(at: At<'_>, rule: &LifecycleRule) -> Finding {
    let name = rule.id.known().cloned().unwrap_or_default();
    match rule.is_enabled.or(true) {
        Err(why) => return at.unknown("Status", why),
        Ok(false) => return at.pass(msg!("settings-rule-off", rule = name)),
        Ok(true) => (),
    }
    match rule.expires_on.get() {
        Err(why) => return at.unknown("Date", why),
        Ok(Some(day)) => return at.fail(msg!("settings-expires-on", rule = name, day = day)),
        Ok(None) => (),
    }
    let mut least: Option<u64> = None;
    for (setting, days) in [("Days", &rule.expires), ("NoncurrentDays", &rule.noncurrent_expires)] {
        match days.get() {
            Err(why) => return at.unknown(setting, why),
            // Whether evidence is among the objects that it takes, the rule alone does not say.
            Ok(Some(days)) if *days < YEAR && rule.is_partial => {
                return at.no_evidence(msg!("settings-expires-some", rule = name, setting = setting, days = *days));
            }
            Ok(Some(days)) if *days < YEAR => {
                return at.fail(msg!("settings-expires-early", rule = name, setting = setting, days = *days));
            }
            Ok(days) => least = least.into_iter().chain(days.copied()).min(),
        }
    }
    at.pass(match least {
        Some(days) => msg!("settings-expires", rule = name, days = days),
        None => msg!("settings-never-expires"),
    })
}
