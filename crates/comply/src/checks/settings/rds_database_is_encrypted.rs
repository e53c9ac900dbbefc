//! A database is encrypted at rest.

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("rds_database_is_encrypted", Severity::High, &[Kind::Database], judge, TERRAFORM);

const TERRAFORM: &str = "storage_encrypted = true";

fn judge(at: At<'_>) -> Vec<Finding> {
    let database = at.own_database();
    database.map(|database| at.is("StorageEncrypted", &database.is_encrypted, false)).into_iter().collect()
}
