//! `database_audit`: RDS and Aurora audit, and export their audit to CloudWatch Logs. Nothing is rebooted: what waits for it is said.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shoseki_messages::msg;

use super::Piece;
use crate::found::{Seen, many, text};
use crate::plan::{Item, Outcome, Plan, State};
use crate::site::Site;

pub(crate) const PIECE: Piece = Piece { name: "database_audit", of };

/// The plug-in of MySQL and MariaDB.
const PLUGIN: &str = "MARIADB_AUDIT_PLUGIN";
/// What they record: who comes, who changes what there is, who reads and writes. PCI DSS 10.2.1.1 asks for every access.
const EVENTS: &str = "CONNECT,QUERY_DCL,QUERY_DDL,QUERY_DML";
/// The same of pgaudit.
const CLASSES: &str = "ddl,role,write,read";
/// What RDS loads into PostgreSQL where nothing is said.
const LOADED: &str = "pg_stat_statements";

/// A database: an instance of its own, or a cluster.
struct Database<'a> {
    value: &'a Value,
    name: &'a str,
    engine: &'a str,
    version: &'a str,
    is_cluster: bool,
}

impl Database<'_> {
    /// The first parts of its version: `8.0` of `8.0.35`.
    fn version(&self, parts: usize) -> String {
        self.version.split('.').take(parts).collect::<Vec<_>>().join(".")
    }

    /// The family of its parameters: `postgres16`, `aurora-mysql8.0`.
    fn family(&self) -> String {
        let parts = if self.engine.ends_with("mysql") { 2 } else { 1 };
        format!("{}{}", self.engine, self.version(parts))
    }

    /// What is called to change it, and by which name it is called there.
    fn changed_by(&self) -> (&'static str, &'static str) {
        match self.is_cluster {
            true => ("rds:ModifyDBCluster", "DBClusterIdentifier"),
            false => ("rds:ModifyDBInstance", "DBInstanceIdentifier"),
        }
    }
}

/// Groups that this plan makes or changes, by their names, with the thing that does.
type Groups = BTreeMap<String, String>;

fn of(site: &Site<'_>, plan: &mut Plan) {
    if !site.wish.databases {
        return;
    }
    for (account, region) in site.places {
        let mut groups = Groups::new();
        for (call, list, one, is_cluster) in [
            ("rds:DescribeDBInstances", "DBInstances", "DBInstance", false),
            ("rds:DescribeDBClusters", "DBClusters", "DBCluster", true),
        ] {
            let (pages, unknown) = site.found.lists(call, account, Some(region));
            if let Some(why) = unknown {
                let mut item = Item::new(PIECE.name, region, (account, region), State::There);
                item.cannot(list, why);
                plan.items.push(item);
            }
            for value in pages.iter().flat_map(|page| many(&page[list][one])) {
                let identifier = format!("{one}Identifier");
                let (Some(name), Some(engine)) = (text(value, &identifier), text(value, "Engine")) else { continue };
                // The settings of an instance of a cluster are the cluster's.
                if !is_cluster && text(value, "DBClusterIdentifier").is_some() {
                    continue;
                }
                let version = text(value, "EngineVersion").unwrap_or_default();
                let database = Database { value, name, engine, version, is_cluster };
                plan.items.push(audited(site, (account, region), &database, &mut groups));
            }
        }
    }
}

fn audited(site: &Site<'_>, place: (&str, &str), database: &Database<'_>, groups: &mut Groups) -> Item {
    let mut item = Item::new(PIECE.name, database.name, place, State::There);
    let log = match database.engine {
        "mysql" | "mariadb" => {
            by_option(site, &mut item, database, groups);
            "audit"
        }
        "aurora-mysql" => {
            by_parameters(site, &mut item, database, groups);
            "audit"
        }
        "postgres" | "aurora-postgresql" => {
            by_parameters(site, &mut item, database, groups);
            "postgresql"
        }
        engine => {
            item.cannot("audit", msg!("setup-database-engine", engine = engine));
            return item;
        }
    };
    export(&mut item, database, log);
    item
}

/// The audit log goes to CloudWatch Logs, out of the reach of who administers the database.
fn export(item: &mut Item, database: &Database<'_>, log: &str) {
    let exported = many(&database.value["EnabledCloudwatchLogsExports"]["member"]);
    let is: Vec<&str> = exported.into_iter().filter_map(Value::as_str).collect();
    if is.contains(&log) {
        return item.says("exports", Outcome::Right(is.join(", ")));
    }
    item.says("exports", Outcome::Create(log.to_owned()));
    let (call, identifier) = database.changed_by();
    item.calls(
        call,
        json!({
            identifier: database.name, "ApplyImmediately": true,
            "CloudwatchLogsExportConfiguration": {"EnableLogTypes": {"member": [log]}},
        }),
    );
}

