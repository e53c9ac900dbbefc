//! Resources of which the API and AWS Config tell the same members, though they spell them differently: all is read without case.

use std::collections::BTreeMap;

use shoseki_event::Timestamp;

use crate::settings::{
    Channel, Cluster, Database, Detector, Fact, Key, LogGroup, OptionGroup, ParameterGroup, Recorder, Resource, Target,
    Trail, Value,
};

/// A value whose names are lower case; an empty text is nothing, for that is what XML has where nothing is set.
pub(super) fn plain(value: &Value) -> Value {
    match value {
        Value::Text(text) if text.is_empty() => Value::Null,
        Value::List(all) => Value::List(all.iter().map(plain).collect()),
        Value::Map(all) => {
            Value::Map(all.iter().map(|(name, value)| (name.to_ascii_lowercase(), plain(value))).collect())
        }
        other => other.clone(),
    }
}

/// The entries of a list, which XML has in elements of a name within another one.
pub(super) fn entries<'v>(value: &'v Value, item: &str) -> &'v [Value] {
    match value {
        Value::Map(all) => all.get(item).map_or(std::slice::from_ref(value), Value::entries),
        other => other.entries(),
    }
}

/// Texts of such a list.
fn texts(value: &Value, item: &str) -> Fact<Vec<String>> {
    match value {
        Value::Map(all) => all.get(item).map_or(Fact::Absent, Value::to_texts),
        other => other.to_texts(),
    }
}

/// A time: seconds since 1970 in JSON of the API, else a text.
pub(super) fn moment(value: &Value) -> Option<Timestamp> {
    match value {
        // Seconds that are no time of this era come to nothing.
        Value::Number(seconds) if (0.0..1e11).contains(seconds) => Some(Timestamp((seconds * 1e6) as i64)),
        Value::Text(text) => Timestamp::parse(text).ok(),
        _ => None,
    }
}

/// A database with since when it is there, and what it is a member of.
pub(super) fn made(mut resource: Resource, value: &Value) -> Resource {
    resource.created = moment(value.any(&["instancecreatetime", "clustercreatetime"]));
    resource.part_of = match resource.database().is_some_and(|database| database.is_member) {
        true => value.at("dbclusteridentifier").to_text().known().cloned(),
        false => None,
    };
    resource
}

/// A trail, without what it selects and whether it logs.
pub(super) fn trail(value: &Value) -> Trail {
    Trail {
        name: value.at("name").to_text(),
        bucket: value.at("s3bucketname").to_target(),
        key: value.at("kmskeyid").to_target(),
        log_group: value.at("cloudwatchlogsloggrouparn").to_target(),
        is_multi_region: value.at("ismultiregiontrail").is(),
        has_global_services: value.at("includeglobalserviceevents").is(),
        validates_files: value.at("logfilevalidationenabled").is(),
        ..Trail::default()
    }
}

/// A recorder, without whether it is on.
pub(super) fn recorder(value: &Value) -> Recorder {
    let group = value.at("recordinggroup");
    let strategy = group.at("recordingstrategy").at("useonly").to_text();
    Recorder {
        name: value.at("name").to_text(),
        is_all: Recorder::takes_all(group.at("allsupported").is(), &strategy),
        has_global: group.at("includeglobalresourcetypes").is(),
        is_recording: value.at("recording").is(),
    }
}

/// A delivery channel.
pub(super) fn channel(value: &Value) -> Channel {
    Channel { name: value.at("name").to_text(), bucket: value.at("s3bucketname").to_target() }
}

/// A log group.
pub(super) fn log_group(value: &Value) -> LogGroup {
    LogGroup {
        name: value.at("loggroupname").to_text(),
        retention: value.at("retentionindays").to_number(),
        key: value.at("kmskeyid").to_target(),
    }
}

/// A detector: `ENABLED` in the API, `Enable` in AWS Config.
pub(super) fn detector(value: &Value) -> Detector {
    let by_status = value.at("status").is_word("ENABLED");
    Detector { is_enabled: if by_status.is_absent() { value.at("enable").is() } else { by_status } }
}

/// A key, without its rotation and its policy.
pub(super) fn key(value: &Value) -> Key {
    let state = value.at("keystate").to_text();
    Key {
        spec: value.any(&["keyspec", "customermasterkeyspec"]).to_text(),
        is_pending_deletion: state
            .map(|state| state.starts_with("PendingDeletion") || state == "PendingReplicaDeletion"),
        is_enabled: value.at("enabled").is(),
        ..Key::default()
    }
}

