//! The trail records all regions: what happens where nobody works is seen too.

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("cloudtrail_trail_is_multi_region", Severity::High, &[Kind::Trail], judge, TERRAFORM);

const TERRAFORM: &str = "is_multi_region_trail = true";

fn judge(at: At<'_>) -> Vec<Finding> {
    let trail = at.resource.trail();
    trail.map(|trail| at.is("IsMultiRegionTrail", &trail.is_multi_region, false)).into_iter().collect()
}
