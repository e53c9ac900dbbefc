//! What we fetch ourselves: `[[fetch.s3]]`, `[[fetch.sqs]]`, `[[fetch.cloudwatch-logs]]`, `[[fetch.rds]]`.

use chrono::NaiveDate;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use shoseki_aws::Caller;
use shoseki_messages::{Message, msg};
use shoseki_sources::{Source, by_id};

use super::Length;

/// The fetchers, by what they fetch from.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fetch {
    /// Prefixes of buckets.
    pub s3: Vec<S3Fetch>,
    /// Queues that are told of new objects.
    pub sqs: Vec<SqsFetch>,
    /// Log groups of CloudWatch Logs.
    #[serde(rename = "cloudwatch-logs")]
    pub cloudwatch_logs: Vec<LogGroupsFetch>,
    /// Log files of databases.
    pub rds: Vec<RdsFetch>,
}

/// The name of a fetcher, as whom it calls, and what it brings.
#[derive(Clone, Debug)]
pub struct Reach {
    /// Its name: it stands in streams and in provenance.
    pub name: String,
    /// The region that it calls; that of the whole file where it names none.
    pub region: Option<String>,
    /// The ARN of a role that it assumes.
    pub role: Option<String>,
    /// What the role's owner asks for.
    pub external_id: Option<String>,
    /// The source of all that it brings; known by its content where absent.
    pub source: Option<String>,
    /// The stream of all that it brings.
    pub stream: Option<String>,
}

impl Reach {
    /// As whom it calls.
    pub fn caller(&self) -> Caller {
        Caller { region: self.region.clone(), role: self.role.clone(), external_id: self.external_id.clone() }
    }

    /// The source, where one is named.
    pub fn source(&self) -> Option<&'static dyn Source> {
        self.source.as_deref().and_then(by_id)
    }
}

/// A prefix of a bucket, listed again and again.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3Fetch {
    /// See [`Reach`].
    pub name: String,
    /// `s3://bucket/prefix`.
    pub url: String,
    /// How long it rests between two lists.
    #[serde(default = "five_minutes")]
    pub every: Length,
    /// The first day that is fetched; the day before yesterday where absent.
    #[serde(default, deserialize_with = "day")]
    pub from: Option<NaiveDate>,
    /// See [`Reach`].
    pub region: Option<String>,
    /// See [`Reach`].
    pub role_arn: Option<String>,
    /// See [`Reach`].
    pub external_id: Option<String>,
    /// See [`Reach`].
    pub source: Option<String>,
    /// See [`Reach`].
    pub stream: Option<String>,
}

/// A queue whose messages name new objects, or are evidence themselves.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SqsFetch {
    /// See [`Reach`].
    pub name: String,
    /// The queue's URL.
    pub queue: String,
    /// See [`Reach`].
    pub region: Option<String>,
    /// See [`Reach`].
    pub role_arn: Option<String>,
    /// See [`Reach`].
    pub external_id: Option<String>,
    /// See [`Reach`].
    pub source: Option<String>,
    /// See [`Reach`].
    pub stream: Option<String>,
    /// Whether an empty queue is waited at.
    #[serde(skip, default = "yes")]
    pub is_patient: bool,
}

/// Log groups of CloudWatch Logs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogGroupsFetch {
    /// See [`Reach`].
    pub name: String,
    /// Their names; `*` stands for anything.
    pub groups: Vec<String>,
    /// What the names of the log streams begin with; all where absent.
    pub streams: Option<String>,
    /// How long it rests between two rounds.
    #[serde(default = "half_a_minute")]
    pub every: Length,
    /// The first day that is fetched of a group that was never read; the last 24 hours where absent.
    #[serde(default, deserialize_with = "day")]
    pub from: Option<NaiveDate>,
    /// How far back each round asks again, for what came late.
    #[serde(default = "quarter_of_an_hour")]
    pub overlap: Length,
    /// See [`Reach`].
    pub region: Option<String>,
    /// See [`Reach`].
    pub role_arn: Option<String>,
    /// See [`Reach`].
    pub external_id: Option<String>,
    /// See [`Reach`].
    pub source: Option<String>,
    /// See [`Reach`].
    pub stream: Option<String>,
}

