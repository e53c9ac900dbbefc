//! Items of AWS Config as resources, as of a moment: of each resource the newest item before it; what was deleted is gone.
//!
//! ```text
//! {"resourceType":"AWS::S3::Bucket","resourceId":"shop-logs","configurationItemStatus":"OK","configuration":{…},
//!  "supplementaryConfiguration":{"BucketVersioningConfiguration":{"status":"Enabled","isMfaDeleteEnabled":null},…},…}
//! ```
//!
//! What Config does not record (whether a trail logs, parameter groups, log groups, the documents of some policies) is unknown.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use shoseki_event::Timestamp;
use shoseki_messages::msg;

use super::read::{self, Place, plain};
use super::{Looked, Unseen, buckets, identities};
use crate::checks::{Hides, Status};
use crate::settings::{Channel, Fact, Facts, Key, Kind, Origin, Policy, Resource, Selectors, Trail, Value};

/// The types that are read, and what each is.
const TYPES: [(&str, Kind); 12] = [
    ("AWS::CloudTrail::Trail", Kind::Trail),
    ("AWS::Config::ConfigurationRecorder", Kind::Recorder),
    ("AWS::GuardDuty::Detector", Kind::Detector),
    ("AWS::S3::Bucket", Kind::Bucket),
    ("AWS::KMS::Key", Kind::Key),
    ("AWS::EKS::Cluster", Kind::Cluster),
    ("AWS::RDS::DBInstance", Kind::Database),
    ("AWS::RDS::DBCluster", Kind::Database),
    ("AWS::RDS::OptionGroup", Kind::OptionGroup),
    ("AWS::IAM::Policy", Kind::IamPolicy),
    ("AWS::IAM::Role", Kind::IamRole),
    ("AWS::IAM::User", Kind::IamUser),
];

const CONFIG: &str = "AWS Config";

type Name = (String, String, String, String);

/// The newest item of each resource.
#[derive(Clone, Debug, Default)]
pub struct Newest(BTreeMap<Name, Item>);

#[derive(Clone, Debug)]
struct Item {
    record: String,
    at: (Timestamp, String),
    value: Value,
}

impl Newest {
    /// Takes an item or a notification of one, by its record; what is neither, and what is older than what is here, is passed over.
    pub fn add(&mut self, record: &str, time: Timestamp, raw: &[u8]) {
        let Ok(json) = serde_json::from_slice::<Json>(raw) else { return };
        // A notification has the item in it; of one that is too large, a summary.
        let within = ["configurationItem", "configurationItemSummary"].iter().find_map(|name| json.get(name));
        let item = within.unwrap_or(&json);
        let text =
            |names: [&str; 2]| names.iter().find_map(|name| item.get(name)).and_then(Json::as_str).unwrap_or_default();
        let kind = text(["resourceType", ""]);
        if !TYPES.iter().any(|(name, _)| *name == kind) {
            return;
        }
        let name = (
            kind.to_owned(),
            text(["resourceId", ""]).to_owned(),
            text(["awsAccountId", "accountId"]).to_owned(),
            text(["awsRegion", ""]).to_owned(),
        );
        let state = item.get("configurationStateId").map(ToString::to_string).unwrap_or_default();
        let at = (time, state);
        if self.0.get(&name).is_none_or(|known| known.at <= at) {
            self.0.insert(name, Item { record: record.to_owned(), at, value: Value::from_json(item) });
        }
    }

