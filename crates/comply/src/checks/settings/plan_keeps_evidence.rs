//! A plan of Terraform takes nothing away that keeps evidence.

use shoseki_messages::msg;

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("plan_keeps_evidence", Severity::Critical, &[Kind::Change], judge, TERRAFORM);

const TERRAFORM: &str = "lifecycle {\n  prevent_destroy = true\n}";

fn judge(at: At<'_>) -> Vec<Finding> {
    let Some(change) = at.resource.change() else { return Vec::new() };
    vec![match (&change.harm, &change.open) {
        (Some(harm), _) => at.fail(harm.clone()),
        (None, Some(open)) => at.no_evidence(open.clone()),
        (None, None) => at.pass(msg!("settings-change-harmless")),
    }]
}
