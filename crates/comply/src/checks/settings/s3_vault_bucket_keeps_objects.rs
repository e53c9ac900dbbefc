//! No rule of a life cycle takes objects of the vault away, or into an archive: what is older than its period goes by a sealed commit,
//! what goes otherwise is tampering, and what must be restored first can be neither asked nor verified. Older versions of objects may
//! go: nothing asks for them.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};
use crate::settings::LifecycleRule;

pub(in crate::checks) const CHECK: Check =
    Check::settings("s3_vault_bucket_keeps_objects", Severity::Critical, &[Kind::Bucket], judge, TERRAFORM);

const TERRAFORM: &str = r#"resource "aws_s3_bucket_lifecycle_configuration" "NAME" {
  bucket = aws_s3_bucket.NAME.id
  rule {
    id     = "older-versions"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days = 400
    }
  }
}"#;

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(bucket) = at.vault_bucket() else { return Vec::new() };
    let at = at.of("lifecycle");
    let rules = match bucket.lifecycle.get() {
        Err(why) => return vec![at.unknown("LifecycleConfiguration", why)],
        Ok(None) => return vec![at.pass(msg!("settings-vault-stays"))],
        Ok(Some(rules)) => rules,
    };
    let finding = rules.iter().map(|rule| of_rule(at, rule)).min_by_key(|finding| finding.status);
    vec![finding.unwrap_or_else(|| at.pass(msg!("settings-vault-stays")))]
}

fn of_rule(at: At<'_>, rule: &LifecycleRule) -> Finding {
    let name = rule.id.known().cloned().unwrap_or_default();
    match rule.is_enabled.or(true) {
        Err(why) => return at.unknown("Status", why),
        Ok(false) => return at.pass(msg!("settings-rule-off", rule = name)),
        Ok(true) => (),
    }
    let (days, on) = match (rule.expires.get(), rule.expires_on.get()) {
        (Err(why), _) => return at.unknown("Days", why),
        (_, Err(why)) => return at.unknown("Date", why),
        (Ok(days), Ok(on)) => (days, on),
    };
    match (days, on) {
        (None, None) => archived(at, rule, name),
        // Whether the vault is among the objects that it takes, the rule alone does not say.
        _ if rule.is_partial => at.no_evidence(msg!("settings-vault-some", rule = name)),
        _ => at.fail(msg!("settings-vault-goes", rule = name)),
    }
}

/// Whether a rule that deletes nothing moves objects to where they cannot be read.
fn archived(at: At<'_>, rule: &LifecycleRule, name: String) -> Finding {
    match rule.archives.get() {
        Err(why) => at.unknown("StorageClass", why),
        Ok(None) => at.pass(msg!("settings-vault-stays")),
        Ok(Some(class)) if rule.is_partial => {
            at.no_evidence(msg!("settings-vault-some-archived", rule = name, class = class.as_str()))
        }
        Ok(Some(class)) => at.fail(msg!("settings-vault-archived", rule = name, class = class.as_str())),
    }
}
