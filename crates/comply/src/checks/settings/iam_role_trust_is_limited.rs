//! A role is taken by whom its trust policy names, and not by everybody.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};
use crate::settings::{IamRole, Statement};

pub(in crate::checks) const CHECK: Check =
    Check::settings("iam_role_trust_is_limited", Severity::Critical, &[Kind::IamRole], judge, TERRAFORM);

const TERRAFORM: &str = r#"assume_role_policy = jsonencode({
  Version = "2012-10-17"
  Statement = [{
    Effect    = "Allow"
    Principal = { Service = "ec2.amazonaws.com" }
    Action    = "sts:AssumeRole"
  }]
})"#;

fn judge(at: At<'_>) -> Vec<Finding> {
    let role = at.resource.iam_role().filter(|role| !role.trust.is_absent());
    let any =
        |role: &IamRole| role.trust.known().is_some_and(|policy| policy.allows().any(Statement::is_of_any_federated));
    let finding = |role: &IamRole| match any(role) {
        true => at.fail(msg!("settings-federated-any")),
        false => at.is_not_public(&role.trust),
    };
    role.map(finding).into_iter().collect()
}
