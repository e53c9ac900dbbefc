//! An audit policy records what matters, as `check audit-policy` judges it.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity, Status};

pub(in crate::checks) const CHECK: Check =
    Check::settings("k8s_audit_policy_records", Severity::High, &[Kind::AuditPolicy], judge, TERRAFORM);

const TERRAFORM: &str = "";

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(policy) = at.resource.audit_policy() else { return Vec::new() };
    let of_check = |(name, found): &(&'static str, Vec<Finding>)| {
        let status = Status::of_all(found.iter().map(|finding| finding.status));
        let open: Vec<&str> = found
            .iter()
            .filter(|finding| finding.status < Status::Pass)
            .map(|finding| finding.subject.as_str())
            .collect();
        (status < Status::Pass)
            .then(|| at.finding(status, msg!("settings-of-policy", check = *name, what = open.join(", "))))
    };
    let open: Vec<Finding> = policy.found.iter().filter_map(of_check).collect();
    if open.is_empty() { vec![at.pass(msg!("settings-policy-records"))] } else { open }
}
