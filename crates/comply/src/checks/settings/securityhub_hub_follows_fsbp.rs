//! Security Hub follows AWS's Foundational Security Best Practices.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("securityhub_hub_follows_fsbp", Severity::Low, &[Kind::Hub], judge, TERRAFORM);

const TERRAFORM: &str = r#"resource "aws_securityhub_standards_subscription" "fsbp" {
  standards_arn = "arn:aws:securityhub:REGION::standards/aws-foundational-security-best-practices/v/1.0.0"
}"#;

/// What the standard's ARN has in it.
const STANDARD: &str = "standards/aws-foundational-security-best-practices/";

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(hub) = at.resource.hub() else { return Vec::new() };
    let finding = match hub.standards.get() {
        Err(why) => at.unknown("StandardsSubscriptions", why),
        Ok(None) => at.fail(msg!("settings-no-standards")),
        Ok(Some(all)) => {
            let names: Vec<&str> =
                all.iter().map(|arn| arn.rsplit_once("standards/").map_or(arn.as_str(), |(_, name)| name)).collect();
            let names = names.join(", ");
            match all.iter().any(|arn| arn.contains(STANDARD)) {
                true => at.pass(msg!("settings-standards", what = names)),
                false => at.fail(msg!("settings-standards-without", what = names)),
            }
        }
    };
    vec![finding]
}
