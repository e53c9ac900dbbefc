//! The trail logs.

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("cloudtrail_trail_is_logging", Severity::Critical, &[Kind::Trail], judge, TERRAFORM);

const TERRAFORM: &str = "enable_logging = true";

fn judge(at: At<'_>) -> Vec<Finding> {
    let trail = at.resource.trail();
    trail.map(|trail| at.of("status").is("IsLogging", &trail.is_logging, true)).into_iter().collect()
}
