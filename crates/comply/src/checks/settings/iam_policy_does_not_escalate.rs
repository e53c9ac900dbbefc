//! No policy lets its holder give himself more rights.

use shoseki_messages::msg;

use super::{At, Check, Finding, HOLDERS, Severity};
use crate::settings::Statement;

pub(in crate::checks) const CHECK: Check =
    Check::settings("iam_policy_does_not_escalate", Severity::High, HOLDERS, judge, TERRAFORM);

const TERRAFORM: &str = r#"policy = jsonencode({
  Version = "2012-10-17"
  Statement = [{
    Effect   = "Allow"
    Action   = ["iam:GetRole", "iam:PassRole"]
    Resource = "arn:aws:iam::111122223333:role/app-*"
  }]
})"#;

/// Calls that together give their caller rights that he does not have.
const ESCALATING: [&[&str]; 17] = [
    &["iam:CreatePolicyVersion"],
    &["iam:SetDefaultPolicyVersion"],
    &["iam:AttachUserPolicy"],
    &["iam:AttachGroupPolicy"],
    &["iam:AttachRolePolicy"],
    &["iam:PutUserPolicy"],
    &["iam:PutGroupPolicy"],
    &["iam:PutRolePolicy"],
    &["iam:AddUserToGroup"],
    &["iam:CreateAccessKey"],
    &["iam:CreateLoginProfile"],
    &["iam:UpdateLoginProfile"],
    &["iam:UpdateAssumeRolePolicy", "sts:AssumeRole"],
    &["iam:PassRole", "ec2:RunInstances"],
    &["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"],
    &["iam:PassRole", "cloudformation:CreateStack"],
    &["iam:PassRole", "ecs:RunTask"],
];

/// Whether a condition keeps the right from being used for more: a second factor, a boundary, which role is passed to whom. Others,
/// such as an address or TLS, do not.
fn is_guarded(statement: &Statement) -> bool {
    let is_guard = |key: &str| {
        let key = key.to_ascii_lowercase();
        key.starts_with("iam:") || key.starts_with("aws:resourcetag/")
    };
    statement.needs_mfa() || statement.conditions.iter().any(|one| is_guard(&one.key) && one.is_narrow())
}

/// What AWS has written whose holder can.
const OF_AWS: [&str; 2] = ["AdministratorAccess", "IAMFullAccess"];

fn judge(at: At<'_>) -> Vec<Finding> {
    let document = match at.written_policy(&OF_AWS) {
        Ok(document) => document,
        Err(findings) => return findings,
    };
    let may = |action: &&str| {
        let by = |one: &Statement| one.has_action(action) && one.is_of_all_resources() && !is_guarded(one);
        let denied =
            |one: &Statement| one.has_action(action) && one.denies_all_resources() && one.conditions.is_empty();
        document.allows().any(by) && !document.denies().any(denied)
    };
    let found = ESCALATING.iter().find(|together| together.iter().all(may));
    vec![match (found, &document.unknown) {
        (Some(together), _) => at.fail(msg!("settings-escalates", what = together.join(" + "))),
        (None, Some(why)) => at.unknown("PolicyDocument", why),
        (None, None) => at.pass(msg!("settings-escalates-not")),
    }]
}
