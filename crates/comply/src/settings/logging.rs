//! What records: CloudTrail, AWS Config, CloudWatch Logs, GuardDuty.

use super::{Fact, Target};

/// Of which objects a trail records data events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DataEvents {
    /// Of none.
    #[default]
    None,
    /// Of some buckets.
    Some,
    /// Of all buckets.
    All,
}

/// What a trail selects. Without selectors it records all management events and no data events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selectors {
    /// Whether management events are recorded, reads and writes.
    pub has_all_management: bool,
    /// Event sources that are left out (`kms.amazonaws.com`), or what else narrows management events.
    pub excluded: Vec<String>,
    /// Of which objects of S3 data events are recorded, reads and writes.
    pub objects: DataEvents,
    /// The buckets or prefixes, where it is not all.
    pub of: Vec<String>,
}

/// A trail.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trail {
    /// Its name.
    pub name: Fact<String>,
    /// The bucket that it delivers to.
    pub bucket: Fact<Target>,
    /// The key that encrypts its files; without one S3's default applies.
    pub key: Fact<Target>,
    /// The log group that it delivers to.
    pub log_group: Fact<Target>,
    /// Whether it records all regions; not where it is not set.
    pub is_multi_region: Fact<bool>,
    /// Whether it records global services; so where it is not set.
    pub has_global_services: Fact<bool>,
    /// Whether it writes digests; not where it is not set.
    pub validates_files: Fact<bool>,
    /// Whether it logs. In code it does where it is not set; live it is what its status says.
    pub is_logging: Fact<bool>,
    /// What it selects.
    pub selectors: Fact<Selectors>,
}

/// AWS Config's recorder.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorder {
    /// Its name.
    pub name: Fact<String>,
    /// Whether it records all types; so where it is not set.
    pub is_all: Fact<bool>,
    /// Whether it records global types too; not where it is not set.
    pub has_global: Fact<bool>,
    /// Whether it is on. In code that is a resource of its own; CloudFormation starts it by itself.
    pub is_recording: Fact<bool>,
}

impl Recorder {
    /// Whether a recorder takes all types: by its strategy where it has one, else by `AllSupported`.
    pub fn takes_all(all: Fact<bool>, strategy: &Fact<String>) -> Fact<bool> {
        match strategy.get().map(|name| name.map(String::as_str)) {
            Err(why) => Fact::Unknown(why.clone()),
            Ok(Some("ALL_SUPPORTED_RESOURCE_TYPES")) => Fact::Known(true),
            // What a strategy leaves out is not all, whatever the older member says.
            Ok(Some(_)) => Fact::Known(false),
            Ok(None) => all,
        }
    }
}

/// AWS Config's delivery channel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Channel {
    /// Its name.
    pub name: Fact<String>,
    /// The bucket that it delivers to.
    pub bucket: Fact<Target>,
}

/// A log group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogGroup {
    /// Its name.
    pub name: Fact<String>,
    /// For how many days it keeps events; for ever where it is not set.
    pub retention: Fact<u64>,
    /// The key that encrypts it; AWS's own where it is not set.
    pub key: Fact<Target>,
}

/// A detector of GuardDuty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detector {
    /// Whether it is on; so in Terraform where it is not set.
    pub is_enabled: Fact<bool>,
}
