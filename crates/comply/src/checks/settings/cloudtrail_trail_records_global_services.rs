//! The trail records global services: IAM, STS, log-ins of root.

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("cloudtrail_trail_records_global_services", Severity::High, &[Kind::Trail], judge, TERRAFORM);

const TERRAFORM: &str = "include_global_service_events = true";

fn judge(at: At<'_>) -> Vec<Finding> {
    let trail = at.resource.trail();
    trail.map(|trail| at.is("IncludeGlobalServiceEvents", &trail.has_global_services, true)).into_iter().collect()
}
