//! Answers of AWS's API as resources. What was listed is there; what was asked about it and refused is unknown, with why.

use std::collections::{BTreeSet, HashMap, HashSet};

use shoseki_messages::{Message, msg};

use super::read::{self, Place, entries, plain};
use super::{Looked, Missing, Unseen, buckets, identities, organization};
use crate::checks::Status;
use crate::iac::selectors_of_api;
use crate::settings::{Channel, Cluster, Fact, Key, Kind, Origin, Policy, Recorder, Resource, Selectors, Trail, Value};

/// What was said.
#[derive(Clone, Debug)]
pub enum Said {
    /// The answer.
    Answer(Value),
    /// That it is not set.
    Absent,
    /// Why there is no answer.
    Refused(Message),
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The call: `s3:GetBucketVersioning`.
    pub call: String,
    /// The account that was asked.
    pub account: String,
    /// The region.
    pub region: String,
    /// What it was asked about; nothing where it is a list.
    pub of: Option<String>,
    /// What was said.
    pub said: Said,
    /// The record that keeps it, where one does.
    pub record: Option<String>,
}

impl Answer {
    pub(super) fn origin(&self) -> Origin {
        Origin::Call { name: self.call.clone(), record: self.record.clone() }
    }

    fn place(&self) -> Place<'_> {
        Place { account: &self.account, region: &self.region }
    }
}

/// Answers, by what was asked.
pub(super) struct Answers<'a> {
    all: &'a [Answer],
    about: HashMap<(&'a str, &'a str, &'a str), Vec<&'a Answer>>,
}

impl<'a> Answers<'a> {
    fn of(all: &'a [Answer]) -> Self {
        let mut about: HashMap<_, Vec<&Answer>> = HashMap::new();
        for one in all {
            let of = one.of.as_deref().unwrap_or_default();
            about.entry((one.call.as_str(), one.account.as_str(), of)).or_default().push(one);
        }
        Self { all, about }
    }

    /// The answers of a call, whatever they are about.
    pub(super) fn to<'c>(&self, call: &'c str) -> impl Iterator<Item = &'a Answer> + use<'a, 'c> {
        self.all.iter().filter(move |one| one.call == call)
    }

    /// What was answered about something, and where. What nobody asked is not known.
    pub(super) fn about(&self, call: &str, account: &str, of: &str) -> (Fact<Value>, Option<Origin>) {
        let Some(answer) = self.about.get(&(call, account, of)).and_then(|all| all.first()) else {
            return (Fact::Unknown(msg!("settings-not-asked", call = call)), None);
        };
        let fact = match &answer.said {
            Said::Answer(value) => Fact::Known(value.clone()),
            Said::Absent => Fact::Absent,
            Said::Refused(why) => Fact::Unknown(why.clone()),
        };
        (fact, Some(answer.origin()))
    }

    /// The pages of an answer about something.
    pub(super) fn pages(&self, call: &str, answer: &Answer) -> Vec<Value> {
        let of = answer.of.as_deref().unwrap_or_default();
        let all = self.about.get(&(call, answer.account.as_str(), of)).into_iter().flatten();
        all.filter(|one| one.region == answer.region).filter_map(|one| one.answer()).map(plain).collect()
    }
}

impl Answer {
    pub(super) fn answer(&self) -> Option<&Value> {
        match &self.said {
            Said::Answer(value) => Some(value),
            Said::Absent | Said::Refused(_) => None,
        }
    }
}

/// The calls that list, what each lists, and whether evidence is delivered by what it lists.
const LISTS: [(&str, &[Kind], bool); 12] = [
    ("cloudtrail:DescribeTrails", &[Kind::Trail, Kind::Insights], true),
    ("config:DescribeConfigurationRecorders", &[Kind::Recorder], false),
    ("config:DescribeDeliveryChannels", &[Kind::Channel], true),
    ("logs:DescribeLogGroups", &[Kind::LogGroup, Kind::Subscriptions], false),
    ("guardduty:ListDetectors", &[Kind::Detector], false),
    ("s3:ListBuckets", &[Kind::Bucket], false),
    ("eks:ListClusters", &[Kind::Cluster], false),
    ("rds:DescribeDBInstances", &[Kind::Database], false),
    ("rds:DescribeDBClusters", &[Kind::Database], false),
    ("iam:GetAccountAuthorizationDetails", &[Kind::IamPolicy, Kind::IamRole, Kind::Administrators], false),
    ("iam:GetCredentialReport", &[Kind::IamUser], false),
    ("organizations:DescribeOrganization", &[Kind::Organization], false),
];

