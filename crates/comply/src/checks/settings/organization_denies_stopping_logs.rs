//! A service control policy at the organization's root denies every account to stop or delete trails. To the management account none
//! applies.

use shoseki_messages::msg;

use super::{At, Check, Condition, Finding, Kind, Severity};
use crate::settings::{Policy, ServicePolicy, Statement};

pub(in crate::checks) const CHECK: Check =
    Check::settings("organization_denies_stopping_logs", Severity::High, &[Kind::Organization], judge, TERRAFORM);

const TERRAFORM: &str = r#"resource "aws_organizations_policy" "keep_logs" {
  name    = "keep-logs"
  type    = "SERVICE_CONTROL_POLICY"
  content = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect   = "Deny"
      Action   = ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail", "cloudtrail:PutEventSelectors"]
      Resource = "*"
    }]
  })
}"#;

/// The calls by which a trail records no more, or less.
const STOPS: [&str; 4] =
    ["cloudtrail:DeleteTrail", "cloudtrail:PutEventSelectors", "cloudtrail:StopLogging", "cloudtrail:UpdateTrail"];

/// How much of it a policy denies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Denial {
    None,
    /// To all but some, or of some trails: a person judges whether that is enough.
    Some,
    All,
}

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(organization) = at.resource.organization() else { return Vec::new() };
    let policies = match organization.policies.get() {
        Err(why) => return vec![at.unknown("ServiceControlPolicies", why)],
        Ok(None) => return vec![at.fail(msg!("settings-no-service-policy"))],
        Ok(Some(policies)) => policies,
    };
    // What is denied at the root is denied to all accounts, by whichever policies together.
    let at_root: Vec<&ServicePolicy> = policies.iter().filter(|one| is_at_root(one)).collect();
    let documents: Vec<&Policy> = at_root.iter().filter_map(|one| one.document.known()).collect();
    let denials = STOPS.map(|action| documents.iter().map(|one| denial(one, action)).max().unwrap_or(Denial::None));
    let open: Vec<&str> =
        STOPS.into_iter().zip(denials).filter(|(_, how)| *how == Denial::None).map(|(action, _)| action).collect();
    let names = || at_root.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ");
    if open.is_empty() {
        let passed = at.pass(msg!("settings-service-policy-denies", what = names()));
        return vec![if denials.contains(&Denial::Some) { passed.to_review() } else { passed }];
    }
    let unknown = policies.iter().find_map(|one| {
        let unread = || one.document.known().and_then(|document| document.unknown.as_ref());
        one.document.get().err().or_else(|| one.targets.get().err()).or_else(unread)
    });
    vec![match unknown {
        Some(why) => at.unknown("ServiceControlPolicies", why),
        None => at.fail(msg!("settings-service-policy-lacks", what = open.join(", "))),
    }]
}

/// Whether it is attached to a root: `r-1a2b`.
fn is_at_root(policy: &ServicePolicy) -> bool {
    policy.targets.known().is_some_and(|targets| targets.iter().any(|target| target.starts_with("r-")))
}

fn denial(policy: &Policy, action: &str) -> Denial {
    let one = |statement: &Statement| match (statement.conditions.is_empty(), statement.denies_all_resources()) {
        (true, true) => Denial::All,
        // Which trails, or whom it exempts, is stated.
        (true, false) if !statement.is_not_resources => Denial::Some,
        (false, _) if statement.conditions.iter().all(Condition::exempts_some) => Denial::Some,
        _ => Denial::None,
    };
    policy.denies().filter(|statement| statement.has_action(action)).map(one).max().unwrap_or(Denial::None)
}
