//! A log group of evidence is encrypted by a key of one's own.

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("logs_group_is_encrypted", Severity::Low, &[Kind::LogGroup], judge, TERRAFORM);

const TERRAFORM: &str = "kms_key_id = aws_kms_key.NAME.arn";

fn judge(at: At<'_>) -> Vec<Finding> {
    let group = at.evidence_group();
    group.map(|group| at.is_set("KmsKeyId", &group.key)).into_iter().collect()
}
