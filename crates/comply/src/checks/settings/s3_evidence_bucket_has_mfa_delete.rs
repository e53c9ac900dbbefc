//! A bucket that takes evidence asks for a second factor before a version goes. Rules of a life cycle exclude it, and a lock is better.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("s3_evidence_bucket_has_mfa_delete", Severity::Low, &[Kind::Bucket], judge, TERRAFORM);

const TERRAFORM: &str = r#"resource "aws_s3_bucket_versioning" "NAME" {
  bucket = aws_s3_bucket.NAME.id
  mfa    = "arn:aws:iam::111122223333:mfa/root 123456"
  versioning_configuration {
    status     = "Enabled"
    mfa_delete = "Enabled"
  }
}"#;

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(bucket) = at.evidence_bucket() else { return Vec::new() };
    let finding = match (bucket.lifecycle.get(), bucket.lock.get()) {
        (_, Ok(Some(_))) => at.of("lock").not_applicable(msg!("settings-mfa-delete-lock")),
        (Ok(Some(rules)), _) if !rules.is_empty() => {
            at.of("lifecycle").not_applicable(msg!("settings-mfa-delete-lifecycle"))
        }
        (Err(why), _) => at.of("lifecycle").unknown("LifecycleConfiguration", why),
        // Without knowing of a lock, that the second factor is not there is no failure yet.
        (_, Err(why)) if bucket.has_mfa_delete.known() != Some(&true) => {
            at.of("lock").unknown("ObjectLockConfiguration", why)
        }
        _ => at.of("versioning").is("MFADelete", &bucket.has_mfa_delete, false),
    };
    vec![finding]
}
