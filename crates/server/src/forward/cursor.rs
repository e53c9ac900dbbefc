//! How far each target is: a small file each, beside the write-ahead log. It is a cache of what targets have, and no evidence; who
//! loses it begins where the configuration says.
//!
//! ```text
//! <wal>/forward/lock               held by the process that forwards
//!               grafana.json       {"format":1,"origin":"shoseki/prod","through":812,"done":["…"],"within":["…",4096]}
//! ```

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use shoseki_event::{RecordId, SegmentId};
use shoseki_messages::{Fault, Result, msg};
use shoseki_vault::Vault;

const FORMAT: u32 = 1;

/// The cursors of a vault's forwarders.
#[derive(Debug)]
pub(super) struct Cursors {
    folder: PathBuf,
    origin: String,
    /// One process forwards: two would send all twice.
    _lock: File,
}

/// How far a target is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    /// All of the commits before this one went out.
    pub(super) through: u64,
    /// Segments of that one and later ones of which all went out.
    pub(super) done: Vec<SegmentId>,
    /// A segment of which the records before this one went out.
    pub(super) within: Option<RecordId>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    format: u32,
    origin: String,
    through: u64,
    done: Vec<String>,
    within: Option<(String, u32)>,
}

impl Cursor {
    /// The first ordinal of a segment that did not go out; `None` where all of it did.
    pub(super) fn first(&self, segment: SegmentId) -> Option<u32> {
        match &self.within {
            _ if self.done.contains(&segment) => None,
            Some(at) if at.segment == segment => Some(at.ordinal),
            _ => Some(0),
        }
    }

    /// All before `next` went out, of these segments of a file in their order.
    pub(super) fn reach(&mut self, segments: &[SegmentId], next: RecordId) {
        for segment in segments.iter().take_while(|segment| **segment != next.segment) {
            self.finish(*segment);
        }
        self.within = Some(next);
    }

    /// All of a segment went out.
    pub(super) fn finish(&mut self, segment: SegmentId) {
        if !self.done.contains(&segment) {
            self.done.push(segment);
        }
        self.within = self.within.filter(|at| at.segment != segment);
    }
}

impl Cursors {
    /// Opens the folder of a vault's cursors.
    ///
    /// # Errors
    /// The caller's mistake where another process forwards; the world's failure where the folder cannot be made.
    pub(super) fn open(wal: &Path, vault: &Vault) -> Result<Self> {
        let folder = wal.join("forward");
        let shown = folder.display().to_string();
        let failed = |error| Fault::world(msg!("server-forward-folder", path = shown.as_str())).because(error);
        fs::create_dir_all(&folder).map_err(failed)?;
        let lock = File::create(folder.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                return Err(Fault::caller(msg!("server-forward-locked", path = shown.as_str())));
            }
            Err(fs::TryLockError::Error(error)) => return Err(failed(error)),
        }
        Ok(Self { folder, origin: vault.marker().origin.clone(), _lock: lock })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.json"))
    }

    /// The cursor of a forwarder; `None` where it never ran.
    ///
    /// # Errors
    /// The caller's mistake where it is of another vault or cannot be read.
    pub(super) fn read(&self, name: &str) -> Result<Option<Cursor>> {
        let path = self.path(name);
        let shown = path.display().to_string();
        let unreadable = || Fault::caller(msg!("server-forward-cursor", path = shown.as_str()));
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable().because(error)),
        };
        let wire: Wire = serde_json::from_slice(&bytes).map_err(|error| unreadable().because(error))?;
        if wire.format != FORMAT || wire.origin != self.origin {
            return Err(unreadable());
        }
        let done = wire.done.iter().map(|name| name.parse()).collect::<Result<_>>()?;
        let within = match wire.within {
            Some((segment, ordinal)) => Some(RecordId { segment: segment.parse()?, ordinal }),
            None => None,
        };
        Ok(Some(Cursor { through: wire.through, done, within }))
    }

    /// Keeps the cursor of a forwarder, durably.
    ///
    /// # Errors
    /// The world's failure.
    pub(super) fn keep(&self, name: &str, cursor: &Cursor) -> Result<()> {
        let wire = Wire {
            format: FORMAT,
            origin: self.origin.clone(),
            through: cursor.through,
            done: cursor.done.iter().map(ToString::to_string).collect(),
            within: cursor.within.map(|at| (at.segment.to_string(), at.ordinal)),
        };
        let path = self.path(name);
        let write = || -> std::io::Result<()> {
            let next = path.with_extension("next");
            let mut file = File::create(&next)?;
            file.write_all(serde_json::to_string(&wire)?.as_bytes())?;
            file.sync_all()?;
            fs::rename(&next, &path)?;
            File::open(&self.folder)?.sync_all()
        };
        let shown = path.display().to_string();
        write().map_err(|error| Fault::world(msg!("server-forward-unkept", path = shown)).because(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_knows_what_went_out() {
        let [a, b, c] = [1, 2, 3].map(|byte| SegmentId([byte; 16]));
        let mut cursor = Cursor::default();
        cursor.reach(&[a, b, c], RecordId { segment: b, ordinal: 10 });
        assert_eq!([a, b, c].map(|segment| cursor.first(segment)), [None, Some(10), Some(0)]);
        cursor.finish(b);
        cursor.finish(b);
        assert_eq!([a, b, c].map(|segment| cursor.first(segment)), [None, None, Some(0)]);
        assert_eq!((cursor.done.len(), cursor.within), (2, None));
    }
}
