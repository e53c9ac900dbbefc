//! AWS Config spoke in the period. Where nothing changes it may be silent for days.

use super::arrived::{QUERIES, judge};
use super::scope::CONFIG;
use super::{Check, Severity};

pub(super) const CHECK: Check =
    Check::evidence("evidence_config_arrived", Severity::High, QUERIES, |evidence| judge(&CONFIG, evidence));
