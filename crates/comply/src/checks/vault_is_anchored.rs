//! The vault's checkpoints are kept outside of it: without that, who holds the signing key can write a whole history anew.

use shoseki_messages::msg;

use super::finding::Finding;
use super::{Check, Severity};

pub(super) const CHECK: Check = Check::evidence("vault_is_anchored", Severity::Critical, &[], |evidence| {
    let anchors = &evidence.vault.anchors;
    if anchors.is_empty() {
        return vec![Finding::fail("shoseki", msg!("check-found-no-anchor"))];
    }
    anchors.iter().map(|url| Finding::pass(url.as_str(), msg!("check-found-anchor"))).collect()
});
