//! What is adopted and what is made, decided once for all pieces: which trail, which bucket, which key. An existing trail is taken with
//! its bucket and its key, and not doubled.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use shoseki_messages::Message;

use crate::export::placeholder;
use crate::found::{Found, Seen, has_any, is_on, many, number, text};
use crate::plan::{State, given};
use crate::policy::{Delivers, Names};
use crate::wish::Setup;

/// The names by which the ARNs of keys that are made are known to later calls.
pub(crate) const KEY: &str = "evidence_key";
const REPLICA_KEY: &str = "replica_key";

/// A bucket that is adopted or made.
#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    pub(crate) region: String,
    pub(crate) state: State,
    /// Whether its name is one that we give: then what it lacks is what an earlier run did not come to.
    pub(crate) is_ours: bool,
}

/// A key that encrypts evidence.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    /// Its ARN, or the name that is filled in.
    pub(crate) arn: String,
    pub(crate) state: State,
    /// The alias that we give.
    pub(crate) alias: String,
    /// Whether it has that.
    pub(crate) has_alias: bool,
    /// Where it is, or is made: where the bucket is that it encrypts.
    pub(crate) region: String,
    /// The name by which its ARN is known to later calls, where it is made.
    pub(crate) given: &'static str,
}

impl Key {
    /// The key as a person knows it: one that is made has no ARN yet.
    pub(crate) fn shown(&self) -> String {
        if self.state == State::New { self.alias.clone() } else { self.arn.clone() }
    }
}

/// Where evidence is replicated to.
#[derive(Clone, Debug)]
pub(crate) enum Replica {
    /// To a bucket that is looked after, with its key.
    Own(Box<Bucket>, Box<Key>),
    /// All of it goes to a bucket of somebody else's choice already, by this ARN.
    Adopted(String),
}

/// A trail of an account.
#[derive(Clone, Debug)]
pub(crate) struct Trail<'a> {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) home: String,
    pub(crate) state: State,
    /// Whether Control Tower made it, and guards it.
    pub(crate) is_of_control_tower: bool,
    /// As it is listed, where it is there.
    pub(crate) there: Option<&'a Value>,
}

/// What all pieces go by.
#[derive(Debug)]
pub(crate) struct Site<'a> {
    pub(crate) wish: &'a Setup,
    pub(crate) found: &'a Found<'a>,
    /// The accounts; the first keeps the evidence.
    pub(crate) accounts: Vec<String>,
    pub(crate) places: &'a BTreeSet<(String, String)>,
    /// Where what is made once is.
    pub(crate) home: String,
    pub(crate) names: Names,
    pub(crate) trails: BTreeMap<String, Trail<'a>>,
    pub(crate) key: Key,
    pub(crate) evidence: Bucket,
    /// Where evidence is replicated to, where that is wanted.
    pub(crate) replica: Option<Replica>,
    pub(crate) access_logs: Bucket,
    /// Where AWS Config delivers; a bucket of its own where objects of the other are locked, which AWS Config does not deliver to.
    pub(crate) config: Option<Bucket>,
    /// Whether AWS Config delivers to the bucket of evidence, or will.
    pub(crate) takes_config: bool,
}

impl<'a> Site<'a> {
    pub(crate) fn of(
        wish: &'a Setup,
        accounts: &[String],
        places: &'a BTreeSet<(String, String)>,
        found: &'a Found<'a>,
    ) -> Self {
        let account = accounts.first().cloned().unwrap_or_default();
        let first = || places.iter().find(|place| place.0 == account).map(|place| place.1.clone());
        let home = wish.all_regions(None).first().cloned().or_else(first).unwrap_or_default();
        let names = Names {
            partition: partition(&home),
            break_glass: (!wish.break_glass.is_empty())
                .then(|| format!("arn:{}:iam::{account}:role/{}-break-glass", partition(&home), wish.name)),
            account: account.clone(),
        };
        let look = Look { wish, found, home: &home, names: &names };
        let trails: BTreeMap<String, Trail<'a>> =
            accounts.iter().map(|account| (account.clone(), look.trail(account))).collect();
        let evidence = look.evidence(trails.get(&account));
        let access_logs = look.access_logs(&evidence);
        let key = look.evidence_key(trails.get(&account), &evidence);
        // What lies in somebody else's bucket, he replicates.
        let replica = wish.replicate_to.as_deref().filter(|_| evidence.state != State::Elsewhere);
        let replica = replica.map(|region| look.replica(&evidence, region));
        let lock = found.about("s3:GetObjectLockConfiguration", &account, &evidence.name);
        let is_locked = wish.object_lock.mode().is_some()
            || matches!(lock, Seen::Is(value) if !value["Rule"]["DefaultRetention"].is_null());
        let own = look.own(&format!("{}-config", wish.name), &home);
        // Where each region has a channel already, no bucket is made for one.
        let is_missing = wish.config && places.iter().any(|place| look.channels(&place.0, &place.1).is_empty());
        let config = (is_locked && wish.config && (is_missing || own.state == State::There)).then_some(own);
        let is_of_evidence =
            |place: &(String, String)| look.channels(&place.0, &place.1).contains(&Some(evidence.name.as_str()));
        let takes_config = wish.config && (is_missing && !is_locked || places.iter().any(is_of_evidence));
        Self {
            wish,
            found,
            accounts: accounts.to_vec(),
            places,
            home: home.clone(),
            names,
            trails,
            key,
            evidence,
            replica,
            access_logs,
            config,
            takes_config,
        }
    }

