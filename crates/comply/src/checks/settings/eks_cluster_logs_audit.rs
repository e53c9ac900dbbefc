//! A cluster logs its API server, its audit log and its authenticator.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("eks_cluster_logs_audit", Severity::High, &[Kind::Cluster], judge, TERRAFORM);

const TERRAFORM: &str =
    r#"enabled_cluster_log_types = ["api", "audit", "authenticator", "controllerManager", "scheduler"]"#;

/// Without these three, who did what in the cluster is not known.
const NEEDED: [&str; 3] = ["api", "audit", "authenticator"];
/// Those that say how the cluster itself works.
const OTHERS: [&str; 2] = ["controllerManager", "scheduler"];

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(cluster) = at.resource.cluster() else { return Vec::new() };
    let types = match cluster.log_types.get() {
        Err(why) => return vec![at.unknown("ClusterLogging", why)],
        Ok(types) => types.cloned().unwrap_or_default(),
    };
    let missing = |all: &[&'static str]| -> Vec<&'static str> {
        all.iter().copied().filter(|name| !types.iter().any(|one| one == name)).collect()
    };
    let (needed, others) = (missing(&NEEDED), missing(&OTHERS));
    vec![match (needed.is_empty(), others.is_empty()) {
        (false, _) => at.fail(msg!("settings-logs-missing", missing = needed.join(", "))),
        (true, false) => at.pass(msg!("settings-logs-others", missing = others.join(", "))),
        (true, true) => at.pass(msg!("settings-logs-on", types = types.join(", "))),
    }]
}