/// What was seen by these answers.
pub fn looked(all: &[Answer]) -> Looked {
    let answers = Answers::of(all);
    let (mut resources, mut missing) = (Vec::new(), Vec::new());
    trails(&answers, &mut resources, &mut missing);
    recorders(&answers, &mut resources, &mut missing);
    lists(&answers, &mut resources, &mut missing);
    databases(&answers, &mut resources);
    keys(&answers, &mut resources);
    accounts(&answers, &mut resources);
    organization::all(&answers, &mut resources, &mut missing);
    let nothing = (Status::NotApplicable, msg!("settings-nothing-there"));
    // Trails are asked for wherever is looked.
    let places = answers.to("cloudtrail:DescribeTrails").map(|one| (one.account.clone(), one.region.clone()));
    let places: BTreeSet<(String, String)> = places.collect();
    Looked::of(resources, unseen(&answers), missing, nothing).at(places)
}

fn unseen(answers: &Answers<'_>) -> Vec<Unseen> {
    let mut unseen = Vec::new();
    for answer in answers.to("iam:GetCredentialReport") {
        // A report that cannot be read has users that are not known.
        if answer.answer().is_some_and(|report| !identities::is_report(report)) {
            let place = (answer.account.as_str(), answer.region.as_str());
            let why = msg!("settings-unreadable");
            unseen.push(Unseen::in_place((&[Kind::IamUser], false), place, &why, answer.origin()));
        }
    }
    for (call, kinds, delivers) in LISTS {
        for answer in answers.to(call) {
            let Said::Refused(why) = &answer.said else { continue };
            let place = (answer.account.as_str(), answer.region.as_str());
            let of =
                |kinds: &[Kind], is_of_evidence| Unseen::in_place((kinds, is_of_evidence), place, why, answer.origin());
            unseen.push(of(kinds, false));
            if delivers {
                unseen.push(of(&[Kind::Bucket, Kind::LogGroup, Kind::Key], true));
            }
        }
    }
    unseen
}

/// What is once in an account, whatever region was asked.
pub(super) fn of_account(mut resource: Resource, answer: &Answer) -> Resource {
    resource.account = Some(answer.account.clone());
    resource
}

pub(super) fn placed(mut resource: Resource, answer: &Answer) -> Resource {
    resource.account = Some(answer.account.clone());
    resource.region = Some(answer.region.clone());
    resource
}

pub(super) fn nothing_of(kind: Kind, answer: &Answer) -> Missing {
    Missing { kind, place: format!("{} {}", answer.account, answer.region), origin: answer.origin() }
}

pub(super) fn text(value: &Value, name: &str) -> String {
    value.at(name).to_text().known().cloned().unwrap_or_default()
}

/// Trails, each once: one of all regions is listed in each, one of an organization in each of its accounts.
fn trails(answers: &Answers<'_>, resources: &mut Vec<Resource>, missing: &mut Vec<Missing>) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for answer in answers.to("cloudtrail:DescribeTrails") {
        let Some(page) = answer.answer().map(plain) else { continue };
        let listed = page.at("traillist").entries();
        if listed.is_empty() {
            missing.push(nothing_of(Kind::Trail, answer));
        }
        for one in listed {
            let arn = text(one, "trailarn");
            let (status, status_origin) = answers.about("cloudtrail:GetTrailStatus", &answer.account, &arn);
            let known = seen.get(&arn).copied();
            // An account of an organization may not see how its organization's trail stands; the owner of it does.
            if known.is_some() && status.known().is_none() {
                continue;
            }
            let (selected, selected_origin) = answers.about("cloudtrail:GetEventSelectors", &answer.account, &arn);
            let trail = Trail {
                is_logging: status.and_then(|value| plain(&value).at("islogging").is()),
                selectors: selected.and_then(|value| selectors(&value)),
                ..read::trail(one)
            };
            let mut resource = placed(Resource::new(arn.clone(), answer.origin(), trail), answer);
            resource.region = one.at("homeregion").to_text().known().cloned();
            resource.called.push(text(one, "name"));
            resource.parts.extend(status_origin.map(|origin| ("status", origin)));
            resource.parts.extend(selected_origin.map(|origin| ("selectors", origin)));
            match known.and_then(|at| resources.get_mut(at)) {
                Some(place) => *place = resource,
                None => {
                    seen.insert(arn, resources.len());
                    resources.push(resource);
                }
            }
        }
    }
}