/// A cluster.
pub(super) fn cluster(value: &Value) -> Cluster {
    let access = value.at("resourcesvpcconfig");
    let encryption = value.at("encryptionconfig");
    let encrypts = encryption.list().map(|all| {
        all.iter()
            .any(|one| one.at("resources").to_texts().known().is_some_and(|all| all.iter().any(|one| one == "secrets")))
    });
    Cluster {
        name: value.at("name").to_text(),
        log_types: log_types(value.at("logging").at("clusterlogging")),
        encrypts_secrets: encrypts,
        is_public: access.at("endpointpublicaccess").is(),
        public_from: access.at("publicaccesscidrs").to_texts(),
    }
}

/// The types that are on: `[{"types": […], "enabled": true}, …]` in the API, `{"EnabledTypes": [{"Type": …}]}` in AWS Config.
fn log_types(logging: &Value) -> Fact<Vec<String>> {
    let by_type = |one: &Value| one.at("type").to_text().known().cloned();
    match logging {
        Value::Map(all) if all.contains_key("enabledtypes") => {
            logging.at("enabledtypes").list().map(|all| all.iter().filter_map(by_type).collect())
        }
        logging => logging.list().map(|all| {
            let on = all.iter().filter(|one| one.at("enabled").is() == Fact::Known(true));
            on.flat_map(|one| one.at("types").to_texts().known().cloned().unwrap_or_default()).collect()
        }),
    }
}

/// Where a resource is: parts of RDS are called by names that are theirs in one region of one account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'p> {
    pub(super) account: &'p str,
    pub(super) region: &'p str,
}

impl Place<'_> {
    /// A group as an ARN: `pg` of parameters, `cluster-pg` of a cluster's, `og` of options.
    pub(super) fn group(&self, kind: &str, name: &str) -> String {
        format!("arn:aws:rds:{}:{}:{kind}:{name}", self.region, self.account)
    }

    fn target(&self, kind: &str, name: &Value) -> Fact<Target> {
        name.to_text().map(|name| Target(self.group(kind, &name)))
    }
}

/// An instance of RDS.
pub(super) fn instance(at: Place<'_>, value: &Value) -> Database {
    let first = |list: &str, item: &str, name: &str, kind: &str| {
        let group = entries(value.at(list), item).first();
        group.map_or(Fact::Absent, |group| at.target(kind, group.at(name)))
    };
    Database {
        name: value.at("dbinstanceidentifier").to_text(),
        is_member: !value.at("dbclusteridentifier").is_null(),
        parameters: first("dbparametergroups", "dbparametergroup", "dbparametergroupname", "pg"),
        options: first("optiongroupmemberships", "optiongroupmembership", "optiongroupname", "og"),
        ..database(value)
    }
}

/// A cluster of databases.
pub(super) fn database_cluster(at: Place<'_>, value: &Value) -> Database {
    Database {
        name: value.at("dbclusteridentifier").to_text(),
        parameters: at.target("cluster-pg", value.at("dbclusterparametergroup")),
        ..database(value)
    }
}

fn database(value: &Value) -> Database {
    Database {
        engine: value.at("engine").to_text(),
        exports: texts(value.at("enabledcloudwatchlogsexports"), "member"),
        is_encrypted: value.at("storageencrypted").is(),
        is_protected: value.at("deletionprotection").is(),
        ..Database::default()
    }
}

/// A parameter group, of the pages on which its parameters stand.
pub(super) fn parameters(name: &str, pages: &[Value]) -> ParameterGroup {
    let mut all = BTreeMap::new();
    for one in pages.iter().flat_map(|page| entries(page.at("parameters"), "parameter")) {
        if let Some(name) = one.at("parametername").to_text().known() {
            all.insert(name.clone(), one.at("parametervalue").to_text());
        }
    }
    ParameterGroup { name: Fact::Known(name.to_owned()), parameters: Fact::Known(all) }
}

/// An option group.
pub(super) fn option_group(value: &Value) -> OptionGroup {
    let options = [entries(value.at("options"), "option"), value.at("optionconfigurations").entries()].concat();
    let names = options.iter().filter_map(|one| one.at("optionname").to_text().known().cloned());
    OptionGroup { name: value.at("optiongroupname").to_text(), options: Fact::Known(names.collect()) }
}
