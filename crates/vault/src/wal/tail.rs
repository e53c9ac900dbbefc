//! What is acknowledged and not sealed yet, for whoever asks on the same machine.

use std::path::Path;

use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::{Built, Layout, write};

use super::file::read;
use super::folder::{file, files, is_log_of};
use crate::Vault;
use crate::ingest::push;
use crate::vault::Snapshot;

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

/// Reads the log in a folder. `None` where there is none of this vault.
///
/// # Errors
/// The world's failure where the folder cannot be read; what the vault says else.
pub async fn tail(vault: &Vault, folder: &Path) -> Result<Option<Tail>> {
    if !is_log_of(folder, &vault.marker().origin)? {
        return Ok(None);
    }
    let mut pushed = Vec::new();
    for (sequence, _) in files(folder)? {
        pushed.extend(read(vault, &file(folder, sequence), sequence).await?.map(|read| read.pushed));
    }
    // After the files were read: what is gone from the folder by now is in the table.
    let snapshot = vault.snapshot().await?;
    pushed.retain_mut(|pushed| pushed.is_new(&snapshot));
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
