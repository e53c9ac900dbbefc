//! Falco spoke in the period. Where nothing strikes it, it may be silent for days.

use super::arrived::{Kind, QUERIES, judge};
use super::{Check, Severity};

pub(super) const CHECK: Check = Check::evidence("evidence_falco_arrived", Severity::High, QUERIES, |evidence| {
    judge(&Kind { sources: &["falco"], is_daily: false }, evidence)
});
