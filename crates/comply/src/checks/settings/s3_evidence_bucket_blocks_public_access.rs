//! A bucket that takes evidence blocks all public access, stated, and not left to a default that depends on when it was made.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};
use crate::settings::Resource;

pub(in crate::checks) const CHECK: Check =
    Check::settings("s3_evidence_bucket_blocks_public_access", Severity::Critical, &[Kind::Bucket], judge, TERRAFORM);

const TERRAFORM: &str = r#"resource "aws_s3_bucket_public_access_block" "NAME" {
  bucket                  = aws_s3_bucket.NAME.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}"#;

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(bucket) = at.evidence_bucket() else { return Vec::new() };
    let at = at.of("public_access");
    let of_account = |one: &Resource| {
        let is_same = one.account.is_none() || at.resource.account.is_none() || one.account == at.resource.account;
        is_same && one.account_public_access().is_some_and(|account| account.access.is_shut())
    };
    if at.estate.of_kind(Kind::AccountPublicAccess).any(of_account) {
        return vec![at.pass(msg!("settings-shut-by-account"))];
    }
    let access = match bucket.public_access.get() {
        Err(why) => return vec![at.unknown("PublicAccessBlock", why)],
        Ok(None) => return vec![at.fail(msg!("settings-missing", setting = "PublicAccessBlock"))],
        Ok(Some(access)) => access,
    };
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
