//! No policy allows every action on everything.

use shoseki_messages::msg;

use super::{At, Check, Finding, HOLDERS, Severity};
use crate::settings::Statement;

pub(in crate::checks) const CHECK: Check =
    Check::settings("iam_policy_is_not_all", Severity::High, HOLDERS, judge, TERRAFORM);

const TERRAFORM: &str = r#"policy = jsonencode({
  Version = "2012-10-17"
  Statement = [{
    Effect   = "Allow"
    Action   = ["s3:GetObject"]
    Resource = "arn:aws:s3:::NAME/*"
  }]
})"#;

/// What AWS has written that allows all of it.
const OF_AWS: [&str; 1] = ["AdministratorAccess"];

fn judge(at: At<'_>) -> Vec<Finding> {
    let document = match at.written_policy(&OF_AWS) {
        Ok(document) => document,
        Err(findings) => return findings,
    };
    let is_all = |statement: &Statement| {
        let all = |one: &String| is_star(one) || one.split_once(':').is_some_and(|(a, b)| is_star(a) && is_star(b));
        !statement.is_not_actions && statement.actions.iter().any(all) && statement.is_of_all_resources()
    };
    // All but single calls is all; all but whole services may be what an operator needs, and is for a person to look at.
    let is_all_but = |statement: &&Statement| statement.is_not_actions && statement.is_of_all_resources();
    let is_service = |one: &String| one.split_once(':').is_some_and(|(_, call)| is_star(call));
    let all_but: Vec<&Statement> = document.allows().filter(is_all_but).collect();
    let is_any_all = document.allows().any(is_all) || all_but.iter().any(|one| !one.actions.iter().any(is_service));
    vec![match (is_any_all, &document.unknown) {
        (true, _) => at.fail(msg!("settings-allows-all")),
        (false, Some(why)) => at.unknown("PolicyDocument", why),
        (false, None) if !all_but.is_empty() => at.pass(msg!("settings-allows-not-all")).to_review(),
        (false, None) => at.pass(msg!("settings-allows-not-all")),
    }]
}

fn is_star(pattern: &str) -> bool {
    !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'*')
}
