//! The write-ahead log: what was pushed is durable here before its sender hears yes, and searchable from its tail until a
//! commit holds it.
//!
//! ```text
//! <folder>/log                          {"origin":"shoseki/prod"}
//!          lock                         held by the process that writes
//!          00000000000000000017.wal     see `shoseki_segment::wal`
//! ```
//!
//! A file grows until it is large or a minute old. Then it is closed, and a [`Sealer`] makes one commit of it, which names its
//! number and the log that it is of; after that it is deleted. Who dies anywhere on the way finds the file again: its head says
//! whether a commit holds it already. Each process that opens a folder begins a log of its own, with a name that is drawn, so that
//! a copied folder is never taken for the one that it was copied from. What could not be written durably was not acknowledged.

mod file;
mod folder;
mod sealer;
mod tail;
mod writer;

use async_recursion::async_recursion;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use shoseki_messages::{Fault, Kind, Result, msg};
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::Vault;
use folder::Folder;

pub(crate) use file::{Read, read};
pub(crate) use folder::sync;
pub use sealer::Sealer;
pub use shoseki_segment::wal::Delivery;
pub use tail::{Tail, tail};

/// When files are closed, and how much may lie here.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The age at which a file is closed: how long an acknowledged event waits for its seal.
    pub seal_every: Duration,
    /// The most bytes that lie in the folder: what comes when they are reached is refused.
    pub on_disk: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { seal_every: Duration::from_secs(60), on_disk: 2 << 30 }
    }
}

/// Why a delivery was not taken.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// The folder holds as much as it may: sealing lags behind. It may be sent again later.
    Full,
    /// It could not be written. It may be sent again later.
    Failed(Arc<Fault>),
    /// It cannot be written, however often it is sent.
    Unfit(Arc<Fault>),
    /// The log is being closed.
    Closed,
}

/// How much waits, for metrics.
#[derive(Debug, Default)]
pub struct Waiting {
    bytes: AtomicU64,
    files: AtomicU64,
}

impl Waiting {
    /// The bytes on disk, and the files that hold them.
    pub fn now(&self) -> (u64, u64) {
        (self.bytes.load(Ordering::Relaxed), self.files.load(Ordering::Relaxed))
    }

    fn grew(&self, bytes: u64, files: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.files.fetch_add(files, Ordering::Relaxed);
    }

    fn shrank(&self, bytes: u64, files: u64) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.files.fetch_sub(files, Ordering::Relaxed);
    }
}

/// How many KiB of deliveries wait for the disk: what comes then waits before it is read into memory further.
const IN_MEMORY_KIB: u32 = 96 << 10;

/// The end of the log that takes deliveries. Clones are the same log.
#[derive(Clone, Debug)]
pub struct Wal {
    writer: std::sync::mpsc::Sender<writer::Order>,
    room: Arc<Semaphore>,
    waiting: Arc<Waiting>,
    on_disk: u64,
}

impl Wal {
    /// Opens the log in a folder, which is made where it is not there, and what takes its files in. What a process that died left
    /// there is taken in first.
    ///
    /// # Errors
    /// The caller's mistake where another process has it, or it is another vault's; the world's failure else.
    #[async_recursion]
    pub async fn open(vault: &Arc<Vault>, folder: &Path, limits: &Limits) -> Result<(Self, Sealer)> {
        vault.check_before_adding().await?;
        let folder = Folder::open(folder, &vault.marker().origin)?;
        let (waiting, (closed, files)) = (Arc::<Waiting>::default(), mpsc::unbounded_channel());
        let left = folder.files()?;
        for (sequence, bytes) in &left {
            waiting.grew(*bytes, 1);
            let _ = closed.send(*sequence); // the receiver is below
        }
        let next = left.last().map_or(0, |(sequence, _)| *sequence) + 1;
        let sealer = Sealer::new(Arc::clone(vault), folder.clone(), (files, left.len()), Arc::clone(&waiting));
        let writer = writer::start(writer::Setting {
            vault: Arc::clone(vault),
            folder,
            next,
            seal_every: limits.seal_every,
            closed,
            waiting: Arc::clone(&waiting),
        })?;
        let room = Arc::new(Semaphore::new(IN_MEMORY_KIB as usize));
        Ok((Self { writer, room, waiting, on_disk: limits.on_disk }, sealer))
    }

    /// Takes deliveries, all or none: once this says yes, they are on the disk.
    ///
    /// # Errors
    /// Why they are not.
    #[async_recursion]
    pub async fn append(&self, deliveries: &[Delivery]) -> std::result::Result<(), Refusal> {
        let encoded: Result<Vec<Vec<u8>>> = deliveries.iter().map(Delivery::to_bytes).collect();
        let frames = encoded.map_err(|fault| Refusal::Unfit(Arc::new(fault)))?;
        let bytes: usize = frames.iter().map(Vec::len).sum();
        if self.waiting.now().0 + bytes as u64 > self.on_disk {
            return Err(Refusal::Full);
        }
        let kib = u32::try_from(bytes >> 10).unwrap_or(u32::MAX).clamp(1, IN_MEMORY_KIB);
        let room = Arc::clone(&self.room).acquire_many_owned(kib).await.map_err(|_| Refusal::Closed)?;
        let (done, answer) = oneshot::channel();
        let events = deliveries.iter().map(|delivery| delivery.events.len()).sum();
        let append = writer::Append { frames, bytes, events, done, room };
        self.writer.send(writer::Order::Append(append)).map_err(|_| Refusal::Closed)?;
        match answer.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(fault)) if fault.kind() == Kind::Caller => Err(Refusal::Unfit(fault)),
            Ok(Err(fault)) => Err(Refusal::Failed(fault)),
            Err(_) => Err(Refusal::Closed),
        }
    }

    /// Closes the file that is being written, so that it is sealed now and not when it is a minute old.
    pub fn close_file(&self) {
        let _ = self.writer.send(writer::Order::CloseFile); // whoever stopped has closed it
    }

    /// Takes nothing more, and closes the file that is being written: once that is sealed, the [`Sealer`] has no more.
    pub fn stop(&self) {
        let _ = self.writer.send(writer::Order::Stop);
    }

    /// How much waits for its seal.
    pub fn waiting(&self) -> &Arc<Waiting> {
        &self.waiting
    }
}

/// The folder of a vault's log below a folder of ours.
pub fn folder_of(base: &Path, origin: &str) -> PathBuf {
    crate::KeyDir::of(&base.join("wal"), origin).path().to_owned()
}

fn unwritable(path: &Path, error: std::io::Error) -> Fault {
    Fault::world(msg!("vault-wal-unwritable", path = path.display().to_string())).because(error)
}

fn unreadable(path: &Path, error: std::io::Error) -> Fault {
    Fault::world(msg!("vault-wal-unreadable", path = path.display().to_string())).because(error)
}
