//! Whom a bucket of evidence lets in is named: who may read it, for a person to look at (PCI DSS 10.3.1), and nobody of another account
//! who could change or delete what lies there. Bucket policies and policies of IAM both let in.

use std::collections::BTreeMap;

use shoseki_messages::msg;

use super::iam_policy_guards_evidence::{Share, buckets, names, some};
use super::{At, Bucket, Check, Finding, Kind, Policy, Severity, Statement};

pub(in crate::checks) const CHECK: Check = Check::settings(
    "s3_evidence_bucket_access_is_listed",
    Severity::High,
    &[Kind::Bucket, Kind::IamPolicy],
    judge,
    TERRAFORM,
);

const TERRAFORM: &str = r#"resource "aws_s3_bucket_policy" "NAME" {
  bucket = aws_s3_bucket.NAME.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:role/auditor" }
      Action    = ["s3:GetObject", "s3:ListBucket"]
      Resource  = [aws_s3_bucket.NAME.arn, "${aws_s3_bucket.NAME.arn}/*"]
    }]
  })
}"#;

const READING: &str = "s3:GetObject";
/// Calls that change or delete evidence, or what guards it.
const HARMFUL: [&str; 11] = [
    "s3:BypassGovernanceRetention",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketPolicy",
    "s3:PutBucketVersioning",
    "s3:PutLifecycleConfiguration",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
];

fn judge(at: At<'_>) -> Vec<Finding> {
    match at.evidence_bucket().or(at.vault_bucket()) {
        Some(bucket) => of_bucket(at.of("policy"), bucket),
        None => of_identities(at),
    }
}

/// Whom the bucket's own policy lets in. Services of AWS write there, and their conditions are judged by other checks.
fn of_bucket(at: At<'_>, bucket: &Bucket) -> Vec<Finding> {
    let policy = match bucket.policy.get() {
        Err(why) => return vec![at.unknown("Policy", why)],
        Ok(None) => return vec![at.pass(msg!("settings-no-policy"))],
        Ok(Some(policy)) => policy,
    };
    if let Some(why) = &policy.unknown {
        return vec![at.unknown("Policy", why)];
    }
    let mut let_in: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for statement in policy.allows() {
        let may = std::iter::once(READING).chain(HARMFUL).filter(|action| statement.has_action(action));
        let may: Vec<&str> = may.filter(|action| !is_denied(policy, action)).collect();
        for who in statement.principals.iter().filter(|who| !may.is_empty() && !is_service(who)) {
            let_in.entry(who).or_default().extend(&may);
        }
    }
    if let_in.is_empty() {
        return vec![at.pass(msg!("settings-lets-nobody-read"))];
    }
    let finding = |(who, may): (&str, Vec<&str>)| {
        let harm: Vec<String> = HARMFUL.iter().filter(|one| may.contains(one)).map(|one| (*one).to_owned()).collect();
        let is_of_others = is_of_others(who, at.resource.account.as_deref());
        let finding = match (harm.as_slice(), is_of_others) {
            ([], Some(true)) => at.pass(msg!("settings-lets-read-abroad", who = who)).to_review(),
            ([], _) => at.pass(msg!("settings-lets-read", who = who)).to_review(),
            (_, Some(false)) => at.pass(msg!("settings-lets-harm", who = who, what = some(&harm))).to_review(),
            (_, Some(true)) => at.fail(msg!("settings-lets-harm-abroad", who = who, what = some(&harm))),
            (_, None) => at.no_evidence(msg!("settings-lets-harm-unknown", who = who, what = some(&harm))),
        };
        finding.told_by(who)
    };
    let_in.into_iter().map(finding).collect()
}

/// What a policy of IAM of one's own lets its holders read.
fn of_identities(at: At<'_>) -> Vec<Finding> {
    let Some(policy) = at.resource.iam_policy().filter(|policy| !policy.is_of_aws) else { return Vec::new() };
    let document = match policy.document.get() {
        Err(why) => return vec![at.unknown("PolicyDocument", why)],
        Ok(None) => return Vec::new(),
        Ok(Some(document)) => document,
    };
    let is_denied = |bucket: &str| {
        let denies = |one: &Statement| one.has_action(READING) && one.conditions.is_empty();
        document.denies().any(|one| denies(one) && names(one, bucket, READING, Share::All))
    };
    let is_read = |bucket: &&str| {
        let allows = |one: &Statement| {
            one.has_action(READING) && (one.is_not_resources || names(one, bucket, READING, Share::Some))
        };
        document.allows().any(allows) && !is_denied(bucket)
    };
    let read: Vec<String> = buckets(at).into_iter().filter(is_read).map(str::to_owned).collect();
    match (read.as_slice(), &document.unknown) {
        ([_, ..], _) => vec![at.pass(msg!("settings-holder-reads", buckets = some(&read))).to_review()],
        ([], Some(why)) => vec![at.unknown("PolicyDocument", why)],
        ([], None) => Vec::new(),
    }
}

fn is_denied(policy: &Policy, action: &str) -> bool {
    let denies = |one: &Statement| one.is_of_everybody() && one.conditions.is_empty() && one.denies_objects();
    policy.denies().any(|one| one.has_action(action) && denies(one))
}

fn is_service(who: &str) -> bool {
    who.ends_with(".amazonaws.com") || who.ends_with(".amazonaws.com.cn")
}

/// Whether a principal is of another account than the bucket. Everybody is; where an account is not known, that is not.
fn is_of_others(who: &str, own: Option<&str>) -> Option<bool> {
    if who == "*" {
        return Some(true);
    }
    let account = who.split(':').nth(4).unwrap_or(who);
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    own.filter(|_| is_account).map(|own| own != account)
}
