//! A bucket that takes S3's access logs has neither SSE-KMS nor a default retention of Object Lock: with either, no log is delivered.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("s3_bucket_can_take_access_logs", Severity::High, &[Kind::Bucket], judge, TERRAFORM);

const TERRAFORM: &str = r#"resource "aws_s3_bucket_server_side_encryption_configuration" "NAME" {
  bucket = aws_s3_bucket.NAME.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}"#;

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(bucket) = at.resource.bucket().filter(|_| at.estate.takes_access_logs(at.resource)) else {
        return Vec::new();
    };
    let algorithm = bucket.encryption.clone().and_then(|encryption| encryption.algorithm);
    let finding = match (algorithm.get(), bucket.lock.get()) {
        (Ok(Some(name)), _) if name.starts_with("aws:kms") => {
            at.of("encryption").fail(msg!("settings-access-logs-kms", algorithm = name))
        }
        (_, Ok(Some(_))) => at.of("lock").fail(msg!("settings-access-logs-lock")),
        (Err(why), _) => at.of("encryption").unknown("SSEAlgorithm", why),
        (_, Err(why)) => at.of("lock").unknown("ObjectLockConfiguration", why),
        (Ok(_), Ok(None)) => at.pass(msg!("settings-access-logs-fit")),
    };
    vec![finding]
}
