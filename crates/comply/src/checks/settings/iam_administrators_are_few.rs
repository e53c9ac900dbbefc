//! Those who may do everything, or end logs and take evidence away, by a policy that AWS wrote, are few, known, and have a second factor.

use shoseki_messages::msg;

use super::{At, Check, Fact, Finding, Kind, Severity};
use crate::settings::Administrator;

pub(in crate::checks) const CHECK: Check =
    Check::settings("iam_administrators_are_few", Severity::High, &[Kind::Administrators], judge, "");

/// How many an account may have.
const FEW: usize = 5;

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(administrators) = at.resource.administrators() else { return Vec::new() };
    let all = match administrators.all.get() {
        Err(why) => return vec![at.unknown("AttachedManagedPolicies", why)],
        Ok(all) => all.map_or(&[][..], Vec::as_slice),
    };
    let count = msg!("settings-administrators", count = all.len(), most = FEW);
    let whole = if all.len() > FEW { at.fail(count) } else { at.pass(count) };
    std::iter::once(whole).chain(all.iter().map(|one| of_one(at, one))).collect()
}

/// Each of them is for a person to look at; a user without a second factor is a failure.
fn of_one(at: At<'_>, one: &Administrator) -> Finding {
    let by = one.by.join(", ");
    let finding = match (&one.has_mfa, one.is_user) {
        (Fact::Known(true), true) | (_, false) => at.pass(msg!("settings-administrator", what = by)).to_review(),
        (Fact::Known(false) | Fact::Absent, true) => at.fail(msg!("settings-administrator-no-mfa", what = by)),
        (Fact::Unknown(why), true) => at.unknown("MFAActive", why),
    };
    Finding { subject: one.arn.clone(), ..finding }
}
