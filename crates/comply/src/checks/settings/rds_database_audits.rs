//! A database audits: MariaDB's plug-in, Aurora's advanced auditing, or pgaudit is on.

use std::collections::BTreeMap;

use shoseki_messages::{Message, msg};

use super::{At, Check, Finding, Kind, Severity};
use crate::settings::{Database, Fact, Resource};

pub(in crate::checks) const CHECK: Check =
    Check::settings("rds_database_audits", Severity::High, &[Kind::Database], judge, TERRAFORM);

const TERRAFORM: &str = r#"resource "aws_rds_cluster_parameter_group" "NAME" {
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
        Ok(engine) => match engine.map_or("", String::as_str) {
            "mysql" | "mariadb" => by_option(at, database),
            "aurora-mysql" | "aurora" => by_parameters(at, database, &|parameters| {
                vec![of(parameters, "server_audit_logging", |value| matches!(value, "1" | "ON" | "on"))]
            }),
            "postgres" | "aurora-postgresql" => by_parameters(at, database, &|parameters| {
                let is_loaded = |value: &str| value.split(',').any(|one| one.trim() == "pgaudit");
                let is_logged = |value: &str| !matches!(value.trim(), "" | "none");
                vec![of(parameters, "shared_preload_libraries", is_loaded), of(parameters, "pgaudit.log", is_logged)]
            }),
            engine => at.not_applicable(msg!("settings-engine-unknown", engine = engine)),
        },
    };
    vec![finding]
}

fn by_option(at: At<'_>, database: &Database) -> Finding {
    const PLUGIN: &str = "MARIADB_AUDIT_PLUGIN";
    let target = match database.options.get() {
        Err(why) => return at.unknown("OptionGroupName", why),
        Ok(None) => return at.fail(msg!("settings-missing", setting = "OptionGroupName")),
        Ok(Some(target)) => target,
    };
    let Some(group) = at.estate.find(Kind::OptionGroup, target).and_then(Resource::option_group) else {
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
    let Some(group) = at.estate.find(Kind::ParameterGroup, target).and_then(Resource::parameter_group) else {
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