fn by_option(site: &Site<'_>, item: &mut Item, database: &Database<'_>, groups: &mut Groups) {
    let membership = many(&database.value["OptionGroupMemberships"]["OptionGroupMembership"]);
    let group = membership.into_iter().find_map(|one| text(one, "OptionGroupName")).unwrap_or("default:");
    let place = (item.account.clone(), item.region.clone());
    let seen = site.found.about_in("rds:DescribeOptionGroups", (&place.0, &place.1), group);
    let has_plugin = match seen {
        Seen::Unknown(why) if !group.starts_with("default:") => return item.cannot("audit", why),
        Seen::Unknown(_) | Seen::Absent => false,
        Seen::Is(value) => many(&value["OptionGroupsList"]["OptionGroup"])
            .into_iter()
            .flat_map(|one| many(&one["Options"]["Option"]))
            .any(|option| text(option, "OptionName") == Some(PLUGIN)),
    };
    if has_plugin {
        return item.says("audit", Outcome::Right(format!("{group} {PLUGIN}")));
    }
    let version = database.version(2);
    let own = format!("{}-{}-{}-audit", site.wish.name, database.engine, version.replace('.', "-"));
    let (target, is_default) = if group.starts_with("default:") { (own, true) } else { (group.to_owned(), false) };
    item.wants("audit", Some(group), &format!("{target} {PLUGIN}"));
    let earlier = groups.insert(target.clone(), item.id());
    if let Some(earlier) = &earlier {
        groups.insert(target.clone(), earlier.clone());
    } else {
        if is_default {
            let input = json!({
                "OptionGroupName": target, "EngineName": database.engine, "MajorEngineVersion": version,
                "OptionGroupDescription": "Audit for shoseki",
            });
            item.calls_of("rds:CreateOptionGroup", &target, input).needed();
        }
        let events = json!({"Name": "SERVER_AUDIT_EVENTS", "Value": EVENTS});
        let option = json!({"OptionName": PLUGIN, "OptionSettings": {"OptionSetting": [events]}});
        let input = json!({
            "OptionGroupName": target, "ApplyImmediately": true, "OptionsToInclude": {"OptionConfiguration": [option]},
        });
        item.calls_of("rds:ModifyOptionGroup", &target, input).needed();
        item.by_hand.push(msg!("setup-database-volume", database = database.name));
    }
    if is_default {
        let input = json!({"DBInstanceIdentifier": database.name, "OptionGroupName": target, "ApplyImmediately": true});
        item.calls("rds:ModifyDBInstance", input).after(earlier);
    }
}

