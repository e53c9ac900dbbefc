//! A key is used by whom its policy names, and not by everybody.

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("kms_key_policy_is_limited", Severity::Critical, &[Kind::Key], judge, TERRAFORM);

const TERRAFORM: &str = r#"policy = jsonencode({
  Version = "2012-10-17"
  Statement = [{
    Effect    = "Allow"
    Principal = { AWS = "arn:aws:iam::111122223333:root" }
    Action    = "kms:*"
    Resource  = "*"
  }]
})"#;

fn judge(at: At<'_>) -> Vec<Finding> {
    let key = at.resource.key();
    key.map(|key| at.of("policy").is_not_public(&key.policy)).into_iter().collect()
}
