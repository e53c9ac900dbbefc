//! The trail writes digests, by which a change of its files is noticed.

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("cloudtrail_trail_validates_files", Severity::High, &[Kind::Trail], judge, TERRAFORM);

const TERRAFORM: &str = "enable_log_file_validation = true";

fn judge(at: At<'_>) -> Vec<Finding> {
    let trail = at.resource.trail();
    trail.map(|trail| at.is("EnableLogFileValidation", &trail.validates_files, false)).into_iter().collect()
}
