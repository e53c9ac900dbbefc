//! A bucket that takes evidence refuses whoever comes without TLS.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};
use crate::settings::{Condition, Statement};

pub(in crate::checks) const CHECK: Check =
    Check::settings("s3_evidence_bucket_demands_tls", Severity::Medium, &[Kind::Bucket], judge, TERRAFORM);

const TERRAFORM: &str = r#"resource "aws_s3_bucket_policy" "NAME" {
  bucket = aws_s3_bucket.NAME.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.NAME.arn, "${aws_s3_bucket.NAME.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}"#;

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(bucket) = at.evidence_bucket() else { return Vec::new() };
    let demands = |statement: &Statement| {
        let is_insecure = |one: &Condition| {
            one.operator.starts_with("Bool")
                && one.key.eq_ignore_ascii_case("aws:SecureTransport")
                && one.values.iter().any(|value| value.eq_ignore_ascii_case("false"))
        };
        statement.is_of_everybody()
            && statement.has_action("s3:GetObject")
            && statement.has_action("s3:PutObject")
            && statement.denies_objects()
            && statement.conditions.len() == 1
            && statement.conditions.iter().all(is_insecure)
    };
    let (yes, no) = (msg!("settings-denies-insecure"), msg!("settings-takes-insecure"));
    vec![at.of("policy").has_deny(&bucket.policy, demands, yes, no)]
}
