//! `database_audit`: RDS and Aurora audit, and export their audit to CloudWatch Logs. Nothing is rebooted: what waits for it is said.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use shoseki_aws::inventory::{Audited, audit_group};
use shoseki_messages::{Message, msg};

use super::Piece;
use crate::found::{Seen, is_on, many, text};
use crate::plan::{Item, Outcome, Plan, State};
use crate::site::Site;

pub(crate) const PIECE: Piece = Piece { name: "database_audit", of };

/// The plug-in of MySQL and MariaDB.
const PLUGIN: &str = "MARIADB_AUDIT_PLUGIN";
/// What they record: who comes, who changes what there is, who reads and writes. PCI DSS 10.2.1.1 asks for every access.
const EVENTS: &str = "CONNECT,QUERY_DCL,QUERY_DDL,QUERY_DML";
/// The option of the plug-in that says so; what it is where nothing is said.
const RECORDED: (&str, &str) = ("SERVER_AUDIT_EVENTS", "CONNECT,QUERY");
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

/// What a group of options says of the plug-in.
#[derive(Debug, PartialEq)]
enum PlugIn<'a> {
    /// There is no such group.
    NoGroup,
    /// The group does not have it.
    Absent,
    /// It is there, with these settings: names and values.
    With(Vec<(&'a str, &'a str)>),
}

impl PlugIn<'_> {
    /// What it records.
    fn records(&self) -> &str {
        match self {
            Self::NoGroup | Self::Absent => "",
            Self::With(settings) => {
                settings.iter().find(|(name, _)| *name == RECORDED.0).map_or(RECORDED.1, |(_, value)| value)
            }
        }
    }

    /// What it becomes, where it is not there or records less than is asked for: the events, and the settings that stay beside them.
    fn becomes(&self) -> Option<(String, Vec<(&str, &str)>)> {
        let Self::With(settings) = self else { return Some((EVENTS.to_owned(), Vec::new())) };
        let kept = settings.iter().copied().filter(|(name, _)| *name != RECORDED.0).collect();
        Some((widened(self.records(), &unrecorded(self.records()))?, kept))
    }
}

fn plug_in<'a>(site: &Site<'a>, place: (&str, &str), group: &str) -> Result<PlugIn<'a>, Message> {
    let value = match site.found.about_in("rds:DescribeOptionGroups", place, group) {
        Seen::Unknown(why) => return Err(why),
        Seen::Absent => return Ok(PlugIn::NoGroup),
        Seen::Is(value) => value,
    };
    let groups = many(&value["OptionGroupsList"]["OptionGroup"]).into_iter();
    let mut options = groups.flat_map(|one| many(&one["Options"]["Option"]));
    let Some(option) = options.find(|option| text(option, "OptionName") == Some(PLUGIN)) else {
        return Ok(PlugIn::Absent);
    };
    // What RDS lets nobody modify, and what is as it is without anybody, is not written back.
    let is_set = |one: &&Value| one.get("IsModifiable").is_none() || is_on(one, "IsModifiable");
    let settings = many(&option["OptionSettings"]["OptionSetting"]).into_iter().filter(is_set);
    Ok(PlugIn::With(settings.filter_map(|one| Some((text(one, "Name")?, text(one, "Value")?))).collect()))
}

/// The events that MariaDB's audit is to record and does not: `QUERY` has all kinds of queries, `QUERY_DML_NO_SELECT` is `QUERY_DML`
/// without what reads.
fn unrecorded(is: &str) -> Vec<&'static str> {
    let is: Vec<String> = is.split(',').map(|one| one.trim().to_ascii_uppercase()).collect();
    let has = |event: &str| {
        is.iter().any(|one| one == event) || event.starts_with("QUERY_") && is.iter().any(|one| one == "QUERY")
    };
    EVENTS.split(',').filter(|event| !has(event)).collect()
}

/// The classes that pgaudit is to log and does not, as it reads its list: from the left, `-` takes away.
fn unlogged(is: &str) -> Vec<&'static str> {
    let wanted = || CLASSES.split(',');
    let mut has: Vec<&str> = Vec::new();
    for one in is.split(',').map(|one| one.trim().to_ascii_lowercase()) {
        match one.as_str() {
            "all" => has = wanted().collect(),
            "none" | "-all" => has.clear(),
            one => match one.strip_prefix('-') {
                Some(less) => has.retain(|class| *class != less),
                None => has.extend(wanted().filter(|class| *class == one)),
            },
        }
    }
    wanted().filter(|class| !has.contains(class)).collect()
}

