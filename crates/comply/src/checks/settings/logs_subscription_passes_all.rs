//! A subscription of a log group of evidence passes on all of it. A pattern that narrows it loses evidence on the way without a word.
//! A log group that nothing subscribes to may be fetched, or kept where it is: of that this says nothing.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("logs_subscription_passes_all", Severity::Medium, &[Kind::Subscriptions], judge, TERRAFORM);

const TERRAFORM: &str = r#"resource "aws_cloudwatch_log_subscription_filter" "NAME" {
  name            = "evidence"
  log_group_name  = "GROUP"
  filter_pattern  = ""
  destination_arn = "ARN"
}"#;

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(subscriptions) = at.resource.subscriptions() else { return Vec::new() };
    let all = match subscriptions.all.get() {
        Err(why) => return vec![at.unknown("SubscriptionFilters", why)],
        Ok(None) => return vec![at.not_applicable(msg!("settings-no-subscription"))],
        Ok(Some(all)) => all,
    };
    // One that passes on all is enough: others may serve something else.
    vec![match (all.iter().find(|one| one.pattern.trim().is_empty()), all.first()) {
        (Some(whole), _) => at.pass(msg!(
            "settings-subscription-whole",
            name = whole.name.as_str(),
            target = whole.destination.as_str()
        )),
        (None, Some(part)) => {
            at.fail(msg!("settings-subscription-part", name = part.name.as_str(), pattern = part.pattern.as_str()))
        }
        (None, None) => at.not_applicable(msg!("settings-no-subscription")),
    }]
}
