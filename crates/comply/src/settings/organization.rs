//! What an account or its organization has as a whole, and what watches and passes on: these stand in no resource of their own in code.

use super::{Fact, Policy};

/// A trail of an organization.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OrganizationTrail {
    /// Its ARN.
    pub arn: String,
    /// Whether it logs.
    pub is_logging: Fact<bool>,
    /// Whether it records all regions.
    pub is_multi_region: Fact<bool>,
}

/// A service control policy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServicePolicy {
    /// Its name.
    pub name: String,
    /// What it says.
    pub document: Fact<Policy>,
    /// What it is attached to, by the ids of roots, units and accounts.
    pub targets: Fact<Vec<String>>,
}

/// An organization of accounts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Organization {
    /// Its management account, to which no service control policy applies.
    pub management: Fact<String>,
    /// Its trails among those that were seen.
    pub trails: Fact<Vec<OrganizationTrail>>,
    /// Its service control policies.
    pub policies: Fact<Vec<ServicePolicy>>,
}

/// What CloudTrail's Insights watch of a trail.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Insights {
    /// `ApiCallRateInsight`, `ApiErrorRateInsight`; nothing is watched where it is not set.
    pub types: Fact<Vec<String>>,
}

/// Where a log group passes its events on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subscription {
    /// Its name.
    pub name: String,
    /// What it passes on; all of it where it is empty.
    pub pattern: String,
    /// Where to.
    pub destination: String,
}

/// Whom a log group passes its events on to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subscriptions {
    /// The log group.
    pub group: String,
    /// Each of them; none where it is not set.
    pub all: Fact<Vec<Subscription>>,
}

/// Security Hub in a region.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hub {
    /// Whether it is on.
    pub is_enabled: Fact<bool>,
    /// The standards that it follows, by their ARNs; none where it is not set.
    pub standards: Fact<Vec<String>>,
}

/// Somebody who may do everything, or end logs and take evidence away, by a policy that AWS wrote.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Administrator {
    /// The user or the role, by its ARN.
    pub arn: String,
    /// Whether it is a user.
    pub is_user: bool,
    /// By which policies, and of which groups.
    pub by: Vec<String>,
    /// Whether the user has a second factor.
    pub has_mfa: Fact<bool>,
}

/// Who may do everything in an account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Administrators {
    /// All of them.
    pub all: Fact<Vec<Administrator>>,
}
