//! A database cannot be deleted by one call.

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("rds_database_is_protected", Severity::Medium, &[Kind::Database], judge, TERRAFORM);

const TERRAFORM: &str = "deletion_protection = true";

fn judge(at: At<'_>) -> Vec<Finding> {
    let database = at.own_database();
    database.map(|database| at.is("DeletionProtection", &database.is_protected, false)).into_iter().collect()
}
