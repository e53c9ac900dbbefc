//! Security Hub is on: what AWS's own services find is put together in one place.

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("securityhub_hub_is_on", Severity::Medium, &[Kind::Hub], judge, TERRAFORM);

const TERRAFORM: &str = r#"resource "aws_securityhub_account" "this" {}"#;

fn judge(at: At<'_>) -> Vec<Finding> {
    let hub = at.resource.hub();
    hub.map(|hub| at.is("SecurityHub", &hub.is_enabled, false)).into_iter().collect()
}
