//! A key is on, and its deletion is not scheduled: what it encrypted could never be read again.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("kms_key_is_usable", Severity::Critical, &[Kind::Key], judge, TERRAFORM);

const TERRAFORM: &str = "is_enabled = true";

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(key) = at.resource.key() else { return Vec::new() };
    let finding = match key.is_pending_deletion.or(false) {
        Err(why) => at.unknown("KeyState", why),
        Ok(true) => at.fail(msg!("settings-is", setting = "KeyState", value = "PendingDeletion")),
        Ok(false) => at.is("Enabled", &key.is_enabled, true),
    };
    vec![finding]
}