/// A list with what is missing in it behind it, for what somebody set stays; nothing where nothing is missing.
fn widened(is: &str, missing: &[&str]) -> Option<String> {
    let is = is.trim().trim_end_matches(',');
    let before = (!is.is_empty() && !is.eq_ignore_ascii_case("none")).then_some(is);
    (!missing.is_empty()).then(|| before.into_iter().chain(missing.iter().copied()).collect::<Vec<_>>().join(","))
}

fn by_option(site: &Site<'_>, item: &mut Item, database: &Database<'_>, groups: &mut Groups, modified: &mut Modified) {
    let membership = many(&database.value["OptionGroupMemberships"]["OptionGroupMembership"]);
    let group = membership.into_iter().find_map(|one| text(one, "OptionGroupName")).unwrap_or("default:");
    let is_default = group.starts_with("default:");
    let place = (item.account.clone(), item.region.clone());
    let place = (place.0.as_str(), place.1.as_str());
    match plug_in(site, place, group) {
        Ok(is) if is.becomes().is_none() => {
            return item.says("audit", recorded(format!("{group} {PLUGIN} {}", is.records()), is.records(), EVENTS));
        }
        Err(why) if !is_default => return item.cannot("audit", why),
        Ok(_) | Err(_) => {}
    }
    let version = database.version(2);
    let target = match is_default {
        true => audit_group(&site.wish.name, Audited::Options, database.engine, database.version),
        false => group.to_owned(),
    };
    // The group that is written to is not the one that it has: what is in it must be known, too.
    let there = match plug_in(site, place, &target) {
        Ok(there) => there,
        Err(why) => return item.cannot("audit", why),
    };
    let becomes = there.becomes();
    let events = becomes.as_ref().map_or(there.records(), |(events, _)| events);
    let is = format!("{group} {}", if is_default { "" } else { there.records() });
    item.wants("audit", Some(is.trim()), &format!("{target} {PLUGIN} {events}"));
    let earlier = groups.get(&target).cloned();
    if earlier.is_none()
        && let Some((events, kept)) = &becomes
    {
        groups.insert(target.clone(), item.id());
        if there == PlugIn::NoGroup {
            let input = json!({
                "OptionGroupName": target, "EngineName": database.engine, "MajorEngineVersion": version,
                "OptionGroupDescription": "Audit for shoseki",
            });
            item.calls_of("rds:CreateOptionGroup", &target, input).needed();
        }
        // A setting that is not named could become what it is without anybody.
        let named = std::iter::once((RECORDED.0, events.as_str())).chain(kept.iter().copied());
        let settings: Vec<Value> = named.map(|(name, value)| json!({"Name": name, "Value": value})).collect();
        let option = json!({"OptionName": PLUGIN, "OptionSettings": {"OptionSetting": settings}});
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
        let events = value("server_audit_events");
        missing.extend(widened(events, &unrecorded(events)).map(|events| ("server_audit_events", events, false)));
        return missing;
    }
    let loaded = value("shared_preload_libraries");
    if !loaded.split(',').any(|one| one.trim() == "pgaudit") {
        // What is loaded already stays loaded, also what RDS loads by itself.
        let before = if loaded.trim().is_empty() { LOADED } else { loaded };
        missing.push(("shared_preload_libraries", format!("{before},pgaudit"), true));
    }
    let classes = value("pgaudit.log");
    missing.extend(widened(classes, &unlogged(classes)).map(|classes| ("pgaudit.log", classes, true)));
    missing
}

/// What audits as it should: stricter, where it records more than is asked for.
fn recorded(what: String, is: &str, wanted: &str) -> Outcome {
    let is_asked = |one: &str| wanted.split(',').any(|want| want.eq_ignore_ascii_case(one.trim()));
    match is.split(',').all(is_asked) {
        true => Outcome::Right(what),
        false => Outcome::Stricter(what),
    }
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
        let (name, wanted) = match database.engine {
            "aurora-mysql" => ("server_audit_events", EVENTS),
            _ => ("pgaudit.log", CLASSES),
        };
        let is = set.get(name).copied().unwrap_or_default();
        return item.says("audit", recorded(format!("{group} {name}={is}"), is, wanted));
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
mod tests;