/// A parameter that is to be: its name, what it becomes, and whether it takes a reboot.
type Parameter = (&'static str, String, bool);

/// The parameters that are missing, of those that somebody set.
fn missing(database: &Database<'_>, is: &BTreeMap<&str, &str>) -> Vec<Parameter> {
    let mut missing = Vec::new();
    let value = |name: &str| is.get(name).copied().unwrap_or_default();
    if database.engine == "aurora-mysql" {
        if !matches!(value("server_audit_logging"), "1" | "ON" | "on") {
            missing.push(("server_audit_logging", "1".to_owned(), false));
        }
        if value("server_audit_events").split(',').all(|one| one.trim().is_empty()) {
            missing.push(("server_audit_events", EVENTS.to_owned(), false));
        }
        return missing;
    }
    let loaded = value("shared_preload_libraries");
    if !loaded.split(',').any(|one| one.trim() == "pgaudit") {
        // What is loaded already stays loaded, also what RDS loads by itself.
        let before = if loaded.trim().is_empty() { LOADED } else { loaded };
        missing.push(("shared_preload_libraries", format!("{before},pgaudit"), true));
    }
    if matches!(value("pgaudit.log").trim(), "" | "none") {
        missing.push(("pgaudit.log", CLASSES.to_owned(), true));
    }
    missing
}

/// How groups of parameters of an instance, or of a cluster, are called and changed.
struct Calls {
    described: &'static str,
    created: &'static str,
    modified: &'static str,
    name: &'static str,
}

const OF_INSTANCES: Calls = Calls {
    described: "rds:DescribeDBParameters",
    created: "rds:CreateDBParameterGroup",
    modified: "rds:ModifyDBParameterGroup",
    name: "DBParameterGroupName",
};
const OF_CLUSTERS: Calls = Calls {
    described: "rds:DescribeDBClusterParameters",
    created: "rds:CreateDBClusterParameterGroup",
    modified: "rds:ModifyDBClusterParameterGroup",
    name: "DBClusterParameterGroupName",
};

fn by_parameters(site: &Site<'_>, item: &mut Item, database: &Database<'_>, groups: &mut Groups) {
    let calls = if database.is_cluster { &OF_CLUSTERS } else { &OF_INSTANCES };
    let of_instance = many(&database.value["DBParameterGroups"]["DBParameterGroup"]);
    let group = match database.is_cluster {
        true => text(database.value, "DBClusterParameterGroup"),
        false => of_instance.iter().find_map(|one| text(one, "DBParameterGroupName")),
    };
    let group = group.unwrap_or("default.");
    let is_default = group.starts_with("default.");
    let (pages, unknown) = site.found.pages_in(calls.described, (&item.account, &item.region), group);
    if let Some(why) = unknown.filter(|_| !is_default) {
        return item.cannot("audit", why);
    }
    let all = pages.iter().flat_map(|page| many(&page["Parameters"]["Parameter"]));
    let is: BTreeMap<&str, &str> =
        all.filter_map(|one| Some((text(one, "ParameterName")?, text(one, "ParameterValue")?))).collect();
    let missing = missing(database, &is);
    if waits_for_reboot(database) {
        item.cannot("reboot", msg!("setup-database-reboot", database = database.name));
    }
    if missing.is_empty() {
        return item.says("audit", Outcome::Right(group.to_owned()));
    }
    let family = database.family();
    let own = format!("{}-{}-audit", site.wish.name, family.replace('.', "-"));
    let target = if is_default { own } else { group.to_owned() };
    let named: Vec<String> = missing.iter().map(|(name, value, _)| format!("{name}={value}")).collect();
    item.wants("audit", Some(group), &format!("{target} {}", named.join(" ")));
    let earlier = groups.get(&target).cloned();
    if earlier.is_none() {
        groups.insert(target.clone(), item.id());
        if is_default {
            let input =
                json!({calls.name: target, "DBParameterGroupFamily": family, "Description": "Audit for shoseki"});
            item.calls_of(calls.created, &target, input).needed();
        }
        let one = |(name, value, takes_reboot): &Parameter| {
            let method = if *takes_reboot { "pending-reboot" } else { "immediate" };
            json!({"ParameterName": name, "ParameterValue": value, "ApplyMethod": method})
        };
        let parameters: Vec<Value> = missing.iter().map(one).collect();
        item.calls_of(calls.modified, &target, json!({calls.name: target, "Parameters": {"Parameter": parameters}}))
            .needed();
        item.by_hand.push(msg!("setup-database-volume", database = database.name));
    }
    if is_default {
        let (call, identifier) = database.changed_by();
        let input = json!({identifier: database.name, calls.name: target, "ApplyImmediately": true});
        item.calls(call, input).after(earlier);
    }
    if is_default || missing.iter().any(|(_, _, takes_reboot)| *takes_reboot) {
        item.by_hand.push(msg!("setup-database-will-reboot", database = database.name));
    }
    if database.engine.ends_with("postgres") || database.engine.ends_with("postgresql") {
        item.by_hand.push(msg!("setup-database-extension", database = database.name));
    }
}

/// Whether RDS says that what was changed waits for a reboot.
fn waits_for_reboot(database: &Database<'_>) -> bool {
    let (list, one, status) = match database.is_cluster {
        true => ("DBClusterMembers", "DBClusterMember", "DBClusterParameterGroupStatus"),
        false => ("DBParameterGroups", "DBParameterGroup", "ParameterApplyStatus"),
    };
    many(&database.value[list][one]).into_iter().any(|one| text(one, status) == Some("pending-reboot"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database<'a>(value: &'a Value, engine: &'a str, version: &'a str) -> Database<'a> {
        Database { value, name: "orders", engine, version, is_cluster: engine.starts_with("aurora") }
    }

    #[test]
    fn a_family_is_the_engine_with_the_version_that_counts() {
        for (engine, version, family) in [
            ("postgres", "16.3", "postgres16"),
            ("aurora-postgresql", "15.4", "aurora-postgresql15"),
            ("aurora-mysql", "8.0.mysql_aurora.3.04.0", "aurora-mysql8.0"),
        ] {
            assert_eq!(database(&Value::Null, engine, version).family(), family);
        }
        assert_eq!(database(&Value::Null, "mariadb", "10.11.6").version(2), "10.11");
    }

    #[test]
    fn what_is_loaded_stays_loaded_and_what_audits_is_left_as_it_is() {
        let missing = |engine: &str, is: &[(&'static str, &'static str)]| {
            missing(&database(&Value::Null, engine, "16"), &is.iter().copied().collect())
        };
        let of = |name, value: &str, takes_reboot| (name, value.to_owned(), takes_reboot);
        assert_eq!(
            missing("postgres", &[]),
            [
                of("shared_preload_libraries", "pg_stat_statements,pgaudit", true),
                of("pgaudit.log", "ddl,role,write,read", true)
            ]
        );
        assert_eq!(
            missing("postgres", &[("shared_preload_libraries", "pg_cron"), ("pgaudit.log", "ddl")]),
            [of("shared_preload_libraries", "pg_cron,pgaudit", true)]
        );
        assert_eq!(missing("postgres", &[("shared_preload_libraries", "a, pgaudit"), ("pgaudit.log", "all")]), []);
        assert_eq!(
            missing("aurora-mysql", &[("server_audit_events", "CONNECT")]),
            [of("server_audit_logging", "1", false)]
        );
    }
}
