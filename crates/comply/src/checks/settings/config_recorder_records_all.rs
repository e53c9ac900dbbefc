//! AWS Config records every type of resource, and global ones at least once.

use super::{At, Check, Finding, Kind, Severity, Status};
use crate::settings::Fact;

pub(in crate::checks) const CHECK: Check =
    Check::settings("config_recorder_records_all", Severity::High, &[Kind::Recorder], judge, TERRAFORM);

const TERRAFORM: &str =
    "recording_group {\n  all_supported                 = true\n  include_global_resource_types = true\n}";

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(recorder) = at.resource.recorder() else { return Vec::new() };
    let finding = at.is("AllSupported", &recorder.is_all, true);
    if finding.status != Status::Pass {
        return vec![finding];
    }
    // Global types are recorded once in an account: in one region is enough.
    vec![match (at.estate.records_globals(&at.resource.account), at.estate.unread()) {
        (Fact::Known(true), _) => finding,
        (Fact::Unknown(why), _) => at.unknown("IncludeGlobalResourceTypes", &why),
        (_, Some(why)) if recorder.has_global != Fact::Known(true) => at.unknown("IncludeGlobalResourceTypes", why),
        _ => at.is("IncludeGlobalResourceTypes", &recorder.has_global, false),
    }]
}