/// What a trail selects, as the API has it. A trail that selects nothing records nothing.
pub fn selectors(value: &Value) -> Fact<Selectors> {
    let selected = selectors_of_api(value);
    if selected.is_absent() { Fact::Known(Selectors::default()) } else { selected }
}

fn recorders(answers: &Answers<'_>, resources: &mut Vec<Resource>, missing: &mut Vec<Missing>) {
    for answer in answers.to("config:DescribeConfigurationRecorders") {
        let Some(page) = answer.answer().map(plain) else { continue };
        let mut status = answers.to("config:DescribeConfigurationRecorderStatus");
        let status = status.find(|one| one.account == answer.account && one.region == answer.region);
        let listed = page.at("configurationrecorders").entries();
        if listed.is_empty() {
            missing.push(nothing_of(Kind::Recorder, answer));
        }
        for one in listed {
            let recorder = Recorder { is_recording: is_recording(status, &text(one, "name")), ..read::recorder(one) };
            let name = format!("config/{}/{}/{}", answer.account, answer.region, text(one, "name"));
            let mut resource = placed(Resource::new(name, answer.origin(), recorder), answer);
            resource.parts.extend(status.map(|status| ("status", status.origin())));
            resource.created = status.and_then(|status| began(status, &text(one, "name")));
            resources.push(resource);
        }
    }
    for answer in answers.to("config:DescribeDeliveryChannels") {
        let name = format!("config/{}/{}/channel", answer.account, answer.region);
        match &answer.said {
            // A channel that may not be seen is not one that is not there.
            Said::Refused(why) => {
                let unknown = Channel { bucket: Fact::Unknown(why.clone()), ..Channel::default() };
                resources.push(placed(Resource::new(name, answer.origin(), unknown), answer));
            }
            Said::Answer(page) => {
                for one in plain(page).at("deliverychannels").entries() {
                    resources.push(placed(Resource::new(name.clone(), answer.origin(), read::channel(one)), answer));
                }
            }
            Said::Absent => {}
        }
    }
}

/// When a recorder was last started.
fn began(status: &Answer, name: &str) -> Option<shoseki_event::Timestamp> {
    let page = plain(status.answer()?);
    let all = page.at("configurationrecordersstatus").entries();
    all.iter().find(|one| text(one, "name") == name).and_then(|one| read::moment(one.at("laststarttime")))
}

fn is_recording(status: Option<&Answer>, name: &str) -> Fact<bool> {
    match status.map(|status| &status.said) {
        None => Fact::Unknown(msg!("settings-not-asked", call = "config:DescribeConfigurationRecorderStatus")),
        Some(Said::Refused(why)) => Fact::Unknown(why.clone()),
        Some(Said::Absent) => Fact::Absent,
        Some(Said::Answer(page)) => {
            let page = plain(page);
            let all = page.at("configurationrecordersstatus").entries();
            let found = all.iter().find(|one| text(one, "name") == name);
            found.map_or(Fact::Known(false), |one| one.at("recording").is())
        }
    }
}

