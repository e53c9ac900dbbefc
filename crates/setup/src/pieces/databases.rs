//! `database_audit`: RDS and Aurora audit, and export their audit to CloudWatch Logs. Nothing is rebooted: what waits for it is said.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use shoseki_aws::inventory::{Audited, audit_group};
use shoseki_messages::{Message, msg};

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
        shoseki_aws::inventory::family(self.engine, self.version)
    }

    /// Why it cannot be modified now: RDS is at it, or something waits that would be done with what is asked for.
    fn waits_for(&self) -> Option<Message> {
        let status = text(self.value, if self.is_cluster { "Status" } else { "DBInstanceStatus" });
        if let Some(status) = status.filter(|status| *status != "available") {
            return Some(msg!("setup-database-busy", database = self.name, status = status));
        }
        let pending = self.value["PendingModifiedValues"].as_object().filter(|all| !all.is_empty())?;
        let pending = pending.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        Some(msg!("setup-database-pending", database = self.name, pending = pending))
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

/// What is changed of a database itself, in one call: a second one right after it would meet a database that is being modified.
#[derive(Default)]
struct Modified {
    input: Map<String, Value>,
    /// What must be there before.
    needs: Option<String>,
}

fn audited(site: &Site<'_>, place: (&str, &str), database: &Database<'_>, groups: &mut Groups) -> Item {
    let mut item = Item::new(PIECE.name, database.name, place, State::There);
    let (before, mut modified) = (groups.clone(), Modified::default());
    let log = match database.engine {
        // A cluster of these has no group of options, and no call of an instance is about it.
        "mysql" | "mariadb" if database.is_cluster => {
            item.cannot("audit", msg!("setup-database-cluster", engine = database.engine));
            return item;
        }
        "mysql" | "mariadb" => {
            by_option(site, &mut item, database, groups, &mut modified);
            "audit"
        }
        "aurora-mysql" => {
            by_parameters(site, &mut item, database, groups, &mut modified);
            "audit"
        }
        "postgres" | "aurora-postgresql" => {
            by_parameters(site, &mut item, database, groups, &mut modified);
            "postgresql"
        }
        engine => {
            item.cannot("audit", msg!("setup-database-engine", engine = engine));
            return item;
        }
    };
    export(&mut item, database, log, &mut modified);
    if !modified.input.is_empty() {
        // At once is for all that waits for the maintenance window, too: a change of class, of version.
        if let Some(why) = database.waits_for() {
            *groups = before;
            let mut item = Item::new(PIECE.name, database.name, place, State::There);
            item.cannot("audit", why);
            return item;
        }
        let (call, identifier) = database.changed_by();
        modified.input.insert(identifier.to_owned(), json!(database.name));
        modified.input.insert("ApplyImmediately".to_owned(), json!(true));
        item.calls(call, Value::Object(modified.input)).after(modified.needs);
    }
    item
}

/// The audit log goes to CloudWatch Logs, out of the reach of who administers the database.
fn export(item: &mut Item, database: &Database<'_>, log: &str, modified: &mut Modified) {
    let exported = many(&database.value["EnabledCloudwatchLogsExports"]["member"]);
    let is: Vec<&str> = exported.into_iter().filter_map(Value::as_str).collect();
    if is.contains(&log) {
        return item.says("exports", Outcome::Right(is.join(", ")));
    }
    item.says("exports", Outcome::Create(log.to_owned()));
    let logs = json!({"EnableLogTypes": {"member": [log]}});
    modified.input.insert("CloudwatchLogsExportConfiguration".to_owned(), logs);
}

/// What a group of options says of the plug-in: nothing where there is no such group.
fn has_plugin(site: &Site<'_>, place: (&str, &str), group: &str) -> Result<Option<bool>, Message> {
    match site.found.about_in("rds:DescribeOptionGroups", place, group) {
        Seen::Unknown(why) => Err(why),
        Seen::Absent => Ok(None),
        Seen::Is(value) => Ok(Some(
            many(&value["OptionGroupsList"]["OptionGroup"])
                .into_iter()
                .flat_map(|one| many(&one["Options"]["Option"]))
                .any(|option| text(option, "OptionName") == Some(PLUGIN)),
        )),
    }
}

fn by_option(site: &Site<'_>, item: &mut Item, database: &Database<'_>, groups: &mut Groups, modified: &mut Modified) {
    let membership = many(&database.value["OptionGroupMemberships"]["OptionGroupMembership"]);
    let group = membership.into_iter().find_map(|one| text(one, "OptionGroupName")).unwrap_or("default:");
    let is_default = group.starts_with("default:");
    let place = (item.account.clone(), item.region.clone());
    let place = (place.0.as_str(), place.1.as_str());
    match has_plugin(site, place, group) {
        Ok(Some(true)) => return item.says("audit", Outcome::Right(format!("{group} {PLUGIN}"))),
        Err(why) if !is_default => return item.cannot("audit", why),
        Ok(_) | Err(_) => {}
    }
    let version = database.version(2);
    let target = match is_default {
        true => audit_group(&site.wish.name, Audited::Options, database.engine, database.version),
        false => group.to_owned(),
    };
    // The group that is written to is not the one that it has: what is in it must be known, too.
    let there = match has_plugin(site, place, &target) {
        Ok(there) => there,
        Err(why) => return item.cannot("audit", why),
    };
    item.wants("audit", Some(group), &format!("{target} {PLUGIN}"));
    let earlier = groups.get(&target).cloned();
    if earlier.is_none() && there != Some(true) {
        groups.insert(target.clone(), item.id());
        if there.is_none() {
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
        modified.input.insert("OptionGroupName".to_owned(), json!(target));
        modified.needs = earlier;
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

/// What somebody set in a group of parameters: nothing where there is no such group.
fn parameters<'a>(
    site: &Site<'a>,
    calls: &Calls,
    place: (&str, &str),
    group: &str,
) -> Result<Option<BTreeMap<&'a str, &'a str>>, Message> {
    let (pages, unknown) = site.found.pages_in(calls.described, place, group);
    if let Some(why) = unknown {
        return Err(why);
    }
    let all = pages.iter().flat_map(|page| many(&page["Parameters"]["Parameter"]));
    let set = all.filter_map(|one| Some((text(one, "ParameterName")?, text(one, "ParameterValue")?))).collect();
    Ok((!pages.is_empty()).then_some(set))
}

fn by_parameters(
    site: &Site<'_>,
    item: &mut Item,
    database: &Database<'_>,
    groups: &mut Groups,
    modified: &mut Modified,
) {
    let calls = if database.is_cluster { &OF_CLUSTERS } else { &OF_INSTANCES };
    let of_instance = many(&database.value["DBParameterGroups"]["DBParameterGroup"]);
    let group = match database.is_cluster {
        true => text(database.value, "DBClusterParameterGroup"),
        false => of_instance.iter().find_map(|one| text(one, "DBParameterGroupName")),
    };
    let group = group.unwrap_or("default.");
    let is_default = group.starts_with("default.");
    let kind = if database.is_cluster { Audited::ClusterParameters } else { Audited::Parameters };
    // What is in the group that is written to must be known: others may have it already, with what they set in it.
    let target = match is_default {
        true => audit_group(&site.wish.name, kind, database.engine, database.version),
        false => group.to_owned(),
    };
    let place = (item.account.clone(), item.region.clone());
    let there = match parameters(site, calls, (&place.0, &place.1), &target) {
        Ok(there) => there,
        Err(why) => return item.cannot("audit", why),
    };
    let is_there = there.is_some();
    let set = there.unwrap_or_default();
    let missing = missing(database, &set);
    if waits_for_reboot(database) {
        item.cannot("reboot", msg!("setup-database-reboot", database = database.name));
    }
    if missing.is_empty() && !is_default {
        return item.says("audit", Outcome::Right(group.to_owned()));
    }
    // All that a group brings with it is shown, not only what is missing in it.
    let mut named: BTreeMap<&str, &str> = set;
    named.extend(missing.iter().map(|(name, value, _)| (*name, value.as_str())));
    let named: Vec<String> = named.iter().map(|(name, value)| format!("{name}={value}")).collect();
    item.wants("audit", Some(group), &format!("{target} {}", named.join(" ")));
    let earlier = groups.get(&target).cloned();
    if earlier.is_none() && !missing.is_empty() {
        groups.insert(target.clone(), item.id());
        if !is_there {
            let family = database.family();
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
        modified.input.insert(calls.name.to_owned(), json!(target));
        modified.needs = earlier;
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
    use shoseki_aws::inventory::{Answer, CALLS, Said};

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

    /// Answers of an account with these groups: a text is a parameter group's values, nothing a group that is not there.
    fn planned(database: Value, groups: Vec<(&str, &'static str, Said)>) -> Plan {
        let list = Said::Answer(json!({"DBInstances": {"DBInstance": [database]}}));
        let clusters = Said::Answer(json!({"DBClusters": ""}));
        let answer = |call: &str, of: Option<&str>, said: Said| Answer {
            call: CALLS.iter().find(|one| one.name() == call).unwrap(),
            account: "1".to_owned(),
            region: "r".to_owned(),
            of: of.map(str::to_owned),
            time: shoseki_event::Timestamp::now(),
            said,
        };
        let mut answers =
            vec![answer("rds:DescribeDBInstances", None, list), answer("rds:DescribeDBClusters", None, clusters)];
        answers.extend(groups.into_iter().map(|(of, call, said)| answer(call, Some(of), said)));
        let (wish, accounts) = (crate::Setup::default(), ["1".to_owned()]);
        let places = [("1".to_owned(), "r".to_owned())].into();
        let found = crate::found::Found::of(&answers);
        let site = Site::of(&wish, &accounts, &places, &found);
        let mut plan = Plan::default();
        of(&site, &mut plan);
        plan
    }

    fn two() -> Value {
        json!({"DBInstanceIdentifier": "two", "Engine": "postgres", "EngineVersion": "16.3", "DBInstanceStatus": "available",
            "DBParameterGroups": {"DBParameterGroup": {"DBParameterGroupName": "default.postgres16"}}})
    }

    fn set(all: &[(&str, &str)]) -> Said {
        let one = |(name, value): &(&str, &str)| json!({"ParameterName": name, "ParameterValue": value});
        Said::Answer(json!({"Parameters": {"Parameter": all.iter().map(one).collect::<Vec<_>>()}}))
    }

    fn calls(plan: &Plan) -> Vec<&'static str> {
        plan.items.iter().flat_map(|item| &item.steps).map(|step| step.change.kind.operation).collect()
    }

    const PARAMETERS: &str = "rds:DescribeDBParameters";
    const OURS: &str = "shoseki-postgres16-audit";

    #[test]
    fn a_group_of_our_name_that_is_there_is_read_and_what_somebody_set_in_it_stays() {
        let plan = planned(two(), vec![(OURS, PARAMETERS, Said::Absent(String::new()))]);
        assert_eq!(calls(&plan), ["CreateDBParameterGroup", "ModifyDBParameterGroup", "ModifyDBInstance"]);
        let libraries = "pg_stat_statements,pgaudit,pg_cron";
        let there = [("shared_preload_libraries", libraries), ("pgaudit.log", "all")];
        let plan = planned(two(), vec![(OURS, PARAMETERS, set(&there))]);
        assert_eq!(calls(&plan), ["ModifyDBInstance"]);
        assert!(format!("{:?}", plan.items[0].settings).contains(libraries), "{plan:?}");
        let plan = planned(two(), vec![(OURS, PARAMETERS, set(&there[..1]))]);
        assert_eq!(calls(&plan), ["ModifyDBParameterGroup", "ModifyDBInstance"]);
        let written = plan.items[0].steps[0].change.input.to_string();
        assert!(written.contains("pgaudit.log") && !written.contains("shared_preload"), "{written}");
        // What is not known is not written over.
        let plan = planned(two(), Vec::new());
        assert_eq!((calls(&plan), plan.is_blocked()), (vec!["ModifyDBInstance"], true));
        assert!(!plan.items[0].steps[0].change.input.to_string().contains("ParameterGroup"), "{plan:?}");
    }

    #[test]
    fn what_waits_for_the_window_is_not_brought_at_once_and_a_database_is_modified_in_one_call() {
        let absent = || vec![(OURS, PARAMETERS, Said::Absent(String::new()))];
        let plan = planned(two(), absent());
        let modified = &plan.items[0].steps[2].change.input;
        assert_eq!(modified["CloudwatchLogsExportConfiguration"]["EnableLogTypes"]["member"], json!(["postgresql"]));
        assert_eq!(modified["DBParameterGroupName"], OURS);
        for (name, value) in [
            ("PendingModifiedValues", json!({"DBInstanceClass": "db.r6g.large"})),
            ("DBInstanceStatus", json!("modifying")),
        ] {
            let mut database = two();
            database[name] = value;
            let plan = planned(database, absent());
            assert_eq!((calls(&plan), plan.is_blocked()), (Vec::new(), true), "{name}");
        }
        let mut empty = two();
        empty["PendingModifiedValues"] = json!("");
        assert_eq!(calls(&planned(empty, absent())).len(), 3);
    }

    #[test]
    fn a_group_of_options_of_our_name_keeps_its_plug_in() {
        let database = json!({"DBInstanceIdentifier": "m", "Engine": "mysql", "EngineVersion": "8.0.35"});
        let (name, call) = ("shoseki-mysql-8-0-audit", "rds:DescribeOptionGroups");
        let option = json!({"OptionName": PLUGIN});
        let there = Said::Answer(json!({"OptionGroupsList": {"OptionGroup": {"Options": {"Option": option}}}}));
        assert_eq!(calls(&planned(database.clone(), vec![(name, call, there)])), ["ModifyDBInstance"]);
        let made = planned(database, vec![(name, call, Said::Absent(String::new()))]);
        assert_eq!(calls(&made), ["CreateOptionGroup", "ModifyOptionGroup", "ModifyDBInstance"]);
    }
}
