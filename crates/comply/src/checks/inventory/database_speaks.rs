//! Each database of RDS speaks in an audit log of its engine. What is a member of a cluster speaks by the cluster.

use shoseki_messages::msg;

use super::{Check, Habit, Heard, Kind, Listening, Severity, Speech, Status, namesakes, somewhere};
use crate::inventory::QUERIES;
use crate::settings::{Database, Resource};

pub(in crate::checks) const CHECK: Check =
    Check::inventory("inventory_database_speaks", Severity::High, (&[Kind::Database], QUERIES), judge);

/// Whoever works with it opens a session.
const HABIT: Habit = Habit::steady(7 * 24);

/// The sources of audit logs, and what the engines are called whose logs they read.
const SOURCES: [(&str, &[&str]); 2] = [("mariadb-audit", &["mysql", "mariadb"]), ("pgaudit", &["postgres"])];

fn judge(at: &Listening<'_>) -> Vec<Speech> {
    at.resources(Kind::Database).filter_map(|resource| one(at, resource)).collect()
}

fn one(at: &Listening<'_>, resource: &Resource) -> Option<Speech> {
    let database = resource.database().filter(|database| !database.is_member)?;
    let name = database.name.known()?.as_str();
    let engine = database.engine.known().map_or("", String::as_str);
    let is_read = |(_, engines): &&(&str, &[&str])| engines.iter().any(|one| engine.contains(one));
    let Some((source, _)) = SOURCES.iter().find(is_read) else {
        let what = match engine {
            "" => msg!("settings-unknown", setting = "Engine", why = vec![msg!("settings-unreadable")]),
            engine => msg!("settings-engine-unknown", engine = engine),
        };
        return Some(Speech::of(resource, "", (Status::NoEvidence, what)));
    };
    let names = names(at, name, database);
    let heard = at
        .spoken
        .heard(|stream| stream.source == *source && names.iter().any(|name| is_named(&stream.heard.stream, name)));
    let stream = heard
        .as_ref()
        .map_or_else(|| somewhere(source, &format!("aws/rds/instance/{name}")), |heard| heard.stream.clone());
    let said = said(at, resource, (name, &stream), heard.as_ref());
    Some(Speech::of(resource, stream, said).hearing(heard.as_ref()))
}

fn said(
    at: &Listening<'_>,
    resource: &Resource,
    (name, stream): (&str, &str),
    heard: Option<&Heard>,
) -> (Status, shoseki_messages::Message) {
    match (heard, namesakes(at, Kind::Database, name)) {
        (Some(_), count @ 2..) => (Status::NoEvidence, msg!("inventory-namesakes", count = count, stream = stream)),
        _ => HABIT.judged((stream, heard), resource.created, at.now),
    }
}

/// What its log may be called after: itself, and the instances that are its members.
fn names(at: &Listening<'_>, name: &str, database: &Database) -> Vec<String> {
    let member = |resource: &Resource| {
        let is_its = resource.part_of.as_ref() == database.name.known();
        let one = resource.database().filter(|one| one.is_member && is_its)?;
        one.name.known().cloned()
    };
    std::iter::once(name.to_owned()).chain(at.resources(Kind::Database).filter_map(member)).collect()
}

/// Whether a stream is called after a database: `…/aws/rds/cluster/shop/audit`, `mariadb-audit/<fetcher>/shop/audit`, `pgaudit/shop`.
fn is_named(stream: &str, name: &str) -> bool {
    let parts: Vec<&str> = stream.split('/').collect();
    let by_group = parts.windows(3).any(|three| matches!(three, ["rds", "instance" | "cluster", of] if *of == name));
    let has_group = parts.windows(2).any(|two| two == ["aws", "rds"]);
    by_group || (!has_group && parts.iter().skip(1).any(|part| *part == name))
}