/// Log files of databases of RDS and Aurora.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RdsFetch {
    /// See [`Reach`].
    pub name: String,
    /// Names of databases; `*` stands for anything.
    pub instances: Vec<String>,
    /// Names of log files; `*` stands for anything.
    pub files: Vec<String>,
    /// How long it rests between two rounds.
    #[serde(default = "a_minute")]
    pub every: Length,
    /// Files of a database that was never read count from this day on; from the last 24 hours on where absent.
    #[serde(default, deserialize_with = "day")]
    pub from: Option<NaiveDate>,
    /// See [`Reach`].
    pub region: Option<String>,
    /// See [`Reach`].
    pub role_arn: Option<String>,
    /// See [`Reach`].
    pub external_id: Option<String>,
    /// See [`Reach`].
    pub source: Option<String>,
    /// See [`Reach`].
    pub stream: Option<String>,
}

fn five_minutes() -> Length {
    Length::seconds(300)
}

fn a_minute() -> Length {
    Length::seconds(60)
}

fn half_a_minute() -> Length {
    Length::seconds(30)
}

fn quarter_of_an_hour() -> Length {
    Length::seconds(900)
}

fn yes() -> bool {
    true
}

/// A day, in quotes or as TOML writes it.
fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    let text = match toml::Value::deserialize(deserializer)? {
        toml::Value::String(text) => text,
        toml::Value::Datetime(day) => day.to_string(),
        _ => String::new(),
    };
    text.parse().map(Some).map_err(|_| D::Error::custom("expected a day such as `2026-03-05`"))
}

/// What has a [`Reach`].
macro_rules! reaches {
    ($($fetch:ty),*) => {$(
        impl $fetch {
            /// Its name, as whom it calls, and what it brings.
            pub fn reach(&self) -> Reach {
                Reach {
                    name: self.name.clone(),
                    region: self.region.clone(),
                    role: self.role_arn.clone(),
                    external_id: self.external_id.clone(),
                    source: self.source.clone(),
                    stream: self.stream.clone(),
                }
            }
        }
    )*};
}

reaches!(S3Fetch, SqsFetch, LogGroupsFetch, RdsFetch);

impl Fetch {
    /// Whether nothing is fetched.
    pub fn is_empty(&self) -> bool {
        self.s3.is_empty() && self.sqs.is_empty() && self.cloudwatch_logs.is_empty() && self.rds.is_empty()
    }

    /// Of each fetcher what all have, and what it fetches from.
    pub fn reaches(&self) -> Vec<(Reach, String)> {
        let s3 = self.s3.iter().map(|one| (one.reach(), one.url.clone()));
        let sqs = self.sqs.iter().map(|one| (one.reach(), one.queue.clone()));
        let groups = self.cloudwatch_logs.iter().map(|one| (one.reach(), one.groups.join(", ")));
        let databases = self.rds.iter().map(|one| (one.reach(), one.instances.join(", ")));
        s3.chain(sqs).chain(groups).chain(databases).collect()
    }

    /// Gives the region of the whole file to those that name none.
    pub(super) fn in_region(&mut self, region: Option<&String>) {
        let s3 = self.s3.iter_mut().map(|one| &mut one.region);
        let sqs = self.sqs.iter_mut().map(|one| &mut one.region);
        let groups = self.cloudwatch_logs.iter_mut().map(|one| &mut one.region);
        let databases = self.rds.iter_mut().map(|one| &mut one.region);
        for own in s3.chain(sqs).chain(groups).chain(databases).filter(|own| own.is_none()) {
            *own = region.cloned();
        }
    }

