//! No role of a cluster may do everything, or read all secrets.

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
    vec![if rules.iter().any(is_all) {
        at.fail(msg!("settings-role-all"))
    } else if rules.iter().any(reads_secrets) {
        let said = msg!("settings-role-secrets");
        // In a namespace of its own that may be its work; in all of them it is everybody's secrets.
        if role.is_cluster { at.fail(said) } else { at.pass(said).to_review() }
    } else {
        at.pass(msg!("settings-role-limited"))
    }]
}
