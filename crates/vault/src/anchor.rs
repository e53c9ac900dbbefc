//! Anchors: places outside the vault that keep each checkpoint, so that who holds the signing key cannot rebuild the past.
//!
//! An anchor is a URL, as a vault's; it holds `<origin, with / as _>/<size>` and nothing is ever replaced there. The list
//! of anchors is a setting of the table, so that changing it is sealed.

use shoseki_messages::{Fault, Result, msg};
use shoseki_tlog::SignedCheckpoint;

use crate::store::{Created, Store};

/// The object of a checkpoint at an anchor.
fn name(checkpoint: &SignedCheckpoint) -> String {
    let origin = checkpoint.checkpoint().origin.replace('/', "_");
    format!("{origin}/{:020}", checkpoint.size())
}

/// Writes a checkpoint to an anchor.
///
/// # Errors
/// Damage where the anchor holds another checkpoint of that size; the world's failure else.
pub(crate) async fn write(url: &str, checkpoint: &SignedCheckpoint) -> Result<()> {
    let store = Store::open(url, false)?;
    match store.create(&name(checkpoint), checkpoint.bytes().clone()).await? {
        Created::Ours => Ok(()),
        Created::Theirs(_) => Err(Fault::damage(msg!("vault-anchor-differs", url = url, size = checkpoint.size()))),
    }
}