    /// The account of the evidence.
    pub(crate) fn account(&self) -> &str {
        &self.names.account
    }

    /// The regions of an account, the home first where it is one of them.
    pub(crate) fn regions_of(&self, account: &str) -> Vec<&str> {
        let all = self.places.iter().filter(|place| place.0 == account).map(|place| place.1.as_str());
        let (mut home, others): (Vec<&str>, Vec<&str>) = all.partition(|region| *region == self.home);
        home.extend(others);
        home
    }

    /// Where AWS Config delivers.
    pub(crate) fn config_bucket(&self) -> &Bucket {
        self.config.as_ref().unwrap_or(&self.evidence)
    }

    /// The accounts beside that of the evidence, in which roles of members are taken. Code that is exported has them as a variable only
    /// where the wish names some: a policy takes no empty list.
    pub(crate) fn members(&self) -> Vec<String> {
        let is_named = |account: &&String| account.as_str() != placeholder::MEMBER || self.wish.roles.len() > 1;
        self.accounts.iter().filter(|account| *account != self.account()).filter(is_named).cloned().collect()
    }

    /// The regions whose log groups are read. Code that is exported has them as a variable, the home among them.
    pub(crate) fn logged(&self) -> Vec<&str> {
        let mut all = self.regions_of(self.account());
        if all.contains(&placeholder::OTHER) {
            all.retain(|region| *region == placeholder::OTHER);
        }
        all
    }

    /// The account that manages its organization, where it is one of those that are looked at.
    pub(crate) fn manager(&self) -> Option<&str> {
        let manages = |account: &&String| self.organization(account).1.as_ref() == Some(*account);
        self.accounts.iter().find(manages).map(String::as_str)
    }

    /// By which trail of the organization an account without a trail of its own is covered; why that is not known.
    pub(crate) fn covered(&self, account: &str) -> Option<Result<String, Message>> {
        let manager = self.manager().filter(|manager| *manager != account)?;
        let whole = self.trails.get(manager).filter(|trail| self.is_of_organization(trail))?;
        if self.trails.get(account).is_some_and(|trail| trail.there.is_some()) {
            return None;
        }
        match self.found.lists("organizations:DescribeOrganization", account, None).1 {
            Some(why) => Some(Err(why)),
            None => (self.organization(account).0 == self.organization(manager).0).then(|| Ok(whole.arn.clone())),
        }
    }

    /// The trails that deliver to the bucket of evidence, and where in it.
    pub(crate) fn deliver(&self) -> Vec<Delivers> {
        let mut all: Vec<Delivers> = Vec::new();
        for (account, trail) in self.trails.iter().filter(|(account, _)| self.covered(account).is_none()) {
            let bucket = trail.there.and_then(|there| text(there, "S3BucketName"));
            if bucket.is_some_and(|bucket| bucket != self.evidence.name) {
                continue;
            }
            let prefix = trail.there.and_then(|there| text(there, "S3KeyPrefix")).unwrap_or_default().to_owned();
            let mut folders = vec![account.clone()];
            if self.is_of_organization(trail) {
                folders.extend(self.organization(account).0);
            }
            all.push(Delivers { arn: trail.arn.clone(), prefix, folders });
        }
        for account in &self.accounts {
            self.others(account, &mut all);
        }
        all
    }

