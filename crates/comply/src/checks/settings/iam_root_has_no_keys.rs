//! Root has no access keys: whoever holds one may do everything, and nobody can take it from him.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("iam_root_has_no_keys", Severity::Critical, &[Kind::IamUser], judge, "");

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(root) = at.resource.iam_user().filter(|user| user.is_root) else { return Vec::new() };
    let finding = match root.active_keys.get() {
        Err(why) => at.unknown("AccountAccessKeysPresent", why),
        Ok(count) => {
            let count = count.copied().unwrap_or_default();
            let what = msg!("settings-is", setting = "AccountAccessKeysPresent", value = count.to_string());
            if count == 0 { at.pass(what) } else { at.fail(what) }
        }
    };
    vec![finding]
}
