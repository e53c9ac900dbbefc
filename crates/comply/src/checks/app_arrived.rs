//! Applications' own audit logs arrived in the period.

use super::arrived::{Kind, QUERIES, judge};
use super::{Check, Severity};

pub(super) const CHECK: Check = Check::evidence("evidence_app_arrived", Severity::High, QUERIES, |evidence| {
    judge(&Kind { sources: &["app"], is_daily: false }, evidence)
});
