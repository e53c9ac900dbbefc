//! No policy allows every action on everything.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};
use crate::settings::Statement;

pub(in crate::checks) const CHECK: Check =
    Check::settings("iam_policy_is_not_all", Severity::High, &[Kind::IamPolicy], judge, TERRAFORM);

const TERRAFORM: &str = r#"policy = jsonencode({
  Version = "2012-10-17"
  Statement = [{
    Effect   = "Allow"
    Action   = ["s3:GetObject"]
    Resource = "arn:aws:s3:::NAME/*"
  }]
})"#;

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(policy) = at.resource.iam_policy().filter(|policy| !policy.is_of_aws) else { return Vec::new() };
    let document = match policy.document.get() {
        Err(why) => return vec![at.unknown("PolicyDocument", why)],
        Ok(None) => return Vec::new(),
        Ok(Some(document)) => document,
    };
    let is_all = |statement: &Statement| {
        let has_all = statement.actions.iter().any(|one| one == "*" || one == "*:*") && !statement.is_not_actions;
        has_all && statement.is_of_all_resources()
    };
    vec![match (document.allows().any(is_all), &document.unknown) {
        (true, _) => at.fail(msg!("settings-allows-all")),
        (false, Some(why)) => at.unknown("PolicyDocument", why),
        (false, None) => at.pass(msg!("settings-allows-not-all")),
    }]
}
