//! Who signs in to the console with a password has a second factor, root too. Log-ins by an identity provider are not AWS's to show.

use super::{At, Check, Finding, Kind, Severity};
use crate::settings::Fact;

pub(in crate::checks) const CHECK: Check =
    Check::settings("iam_user_has_mfa", Severity::Critical, &[Kind::IamUser], judge, "");

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(user) = at.resource.iam_user() else { return Vec::new() };
    let finding = match user.has_password.get() {
        Err(why) => at.unknown("PasswordEnabled", why),
        // Without a password nobody signs in; root can always be given one.
        Ok(_) if !user.is_root && user.has_password != Fact::Known(true) => {
            at.not_applicable(shoseki_messages::msg!("settings-no-password"))
        }
        Ok(_) => at.is("MFAActive", &user.has_mfa, false),
    };
    vec![finding]
}