    /// The same where each does one round: a queue is not waited at.
    #[must_use]
    pub fn once(&self) -> Self {
        let mut once = self.clone();
        for queue in &mut once.sqs {
            queue.is_patient = false;
        }
        once
    }
}

/// What is wrong beyond names, sources and streams.
pub(super) fn mistakes(fetch: &Fetch, found: &mut Vec<Message>) {
    for (reach, _) in fetch.reaches() {
        let name = reach.name.as_str();
        if reach.region.as_ref().is_none_or(String::is_empty) {
            found.push(msg!("server-config-fetch-region", name = name));
        }
        if reach.role.as_ref().is_some_and(|role| !(role.starts_with("arn:") && role.contains(":role/"))) {
            found.push(msg!("server-config-fetch-role", name = name));
        }
        if reach.external_id.is_some() && reach.role.is_none() {
            found.push(msg!("server-config-fetch-external-id", name = name));
        }
    }
    for one in &fetch.s3 {
        let bucket = one.url.strip_prefix("s3://").map(|rest| rest.split('/').next().unwrap_or_default());
        if bucket.is_none_or(str::is_empty) {
            found.push(msg!("server-config-fetch-url", name = one.name.as_str(), url = one.url.as_str()));
        }
    }
    for one in &fetch.sqs {
        if url::Url::parse(&one.queue).is_err() {
            found.push(msg!("server-config-fetch-queue", name = one.name.as_str(), queue = one.queue.as_str()));
        }
    }
    let is_none = |names: &[String]| names.iter().all(|name| crate::fetch::pattern_of(name).is_none());
    for one in fetch.cloudwatch_logs.iter().filter(|one| is_none(&one.groups)) {
        found.push(msg!("server-config-fetch-groups", name = one.name.as_str()));
    }
    for one in fetch.rds.iter().filter(|one| is_none(&one.instances) || is_none(&one.files)) {
        found.push(msg!("server-config-fetch-instances", name = one.name.as_str()));
    }
    let rests = fetch.s3.iter().map(|one| (&one.name, one.every));
    let rests = rests.chain(fetch.cloudwatch_logs.iter().map(|one| (&one.name, one.every)));
    let rests = rests.chain(fetch.rds.iter().map(|one| (&one.name, one.every)));
    for (name, _) in rests.filter(|(_, every)| every.0.is_zero()) {
        found.push(msg!("server-config-fetch-every", name = name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<&'static str> {
        let mut fetch: Fetch = toml::from_str(text).unwrap();
        fetch.in_region(Some(&"ap-northeast-1".to_owned()));
        let mut found = Vec::new();
        mistakes(&fetch, &mut found);
        found.iter().map(Message::id).collect()
    }

    #[test]
    fn what_is_wrong_with_a_fetcher_is_named() {
        let rds = "[[rds]]\nname = \"db\"\n";
        assert_eq!(ids(&format!("{rds}instances = [\"shop-*\", \"orders\"]\nfiles = [\"audit/*\"]\n")), [""; 0]);
        for odd in ["instances = []\nfiles = [\"audit/*\"]\n", "instances = [\"shop\"]\nfiles = []\n"] {
            assert_eq!(ids(&format!("{rds}{odd}")), ["server-config-fetch-instances"]);
        }
        let restless = format!("{rds}instances = [\"a\"]\nfiles = [\"b\"]\nevery = \"0s\"\nexternal_id = \"x\"\n");
        assert_eq!(ids(&restless), ["server-config-fetch-external-id", "server-config-fetch-every"]);
        assert_eq!(ids("[[cloudwatch-logs]]\nname = \"a\"\ngroups = []\n"), ["server-config-fetch-groups"]);
        let reaches = toml::from_str::<Fetch>(&restless).unwrap().reaches();
        assert_eq!((reaches.len(), reaches[0].1.as_str()), (1, "a"));
    }
}
