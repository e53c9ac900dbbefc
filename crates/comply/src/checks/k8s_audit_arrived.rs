//! The audit log of each cluster arrived on every day of the period.

use super::arrived::{Kind, QUERIES, judge};
use super::{Check, Severity};

pub(super) const CHECK: Check =
    Check::evidence("evidence_k8s_audit_arrived", Severity::Critical, QUERIES, |evidence| {
        judge(&Kind { sources: &["k8s-audit"], is_daily: true }, evidence)
    });