/// What one answer lists, with all there is to know of it, or with one more answer about each.
fn lists(answers: &Answers<'_>, resources: &mut Vec<Resource>, missing: &mut Vec<Missing>) {
    for answer in answers.to("logs:DescribeLogGroups") {
        for one in answer.answer().map(plain).unwrap_or_default().at("loggroups").entries() {
            let arn = text(one, "arn").trim_end_matches(":*").to_owned();
            let group = read::log_group(one);
            resources.push(placed(
                Resource::new(arn, answer.origin(), group).called(&one.at("loggroupname").to_text()),
                answer,
            ));
        }
    }
    for answer in answers.to("guardduty:ListDetectors") {
        let Some(page) = answer.answer().map(plain) else { continue };
        if page.at("detectorids").entries().is_empty() {
            missing.push(nothing_of(Kind::Detector, answer));
        }
    }
    for answer in answers.to("guardduty:GetDetector") {
        let detector = match &answer.said {
            Said::Answer(value) => read::detector(&plain(value)),
            Said::Absent => continue,
            Said::Refused(why) => crate::settings::Detector { is_enabled: Fact::Unknown(why.clone()) },
        };
        let name = format!("guardduty/{}/{}", answer.account, answer.region);
        resources.push(placed(Resource::new(name, answer.origin(), detector), answer));
    }
    for answer in answers.to("eks:ListClusters") {
        for name in
            answer.answer().map(plain).unwrap_or_default().at("clusters").to_texts().known().into_iter().flatten()
        {
            resources.push(placed(cluster(answers, answer, name), answer));
        }
    }
    for answer in answers.to("s3:ListBuckets") {
        let page = answer.answer().map(plain).unwrap_or_default();
        for one in entries(page.at("buckets"), "bucket") {
            let mut resource = buckets::of_answers(answers, &answer.account, &text(one, "name"), &answer.origin());
            resource.created = read::moment(one.at("creationdate"));
            resources.push(of_account(resource, answer));
        }
    }
}

fn cluster(answers: &Answers<'_>, listed: &Answer, name: &str) -> Resource {
    let described = answers.to("eks:DescribeCluster");
    let described = described.filter(|one| one.account == listed.account && one.region == listed.region);
    let mut described = described.filter(|one| one.of.as_deref() == Some(name));
    let unknown = |why: Message| Cluster {
        name: Fact::Known(name.to_owned()),
        log_types: Fact::Unknown(why.clone()),
        encrypts_secrets: Fact::Unknown(why.clone()),
        is_public: Fact::Unknown(why.clone()),
        public_from: Fact::Unknown(why),
    };
    let arn = format!("arn:aws:eks:{}:{}:cluster/{name}", listed.region, listed.account);
    let mut created = None;
    let (arn, facts, origin) = match described.next() {
        None => (arn, unknown(msg!("settings-not-asked", call = "eks:DescribeCluster")), listed.origin()),
        Some(one) => match &one.said {
            Said::Answer(value) => {
                let value = plain(value);
                let value = value.at("cluster");
                created = read::moment(value.at("createdat"));
                (value.at("arn").to_text().known().cloned().unwrap_or(arn), read::cluster(value), one.origin())
            }
            Said::Refused(why) => (arn, unknown(why.clone()), one.origin()),
            Said::Absent => (arn, unknown(msg!("settings-unreadable")), one.origin()),
        },
    };
    let mut resource = Resource::new(arn, origin, facts).called(&Fact::Known(name.to_owned()));
    resource.created = created;
    resource
}

