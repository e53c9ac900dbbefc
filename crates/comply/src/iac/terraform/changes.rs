//! What a plan takes away: deletions of what keeps evidence, and settings that get weaker.

use std::collections::BTreeSet;

use shoseki_messages::{Message, msg};

use super::plan::value;
use crate::iac::tree::Node;
use crate::settings::{Change, Fact, Value};

/// What keeps evidence wherever it is.
const ALWAYS: [&str; 9] = [
    "aws_cloudtrail",
    "aws_cloudwatch_log_subscription_filter",
    "aws_config_configuration_recorder",
    "aws_config_configuration_recorder_status",
    "aws_config_delivery_channel",
    "aws_guardduty_detector",
    "aws_kms_key",
    "aws_securityhub_account",
    "aws_flow_log",
];

/// What does where its bucket takes evidence. `aws_s3_bucket` is the bucket itself.
const OF_BUCKETS: [&str; 9] = [
    "aws_s3_bucket",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_logging",
    "aws_s3_bucket_object_lock_configuration",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_replication_configuration",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
];

/// Settings that must not go from on to off.
const SWITCHES: [(&str, &str); 9] = [
    ("aws_cloudtrail", "enable_logging"),
    ("aws_cloudtrail", "enable_log_file_validation"),
    ("aws_cloudtrail", "include_global_service_events"),
    ("aws_cloudtrail", "is_multi_region_trail"),
    ("aws_config_configuration_recorder_status", "is_enabled"),
    ("aws_guardduty_detector", "enable"),
    ("aws_kms_key", "is_enabled"),
    ("aws_db_instance", "deletion_protection"),
    ("aws_rds_cluster", "deletion_protection"),
];

/// Lists from which nothing must go.
const LISTS: [(&str, &str); 3] = [
    ("aws_eks_cluster", "enabled_cluster_log_types"),
    ("aws_db_instance", "enabled_cloudwatch_logs_exports"),
    ("aws_rds_cluster", "enabled_cloudwatch_logs_exports"),
];

/// What each change of what keeps evidence does to it: its address, what is said of it, its line.
pub(super) fn judge(changes: &[Node]) -> Vec<(&str, Change, u32)> {
    let buckets = evidence_buckets(changes);
    let mut found = Vec::new();
    for one in changes {
        let (Some(address), Some(kind), Some(change)) =
            (one.text_at("address"), one.text_at("type"), one.get("change"))
        else {
            continue;
        };
        let actions = change.texts_at("actions");
        let is_deleted = actions.iter().any(|action| action == "delete" || action == "forget");
        let is_updated = actions.iter().any(|action| action == "update");
        if !is_deleted && !is_updated {
            continue;
        }
        let (before, after) =
            (change.get("before").map(value).unwrap_or_default(), change.get("after").map(value).unwrap_or_default());
        let of_evidence = OF_BUCKETS.contains(&kind)
            && before.at("bucket").to_text().known().is_some_and(|name| buckets.contains(name));
        let is_group = kind == "aws_cloudwatch_log_group";
        let is_kept = ALWAYS.contains(&kind) || of_evidence || (is_group && is_audit(before.at("name")));
        let harm = match (is_deleted, is_kept) {
            (true, true) if actions.len() > 1 => Some(msg!("iac-plan-replaces", kind = kind)),
            (true, true) => Some(msg!("iac-plan-deletes", kind = kind)),
            (true, false) => None,
            (false, _) => weakened(kind, of_evidence, &before, &after),
        };
        if is_kept || harm.is_some() {
            found.push((address, Change { harm }, one.line));
        }
    }
    found
}

/// Buckets that evidence goes to before the plan.
fn evidence_buckets(changes: &[Node]) -> BTreeSet<String> {
    let name = |one: &Node| {
        let attribute = match one.text_at("type")? {
            "aws_cloudtrail" | "aws_config_delivery_channel" => "s3_bucket_name",
            "aws_s3_bucket_logging" => "target_bucket",
            _ => return None,
        };
        one.path(&["change", "before", attribute])?.text().map(str::to_owned)
    };
    changes.iter().filter_map(name).collect()
}

fn is_audit(name: &Value) -> bool {
    let name = name.to_text().known().cloned().unwrap_or_default();
    ["/aws/eks/", "/aws/rds/"].iter().any(|start| name.starts_with(start))
        || name.contains("audit")
        || name.contains("cloudtrail")
}

fn weakened(kind: &str, of_evidence: bool, before: &Value, after: &Value) -> Option<Message> {
    let was_on = |(_, name): &&(&str, &str)| {
        before.at(name).is() == Fact::Known(true) && after.at(name).is() == Fact::Known(false)
    };
    if let Some((_, name)) = SWITCHES.iter().filter(|(of, _)| *of == kind).find(was_on) {
        return Some(msg!("iac-plan-switches-off", setting = *name));
    }
    for (_, name) in LISTS.iter().filter(|(of, _)| *of == kind) {
        let (old, new) = (before.at(name).to_texts(), after.at(name).to_texts());
        let new = new.get().ok()?.cloned().unwrap_or_default();
        let gone: Vec<String> = old.known().into_iter().flatten().filter(|one| !new.contains(one)).cloned().collect();
        if !gone.is_empty() {
            return Some(msg!("iac-plan-takes-out", setting = *name, what = gone.join(", ")));
        }
    }
    let days = |value: &Value| value.to_number().known().copied();
    if kind == "aws_cloudwatch_log_group" {
        // Zero keeps for ever.
        let length = |value: &Value| days(value).map(|days| if days == 0 { u64::MAX } else { days });
        let (old, new) = (length(before.at("retention_in_days")), length(after.at("retention_in_days")));
        let said = days(before.at("retention_in_days")).zip(days(after.at("retention_in_days")));
        return said.filter(|_| new < old).map(|(old, new)| msg!("iac-plan-shortens", from = old, to = new));
    }
    if kind == "aws_s3_bucket_versioning" && of_evidence {
        let status = |value: &Value| value.at("versioning_configuration").at("status").to_text();
        let was_on = status(before) == Fact::Known("Enabled".to_owned());
        let is_on = status(after) == Fact::Known("Enabled".to_owned());
        return (was_on && !is_on).then(|| msg!("iac-plan-switches-off", setting = "versioning"));
    }
    if kind == "aws_s3_bucket_lifecycle_configuration" && of_evidence {
        let least = |value: &Value| {
            let rules = value.at("rule").entries().iter();
            let each = rules.flat_map(|rule| {
                [
                    days(rule.at("expiration").at("days")),
                    days(rule.at("noncurrent_version_expiration").at("noncurrent_days")),
                ]
            });
            each.flatten().filter(|days| *days > 0).min().unwrap_or(u64::MAX)
        };
        let (old, new) = (least(before), least(after));
        let old_days = if old == u64::MAX { 0 } else { old };
        return (new < old).then(|| msg!("iac-plan-shortens", from = old_days, to = new));
    }
    None
}
