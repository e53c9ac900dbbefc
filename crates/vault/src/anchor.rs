//! Anchors: places outside the vault that keep each checkpoint, so that who holds the signing key cannot rebuild the past.
//!
//! An anchor is a URL, as a vault's; it holds `<origin, with / as _>/<size>` and nothing is ever replaced there. The list
//! of anchors is a setting of the table, so that changing it is sealed.

use async_recursion::async_recursion;
use shoseki_messages::{Fault, Result, msg};
use shoseki_tlog::SignedCheckpoint;

use crate::buckets::Buckets;
use crate::store::{Created, Store};

/// The object of a checkpoint at an anchor.
fn name(checkpoint: &SignedCheckpoint) -> String {
    let origin = checkpoint.checkpoint().origin.replace('/', "_");
    format!("{origin}/{:020}", checkpoint.size())
}

/// The URL of an anchor or of a replica, independent of the folder that the caller stands in.
pub(crate) async fn absolute(url: &str, buckets: &dyn Buckets) -> Result<String> {
    if url.contains("://") {
        return Store::open(url, false, buckets).await.map(|_| url.to_owned());
    }
    match std::fs::canonicalize(url) {
        Ok(path) if path.is_dir() => Ok(path.display().to_string()),
        _ => Err(Fault::caller(msg!("vault-anchor-missing", path = url))),
    }
}

/// The place of an anchor.
///
/// # Errors
/// The world's failure where it is not there.
#[async_recursion]
pub async fn open_anchor(url: &str, buckets: &dyn Buckets) -> Result<Store> {
    Store::open(url, false, buckets).await.map_err(|fault| match fault.id() {
        "vault-folder-missing" => Fault::world(msg!("vault-anchor-missing", path = url)), // no vault is to be made there
        _ => fault,
    })
}

/// The size of the newest checkpoint that an anchor holds of an origin; 0 where there is none.
pub(crate) async fn newest(url: &str, origin: &str, buckets: &dyn Buckets) -> Result<u64> {
    let folder = origin.replace('/', "_");
    let listed = open_anchor(url, buckets).await?.list(&folder).await?;
    let size = |(name, _): &(String, u64)| name.rsplit('/').next().and_then(|name| name.parse::<u64>().ok());
    Ok(listed.iter().filter_map(size).max().unwrap_or_default())
}

/// Writes a checkpoint to an anchor.
///
/// # Errors
/// Damage where the anchor holds another checkpoint of that size; the world's failure else.
pub(crate) async fn write(url: &str, checkpoint: &SignedCheckpoint, buckets: &dyn Buckets) -> Result<()> {
    let store = open_anchor(url, buckets).await?;
    match store.create(&name(checkpoint), checkpoint.bytes().clone()).await? {
        Created::Ours => Ok(()),
        Created::Theirs(_) => Err(Fault::damage(msg!("vault-anchor-differs", url = url, size = checkpoint.size()))),
    }
}
