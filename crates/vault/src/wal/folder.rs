//! The folder of a write-ahead log: its name, its lock, its files.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::keys::Secret;

use super::{unreadable, unwritable};
use crate::keydir::restrict;

const NAME: &str = "log";
const LOCK: &str = "lock";
const SUFFIX: &str = ".wal";

/// What the file `log` says.
#[derive(Serialize, Deserialize)]
struct Name {
    origin: String,
}

/// A folder that this process holds.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    path: PathBuf,
    log: String,
    /// The lock ends with the last clone.
    _lock: Arc<File>,
}

impl Folder {
    /// Makes or opens it, and keeps other processes from writing there.
    ///
    /// # Errors
    /// The caller's mistake where another process has it or it is another vault's; the world's failure else.
    pub(super) fn open(path: &Path, origin: &str) -> Result<Self> {
        let failed = |error| unwritable(path, error);
        fs::create_dir_all(path).map_err(failed)?;
        restrict(path, 0o700).map_err(failed)?;
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(path.join(LOCK)).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Fault::caller(msg!("vault-wal-in-use", path = path.display().to_string())));
            }
            Err(TryLockError::Error(error)) => return Err(unwritable(path, error)),
        }
        if !is_log_of(path, origin)? {
            let name = Name { origin: origin.to_owned() };
            let text = serde_json::to_vec(&name).map_err(|e| Fault::broken(msg!("vault-wal-other")).because(e))?;
            let temporary = path.join(format!(".{NAME}"));
            let mut file = File::create(&temporary).map_err(failed)?;
            file.write_all(&text).and_then(|()| file.sync_all()).map_err(failed)?;
            fs::rename(&temporary, path.join(NAME)).map_err(failed)?;
            sync(path).map_err(failed)?;
        }
        // Whoever copies the folder and goes on with both has two logs, and no number stands for two files.
        let log = hex::encode(&Secret::fresh()?.expose()[..16]);
        Ok(Self { path: path.to_owned(), log, _lock: Arc::new(lock) })
    }

    /// The name of what this process writes.
    pub(super) fn log(&self) -> &str {
        &self.log
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a file.
    pub(super) fn file(&self, sequence: i64) -> PathBuf {
        file(&self.path, sequence)
    }

    /// The numbers of its files in order, and their lengths.
    pub(super) fn files(&self) -> Result<Vec<(i64, u64)>> {
        files(&self.path)
    }
}

/// Whether a folder is a log of a vault; `false` where it is none at all.
///
/// # Errors
/// The caller's mistake where it is another vault's.
pub(super) fn is_log_of(path: &Path, origin: &str) -> Result<bool> {
    let text = match fs::read(path.join(NAME)) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(unreadable(path, error)),
    };
    let other = || Fault::caller(msg!("vault-wal-other", path = path.display().to_string(), origin = origin));
    let name: Name = serde_json::from_slice(&text).map_err(|error| other().because(error))?;
    if name.origin == origin { Ok(true) } else { Err(other()) }
}

/// The path of a file.
pub(super) fn file(folder: &Path, sequence: i64) -> PathBuf {
    folder.join(format!("{sequence:020}{SUFFIX}"))
}

/// The numbers of a folder's files in order, and their lengths.
pub(super) fn files(folder: &Path) -> Result<Vec<(i64, u64)>> {
    let failed = |error| unreadable(folder, error);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let sequence = name.to_str().and_then(|name| name.strip_suffix(SUFFIX)).and_then(|name| name.parse().ok());
        let Some(sequence) = sequence else { continue };
        match entry.metadata() {
            Ok(metadata) => found.push((sequence, metadata.len())),
            Err(error) if error.kind() == ErrorKind::NotFound => {} // a commit holds it by now
            Err(error) => return Err(failed(error)),
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Makes what was created in a folder durable.
pub(crate) fn sync(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}
