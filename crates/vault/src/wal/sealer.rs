//! What takes closed files of the log in, one commit each, and deletes them.

use async_recursion::async_recursion;
use std::fs;
use std::io::ErrorKind;
use std::sync::Arc;

use shoseki_messages::{Fault, Result, msg};
use tokio::sync::mpsc;

use super::file::read;
use super::folder::{Folder, sync};
use super::{Waiting, unwritable};
use crate::Vault;
use crate::ingest::Summary;
use crate::ingest::push::Pushes;

/// Takes the files of a log in, in their order.
pub struct Sealer {
    vault: Arc<Vault>,
    folder: Folder,
    closed: mpsc::UnboundedReceiver<i64>,
    waiting: Arc<Waiting>,
    pushes: Pushes,
    left: usize,
}

impl Sealer {
    pub(super) fn new(
        vault: Arc<Vault>,
        folder: Folder,
        (closed, left): (mpsc::UnboundedReceiver<i64>, usize),
        waiting: Arc<Waiting>,
    ) -> Self {
        Self { vault, folder, closed, waiting, pushes: Pushes::default(), left }
    }

    /// How many files were left by the last run when the log was opened; they are the first that are given.
    pub fn left(&self) -> usize {
        self.left
    }

    /// The next file that was closed. `None` once the log was stopped and all of it was given.
    #[async_recursion]
    pub async fn next(&mut self) -> Option<i64> {
        self.closed.recv().await
    }

    /// Takes a file in: committed, sealed, and then deleted. What was changed in it is kept beside, and is a warning.
    ///
    /// # Errors
    /// What keeps the vault from being written: the file stays, and the same can be tried again.
    #[async_recursion(?Send)]
    pub async fn seal(&mut self, sequence: i64) -> Result<Summary> {
        let path = self.folder.file(sequence);
        let size = fs::metadata(&path).map_or(0, |metadata| metadata.len());
        let (mut summary, is_changed) = match read(&self.vault, &path, sequence).await {
            Ok(None) => (Summary::default(), false), // whoever began it died before the first delivery
            Ok(Some(read)) => {
                let (vault, pushes) = (Arc::clone(&self.vault), &mut self.pushes);
                (pushes.take(&vault, read.pushed).await?, read.is_changed)
            }
            Err(fault) if fault.kind() == shoseki_messages::Kind::Damage => {
                self.put_aside(sequence, size)?;
                return Ok(Summary { warnings: vec![Arc::new(fault)], ..Summary::default() });
            }
            Err(fault) => return Err(fault),
        };
        if is_changed {
            self.put_aside(sequence, size)?;
            let path = path.with_extension(CHANGED).display().to_string();
            summary.warnings.push(Arc::new(Fault::damage(msg!("vault-wal-changed", path = path))));
            return Ok(summary);
        }
        match fs::remove_file(&path) {
            Ok(()) => self.waiting.shrank(size, 1),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(unwritable(&path, error)),
        }
        Ok(summary)
    }

    /// The vault.
    pub fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }

    fn put_aside(&self, sequence: i64, size: u64) -> Result<()> {
        let path = self.folder.file(sequence);
        let placed = fs::rename(&path, path.with_extension(CHANGED)).and_then(|()| sync(self.folder.path()));
        placed.map_err(|error| unwritable(&path, error))?;
        self.waiting.shrank(size, 1);
        Ok(())
    }
}

/// The ending of files that were changed.
const CHANGED: &str = "wal-changed";