fn databases(answers: &Answers<'_>, resources: &mut Vec<Resource>) {
    for answer in answers.to("rds:DescribeDBInstances") {
        let page = answer.answer().map(plain).unwrap_or_default();
        for one in entries(page.at("dbinstances"), "dbinstance") {
            let facts = read::instance(answer.place(), one);
            let resource = Resource::new(text(one, "dbinstancearn"), answer.origin(), facts);
            resources.push(placed(read::made(resource, one), answer));
        }
    }
    for answer in answers.to("rds:DescribeDBClusters") {
        let page = answer.answer().map(plain).unwrap_or_default();
        for one in entries(page.at("dbclusters"), "dbcluster") {
            let facts = read::database_cluster(answer.place(), one);
            let resource = Resource::new(text(one, "dbclusterarn"), answer.origin(), facts);
            resources.push(placed(read::made(resource, one), answer));
        }
    }
    let mut seen = HashSet::new();
    for (call, kind) in [("rds:DescribeDBParameters", "pg"), ("rds:DescribeDBClusterParameters", "cluster-pg")] {
        for answer in answers.to(call) {
            let Some(name) = &answer.of else { continue };
            let arn = answer.place().group(kind, name);
            if !seen.insert(arn.clone()) {
                continue;
            }
            let mut facts = read::parameters(name, &answers.pages(call, answer));
            if let Said::Refused(why) = &answer.said {
                facts.parameters = Fact::Unknown(why.clone());
            }
            resources.push(placed(Resource::new(arn, answer.origin(), facts), answer));
        }
    }
    for answer in answers.to("rds:DescribeOptionGroups") {
        let Some(name) = &answer.of else { continue };
        let page = answer.answer().map(plain).unwrap_or_default();
        let group = entries(page.at("optiongroupslist"), "optiongroup").first();
        let mut facts = group.map(read::option_group).unwrap_or_default();
        if let Said::Refused(why) = &answer.said {
            facts.options = Fact::Unknown(why.clone());
        }
        resources.push(placed(Resource::new(answer.place().group("og", name), answer.origin(), facts), answer));
    }
}

/// The keys that evidence names. Those of AWS itself are not the estate's to mend.
fn keys(answers: &Answers<'_>, resources: &mut Vec<Resource>) {
    let mut seen = HashSet::new();
    for answer in answers.to("kms:DescribeKey") {
        let named = answer.of.clone().unwrap_or_default();
        let (arn, mut key) = match &answer.said {
            Said::Answer(value) => {
                let value = plain(value);
                let metadata = value.at("keymetadata");
                if text(metadata, "keymanager") == "AWS" {
                    continue;
                }
                (text(metadata, "arn"), read::key(metadata))
            }
            Said::Refused(why) => {
                let (spec, is_enabled) = (Fact::Unknown(why.clone()), Fact::Unknown(why.clone()));
                let is_pending_deletion = Fact::Unknown(why.clone());
                (named.clone(), Key { spec, is_pending_deletion, is_enabled, ..Key::default() })
            }
            Said::Absent => continue,
        };
        if !seen.insert(arn.clone()) {
            continue;
        }
        let (rotation, rotation_origin) = answers.about("kms:GetKeyRotationStatus", &answer.account, &arn);
        key.rotates = rotation.clone().and_then(|value| plain(&value).at("keyrotationenabled").is());
        key.rotation_days = rotation.and_then(|value| plain(&value).at("rotationperiodindays").to_number());
        let (policy, policy_origin) = answers.about("kms:GetKeyPolicy", &answer.account, &arn);
        key.policy = policy.and_then(|value| Policy::of(value.at("Policy")));
        let mut resource = placed(Resource::new(arn, answer.origin(), key), answer);
        resource.called.push(named);
        resource.parts.extend(rotation_origin.map(|origin| ("rotation", origin)));
        resource.parts.extend(policy_origin.map(|origin| ("policy", origin)));
        resources.push(resource);
    }
}

/// What IAM says of each account.
fn accounts(answers: &Answers<'_>, resources: &mut Vec<Resource>) {
    for answer in answers.to("iam:GetAccountAuthorizationDetails") {
        if let Some(page) = answer.answer() {
            let at = resources.len();
            identities::of_details(page, &answer.origin(), resources);
            resources.iter_mut().skip(at).for_each(|one| one.account = Some(answer.account.clone()));
        }
    }
    for answer in answers.to("iam:GetAccountSummary") {
        let account = answer.account.as_str();
        let (summary, origin) = answers.about(&answer.call, account, "");
        let (report, report_origin) = answers.about("iam:GetCredentialReport", account, "");
        let origin = origin.unwrap_or_else(|| answer.origin());
        let report_origin = report_origin.unwrap_or_else(|| origin.clone());
        let users = identities::users(&report, &summary, [&report_origin, &origin], account);
        resources.extend(users.into_iter().map(|user| of_account(user, answer)));
    }
}
