//! No token, password or key stands in the evidence: whoever may search could use it.

use shoseki_messages::msg;

use super::leaks::{CARD, QUERIES, judge};
use super::{Check, Severity};

pub(super) const CHECK: Check = Check::evidence("evidence_has_no_secrets", Severity::High, QUERIES, |evidence| {
    judge(evidence, |kind| kind != CARD, || msg!("check-found-secrets"))
});
