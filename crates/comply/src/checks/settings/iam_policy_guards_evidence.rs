//! Who may stop logs, or change and delete evidence, needs a second factor for it, and is named.

use shoseki_messages::msg;

use super::{At, Check, Finding, HOLDERS, Kind, Resource, Severity};
use crate::settings::{Statement, matches};

pub(in crate::checks) const CHECK: Check =
    Check::settings("iam_policy_guards_evidence", Severity::High, HOLDERS, judge, TERRAFORM);

const TERRAFORM: &str = r#"policy = jsonencode({
  Version = "2012-10-17"
  Statement = [{
    Effect    = "Allow"
    Action    = ["cloudtrail:UpdateTrail"]
    Resource  = "*"
    Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
  }]
})"#;

/// Calls that end a log, or take evidence away.
const HARMFUL: [&str; 22] = [
    "cloudtrail:DeleteTrail",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:StopLogging",
    "cloudtrail:UpdateTrail",
    "config:DeleteConfigurationRecorder",
    "config:DeleteDeliveryChannel",
    "config:StopConfigurationRecorder",
    "eks:UpdateClusterConfig",
    "guardduty:DeleteDetector",
    "kms:DisableKey",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "logs:DeleteLogGroup",
    "logs:DeleteLogStream",
    "logs:DeleteSubscriptionFilter",
    "logs:PutRetentionPolicy",
    "s3:BypassGovernanceRetention",
    "s3:DeleteBucketPolicy",
    "s3:DeleteObjectVersion",
    "s3:PutBucketPolicy",
    "s3:PutBucketVersioning",
    "s3:PutLifecycleConfiguration",
];

/// What AWS has written whose holder can.
const OF_AWS: [&str; 2] = ["AdministratorAccess", "PowerUserAccess"];

fn judge(at: At<'_>) -> Vec<Finding> {
    let document = match at.written_policy(&OF_AWS) {
        Ok(document) => document,
        Err(findings) => return findings,
    };
    // What is allowed on stated resources is that estate's own work, unless evidence lies there; what is allowed on all is allowed on
    // evidence too.
    let everywhere = |has_mfa: bool| -> Vec<String> {
        let is_denied = |action: &str| {
            let denies = |one: &Statement| one.denies_all_resources() && one.conditions.is_empty();
            document.denies().any(|one| one.has_action(action) && denies(one))
        };
        let of = |action: &&str| {
            let by =
                |one: &Statement| one.has_action(action) && one.is_of_all_resources() && one.needs_mfa() == has_mfa;
            document.allows().any(by) && !is_denied(action)
        };
        HARMFUL.iter().copied().filter(of).map(str::to_owned).collect()
    };
    let in_buckets = |has_mfa: bool| -> Vec<String> {
        let of = |bucket: &&str| {
            let ours = HARMFUL.iter().filter(|action| action.starts_with("s3:"));
            let is_denied = |action: &str| {
                let denies = |one: &Statement| one.has_action(action) && one.conditions.is_empty();
                document.denies().any(|one| denies(one) && names(one, bucket, action, Share::All))
            };
            let is_allowed = |action: &str| {
                let allows = |one: &Statement| one.has_action(action) && one.needs_mfa() == has_mfa;
                document.allows().any(|one| allows(one) && names(one, bucket, action, Share::Some))
            };
            let allowed = ours.filter(|action| is_allowed(action) && !is_denied(action));
            allowed.map(|action| format!("{action} ({bucket})")).collect::<Vec<_>>()
        };
        buckets(at).iter().flat_map(of).collect()
    };
    let (free, guarded) = (everywhere(false), everywhere(true));
    let (free_there, guarded_there) = (in_buckets(false), in_buckets(true));
    vec![match (free.as_slice(), free_there.as_slice(), &document.unknown) {
        ([_, ..], _, _) => at.fail(msg!("settings-may-harm", what = some(&free))),
        (_, _, Some(why)) => at.unknown("PolicyDocument", why),
        // The role's trust may ask for the second factor, as that for emergencies does: who holds it, a person looks at.
        (_, [_, ..], None) => at.pass(msg!("settings-may-harm-there", what = some(&free_there))).to_review(),
        ([], [], None) if !guarded.is_empty() => {
            at.pass(msg!("settings-may-harm-mfa", what = some(&guarded))).to_review()
        }
        ([], [], None) if !guarded_there.is_empty() => {
            at.pass(msg!("settings-may-harm-there-mfa", what = some(&guarded_there))).to_review()
        }
        ([], [], None) => at.pass(msg!("settings-may-not-harm")),
    }]
}

/// The names of the buckets that evidence is delivered to, or that a vault lies in.
pub(super) fn buckets(at: At<'_>) -> Vec<&str> {
    let holds = |bucket: &&Resource| !at.estate.delivers_to(bucket).is_empty() || at.estate.has_vault(bucket);
    let held = at.estate.of_kind(Kind::Bucket).filter(holds).filter_map(Resource::bucket);
    held.filter_map(|bucket| bucket.name.known()).map(String::as_str).collect()
}

/// How much of a bucket.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Share {
    /// A part of its objects, at least.
    Some,
    /// All of them.
    All,
}

/// Whether a statement names a bucket, or objects of it, for an action: `arn:aws:s3:::NAME`, `arn:aws:s3:::NAME/AWSLogs/*`,
/// `arn:aws:s3:::trail-*`.
pub(super) fn names(statement: &Statement, bucket: &str, action: &str, share: Share) -> bool {
    let is_of_objects = ["s3:BypassGovernanceRetention", "s3:DeleteObjectVersion", "s3:GetObject"].contains(&action);
    let names = |resource: &String| {
        let Some((_, pattern)) = resource.split_once(":s3:::") else { return resource == "*" };
        match pattern.split_once('/') {
            Some((name, objects)) => is_of_objects && matches(name, bucket) && (share == Share::Some || objects == "*"),
            // A star takes the slash too.
            None if is_of_objects => pattern.ends_with('*') && matches(pattern, &format!("{bucket}/")),
            None => matches(pattern, bucket),
        }
    };
    !statement.is_not_resources && statement.resources.iter().any(names)
}

/// The first of a list, and that there are more.
pub(super) fn some(all: &[String]) -> String {
    const SHOWN: usize = 4;
    let shown = all.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if all.len() > SHOWN { format!("{shown}, …") } else { shown }
}
