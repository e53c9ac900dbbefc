//! GuardDuty's detector is on.

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("guardduty_detector_is_on", Severity::Medium, &[Kind::Detector], judge, TERRAFORM);

const TERRAFORM: &str = "enable = true";

fn judge(at: At<'_>) -> Vec<Finding> {
    let detector = at.resource.detector();
    detector.map(|detector| at.is("Enable", &detector.is_enabled, true)).into_iter().collect()
}
