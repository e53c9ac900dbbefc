//! What holds data and runs: keys, clusters, databases.

use std::collections::BTreeMap;

use super::{Fact, Policy, Target};

/// A key of KMS.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Key {
    /// Whether it rotates each year; not where it is not set.
    pub rotates: Fact<bool>,
    /// After how many days it does; 365 where it is not set.
    pub rotation_days: Fact<u64>,
    /// What it is for: `SYMMETRIC_DEFAULT` where it is not set. Others cannot rotate by themselves.
    pub spec: Fact<String>,
    /// Who may use and change it. The default gives the account's administrators all.
    pub policy: Fact<Policy>,
    /// Whether its deletion is scheduled.
    pub is_pending_deletion: Fact<bool>,
    /// Whether it is on; so where it is not set.
    pub is_enabled: Fact<bool>,
}

/// A cluster of EKS.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cluster {
    /// Its name.
    pub name: Fact<String>,
    /// The types of logs that are on; none where it is not set.
    pub log_types: Fact<Vec<String>>,
    /// Whether secrets are encrypted by a key of one's own.
    pub encrypts_secrets: Fact<bool>,
    /// Whether its endpoint is reached from the internet; so where it is not set.
    pub is_public: Fact<bool>,
    /// From where; from everywhere where it is not set.
    pub public_from: Fact<Vec<String>>,
}

/// An instance or a cluster of RDS or Aurora.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Database {
    /// Its identifier.
    pub name: Fact<String>,
    /// `mysql`, `mariadb`, `postgres`, `aurora-mysql`, `aurora-postgresql`, …
    pub engine: Fact<String>,
    /// Whether it is an instance of a cluster, whose settings are the cluster's.
    pub is_member: bool,
    /// The logs that are exported to CloudWatch Logs; none where it is not set.
    pub exports: Fact<Vec<String>>,
    /// Its parameter group; the engine's default where it is not set.
    pub parameters: Fact<Target>,
    /// Its option group; the engine's default where it is not set.
    pub options: Fact<Target>,
    /// Whether it is encrypted; not where it is not set.
    pub is_encrypted: Fact<bool>,
    /// Whether it is protected from deletion; not where it is not set.
    pub is_protected: Fact<bool>,
}

/// A parameter group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParameterGroup {
    /// Its name.
    pub name: Fact<String>,
    /// Its parameters.
    pub parameters: Fact<BTreeMap<String, Fact<String>>>,
}

/// An option group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OptionGroup {
    /// Its name.
    pub name: Fact<String>,
    /// The names of its options.
    pub options: Fact<Vec<String>>,
}
