//! Who may do what, in IAM.

use super::{Fact, Policy};

/// A policy of identities, managed or in line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IamPolicy {
    /// Its name.
    pub name: Fact<String>,
    /// What it says.
    pub document: Fact<Policy>,
    /// Whether AWS wrote it: what it allows is not this estate's to mend.
    pub is_of_aws: bool,
}

/// A role.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IamRole {
    /// Its name.
    pub name: Fact<String>,
    /// Who may take it.
    pub trust: Fact<Policy>,
    /// The managed policies that it has, by name or ARN.
    pub managed: Fact<Vec<String>>,
}

/// A user; root is one too.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IamUser {
    /// Its name.
    pub name: Fact<String>,
    /// Whether it is root.
    pub is_root: bool,
    /// Whether it has a password for the console.
    pub has_password: Fact<bool>,
    /// Whether it has a second factor.
    pub has_mfa: Fact<bool>,
    /// How many access keys are active.
    pub active_keys: Fact<u64>,
    /// For how many days neither its password nor an active key was used; where it never was, since it was made.
    pub idle_days: Fact<u64>,
    /// How many days ago the oldest of its active keys was made.
    pub key_days: Fact<u64>,
    /// The managed policies that it has, by name or ARN.
    pub managed: Fact<Vec<String>>,
}
