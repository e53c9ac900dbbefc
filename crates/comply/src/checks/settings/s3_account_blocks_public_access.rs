//! The account blocks public access to all of its buckets, also to those that somebody makes tomorrow.

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("s3_account_blocks_public_access", Severity::High, &[Kind::AccountPublicAccess], judge, TERRAFORM);

const TERRAFORM: &str = r#"resource "aws_s3_account_public_access_block" "this" {
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}"#;

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(account) = at.resource.account_public_access() else { return Vec::new() };
    let access = &account.access;
    let four = [
        ("BlockPublicAcls", &access.blocks_acls),
        ("IgnorePublicAcls", &access.ignores_acls),
        ("BlockPublicPolicy", &access.blocks_policy),
        ("RestrictPublicBuckets", &access.restricts),
    ];
    // The worst of the four speaks for all: one that is open is enough.
    let all = four.map(|(setting, fact)| at.is(setting, fact, false));
    all.into_iter().min_by_key(|finding| finding.status).into_iter().collect()
}
