//! No card number stands in the evidence: PCI DSS 3.5.1.

use shoseki_messages::msg;

use super::leaks::{CARD, QUERIES, judge};
use super::{Check, Severity};

pub(super) const CHECK: Check =
    Check::evidence("evidence_has_no_card_numbers", Severity::Critical, QUERIES, |evidence| {
        judge(evidence, |kind| kind == CARD, || msg!("check-found-card-numbers"))
    });
