//! A key rotates each year. Only keys that are symmetric can by themselves.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("kms_key_rotates", Severity::Medium, &[Kind::Key], judge, TERRAFORM);

const TERRAFORM: &str = "enable_key_rotation = true";

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(key) = at.resource.key() else { return Vec::new() };
    let finding = match key.spec.get() {
        Ok(Some(spec)) if spec != "SYMMETRIC_DEFAULT" => {
            at.not_applicable(msg!("settings-is", setting = "KeySpec", value = spec))
        }
        Err(why) => at.unknown("KeySpec", why),
        Ok(_) => at.is("KeyRotationEnabled", &key.rotates, false),
    };
    vec![finding]
}
