//! Audit logs of databases arrived in the period.

use super::arrived::{Kind, QUERIES, judge};
use super::{Check, DATABASES, Severity};

pub(super) const CHECK: Check = Check::evidence("evidence_database_arrived", Severity::High, QUERIES, |evidence| {
    judge(&Kind { sources: DATABASES, is_daily: false }, evidence)
});
