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
const SWITCHES: [(&str, &str); 13] = [
    ("aws_cloudtrail", "enable_logging"),
    ("aws_cloudtrail", "enable_log_file_validation"),
    ("aws_cloudtrail", "include_global_service_events"),
    ("aws_cloudtrail", "is_multi_region_trail"),
    ("aws_config_configuration_recorder_status", "is_enabled"),
    ("aws_guardduty_detector", "enable"),
    ("aws_kms_key", "is_enabled"),
    ("aws_db_instance", "deletion_protection"),
    ("aws_rds_cluster", "deletion_protection"),
    ("aws_s3_bucket_public_access_block", "block_public_acls"),
    ("aws_s3_bucket_public_access_block", "block_public_policy"),
    ("aws_s3_bucket_public_access_block", "ignore_public_acls"),
    ("aws_s3_bucket_public_access_block", "restrict_public_buckets"),
];

/// What else is compared of these types.
const COMPARED: [(&str, &str); 3] = [
    ("aws_cloudwatch_log_group", "retention_in_days"),
    ("aws_s3_bucket_object_lock_configuration", "rule"),
    ("aws_s3_bucket_versioning", "versioning_configuration"),
];

/// What keeps evidence whatever it says.
const HARMLESS: [&str; 4] = ["description", "tags", "tags_all", "timeouts"];

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
        let unknown = change.get("after_unknown").map(value).unwrap_or_default();
        let harm = match (is_deleted, is_kept) {
            (true, true) if actions.len() > 1 => Some(msg!("iac-plan-replaces", kind = kind)),
            (true, true) => Some(msg!("iac-plan-deletes", kind = kind)),
            (true, false) => None,
            (false, _) => weakened(kind, of_evidence, &before, &after),
        };
        let is_open = !is_deleted && harm.is_none();
        let open = if is_open { not_judged(kind, is_kept, [&before, &after, &unknown]) } else { Vec::new() };
        let open = (!open.is_empty()).then(|| msg!("iac-plan-changes", what = open.join(", ")));
        if is_kept || harm.is_some() || open.is_some() {
            found.push((address, Change { harm, open }, one.line));
        }
    }
    found
}

/// What an update changes and nothing here judges: of what keeps evidence all that is not harmless, of others what would be compared if
/// it were known.
fn not_judged(kind: &str, is_kept: bool, [before, after, unknown]: [&Value; 3]) -> Vec<String> {
    let names = |value: &Value| match value {
        Value::Map(all) => all.keys().cloned().collect(),
        _ => Vec::new(),
    };
    let all: BTreeSet<String> = [before, after, unknown].into_iter().flat_map(names).collect();
    let is_later = |name: &str| has_true(unknown.at(name));
    let is_watched =
        |name: &str| SWITCHES.iter().chain(&LISTS).chain(&COMPARED).any(|(of, what)| *of == kind && *what == name);
    let is_open = |name: &String| {
        let changes = is_later(name) || !is_same(before.at(name), after.at(name));
        let is_judged = is_watched(name) && !is_later(name);
        changes && !is_judged && (is_watched(name) || is_kept && !HARMLESS.contains(&name.as_str()))
    };
    all.into_iter().filter(is_open).collect()
}

/// Whether anything in what is known only later is so.
fn has_true(value: &Value) -> bool {
    match value {
        Value::Bool(is) => *is,
        Value::List(all) => all.iter().any(has_true),
        Value::Map(all) => all.values().any(has_true),
        _ => false,
    }
}

/// Whether two values are the same; nothing and what is empty are.
fn is_same(before: &Value, after: &Value) -> bool {
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::Text(text) => text.is_empty(),
        Value::List(all) => all.is_empty(),
        Value::Map(all) => all.is_empty(),
        _ => false,
    };
    before == after || is_empty(before) && is_empty(after)
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
    let is_ours = of_evidence || !OF_BUCKETS.contains(&kind);
    if let Some((_, name)) = SWITCHES.iter().filter(|(of, _)| *of == kind && is_ours).find(was_on) {
        return Some(msg!("iac-plan-switches-off", setting = *name));
    }
    for (_, name) in LISTS.iter().filter(|(of, _)| *of == kind) {
        let (old, new) = (before.at(name).to_texts(), after.at(name).to_texts());
        let Ok(new) = new.get().map(|new| new.cloned().unwrap_or_default()) else { continue };
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
    if kind == "aws_s3_bucket_object_lock_configuration" && of_evidence {
        let retention = |value: &Value| value.at("rule").at("default_retention").clone();
        let (old, new) = (retention(before), retention(after));
        let length = |said: &Value| {
            let years = days(said.at("years")).unwrap_or_default().saturating_mul(365);
            days(said.at("days")).filter(|days| *days > 0).unwrap_or(years)
        };
        let is_compliance = |said: &Value| said.at("mode").is_word("COMPLIANCE") == Fact::Known(true);
        let is_shorter = length(&new) < length(&old);
        let harm = || match is_shorter {
            true => msg!("iac-plan-shortens", from = length(&old), to = length(&new)),
            false => msg!("iac-plan-switches-off", setting = "COMPLIANCE"),
        };
        return (is_shorter || is_compliance(&old) && !is_compliance(&new)).then(harm);
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
