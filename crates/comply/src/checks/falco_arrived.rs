//! Falco spoke in the period. Where nothing strikes it, it may be silent for days.

use super::arrived::{QUERIES, judge};
use super::scope::FALCO;
use super::{Check, Severity};

pub(super) const CHECK: Check =
    Check::evidence("evidence_falco_arrived", Severity::High, QUERIES, |evidence| judge(&FALCO, evidence));