    /// Of how many resources there is an item.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What was there by these items.
pub fn looked(newest: &Newest) -> Looked {
    let (mut resources, mut unseen) = (Vec::new(), Vec::new());
    for ((kind, id, account, region), item) in &newest.0 {
        let Some((_, of)) = TYPES.iter().find(|(name, _)| name == kind) else { continue };
        let status = item.value.at("configurationItemStatus").to_text();
        let status = status.known().map_or("", String::as_str);
        if status.starts_with("ResourceDeleted") {
            continue;
        }
        let origin = Origin::Item { record: item.record.clone() };
        let configuration = opened(item.value.at("configuration"));
        let broken = configuration.unknown();
        if status == "ResourceNotRecorded" || configuration.is_null() || broken.is_some() {
            let (kinds, why) = (vec![*of], broken.unwrap_or_else(|| msg!("settings-item-empty")));
            let (subject, hides) = (id.clone(), Hides::Place(format!("{account} {region}")));
            unseen.push(Unseen { kinds, is_of_evidence: false, subject, why, origin, hides });
            continue;
        }
        let at = resources.len();
        if *of == Kind::Recorder {
            // A recorder needs a channel, which Config has no item of: where it delivers to is not known.
            let channel = Channel { bucket: not_recorded("config:DescribeDeliveryChannels"), ..Channel::default() };
            resources.push(Resource::new(format!("{id}/channel"), origin.clone(), channel));
        }
        resource(*of, kind, (id, item, &configuration, origin), Place { account, region }, &mut resources);
        for one in &mut resources[at..] {
            one.account = Some(account.clone());
            one.region = Some(region.clone());
            let created = read::moment(item.value.at("resourceCreationTime"));
            one.created = one.created.or(created);
        }
    }
    // Of log groups Config has no items.
    let (kinds, why) = (vec![Kind::LogGroup], msg!("settings-not-recorded", what = "logs:DescribeLogGroups"));
    let origin = Origin::Call { name: CONFIG.to_owned(), record: None };
    unseen.push(Unseen { kinds, is_of_evidence: false, subject: CONFIG.to_owned(), why, origin, hides: Hides::All });
    let places: BTreeSet<(String, String)> =
        newest.0.keys().map(|(_, _, account, region)| (account.clone(), region.clone())).collect();
    Looked::of(resources, unseen, Vec::new(), (Status::NoEvidence, msg!("settings-no-item"))).at(places)
}

/// Config's own API has parts of an item as texts of JSON.
fn opened(value: &Value) -> Value {
    match value {
        Value::Text(text) if text.starts_with('{') || text.starts_with('[') => {
            let broken = || Value::Unknown(msg!("settings-unreadable"));
            serde_json::from_str(text).map_or_else(|_| broken(), |json: Json| Value::from_json(&json))
        }
        other => other.clone(),
    }
}

fn supplementary(item: &Item) -> Value {
    match item.value.at("supplementaryConfiguration") {
        Value::Map(all) => Value::Map(all.iter().map(|(name, value)| (name.clone(), opened(value))).collect()),
        other => other.clone(),
    }
}

fn not_recorded<T>(what: &str) -> Fact<T> {
    Fact::Unknown(msg!("settings-not-recorded", what = what))
}

type Recorded<'i> = (&'i str, &'i Item, &'i Value, Origin);

fn resource(of: Kind, kind: &str, recorded: Recorded<'_>, place: Place<'_>, resources: &mut Vec<Resource>) {
    let (id, item, raw, origin) = recorded;
    let value = &plain(raw);
    let named = |name: &str| value.at(name).to_text().known().cloned();
    let arn = item.value.any(&["ARN", "arn"]).to_text().known().cloned().filter(|arn| !arn.is_empty());
    let arn = arn.unwrap_or_else(|| id.to_owned());
    let facts: Facts = match of {
        Kind::Trail => trail(value).into(),
        Kind::Recorder => read::recorder(value).into(),
        Kind::Detector => read::detector(value).into(),
        Kind::Bucket => buckets::of_item(id, &supplementary(item)).into(),
        Kind::Key if named("keymanager").as_deref() == Some("AWS") => return,
        Kind::Key => key(value, &supplementary(item)).into(),
        Kind::Cluster => read::cluster(value).into(),
        Kind::Database if kind == "AWS::RDS::DBCluster" => read::database_cluster(place, value).into(),
        Kind::Database => read::instance(place, value).into(),
        Kind::OptionGroup => {
            let group = read::option_group(value);
            let name = group.name.known().cloned().unwrap_or_else(|| id.to_owned());
            resources.push(Resource::new(place.group("og", &name), origin, group));
            return;
        }
        Kind::IamPolicy => {
            resources.push(identities::managed(value, &origin));
            return;
        }
        Kind::IamRole => return identities::holder(value, "rolepolicylist", &origin, resources),
        Kind::IamUser => return identities::holder(value, "userpolicylist", &origin, resources),
        _ => return,
    };
    let resource = Resource::new(arn, origin, facts);
    let mut resource = if of == Kind::Database { read::made(resource, value) } else { resource };
    resource.called.push(id.to_owned());
    resource.called.extend(named("name"));
    resources.push(resource);
}

/// Config tells whether selectors of one's own are set, and not which; whether the trail logs, it does not tell.
fn trail(value: &Value) -> Trail {
    let selectors: Fact<Selectors> = match value.at("hascustomeventselectors").is() {
        Fact::Known(false) => Fact::Absent,
        _ => not_recorded("cloudtrail:GetEventSelectors"),
    };
    Trail { is_logging: not_recorded("cloudtrail:GetTrailStatus"), selectors, ..read::trail(value) }
}

fn key(value: &Value, supplementary: &Value) -> Key {
    let rotates = supplementary.at("KeyRotationStatus").is();
    let policy = Policy::of(supplementary.at("Policy"));
    Key {
        rotates: if rotates.is_absent() { not_recorded("kms:GetKeyRotationStatus") } else { rotates },
        policy: if policy.is_absent() { not_recorded("kms:GetKeyPolicy") } else { policy },
        ..read::key(value)
    }
}
