//! What is acknowledged and not sealed yet, for whoever asks on the same machine.

use async_recursion::async_recursion;
use std::path::{Path, PathBuf};

use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::{Built, Layout, write};

use super::file::read;
use super::folder::{file, files, is_log_of};
use crate::ingest::push;
use crate::vault::Snapshot;
use crate::{Vault, spool};

/// Records that no commit holds yet, beside a table that holds all others.
#[derive(Debug)]
pub struct Tail {
    /// The table.
    pub snapshot: Snapshot,
    /// The records, as files that are in memory only.
    pub files: Vec<Built>,
}

impl Tail {
    /// How many records are not sealed yet.
    pub fn records(&self) -> u64 {
        self.files.iter().map(|file| file.add.records()).sum()
    }
}

/// Reads the log in a folder, and the accesses in spools. `None` where neither is there.
///
/// # Errors
/// The world's failure where a folder cannot be read; what the vault says else.
#[async_recursion]
pub async fn tail(vault: &Vault, folder: &Path, spools: &[PathBuf]) -> Result<Option<Tail>> {
    let is_log = is_log_of(folder, &vault.marker().origin)?;
    if !is_log && spools.is_empty() {
        return Ok(None);
    }
    let mut pushed = Vec::new();
    for (sequence, _) in if is_log { files(folder)? } else { Vec::new() } {
        pushed.extend(read(vault, &file(folder, sequence), sequence).await?.map(|read| read.pushed));
    }
    let mut accesses = Vec::new();
    for spool in spools {
        accesses.push(spool::read_all(vault, spool).await?);
    }
    // After the files were read: what is gone from the folder by now is in the table.
    let snapshot = vault.snapshot().await?;
    pushed.retain_mut(|pushed| pushed.is_new(&snapshot));
    pushed.extend(accesses);
    let drafts = push::drafts(vault, &snapshot, pushed).await?;
    let written = tokio::task::spawn_blocking(move || {
        let as_text = drafts.into_iter().map(|mut draft| {
            draft.layout = Layout::Text; // it is read once
            write(&draft, None, Timestamp::now())
        });
        as_text.collect::<Result<Vec<Built>>>()
    });
    let files = written.await.map_err(|error| Fault::broken(msg!("vault-thread-died")).because(error))??;
    Ok(Some(Tail { snapshot, files }))
}
