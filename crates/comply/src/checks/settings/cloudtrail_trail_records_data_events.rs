//! The trail records who reads and writes objects: without it, nobody sees who took data.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};
use crate::settings::DataEvents;

pub(in crate::checks) const CHECK: Check =
    Check::settings("cloudtrail_trail_records_data_events", Severity::Medium, &[Kind::Trail], judge, TERRAFORM);

const TERRAFORM: &str = r#"event_selector {
  read_write_type           = "All"
  include_management_events = true
  data_resource {
    type   = "AWS::S3::Object"
    values = ["arn:aws:s3"]
  }
}"#;

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(trail) = at.resource.trail() else { return Vec::new() };
    let at = at.of("selectors");
    let finding = match trail.selectors.get() {
        Err(why) => at.unknown("EventSelectors", why),
        Ok(None) => at.fail(msg!("settings-no-data-events")),
        Ok(Some(selectors)) => match selectors.objects {
            DataEvents::None => at.fail(msg!("settings-no-data-events")),
            DataEvents::Some => at.pass(msg!("settings-some-data-events", what = selectors.of.join(", "))).to_review(),
            DataEvents::All => at.pass(msg!("settings-all-data-events")),
        },
    };
    vec![finding]
}
