//! A bucket that takes evidence keeps it from being deleted: by Object Lock, by a policy, or by a second factor.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity, Status};
use crate::settings::{Condition, Fact, Statement};

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

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(bucket) = at.evidence_bucket() else { return Vec::new() };
    if let Some(lock) = bucket.lock.known() {
        let mode = lock.mode.known().cloned().unwrap_or_default();
        return match lock.days.get() {
            Ok(Some(days)) => vec![at.of("lock").pass(msg!("settings-locked", days = *days, mode = mode))],
            Ok(None) => vec![at.of("lock").fail(msg!("settings-missing", setting = "DefaultRetention"))],
            Err(why) => vec![at.of("lock").unknown("DefaultRetention", why)],
        };
    }
    if bucket.has_mfa_delete == Fact::Known(true) {
        return vec![at.of("versioning").pass(msg!("settings-is", setting = "MFADelete", value = "true"))];
    }
    // Whoever is exempt is named: that is a person's to look at, and no hole by itself.
    let exempts =
        |one: &Condition| one.key.to_ascii_lowercase().starts_with("aws:principal") && one.operator.contains("Not");
    let denies = |statement: &Statement| {
        (statement.is_of_everybody() || statement.is_not_principals)
            && statement.has_action("s3:DeleteObject")
            && statement.has_action("s3:DeleteObjectVersion")
            && statement.is_of_objects()
            && statement.conditions.iter().all(exempts)
    };
    let (yes, no) = (msg!("settings-denies-deletion"), msg!("settings-allows-deletion"));
    let finding = at.of("policy").has_deny(&bucket.policy, denies, yes, no);
    // The lock could still protect it where it is not known.
    vec![match (finding.status, bucket.lock.get()) {
        (Status::Fail, Err(why)) => at.of("lock").unknown("ObjectLockConfiguration", why),
        _ => finding,
    }]
}
