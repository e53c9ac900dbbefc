//! A bucket that takes evidence blocks all public access, stated, and not left to a default that depends on when it was made.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity, sure};
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

/// How many such settings are looked at for each bucket: a hundred accounts are more than stand in one estate.
const MOST_ACCOUNTS: usize = 100;

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(bucket) = at.evidence_bucket() else { return Vec::new() };
    let at = at.of("public_access");
    let of_account = |one: &&Resource| {
        let is_same = one.account.is_none() || at.resource.account.is_none() || one.account == at.resource.account;
        is_same && one.account_public_access().is_some_and(|account| account.access.is_shut())
    };
    let shut = at.estate.of_kind(Kind::AccountPublicAccess).take(MOST_ACCOUNTS).filter(of_account);
    let perhaps = match shut.map(sure).min_by_key(Result::is_err) {
        Some(Ok(_)) => return vec![at.pass(msg!("settings-shut-by-account"))],
        Some(Err(why)) => Some(why),
        None => None,
    };
    let access = match (bucket.public_access.get(), perhaps) {
        (Err(why), _) | (Ok(None), Some(why)) => return vec![at.unknown("PublicAccessBlock", why)],
        (Ok(None), None) => return vec![at.fail(msg!("settings-missing", setting = "PublicAccessBlock"))],
        (Ok(Some(access)), _) => access,
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
