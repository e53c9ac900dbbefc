//! CloudTrail's Insights watch for rates of calls, and of errors, that are not usual. They cost by the event.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("cloudtrail_trail_has_insights", Severity::Low, &[Kind::Insights], judge, TERRAFORM);

const TERRAFORM: &str = "insight_selector {\n  insight_type = \"ApiCallRateInsight\"\n}\ninsight_selector {\n  insight_type = \"ApiErrorRateInsight\"\n}";

/// What is to be watched.
const BOTH: [&str; 2] = ["ApiCallRateInsight", "ApiErrorRateInsight"];

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(insights) = at.resource.insights() else { return Vec::new() };
    let finding = match insights.types.get() {
        Err(why) => at.unknown("InsightSelectors", why),
        Ok(None) => at.fail(msg!("settings-missing", setting = "InsightSelectors")),
        Ok(Some(types)) => {
            let lacks: Vec<&str> = BOTH.into_iter().filter(|one| !types.iter().any(|has| has == one)).collect();
            match lacks.is_empty() {
                true => at.pass(msg!("settings-is", setting = "InsightSelectors", value = types.join(", "))),
                false => at.fail(msg!("settings-lacks", what = "InsightSelectors", lacks = lacks.join(", "))),
            }
        }
    };
    vec![finding]
}
