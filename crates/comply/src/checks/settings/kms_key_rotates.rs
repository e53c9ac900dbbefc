//! A key rotates each year. Only keys that are symmetric can by themselves.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity, Status};

pub(in crate::checks) const CHECK: Check =
    Check::settings("kms_key_rotates", Severity::Medium, &[Kind::Key], judge, TERRAFORM);

const TERRAFORM: &str = "enable_key_rotation = true";

/// A year, in days, which is what KMS does by itself.
const YEAR: u64 = 365;

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(key) = at.resource.key() else { return Vec::new() };
    let finding = match key.spec.get() {
        Ok(Some(spec)) if spec != "SYMMETRIC_DEFAULT" => {
            at.not_applicable(msg!("settings-is", setting = "KeySpec", value = spec))
        }
        Err(why) => at.unknown("KeySpec", why),
        Ok(_) => match (at.is("KeyRotationEnabled", &key.rotates, false), key.rotation_days.or(YEAR)) {
            (finding, _) if finding.status != Status::Pass => finding,
            (_, Err(why)) => at.unknown("RotationPeriodInDays", why),
            (_, Ok(days)) if days > YEAR + 1 => at.fail(msg!("settings-rotates-late", days = days)),
            (finding, Ok(_)) => finding,
        },
    };
    vec![finding]
}
