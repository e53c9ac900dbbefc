//! The spool of accesses: whoever reads evidence leaves a record of it, durable before the first row is shown, and kept here until a
//! commit holds it.
//!
//! ```text
//! <folder>/<32 hex digits>.access      one access: a file of the write-ahead log (see `shoseki_segment::wal`) of its own
//!          .<32 hex digits>            one that is just being begun
//!          lock                        held by the process that takes them in
//! ```
//!
//! A file has one delivery when the access begins and a second one, which stands in the place of the first, when it ends. Whoever
//! reads evidence holds a lock on its file meanwhile, and the system takes the lock from a process that dies: what is not locked
//! does not grow any more. So an access becomes one record, with its end where it had one, and what else it told (what a run of checks
//! found) a record each. It is known by its id: a file that is
//! taken in twice, since somebody died between the commit and the deletion, is known the second time.

use async_recursion::async_recursion;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Kind, Result, msg};
use shoseki_segment::OWN_SOURCE;
use shoseki_segment::keys::Secret;
use shoseki_segment::wal::{Delivery, Frames, WalHead};

use crate::Vault;
use crate::ingest::DEFAULT_CLASS;
use crate::ingest::push::{Pushed, take_known_by_key};
use crate::keydir::restrict;
use crate::keyring::Keyring;
use crate::wal::{Read, read, sync};

/// The stream of accesses.
pub const STREAM: &str = "shoseki/access";
/// The door that they come by.
const DOOR: &str = "access";
/// The name of the spool in the folder of a write-ahead log.
const FOLDER: &str = "access";
const SUFFIX: &str = "access";
/// The ending of files that were changed.
const CHANGED: &str = "access-changed";
const LOCK: &str = "lock";
/// The number of the one file of its log.
const SEQUENCE: i64 = 1;
/// How many are taken in at once: each is a file, and a commit is made of them in memory.
const AT_ONCE: usize = 10_000;
/// The age at which a file that was begun and never finished is deleted: nobody was shown anything for it.
const ABANDONED: Duration = Duration::from_secs(3_600);

/// The spool in the folder of a write-ahead log.
pub fn folder_of(wal: &Path) -> PathBuf {
    wal.join(FOLDER)
}

/// The name of a new access: 32 hexadecimal digits.
///
/// # Errors
/// The world's failure where there are no random numbers.
pub fn new_id() -> Result<String> {
    Ok(hex::encode(&Secret::fresh()?.expose()[..16]))
}

/// An access that goes on: its beginning is durable.
#[derive(Debug)]
pub struct Recording {
    file: File,
    frames: Frames,
    id: String,
    begun: Timestamp,
}

impl Recording {
    /// Writes the beginning of an access. Once this says yes, it is on the disk.
    ///
    /// # Errors
    /// The world's failure where the folder cannot be written; what the class keys say else.
    #[async_recursion]
    pub async fn begin(vault: &Vault, folder: &Path, id: &str, event: Bytes) -> Result<Self> {
        let class_key = match vault.ring() {
            None => None,
            // Any class key will do, and to ask writes nothing into a vault that has one.
            Some(ring) => match ring.latest().await? {
                Some(latest) => Some(latest),
                None => {
                    let id = Keyring::id_of(DEFAULT_CLASS, Timestamp::now().day());
                    let key = ring.get_or_create(&id).await?;
                    Some((id, key))
                }
            },
        };
        let (head, key) = WalHead::new(id, SEQUENCE, class_key.as_ref().map(|(id, key)| (id.as_str(), key)))?;
        let frames = Frames::new(&head, key)?;
        let begun = Timestamp::now();
        let bytes = [head.to_bytes()?, frames.seal(0, delivery(id, begun, vec![event]).to_bytes()?)?].concat();
        let file = place(folder, id, &bytes).map_err(|error| unwritable(folder, error))?;
        Ok(Self { file, frames, id: id.to_owned(), begun })
    }

    /// Writes its end: the access, and what else it told, each with an id of its own. It is not waited for the disk: where power is
    /// lost now, the record says that its end is not known.
    ///
    /// # Errors
    /// The world's failure where the file cannot be written.
    pub fn end(mut self, events: Vec<Bytes>) -> Result<()> {
        let frame = self.frames.seal(1, delivery(&self.id, self.begun, events).to_bytes()?)?;
        self.file.write_all(&frame).map_err(|error| unwritable(Path::new(&self.id), error))
    }
}

fn delivery(id: &str, received: Timestamp, events: Vec<Bytes>) -> Delivery {
    Delivery {
        received,
        door: DOOR.to_owned(),
        sender: OWN_SOURCE.to_owned(),
        from: None,
        source: Some(OWN_SOURCE.to_owned()),
        stream: Some(STREAM.to_owned()),
        log: None,
        id: Some(id.to_owned()),
        is_wrapped_by_us: false,
        cursor: None,
        events,
    }
}

/// Puts a file there that is locked and whole, or none.
fn place(folder: &Path, id: &str, bytes: &[u8]) -> std::io::Result<File> {
    if !folder.is_dir() {
        fs::create_dir_all(folder)?;
        restrict(folder, 0o700)?;
    }
    let temporary = folder.join(format!(".{id}"));
    let mut file = OpenOptions::new().append(true).create_new(true).open(&temporary)?;
    restrict(&temporary, 0o600)?;
    let written = file.lock().and_then(|()| file.write_all(bytes)).and_then(|()| file.sync_all());
    let placed = written.and_then(|()| fs::rename(&temporary, folder.join(format!("{id}.{SUFFIX}"))));
    if let Err(error) = placed {
        let _ = fs::remove_file(&temporary); // it holds nothing that anybody was shown
        return Err(error);
    }
    sync(folder)?;
    Ok(file)
}

