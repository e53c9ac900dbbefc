//! Falco's alerts are JSON: text cannot be read again field by field.

use super::{At, Check, Finding, Kind, Severity};

pub(in crate::checks) const CHECK: Check =
    Check::settings("falco_output_is_json", Severity::Medium, &[Kind::Falco], judge, TERRAFORM);

const TERRAFORM: &str = "";

fn judge(at: At<'_>) -> Vec<Finding> {
    let falco = at.resource.falco();
    falco.map(|falco| at.is("json_output", &falco.is_json, false)).into_iter().collect()
}
