//! What Kubernetes' own files say: roles, the audit policy, Falco.

use super::Fact;
use crate::checks::Finding;

/// A rule of a role.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KubernetesRule {
    /// API groups; the core's is empty.
    pub groups: Vec<String>,
    /// Resources.
    pub resources: Vec<String>,
    /// Verbs.
    pub verbs: Vec<String>,
    /// Names of objects, where it is about some only.
    pub names: Vec<String>,
}

/// A role.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KubernetesRole {
    /// Whether it holds in all namespaces.
    pub is_cluster: bool,
    /// Its rules.
    pub rules: Fact<Vec<KubernetesRule>>,
}

/// An audit policy, with what its evaluation found.
#[derive(Clone, Debug, Default)]
pub struct AuditPolicy {
    /// What each check of policies found, by its name.
    pub found: Vec<(&'static str, Vec<Finding>)>,
}

/// An installation of Falco.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Falco {
    /// Whether alerts are JSON; not where it is not set.
    pub is_json: Fact<bool>,
    /// Whether alerts are posted to somebody, by itself.
    pub posts: Fact<bool>,
    /// Whether falcosidekick takes them, which passes them on.
    pub has_sidekick: Fact<bool>,
}
