//! A user of IAM that nobody uses has no credentials: one that was not used for 90 days is removed or switched off (PCI DSS 8.2.6).

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("iam_user_is_in_use", Severity::Medium, &[Kind::IamUser], judge, "");

/// For how many days a user may go unused.
const MOST_DAYS: u64 = 90;

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(user) = at.resource.iam_user().filter(|user| !user.is_root) else { return Vec::new() };
    let has_key = user.active_keys.get().map(|count| count.is_some_and(|count| *count > 0));
    let finding = match (user.has_password.get(), has_key, user.idle_days.get()) {
        (Err(why), ..) => at.unknown("PasswordEnabled", why),
        (_, Err(why), _) => at.unknown("AccessKeyActive", why),
        (Ok(password), Ok(false), _) if password != Some(&true) => at.not_applicable(msg!("settings-no-credentials")),
        (_, _, Err(why)) => at.unknown("PasswordLastUsed", why),
        (_, _, Ok(None)) => at.no_evidence(msg!("settings-missing", setting = "PasswordLastUsed")),
        (_, _, Ok(Some(days))) if *days > MOST_DAYS => at.fail(msg!("settings-idle", days = *days)),
        (_, _, Ok(Some(days))) => at.pass(msg!("settings-used", days = *days)),
    };
    vec![finding]
}
