//! CloudTrail arrived on every day of the period, from each account.

use super::arrived::{Kind, QUERIES, judge};
use super::{Check, Severity};

pub(super) const CHECK: Check =
    Check::evidence("evidence_cloudtrail_arrived", Severity::Critical, QUERIES, |evidence| {
        judge(&Kind { sources: &["cloudtrail"], is_daily: true }, evidence)
    });
