//! A bucket that takes evidence lets nobody in whom its policy does not name.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity, Status};

pub(in crate::checks) const CHECK: Check =
    Check::settings("s3_evidence_bucket_is_not_public", Severity::Critical, &[Kind::Bucket], judge, TERRAFORM);

const TERRAFORM: &str = r#"resource "aws_s3_bucket_policy" "NAME" {
  bucket = aws_s3_bucket.NAME.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${aws_s3_bucket.NAME.arn}/AWSLogs/*"
      Condition = { StringEquals = { "aws:SourceAccount" = "111122223333" } }
    }]
  })
}"#;

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(bucket) = at.evidence_bucket() else { return Vec::new() };
    if let Some(acl) = bucket.acl.known().filter(|acl| acl.starts_with("public-") || *acl == "authenticated-read") {
        return vec![at.of("acl").fail(msg!("settings-is", setting = "ACL", value = acl))];
    }
    let by_policy = at.of("policy").is_not_public(&bucket.policy);
    match bucket.acl.get() {
        // What the ACL says is not known: the policy alone lets it fail, and not pass.
        Err(why) if by_policy.status == Status::Pass => vec![at.of("acl").unknown("ACL", why)],
        _ => vec![by_policy],
    }
}
