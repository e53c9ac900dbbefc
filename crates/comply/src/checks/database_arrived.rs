//! Audit logs of databases arrived in the period.

use super::arrived::{QUERIES, judge};
use super::scope::DATABASE;
use super::{Check, Severity};

pub(super) const CHECK: Check =
    Check::evidence("evidence_database_arrived", Severity::High, QUERIES, |evidence| judge(&DATABASE, evidence));
