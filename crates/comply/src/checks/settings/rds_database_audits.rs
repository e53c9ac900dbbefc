//! A database audits: MariaDB's plug-in, Aurora's advanced auditing, or pgaudit is on.

use std::collections::BTreeMap;

use shoseki_messages::{Message, msg};

use super::{At, Check, Finding, Kind, Severity, Status, sure};
use crate::settings::{Database, Fact, Resource};

pub(in crate::checks) const CHECK: Check =
    Check::settings("rds_database_audits", Severity::High, &[Kind::Database], judge, TERRAFORM);

const TERRAFORM: &str = r#"# RDS for MySQL and MariaDB: the option group of the instance
resource "aws_db_option_group" "NAME" {
  engine_name          = "mysql" # or "mariadb"
  major_engine_version = "8.0"
  option {
    option_name = "MARIADB_AUDIT_PLUGIN"
    option_settings {
      name  = "SERVER_AUDIT_EVENTS"
      value = "CONNECT,QUERY_DDL,QUERY_DCL"
    }
  }
}

# Aurora MySQL: the parameter group of the cluster
resource "aws_rds_cluster_parameter_group" "NAME" {
  family = "aurora-mysql8.0"
  parameter {
    name  = "server_audit_logging"
    value = "1"
  }
  parameter {
    name  = "server_audit_events"
    value = "CONNECT,QUERY_DCL,QUERY_DDL"
  }
}

# PostgreSQL and Aurora PostgreSQL: the parameter group (of an instance: aws_db_parameter_group, family "postgres16")
resource "aws_rds_cluster_parameter_group" "NAME" {
  family = "aurora-postgresql16"
  parameter {
    name         = "shared_preload_libraries"
    value        = "pgaudit"
    apply_method = "pending-reboot"
  }
  parameter {
    name  = "pgaudit.log"
    value = "ddl,role,write"
  }
}"#;

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(database) = at.own_database() else { return Vec::new() };
    let finding = match database.engine.get() {
        Err(why) => at.unknown("Engine", why),
        // It is what it was made of: a snapshot, another database.
        Ok(None) => at.no_evidence(msg!("settings-engine-not-told")),
        Ok(Some(engine)) => match engine.as_str() {
            "mysql" | "mariadb" => by_option(at, database),
            "aurora-mysql" | "aurora" => of_aurora(at, database),
            "postgres" | "aurora-postgresql" => by_parameters(at, database, &|parameters| {
                let is_loaded = |value: &str| value.split(',').any(|one| one.trim() == "pgaudit");
                vec![of(parameters, "shared_preload_libraries", is_loaded), of(parameters, "pgaudit.log", is_audited)]
            }),
            engine => at.no_evidence(msg!("settings-engine-unknown", engine = engine)),
        },
    };
    vec![finding]
}

/// Whether `pgaudit.log` names anything that matters: classes that are added and not taken out again.
fn is_audited(value: &str) -> bool {
    let classes: Vec<String> = value.split(',').map(|one| one.trim().to_ascii_lowercase()).collect();
    let has = |name: &str| classes.iter().any(|one| one == name);
    let names = ["all", "ddl", "role", "write", "read", "function"];
    !has("-all") && names.iter().any(|name| has(name) && !has(&format!("-{name}")))
}

/// Advanced auditing is on, and of something: without events it records nothing. Whom it leaves out is for a person to look at.
fn of_aurora(at: At<'_>, database: &Database) -> Finding {
    let finding = by_parameters(at, database, &|parameters| {
        let is_any = |value: &str| value.split(',').any(|one| !one.trim().is_empty());
        vec![
            of(parameters, "server_audit_logging", |value| matches!(value, "1" | "ON" | "on")),
            of(parameters, "server_audit_events", is_any),
        ]
    });
    let group = database.parameters.known().and_then(|target| at.estate.find(Kind::ParameterGroup, target));
    let parameters = group.and_then(Resource::parameter_group).and_then(|group| group.parameters.known());
    let excluded = parameters.and_then(|all| all.get("server_audit_excl_users"));
    let leaves_out = excluded.is_some_and(|users| users.known().is_none_or(|users| !users.trim().is_empty()));
    if finding.status == Status::Pass && leaves_out { finding.to_review() } else { finding }
}

fn by_option(at: At<'_>, database: &Database) -> Finding {
    const PLUGIN: &str = "MARIADB_AUDIT_PLUGIN";
    let target = match database.options.get() {
        Err(why) => return at.unknown("OptionGroupName", why),
        Ok(None) => return at.fail(msg!("settings-missing", setting = "OptionGroupName")),
        Ok(Some(target)) => target,
    };
    let group = match at.estate.find(Kind::OptionGroup, target).map(sure) {
        Some(Err(why)) => return at.unknown("OptionGroupName", why),
        Some(Ok(found)) => found.option_group(),
        None => None,
    };
    let Some(group) = group else {
        return at.no_evidence(msg!("settings-not-here", what = target.to_string()));
    };
    match group.options.get() {
        Err(why) => at.unknown("Options", why),
        Ok(options) if options.into_iter().flatten().any(|one| one == PLUGIN) => {
            at.pass(msg!("settings-is", setting = "Options", value = PLUGIN))
        }
        Ok(_) => at.fail(msg!("settings-lacks", what = target.to_string(), lacks = PLUGIN)),
    }
}

type Parameters = BTreeMap<String, Fact<String>>;
/// A parameter: whether it is as it should be, and its name.
type Set<'a> = (&'static str, Result<bool, &'a Message>);

fn of<'a>(parameters: &'a Parameters, name: &'static str, is_good: impl Fn(&str) -> bool) -> Set<'a> {
    let value = parameters.get(name).map_or(Ok(None), Fact::get);
    (name, value.map(|value| value.is_some_and(|value| is_good(value))))
}

fn by_parameters(at: At<'_>, database: &Database, asks: &dyn Fn(&Parameters) -> Vec<Set<'_>>) -> Finding {
    let target = match database.parameters.get() {
        Err(why) => return at.unknown("ParameterGroupName", why),
        Ok(None) => return at.fail(msg!("settings-missing", setting = "ParameterGroupName")),
        Ok(Some(target)) => target,
    };
    let group = match at.estate.find(Kind::ParameterGroup, target).map(sure) {
        Some(Err(why)) => return at.unknown("ParameterGroupName", why),
        Some(Ok(found)) => found.parameter_group(),
        None => None,
    };
    let Some(group) = group else {
        return at.no_evidence(msg!("settings-not-here", what = target.to_string()));
    };
    let parameters = match group.parameters.get() {
        Err(why) => return at.unknown("Parameters", why),
        Ok(parameters) => parameters.cloned().unwrap_or_default(),
    };
    let asked = asks(&parameters);
    if let Some((name, _)) = asked.iter().find(|(_, is)| matches!(is, Ok(false))) {
        return at.fail(msg!("settings-lacks", what = target.to_string(), lacks = *name));
    }
    match asked.iter().find_map(|(name, is)| is.err().map(|why| (*name, why))) {
        Some((name, why)) => at.unknown(name, why),
        None => at.pass(msg!(
            "settings-has",
            what = target.to_string(),
            has = asked.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
        )),
    }
}