    /// The trails of an account beside the one that is taken: what delivers to the bucket already goes on.
    fn others(&self, account: &str, all: &mut Vec<Delivers>) {
        let (listed, _) = self.found.entries(("cloudtrail:DescribeTrails", "trailList"), account, None);
        for there in listed.into_iter().filter(|one| text(one, "S3BucketName") == Some(self.evidence.name.as_str())) {
            let Some(arn) = text(there, "TrailARN").filter(|arn| all.iter().all(|one| one.arn != *arn)) else {
                continue;
            };
            let mut folders = vec![account.to_owned()];
            if is_on(there, "IsOrganizationTrail") {
                folders.extend(self.organization(account).0);
            }
            let prefix = text(there, "S3KeyPrefix").unwrap_or_default().to_owned();
            all.push(Delivers { arn: arn.to_owned(), prefix, folders });
        }
    }

    /// Whether a trail is one of the organization, or becomes one.
    pub(crate) fn is_of_organization(&self, trail: &Trail<'_>) -> bool {
        self.wish.organization || trail.there.is_some_and(|there| is_on(there, "IsOrganizationTrail"))
    }

    /// The organization of an account, and the account that manages it.
    pub(crate) fn organization(&self, account: &str) -> (Option<String>, Option<String>) {
        let (pages, _) = self.found.lists("organizations:DescribeOrganization", account, None);
        let one = pages.first().map(|page| &page["Organization"]);
        let named = |name: &str| one.and_then(|one| text(one, name)).map(str::to_owned);
        (named("Id"), named("MasterAccountId"))
    }

    /// A role of ours, as an ARN.
    pub(crate) fn role(&self, name: &str) -> String {
        format!("arn:{}:iam::{}:role/{}-{name}", self.names.partition, self.account(), self.wish.name)
    }

    /// Who reads evidence: the roles that a set-up has for it, and whoever is named of the same account.
    pub(crate) fn readers(&self) -> Vec<String> {
        let roles = ["auditor", "collector"].map(|role| self.role(role));
        let named = self.wish.readers.iter().filter(|reader| self.is_own(reader));
        let mut all: Vec<String> =
            roles.into_iter().chain(self.names.break_glass.clone()).chain(named.cloned()).collect();
        all.sort();
        all.dedup();
        all
    }

    /// Whether somebody is of the account that keeps the evidence. What is exported says so of its variable.
    fn is_own(&self, reader: &str) -> bool {
        account_of(reader) == self.account() || reader == placeholder::READER
    }

    /// Who is named of other accounts.
    pub(crate) fn readers_elsewhere(&self) -> Vec<String> {
        let mut all: Vec<String> = self.wish.readers.iter().filter(|reader| !self.is_own(reader)).cloned().collect();
        all.sort();
        all.dedup();
        all
    }

    /// The bucket and the key of the replica, where it is one of ours; none where the evidence lies in that region already.
    pub(crate) fn own_replica(&self) -> Option<(&Bucket, &Key)> {
        match &self.replica {
            Some(Replica::Own(bucket, key)) if bucket.region != self.evidence.region => Some((bucket, key)),
            Some(Replica::Own(..) | Replica::Adopted(_)) | None => None,
        }
    }

    /// The default retention of the bucket of evidence: its mode and its days.
    pub(crate) fn locked(&self) -> Option<(&'a str, u64)> {
        match self.found.about("s3:GetObjectLockConfiguration", self.account(), &self.evidence.name) {
            Seen::Is(value) if self.evidence.state != State::New => retention(value),
            Seen::Is(_) | Seen::Absent | Seen::Unknown(_) => None,
        }
    }
}

/// The default retention that an answer has: its mode and its days.
pub(crate) fn retention(value: &Value) -> Option<(&str, u64)> {
    let default = &value["Rule"]["DefaultRetention"];
    let days = number(default, "Days").or_else(|| Some(number(default, "Years")? * 365)).unwrap_or(0);
    Some((text(default, "Mode")?, days))
}

/// The account of an ARN.
fn account_of(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

/// Whether a rule of replication has all that is written go elsewhere, encrypted objects too.
pub(crate) fn replicates_all(rule: &Value) -> bool {
    let of_kms = &rule["SourceSelectionCriteria"]["SseKmsEncryptedObjects"];
    // S3 takes the one only with the other.
    let has_kms = text(of_kms, "Status") == Some("Enabled")
        || of_kms.is_null() && text(&rule["Destination"]["EncryptionConfiguration"], "ReplicaKmsKeyID").is_some();
    let is_partial = text(rule, "Prefix").is_some() || has_any(&rule["Filter"]);
    text(rule, "Status") == Some("Enabled") && has_kms && !is_partial
}

/// The partition of a region.
pub(crate) fn partition(region: &str) -> &'static str {
    match region {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        placeholder::HOME => placeholder::PARTITION,
        _ => "aws",
    }
}

