//! Applications' own audit logs arrived in the period.

use super::arrived::{QUERIES, judge};
use super::scope::APP;
use super::{Check, Severity};

pub(super) const CHECK: Check =
    Check::evidence("evidence_app_arrived", Severity::High, QUERIES, |evidence| judge(&APP, evidence));
