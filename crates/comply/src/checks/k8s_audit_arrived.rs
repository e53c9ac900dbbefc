//! The audit log of each cluster arrived on every day of the period.

use super::arrived::{QUERIES, judge};
use super::scope::K8S_AUDIT;
use super::{Check, Severity};

pub(super) const CHECK: Check =
    Check::evidence("evidence_k8s_audit_arrived", Severity::Critical, QUERIES, |evidence| judge(&K8S_AUDIT, evidence));