fn unwritable(path: &Path, error: std::io::Error) -> Fault {
    Fault::world(msg!("vault-spool-unwritable", path = path.display().to_string())).because(error)
}

fn unreadable(path: &Path, error: std::io::Error) -> Fault {
    Fault::world(msg!("vault-spool-unreadable", path = path.display().to_string())).because(error)
}

/// What lies in a spool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Waiting {
    /// Accesses that ended, or whose process did.
    pub ended: u64,
    /// Accesses that go on.
    pub under_way: u64,
}

/// Counts what lies in a spool. It opens no vault.
///
/// # Errors
/// The world's failure where the folder cannot be read.
pub fn waiting(folder: &Path) -> Result<Waiting> {
    let mut waiting = Waiting::default();
    for path in files(folder)? {
        match hold(&path) {
            Some(_) => waiting.ended += 1,
            None => waiting.under_way += u64::from(path.exists()),
        }
    }
    Ok(waiting)
}

/// What came of taking accesses in.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// How many records are new in the vault.
    pub records: u64,
    /// What was changed in the folder, and is kept beside.
    pub warnings: Vec<Arc<Fault>>,
}

/// Takes the accesses in that ended: one commit, sealed, and then their files are deleted. Where another process is at it, or
/// nothing is there, nothing happens.
///
/// # Errors
/// What keeps the vault from being written: the files stay.
#[async_recursion(?Send)]
pub async fn take_in(vault: &Vault, folder: &Path) -> Result<Taken> {
    let mut taken = Taken::default();
    if files(folder)?.is_empty() {
        return Ok(taken);
    }
    let lock = OpenOptions::new().write(true).create(true).truncate(false).open(folder.join(LOCK));
    let lock = lock.map_err(|error| unwritable(folder, error))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(taken),
        Err(TryLockError::Error(error)) => return Err(unwritable(folder, error)),
    }
    vault.check_before_adding().await?;
    sweep(folder);
    loop {
        let (mut held, mut accesses) = (Vec::new(), Vec::new());
        for path in files(folder)? {
            if held.len() >= AT_ONCE {
                break;
            }
            let Some(file) = hold(&path) else { continue };
            let is_changed = match last(vault, &path).await {
                Ok(None) => continue,
                Ok(Some(access)) => {
                    accesses.push((accesses.len() as u64, access.delivery));
                    access.is_changed
                }
                Err(fault) if fault.kind() == Kind::Damage => true,
                Err(fault) => return Err(fault),
            };
            held.push((path, is_changed, file));
        }
        if held.is_empty() {
            return Ok(taken);
        }
        if !accesses.is_empty() {
            let summary = take_known_by_key(vault, pushed(accesses)).await?;
            taken.records += summary.new;
            taken.warnings.extend(summary.warnings);
        }
        for (path, is_changed, _file) in held {
            taken.warnings.extend(done(&path, is_changed).map_err(|error| unwritable(folder, error))?);
        }
    }
}

fn pushed(accesses: Vec<(u64, Delivery)>) -> Pushed {
    Pushed { log: String::new(), sequence: SEQUENCE, deliveries: accesses }
}

/// Deletes a file that was taken in. One that was changed is kept beside, and said.
fn done(path: &Path, is_changed: bool) -> std::io::Result<Option<Arc<Fault>>> {
    if is_changed {
        let aside = path.with_extension(CHANGED);
        fs::rename(path, &aside)?;
        let changed = msg!("vault-spool-changed", path = aside.display().to_string());
        return Ok(Some(Arc::new(Fault::damage(changed))));
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(None),
    }
}

/// What lies in a spool, as it would be taken in, whether it ended or not. What cannot be read is passed over: it is said where it is
/// taken in.
pub(crate) async fn read_all(vault: &Vault, folder: &Path) -> Result<Pushed> {
    let mut all = Vec::new();
    for path in files(folder)?.into_iter().take(AT_ONCE) {
        match last(vault, &path).await {
            Ok(access) => all.extend(access.map(|access| access.delivery)),
            Err(fault) if fault.kind() == Kind::Damage => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(pushed((0..).zip(all).collect()))
}

struct Access {
    delivery: Delivery,
    /// Whether what follows it in its file was changed.
    is_changed: bool,
}

/// The access of a file: its newest delivery, in our own stream whatever it says. `None` where the file is gone.
async fn last(vault: &Vault, path: &Path) -> Result<Option<Access>> {
    let Some(Read { mut pushed, is_changed }) = read(vault, path, SEQUENCE).await? else { return Ok(None) };
    let id = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let last = pushed.deliveries.pop().filter(|_| pushed.log == id); // a copy under another name would be another access
    let Some((_, Delivery { received, events, .. })) = last else {
        return Err(Fault::damage(msg!("segment-wal-unreadable")));
    };
    Ok(Some(Access { delivery: delivery(id, received, events), is_changed }))
}

/// The files of a spool, by name; none where there is no such folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(folder, error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        if path.extension().is_some_and(|extension| extension == SUFFIX) {
            found.push(path);
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Locks a file that nobody writes any more. `None` where somebody does, or it is gone.
fn hold(path: &Path) -> Option<File> {
    let file = File::open(path).ok()?;
    file.try_lock().is_ok().then_some(file)
}

/// Deletes what was begun by who died before it was whole.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_begun = entry.file_name().as_encoded_bytes().starts_with(b".");
        let age = entry.metadata().and_then(|metadata| metadata.modified()).ok().and_then(|time| time.elapsed().ok());
        if is_begun && age.is_some_and(|age| age > ABANDONED) {
            let _ = fs::remove_file(entry.path()); // the next time, else
        }
    }
}
