//! The trail records all management events, reads and writes, of every service.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("cloudtrail_trail_records_management_events", Severity::High, &[Kind::Trail], judge, TERRAFORM);

const TERRAFORM: &str = r#"event_selector {
  read_write_type           = "All"
  include_management_events = true
}"#;

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(trail) = at.resource.trail() else { return Vec::new() };
    let at = at.of("selectors");
    let finding = match trail.selectors.get() {
        Err(why) => at.unknown("EventSelectors", why),
        Ok(None) => at.pass(msg!("settings-events-default")),
        Ok(Some(selectors)) if !selectors.has_all_management => at.fail(msg!("settings-events-not-all")),
        Ok(Some(selectors)) if !selectors.excluded.is_empty() => {
            at.fail(msg!("settings-events-excluded", what = selectors.excluded.join(", ")))
        }
        Ok(Some(_)) => at.pass(msg!("settings-events-all")),
    };
    vec![finding]
}