/// What decides.
struct Look<'l, 'a> {
    wish: &'a Setup,
    found: &'a Found<'a>,
    home: &'l str,
    names: &'l Names,
}

impl<'a> Look<'_, 'a> {
    /// The buckets that AWS Config of a region delivers to; one that is not known, where the channels could not be seen.
    fn channels(&self, account: &str, region: &str) -> Vec<Option<&'a str>> {
        let list = ("config:DescribeDeliveryChannels", "DeliveryChannels");
        let (all, unknown) = self.found.entries(list, account, Some(region));
        let mut buckets: Vec<Option<&str>> = all.into_iter().map(|one| text(one, "s3BucketName")).collect();
        buckets.extend(unknown.map(|_| None));
        buckets
    }

    /// The trail of an account: the best that is there, else one that is made.
    fn trail(&self, account: &str) -> Trail<'a> {
        let (listed, _) = self.found.entries(("cloudtrail:DescribeTrails", "trailList"), account, None);
        let own_name = format!("{}-trail", self.wish.name);
        let worth = |one: &&Value| {
            let arn = text(one, "TrailARN").unwrap_or_default();
            let status = self.found.about("cloudtrail:GetTrailStatus", account, arn);
            let is_logging = matches!(status, Seen::Is(status) if is_on(status, "IsLogging"));
            let is_named = text(one, "Name") == Some(own_name.as_str());
            (is_on(one, "IsMultiRegionTrail"), is_logging, is_on(one, "IsOrganizationTrail"), is_named)
        };
        let Some(there) = listed.into_iter().filter(|one| text(one, "TrailARN").is_some()).max_by_key(worth) else {
            let arn = format!("arn:{}:cloudtrail:{}:{account}:trail/{own_name}", self.names.partition, self.home);
            let (name, home) = (own_name, self.home.to_owned());
            return Trail { arn, name, home, state: State::New, is_of_control_tower: false, there: None };
        };
        let arn = text(there, "TrailARN").unwrap_or_default().to_owned();
        let name = text(there, "Name").unwrap_or_default().to_owned();
        let home = text(there, "HomeRegion").unwrap_or(self.home).to_owned();
        let is_of_control_tower = name.starts_with("aws-controltower-");
        let is_elsewhere = arn.split(':').nth(4) != Some(account) || is_of_control_tower;
        let state = if is_elsewhere { State::Elsewhere } else { State::There };
        Trail { arn, name, home, state, is_of_control_tower, there: Some(there) }
    }

    /// The bucket of evidence: that of the trail, else one of our name.
    fn evidence(&self, trail: Option<&Trail<'_>>) -> Bucket {
        let named = trail.and_then(|trail| text(trail.there?, "S3BucketName"));
        match named {
            Some(name) => self.bucket(name, false),
            None => self.own(&format!("{}-evidence", self.wish.name), self.home),
        }
    }

    /// The bucket of access logs: where those of the evidence go, else one of our name in its region, for S3 takes no other.
    fn access_logs(&self, evidence: &Bucket) -> Bucket {
        let logging = self.found.about("s3:GetBucketLogging", &self.names.account, &evidence.name);
        let target = match logging {
            Seen::Is(value) => text(&value["LoggingEnabled"], "TargetBucket"),
            Seen::Absent | Seen::Unknown(_) => None,
        };
        match target {
            Some(name) if name != evidence.name => self.bucket(name, false),
            _ => self.own(&format!("{}-access-logs", self.wish.name), &evidence.region),
        }
    }

    /// A bucket of our name.
    fn own(&self, start: &str, region: &str) -> Bucket {
        let name = format!("{start}-{}-{region}", self.names.account);
        Bucket { region: region.to_owned(), ..self.bucket(&name, true) }
    }

    fn bucket(&self, name: &str, is_new_allowed: bool) -> Bucket {
        let start = format!("{}-", self.wish.name);
        let account = &self.names.account;
        let is_ours = name.starts_with(&start) && name.contains(account.as_str());
        // Each bucket that is there was asked for its versioning.
        let region = self.found.region_of("s3:GetBucketVersioning", account, name);
        let state = match region {
            Some(_) => State::There,
            None if is_new_allowed => State::New,
            None => State::Elsewhere,
        };
        Bucket { name: name.to_owned(), region: region.unwrap_or(self.home).to_owned(), state, is_ours }
    }

    /// The key: that of the trail, that of the bucket, that of our alias, else one that is made.
    fn evidence_key(&self, trail: Option<&Trail<'_>>, evidence: &Bucket) -> Key {
        let of_trail = trail.and_then(|trail| self.arn(text(trail.there?, "KmsKeyId")?));
        let named = of_trail.or_else(|| self.of_bucket(evidence));
        self.key(named, ("evidence", &evidence.region), KEY)
    }

    /// Where evidence is replicated to: where all of it goes already, in another region; else a bucket of our name there.
    fn replica(&self, evidence: &Bucket, region: &str) -> Replica {
        let own = self.own(&format!("{}-replica", self.wish.name), region);
        let account = &self.names.account;
        let there = match self.found.about("s3:GetBucketReplication", account, &evidence.name) {
            Seen::Is(value) if evidence.state == State::There => value,
            _ => &Value::Null,
        };
        let is_other = |arn: &&str| {
            let name = arn.rsplit(':').next().unwrap_or_default();
            let its = self.found.region_of("s3:GetBucketVersioning", account, name);
            name != own.name && its != Some(evidence.region.as_str())
        };
        let whole = many(&there["Rule"]).into_iter().filter(|rule| replicates_all(rule));
        match whole.filter_map(|rule| text(&rule["Destination"], "Bucket")).find(is_other) {
            Some(arn) => Replica::Adopted(arn.to_owned()),
            None => {
                let key = self.key(self.of_bucket(&own), ("replica", region), REPLICA_KEY);
                Replica::Own(Box::new(own), Box::new(key))
            }
        }
    }

    /// A key: the one that is named, that of our alias, else one that is made.
    fn key(&self, named: Option<String>, (role, region): (&str, &str), given_as: &'static str) -> Key {
        let account = &self.names.account;
        let alias = format!("alias/{}-{role}", self.wish.name);
        let (aliases, _) = self.found.entries(("kms:ListAliases", "Aliases"), account, Some(region));
        let ours = aliases.into_iter().find(|one| text(one, "AliasName") == Some(alias.as_str()));
        let ours = ours.and_then(|one| self.arn(text(one, "TargetKeyId")?)).filter(|key| !self.is_of_aws(key));
        let named = named.filter(|key| !self.is_of_aws(key));
        let Some(arn) = named.or_else(|| ours.clone()) else {
            let (arn, region) = (given(given_as), region.to_owned());
            return Key { arn, state: State::New, alias, has_alias: false, region, given: given_as };
        };
        let is_here = arn.split(':').nth(4) == Some(account.as_str());
        let state = if is_here { State::There } else { State::Elsewhere };
        // What others called a key stays its name.
        let has_alias = ours.as_deref() == Some(arn.as_str());
        let region = arn.split(':').nth(3).unwrap_or(region).to_owned();
        Key { arn, state, alias, has_alias, region, given: given_as }
    }

    fn of_bucket(&self, evidence: &Bucket) -> Option<String> {
        let Seen::Is(value) = self.found.about("s3:GetBucketEncryption", &self.names.account, &evidence.name) else {
            return None;
        };
        let rule = many(&value["Rule"]).into_iter().next()?;
        self.arn(text(&rule["ApplyServerSideEncryptionByDefault"], "KMSMasterKeyID")?)
    }

    /// The ARN of a key by whatever it is called; an ARN that nobody could be asked about is taken as it is.
    fn arn(&self, name: &str) -> Option<String> {
        match self.described(name) {
            Some(key) => text(key, "Arn").map(str::to_owned),
            None => name.contains(":key/").then(|| name.to_owned()),
        }
    }

    fn described(&self, name: &str) -> Option<&'a Value> {
        match self.found.about("kms:DescribeKey", &self.names.account, name) {
            Seen::Is(value) => Some(&value["KeyMetadata"]),
            Seen::Absent | Seen::Unknown(_) => None,
        }
    }

    /// Whether a key is AWS's own, which no policy of ours can guard.
    fn is_of_aws(&self, arn: &str) -> bool {
        self.described(arn).is_some_and(|key| text(key, "KeyManager") == Some("AWS"))
    }
}
