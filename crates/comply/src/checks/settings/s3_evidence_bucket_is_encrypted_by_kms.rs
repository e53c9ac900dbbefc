//! A bucket that takes evidence encrypts by a key of KMS, whose use is recorded. One that takes S3's access logs cannot.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("s3_evidence_bucket_is_encrypted_by_kms", Severity::Medium, &[Kind::Bucket], judge, TERRAFORM);

const TERRAFORM: &str = r#"resource "aws_s3_bucket_server_side_encryption_configuration" "NAME" {
  bucket = aws_s3_bucket.NAME.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.NAME.arn
    }
    bucket_key_enabled = true
  }
}"#;

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(bucket) = at.evidence_bucket() else { return Vec::new() };
    let at = at.of("encryption");
    if at.estate.takes_access_logs(at.resource) {
        return vec![at.not_applicable(msg!("settings-access-logs-no-kms"))];
    }
    let algorithm = bucket.encryption.clone().and_then(|encryption| encryption.algorithm);
    let finding = match algorithm.get() {
        Err(why) => at.unknown("SSEAlgorithm", why),
        Ok(Some(name)) if name.starts_with("aws:kms") => {
            at.pass(msg!("settings-is", setting = "SSEAlgorithm", value = name))
        }
        Ok(Some(name)) => at.fail(msg!("settings-is", setting = "SSEAlgorithm", value = name)),
        Ok(None) => at.fail(msg!("settings-not-set", setting = "SSEAlgorithm", value = "AES256")),
    };
    vec![finding]
}
