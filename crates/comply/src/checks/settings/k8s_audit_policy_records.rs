//! An audit policy records what matters, as `check audit-policy` judges it.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity, Status};

pub(in crate::checks) const CHECK: Check =
    Check::settings("k8s_audit_policy_records", Severity::High, &[Kind::AuditPolicy], judge, TERRAFORM);

const TERRAFORM: &str = "";

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(policy) = at.resource.audit_policy() else { return Vec::new() };
    let worst = policy.found.iter().flat_map(|(_, found)| found).map(|finding| finding.status).min();
    if worst.is_some_and(|status| status >= Status::Pass) {
        return vec![at.pass(msg!("settings-policy-records"))];
    }
    let wrong = policy.found.iter().flat_map(|(_, found)| found).filter(|finding| finding.status < Status::Pass);
    wrong.map(|finding| at.finding(finding.status, msg!("settings-of-policy", what = finding.subject.as_str(), found = vec![finding.what.clone()]))).collect()
}
