//! CloudTrail arrived on every day of the period, from each account.

use super::arrived::{QUERIES, judge};
use super::scope::CLOUDTRAIL;
use super::{Check, Severity};

pub(super) const CHECK: Check =
    Check::evidence("evidence_cloudtrail_arrived", Severity::Critical, QUERIES, |evidence| {
        judge(&CLOUDTRAIL, evidence)
    });
