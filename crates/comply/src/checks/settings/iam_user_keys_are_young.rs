//! Access keys of users of IAM are changed every 90 days: a key that leaked years ago opens the account today.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("iam_user_keys_are_young", Severity::Medium, &[Kind::IamUser], judge, "");

/// How old an active key may be, in days.
const MOST_DAYS: u64 = 90;

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(user) = at.resource.iam_user().filter(|user| !user.is_root) else { return Vec::new() };
    let finding = match (user.active_keys.get(), user.key_days.get()) {
        (Err(why), _) => at.unknown("AccessKeyActive", why),
        (Ok(None | Some(0)), _) => at.not_applicable(msg!("settings-no-keys")),
        (_, Err(why)) => at.unknown("AccessKeyLastRotated", why),
        (_, Ok(None)) => at.no_evidence(msg!("settings-missing", setting = "AccessKeyLastRotated")),
        (_, Ok(Some(days))) if *days > MOST_DAYS => at.fail(msg!("settings-key-old", days = *days)),
        (_, Ok(Some(days))) => at.pass(msg!("settings-key-young", days = *days)),
    };
    vec![finding]
}
