//! Replicas: other places that hold the vault again, and how a vault is put right from one of them.
//!
//! A replica is a vault by its layout: `verify` and `query` read it as any other. What makes it a replica is one more object,
//! `.shoseki-replica`, and that this crate commits nothing where it lies. It is written by [`copy`] alone, so that it is an
//! older state of the vault, whole: files first, then the commits that name them, the checkpoint that proves these last.
//!
//! Nothing is copied, in either direction, that the signed log does not prove ([`proof`](self)): damage does not spread.

mod copy;
mod proof;
mod restore;
mod state;

pub use copy::{Copied, Problem, agrees, copy, newest};
pub use restore::{Restored, RestoredObject, Scope, check_known, restore};

use async_recursion::async_recursion;
use std::time::Duration;

use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::commit::REPLICAS_KEY;
use shoseki_segment::layout;
use shoseki_tlog::SignedCheckpoint;

use crate::anchor;
use crate::buckets::Buckets;
use crate::store::{Created, Store};
use crate::vault::{Snapshot, Vault, lines_of};

/// What makes a place a replica. A listing passes over it, and nothing seals it.
const MARK: &str = ".shoseki-replica";

fn mark_of(origin: &str) -> String {
    format!("A replica of {origin}: `shoseki replica sync` alone writes here.\n")
}

/// Whether a place is a replica.
///
/// # Errors
/// The world's failure where it cannot be read.
#[async_recursion]
pub async fn is_marked(store: &Store) -> Result<bool> {
    Ok(store.get(MARK).await?.is_some())
}

/// Makes an empty place a replica of a vault, or makes sure that it is one.
///
/// # Errors
/// The caller's mistake where something else lies there; the world's failure where it cannot be written.
#[async_recursion]
pub async fn begin(vault: &Vault, store: &Store) -> Result<()> {
    let mark = mark_of(&vault.marker().origin);
    if let Some(there) = store.get(MARK).await? {
        return match there == mark.as_bytes() {
            true => Ok(()),
            false => Err(Fault::caller(msg!("replica-of-another", url = store.url()))),
        };
    }
    if !store.list("").await?.is_empty() {
        return Err(Fault::caller(msg!("replica-not-empty", url = store.url())));
    }
    match store.create(MARK, mark.into()).await? {
        Created::Ours => Ok(()),
        Created::Theirs(_) => Err(Fault::caller(msg!("replica-of-another", url = store.url()))),
    }
}

/// The place of a replica, for who writes it.
///
/// # Errors
/// The caller's mistake where it is no replica of this vault; the world's failure where it cannot be reached.
#[async_recursion]
pub async fn open(vault: &Vault, url: &str) -> Result<Store> {
    let store = Store::open(url, false, vault.buckets()).await.map_err(|fault| match fault.id() {
        "vault-folder-missing" => Fault::world(msg!("replica-unreachable", url = url)), // as where a disk is not mounted
        _ => fault,
    })?;
    match store.get(MARK).await? {
        Some(there) if there == mark_of(&vault.marker().origin).as_bytes() => Ok(store),
        Some(_) => Err(Fault::caller(msg!("replica-of-another", url = url))),
        None if store.get(layout::MARKER).await?.is_some() => Err(Fault::caller(msg!("replica-is-vault", url = url))),
        None => Err(Fault::world(msg!("replica-unreachable", url = url))),
    }
}

/// How long is waited for a replica that is asked how far it is.
const PATIENCE: Duration = Duration::from_secs(5);

/// The size of the tree that a replica's copy of the checkpoint proves; 0 where it has none, or cannot be reached in a few seconds.
pub(crate) async fn claimed(vault: &Vault, url: &str) -> u64 {
    let ask = async {
        let bytes = open(vault, url).await.ok()?.get(layout::CHECKPOINT).await.ok()??;
        SignedCheckpoint::open(&bytes, &vault.verifier().ok()?).ok().map(|signed| signed.size())
    };
    tokio::time::timeout(PATIENCE, ask).await.ok().flatten().unwrap_or_default()
}

/// The URL of a replica, independent of the folder that the caller stands in.
///
/// # Errors
/// The caller's mistake where there is no such place.
#[async_recursion]
pub async fn absolute(url: &str, buckets: &dyn Buckets) -> Result<String> {
    anchor::absolute(url, buckets).await
}

impl Vault {
    /// Adds a replica to the list, as a sealed change of the configuration. `false` where it is one already. [`begin`] made the
    /// place one before.
    ///
    /// # Errors
    /// The world's failure where the vault cannot be written.
    #[async_recursion]
    pub async fn add_replica(&self, url: &str) -> Result<bool> {
        self.configure(REPLICAS_KEY, |replay| {
            let mut all = lines_of(replay, REPLICAS_KEY);
            if all.iter().any(|known| known == url) {
                return None;
            }
            all.push(url.to_owned());
            Some(Some(all.join("\n")))
        })
        .await
    }

    /// Takes a replica off the list, as a sealed change of the configuration. What it holds stays there.
    ///
    /// # Errors
    /// The caller's mistake where it is none; the world's failure where the vault cannot be written.
    #[async_recursion]
    pub async fn remove_replica(&self, url: &str) -> Result<()> {
        let whole = std::fs::canonicalize(url).map(|path| path.display().to_string());
        let is_it = |known: &String| known == url || whole.as_ref().is_ok_and(|whole| whole == known);
        let is_gone = self.configure(REPLICAS_KEY, |replay| {
            let all = lines_of(replay, REPLICAS_KEY);
            let left: Vec<String> = all.iter().filter(|known| !is_it(known)).cloned().collect();
            (left.len() < all.len()).then(|| Some(left.join("\n")).filter(|left| !left.is_empty()))
        });
        if is_gone.await? {
            return Ok(());
        }
        let known = self.snapshot().await?.replicas().join(", ");
        Err(Fault::caller(msg!("replica-unknown", url = url, known = known)))
    }
}

impl Snapshot {
    /// The places that the vault is copied to.
    pub fn replicas(&self) -> Vec<String> {
        lines_of(&self.replay, REPLICAS_KEY)
    }
}
