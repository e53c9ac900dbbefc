//! No role of a cluster may do everything, read all secrets, or do what no audit log of the API server shows: ask a node's kubelet
//! directly (`nodes/proxy`), or take the token of any service account and act as it.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};
use crate::settings::KubernetesRule;

pub(in crate::checks) const CHECK: Check =
    Check::settings("k8s_role_is_limited", Severity::High, &[Kind::KubernetesRole], judge, TERRAFORM);

const TERRAFORM: &str = "";

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(role) = at.resource.kubernetes_role() else { return Vec::new() };
    let rules = match role.rules.get() {
        Err(why) => return vec![at.unknown("rules", why)],
        Ok(rules) => rules.map_or(&[][..], Vec::as_slice),
    };
    let has = |all: &[String], name: &str| all.iter().any(|one| one == "*" || one == name);
    let is_all = |rule: &KubernetesRule| {
        let has_star = |all: &[String]| all.iter().any(|one| one == "*");
        has_star(&rule.resources) && has_star(&rule.verbs) && has(&rule.groups, "")
    };
    let reads_secrets = |rule: &KubernetesRule| {
        let reads = ["get", "list", "watch"].iter().any(|verb| has(&rule.verbs, verb));
        has(&rule.groups, "") && has(&rule.resources, "secrets") && reads && rule.names.is_empty()
    };
    // What the kubelet is asked through the proxy, an `exec` among it, is in the audit log as a `get` of a node.
    let asks_nodes = |rule: &KubernetesRule| {
        let asks = ["get", "create"].iter().any(|verb| has(&rule.verbs, verb));
        has(&rule.groups, "") && (has(&rule.resources, "nodes/proxy") || has(&rule.resources, "*/proxy")) && asks
    };
    let takes_tokens = |rule: &KubernetesRule| {
        let is_token = has(&rule.resources, "serviceaccounts/token") || has(&rule.resources, "*/token");
        has(&rule.groups, "") && is_token && has(&rule.verbs, "create") && rule.names.is_empty()
    };
    let (reads, takes) = (rules.iter().any(reads_secrets), rules.iter().any(takes_tokens));
    // In a namespace of its own that may be its work; in all of them it is everybody's.
    vec![match role.is_cluster {
        _ if rules.iter().any(is_all) => at.fail(msg!("settings-role-all")),
        true if reads => at.fail(msg!("settings-role-secrets")),
        true if takes => at.fail(msg!("settings-role-tokens")),
        true if rules.iter().any(asks_nodes) => at.fail(msg!("settings-role-nodes")),
        false if reads => at.pass(msg!("settings-role-secrets")).to_review(),
        false if takes => at.pass(msg!("settings-role-tokens")).to_review(),
        _ => at.pass(msg!("settings-role-limited")),
    }]
}
