//! A database's audit log goes to CloudWatch Logs, out of the reach of who administers it.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("rds_database_exports_audit", Severity::High, &[Kind::Database], judge, TERRAFORM);

const TERRAFORM: &str = r#"enabled_cloudwatch_logs_exports = ["audit"]"#;

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(database) = at.own_database() else { return Vec::new() };
    let engine = match database.engine.get() {
        Err(why) => return vec![at.unknown("Engine", why)],
        Ok(None) => return vec![at.no_evidence(msg!("settings-engine-not-told"))],
        Ok(Some(engine)) => engine.clone(),
    };
    let Some(log) = audit_log(&engine) else {
        return vec![at.no_evidence(msg!("settings-engine-unknown", engine = engine))];
    };
    let finding = match database.exports.get() {
        Err(why) => at.unknown("EnableCloudwatchLogsExports", why),
        Ok(exports) if exports.into_iter().flatten().any(|one| one == log) => {
            at.pass(msg!("settings-exports", log = log))
        }
        Ok(_) => at.fail(msg!("settings-exports-not", log = log)),
    };
    vec![finding]
}

/// The log of an engine that has its audit.
fn audit_log(engine: &str) -> Option<&'static str> {
    match engine {
        "mysql" | "mariadb" | "aurora-mysql" | "aurora" => Some("audit"),
        "postgres" | "aurora-postgresql" => Some("postgresql"),
        _ => None,
    }
}
