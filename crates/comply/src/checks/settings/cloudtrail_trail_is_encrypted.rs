//! The trail's files are encrypted by a key of one's own, whose use is recorded.

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("cloudtrail_trail_is_encrypted", Severity::Medium, &[Kind::Trail], judge, TERRAFORM);

const TERRAFORM: &str = "kms_key_id = aws_kms_key.NAME.arn";

fn judge(at: At<'_>) -> Vec<Finding> {
    let trail = at.resource.trail();
    trail.map(|trail| at.is_set("KmsKeyId", &trail.key)).into_iter().collect()
}
