//! AWS Config records every type of resource, and global ones at least once.

use super::{At, Check, Finding, Kind, Severity, Status};
use crate::settings::{Fact, Resource};

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
    let of_all = || at.estate.of_kind(Kind::Recorder).filter_map(Resource::recorder);
    // Global types are recorded once in an account: in one region is enough.
    if of_all().any(|one| one.has_global == Fact::Known(true)) {
        return vec![finding];
    }
    let unknown = of_all().find_map(|one| one.has_global.get().err());
    vec![match unknown {
        Some(why) => at.unknown("IncludeGlobalResourceTypes", why),
        None => at.is("IncludeGlobalResourceTypes", &recorder.has_global, false),
    }]
}
