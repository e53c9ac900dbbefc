//! The originals: what could not be rebuilt from records lies whole, under the hash of what was received.

use std::collections::BTreeSet;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::{envelope, layout};

use crate::files::Receipts;
use crate::keys::Keys;
use crate::log::Logs;
use crate::vault::Evidence;
use crate::verdict::{Problem, Report};

/// Judges all originals, and that each is there that a receipt needs.
pub(crate) async fn judge(evidence: &Evidence, logs: &Logs, receipts: &Receipts, report: &mut Report) -> Result<()> {
    let (mut unneeded, mut good) = (BTreeSet::<&str>::new(), BTreeSet::<&str>::new());
    for (name, _) in evidence.listing.under(layout::ORIGINALS) {
        let hash = name.rsplit('/').next().unwrap_or_default();
        let is_hash = hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if !is_hash || layout::original(hash) != name {
            report.problem(Problem::tampered(name, msg!("verify-object-unknown")));
            continue;
        }
        unneeded.insert(name);
        let Some(bytes) = evidence.place.get(name).await? else { continue };
        let (keys, object) = (Arc::clone(&evidence.keys), name.to_owned());
        let checked = tokio::task::spawn_blocking(move || check(&keys, &object, &bytes))
            .await
            .map_err(|error| Fault::broken(msg!("verify-thread-died")).because(error))?;
        match checked {
            Ok(true) => {
                report.checked.originals += 1;
                good.insert(name);
            }
            Ok(false) => report.note(msg!("verify-original-not-opened", name = name)),
            Err(fault) => report.problem(Problem::of(name, fault)),
        }
    }
    let (mut not_kept, mut erased) = (0, 0);
    for found in &receipts.found {
        let name = layout::original(&found.receipt.received.sha256);
        unneeded.remove(name.as_str());
        if found.receipt.recipe.is_some() {
            continue; // it may be kept beside its recipe; nothing is lost without it
        }
        if found.receipt.not_kept {
            not_kept += 1;
            continue; // the receipt, which is sealed, says that it never was
        }
        if logs.erased_original(&found.receipt.received.sha256).is_some() {
            erased += 1;
        } else if evidence.listing.size(&name).is_none() {
            let message = msg!("verify-original-missing", receipt = found.id.to_string());
            report.problem(Problem::tampered(name, message).since(found.since));
        } else if good.contains(name.as_str()) {
            report.checked.receipts += 1;
        }
    }
    if erased > 0 {
        report.note(msg!("verify-originals-erased", count = erased));
    }
    if not_kept > 0 {
        report.note(msg!("verify-originals-not-kept", count = not_kept));
    }
    if receipts.are_all && !unneeded.is_empty() {
        let names = unneeded.iter().take(10).copied().collect::<Vec<_>>().join(", ");
        report.note(msg!("verify-originals-unneeded", count = unneeded.len(), names = names));
    }
    Ok(())
}

/// Whether an original is what its name says. `false` where it is encrypted and nothing is there that opens it.
fn check(keys: &Keys, name: &str, bytes: &[u8]) -> Result<bool> {
    let differs = || Fault::damage(msg!("verify-original-changed"));
    let is_named = |content: &[u8]| {
        name.strip_prefix(layout::ORIGINALS).and_then(|rest| rest.strip_prefix('/'))
            == Some(&hex::encode(Sha256::digest(content)))
    };
    if is_named(bytes) {
        return Ok(true); // it lies there in plain, and an envelope cannot have the hash of its own content
    }
    if !envelope::is_envelope(bytes) {
        return Err(differs());
    }
    let wrapped = envelope::wrapped_key(bytes)?;
    if !keys.can_open() || keys.is_foreign(&wrapped.id) {
        return Ok(false);
    }
    let class_key = keys.class_key(&wrapped, name).ok_or_else(differs)?;
    let plain = envelope::open(class_key, name, bytes)?;
    if is_named(&plain) { Ok(true) } else { Err(differs()) }
}
