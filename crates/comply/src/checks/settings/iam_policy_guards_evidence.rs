//! Who may stop logs, or change and delete evidence, needs a second factor for it, and is named.

use shoseki_messages::msg;

use super::{At, Check, Finding, HOLDERS, Severity};
use crate::settings::Statement;

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
    // What is allowed on stated resources is that estate's own work; what is allowed on all is allowed on evidence too.
    let is_denied = |action: &str| {
        document.denies().any(|one| one.has_action(action) && one.denies_all_resources() && one.conditions.is_empty())
    };
    let allowed = |has_mfa: bool| -> Vec<&str> {
        let of = |action: &&str| {
            let by =
                |one: &Statement| one.has_action(action) && one.is_of_all_resources() && one.needs_mfa() == has_mfa;
            document.allows().any(by) && !is_denied(action)
        };
        HARMFUL.iter().copied().filter(of).collect()
    };
    let (free, guarded) = (allowed(false), allowed(true));
    vec![match (free.as_slice(), guarded.as_slice(), &document.unknown) {
        ([_, ..], _, _) => at.fail(msg!("settings-may-harm", what = some(&free))),
        (_, _, Some(why)) => at.unknown("PolicyDocument", why),
        (_, [_, ..], None) => at.pass(msg!("settings-may-harm-mfa", what = some(&guarded))).to_review(),
        ([], [], None) => at.pass(msg!("settings-may-not-harm")),
    }]
}

/// The first of a list, and that there are more.
fn some(all: &[&str]) -> String {
    const SHOWN: usize = 4;
    let shown = all.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if all.len() > SHOWN { format!("{shown}, …") } else { shown }
}
