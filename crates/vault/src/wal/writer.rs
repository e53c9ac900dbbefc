//! The thread that writes: what waits is written together, made durable once, and then acknowledged.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::keys::Secret;
use shoseki_segment::wal::{Frames, WalHead};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use super::folder::{Folder, sync};
use super::{Waiting, unwritable};
use crate::Vault;
use crate::ingest::DEFAULT_CLASS;
use crate::keydir::restrict;
use crate::keyring::Keyring;

/// The bytes at which a file is closed: a commit is made of them in memory.
const FILE_BYTES: u64 = 16 << 20;
/// The events at which a file is closed.
const FILE_EVENTS: usize = 100_000;
/// How many bytes are written at once.
const AT_ONCE: usize = 8 << 20;
/// How long the thread sleeps where nothing is written.
const IDLE: Duration = Duration::from_secs(3_600);

/// What the thread is told.
pub(super) enum Order {
    Append(Append),
    CloseFile,
    Stop,
}

/// Deliveries that are acknowledged together.
pub(super) struct Append {
    /// The deliveries' bytes.
    pub(super) frames: Vec<Vec<u8>>,
    pub(super) bytes: usize,
    pub(super) events: usize,
    pub(super) done: oneshot::Sender<std::result::Result<(), Arc<Fault>>>,
    /// The room that they take in memory.
    pub(super) room: OwnedSemaphorePermit,
}

/// What the thread works with.
pub(super) struct Setting {
    pub(super) vault: Arc<Vault>,
    pub(super) folder: Folder,
    /// The number of the first file.
    pub(super) next: i64,
    pub(super) seal_every: Duration,
    /// Who is told of closed files.
    pub(super) closed: mpsc::UnboundedSender<i64>,
    pub(super) waiting: Arc<Waiting>,
}

/// Starts the thread. It ends with [`Order::Stop`], or when nobody can give orders any more.
pub(super) fn start(setting: Setting) -> Result<Sender<Order>> {
    let (sender, orders) = std::sync::mpsc::channel();
    let mut writer = Writer { setting, runtime: Handle::current(), open: None, class_key: None };
    let thread = std::thread::Builder::new().name("write-ahead log".to_owned());
    thread
        .spawn(move || writer.run(&orders))
        .map_err(|error| Fault::world(msg!("vault-thread-died")).because(error))?;
    Ok(sender)
}

/// The file that is being written.
struct Open {
    file: File,
    frames: Frames,
    sequence: i64,
    /// Frames so far.
    number: u64,
    bytes: u64,
    events: usize,
    since: Instant,
}

struct Writer {
    setting: Setting,
    runtime: Handle,
    open: Option<Open>,
    /// The class key of the newest file: in a month's first hour the store may be away that has the next.
    class_key: Option<(String, Secret)>,
}

impl Writer {
    fn run(&mut self, orders: &Receiver<Order>) {
        loop {
            let age = self.open.as_ref().map(|open| open.since.elapsed());
            let left = age.map_or(IDLE, |age| self.setting.seal_every.saturating_sub(age));
            let order = match orders.recv_timeout(left) {
                Ok(order) => order,
                Err(RecvTimeoutError::Timeout) => Order::CloseFile,
                Err(RecvTimeoutError::Disconnected) => Order::Stop,
            };
            match order {
                Order::Append(first) => {
                    let (mut bytes, mut events, mut after) = (first.bytes, first.events, None);
                    let mut all = vec![first];
                    while bytes < AT_ONCE && events < FILE_EVENTS && after.is_none() {
                        match orders.try_recv() {
                            Ok(Order::Append(next)) => {
                                bytes += next.bytes;
                                events += next.events;
                                all.push(next);
                            }
                            Ok(other) => after = Some(other),
                            Err(_) => break,
                        }
                    }
                    self.write(all);
                    match after {
                        Some(Order::Stop) => return self.close(),
                        Some(_) => self.close(),
                        None => {}
                    }
                }
                Order::CloseFile => self.close(),
                Order::Stop => return self.close(),
            }
        }
    }

    fn write(&mut self, all: Vec<Append>) {
        let events: usize = all.iter().map(|append| append.events).sum();
        let (frames, answers): (Vec<_>, Vec<_>) =
            all.into_iter().map(|append| (append.frames, (append.done, append.room))).unzip();
        let written = self.durably(frames.into_iter().flatten(), events).map_err(Arc::new);
        if written.is_err() {
            // What of it is on the disk nobody knows: no frame may follow it, and a number is used once.
            self.close();
        }
        for (done, _room) in answers {
            let _ = done.send(written.clone()); // who asked may have gone away
        }
        let is_full = |open: &Open| open.bytes >= FILE_BYTES || open.events >= FILE_EVENTS;
        let is_old = |open: &Open| open.since.elapsed() >= self.setting.seal_every;
        if self.open.as_ref().is_some_and(|open| is_full(open) || is_old(open)) {
            self.close();
        }
    }

    fn durably(&mut self, deliveries: impl Iterator<Item = Vec<u8>>, events: usize) -> Result<()> {
        if self.open.is_none() {
            self.open = Some(self.begin()?);
        }
        let path = self.setting.folder.path().to_owned();
        let Some(open) = &mut self.open else { return Err(Fault::broken(msg!("vault-thread-died"))) };
        let mut bytes = Vec::new();
        for delivery in deliveries {
            bytes.extend(open.frames.seal(open.number, delivery)?);
            open.number += 1;
        }
        open.events += events;
        open.bytes += bytes.len() as u64;
        self.setting.waiting.grew(bytes.len() as u64, 0);
        open.file.write_all(&bytes).and_then(|()| open.file.sync_data()).map_err(|error| unwritable(&path, error))
    }

    fn begin(&mut self) -> Result<Open> {
        let sequence = self.setting.next;
        let vault = Arc::clone(&self.setting.vault);
        if let Some(ring) = vault.ring() {
            let id = Keyring::id_of(DEFAULT_CLASS, Timestamp::now().day());
            match (self.runtime.block_on(ring.get_or_create(&id)), &self.class_key) {
                (Ok(key), _) => self.class_key = Some((id, key)),
                (Err(_), Some(_)) => {}
                (Err(fault), None) => return Err(fault),
            }
        }
        let class_key = self.class_key.as_ref().map(|(id, key)| (id.as_str(), key));
        let (head, key) = WalHead::new(self.setting.folder.log(), sequence, class_key)?;
        let (path, bytes) = (self.setting.folder.file(sequence), head.to_bytes()?);
        self.setting.next += 1;
        let failed = |error| unwritable(&path, error);
        let mut file = OpenOptions::new().append(true).create_new(true).open(&path).map_err(failed)?;
        restrict(&path, 0o600).map_err(failed)?;
        self.setting.waiting.grew(bytes.len() as u64, 1);
        file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(failed)?;
        sync(self.setting.folder.path()).map_err(failed)?;
        let (frames, bytes) = (Frames::new(&head, key)?, bytes.len() as u64);
        Ok(Open { file, frames, sequence, number: 0, bytes, events: 0, since: Instant::now() })
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            let _ = self.setting.closed.send(open.sequence); // it stays there where nobody takes it in any more
        }
    }
}
