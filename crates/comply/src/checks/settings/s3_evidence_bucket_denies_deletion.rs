//! A bucket that takes evidence keeps it from being deleted: by Object Lock, by a policy, or by a second factor.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity, Status};
use crate::settings::{Bucket, Condition, Fact, Statement};

pub(in crate::checks) const CHECK: Check =
    Check::settings("s3_evidence_bucket_denies_deletion", Severity::High, &[Kind::Bucket], judge, TERRAFORM);

const TERRAFORM: &str = r#"resource "aws_s3_bucket_object_lock_configuration" "NAME" {
  bucket = aws_s3_bucket.NAME.id
  rule {
    default_retention {
      mode = "COMPLIANCE"
      days = 365
    }
  }
}"#;

/// A year, in days.
const YEAR: u64 = 365;

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(bucket) = at.evidence_bucket() else { return Vec::new() };
    if let Some(finding) = by_lock(at.of("lock"), bucket).filter(|finding| finding.status == Status::Pass) {
        return vec![finding];
    }
    // While versions are not kept, a new object takes the old one's place, and nobody is asked for a second factor.
    if bucket.has_mfa_delete == Fact::Known(true) && bucket.is_versioned == Fact::Known(true) {
        return vec![at.of("versioning").pass(msg!("settings-is", setting = "MFADelete", value = "true"))];
    }
    // Where versions are kept, the deletion of an object takes nothing away.
    let is_kept = bucket.is_versioned == Fact::Known(true);
    let denies = |statement: &Statement| {
        (statement.is_of_everybody() || statement.is_not_principals)
            && (is_kept || statement.has_action("s3:DeleteObject"))
            && statement.has_action("s3:DeleteObjectVersion")
            && statement.denies_objects()
            && statement.conditions.iter().all(Condition::exempts_some)
    };
    let (yes, no) = (msg!("settings-denies-deletion"), msg!("settings-allows-deletion"));
    let finding = at.of("policy").has_deny(&bucket.policy, denies, yes, no);
    // A lock that is too short, or not known, says more than that the policy does not help.
    vec![match (finding.status, by_lock(at.of("lock"), bucket)) {
        (Status::Fail, Some(lock)) => lock,
        _ => finding,
    }]
}

/// What the default retention of Object Lock comes to, where there is one.
fn by_lock(at: At<'_>, bucket: &Bucket) -> Option<Finding> {
    let lock = match bucket.lock.get() {
        Err(why) => return Some(at.unknown("ObjectLockConfiguration", why)),
        Ok(lock) => lock?,
    };
    let mode = match lock.mode.get() {
        Err(why) => return Some(at.unknown("Mode", why)),
        Ok(mode) => mode.map_or("", String::as_str),
    };
    Some(match lock.days.get() {
        Err(why) => at.unknown("DefaultRetention", why),
        Ok(None) => at.fail(msg!("settings-missing", setting = "DefaultRetention")),
        Ok(Some(days)) => {
            let said = msg!("settings-locked", days = *days, mode = mode);
            match (*days < YEAR, mode) {
                (true, _) => at.fail(said),
                // Whoever may bypass it can shorten it.
                (false, "COMPLIANCE") => at.pass(said),
                (false, _) => at.pass(said).to_review(),
            }
        }
    })
}
