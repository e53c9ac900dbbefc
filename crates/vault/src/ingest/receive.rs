//! Reading files on threads of their own: hashed, inflated, split, derived; parcels of a file arrive in order.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{Cursor, Read, Seek};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use shoseki_event::{Columns, Kind, Provenance, Record, TimeOrigin, Timestamp};
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::receipt::Extent;
use shoseki_segment::{UNKNOWN_SOURCE, key_hash};
use shoseki_sources::{Inflate, Limits, Piece, Reason, Source, Splitter, auto};
use tokio::sync::mpsc;

use super::inputs::Input;
use super::{Meter, Request};

/// How many bytes of content are split at once; a record is a slice of such a chunk.
const CHUNK: usize = 4 << 20;
/// How many parcels may wait: with the chunk, a bound on memory.
const WAITING: usize = 12;
/// Files up to this length are read once and hashed in memory; longer ones are read twice.
const IN_MEMORY: u64 = 64 << 20;
/// The longest file that is kept whole where it cannot be inflated to its end.
const MAX_ORIGINAL: u64 = 256 << 20;

/// The SHA-256 of the files that were received before this run.
pub(super) type KnownFiles = HashSet<String>;

/// A piece of a file's content.
pub(super) enum Item {
    /// A record and what it is known by.
    Record(Box<Record>, i64),
    /// Bytes between records.
    Gap(Bytes),
}

/// How a file ended.
pub(super) struct End {
    pub(super) received: Extent,
    pub(super) content: Option<Extent>,
    pub(super) encoding: &'static str,
    /// Why it could not be read to its end, and its bytes, to be kept.
    pub(super) damage: Option<(Fault, Option<Bytes>)>,
}

/// What the threads send.
pub(super) enum Parcel {
    /// The next pieces of a file.
    Items { file: usize, items: Vec<Item> },
    /// The file is read.
    End { file: usize, name: Arc<str>, received: Timestamp, end: Box<End> },
    /// The same bytes were received before.
    Known { extent: Extent },
    /// The file could not be read; nothing of it was received, or the rest of it was not.
    Failed { file: usize, name: Arc<str>, fault: Fault },
}

/// Starts the threads; the channel closes when all files are read, or after a stop.
pub(super) fn start(
    inputs: Vec<Input>,
    request: Request,
    known: KnownFiles,
    meter: Arc<Meter>,
) -> mpsc::Receiver<Parcel> {
    let (sender, receiver) = mpsc::channel(WAITING);
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(inputs.len().max(1));
    let shared = Arc::new(Shared { inputs, request, known: Mutex::new(known), meter, next: AtomicUsize::new(0) });
    for _ in 0..threads {
        let (shared, sender) = (Arc::clone(&shared), sender.clone());
        std::thread::spawn(move || shared.work(&sender));
    }
    receiver
}

struct Shared {
    inputs: Vec<Input>,
    request: Request,
    known: Mutex<KnownFiles>,
    meter: Arc<Meter>,
    next: AtomicUsize,
}

/// The receiver is gone: the run failed elsewhere, and this thread ends.
struct Gone;

impl Shared {
    fn work(&self, sender: &mpsc::Sender<Parcel>) {
        loop {
            let file = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(input) = self.inputs.get(file) else { return };
            if self.meter.is_stopped() {
                return;
            }
            let name: Arc<str> = input.name.as_str().into();
            let done = match self.read(file, input, &name, sender) {
                Ok(done) => done,
                Err(fault) => sender.blocking_send(Parcel::Failed { file, name, fault }).map_err(|_| Gone),
            };
            if done.is_err() {
                return;
            }
            Meter::add(&self.meter.files_done, 1);
        }
    }

    fn read(
        &self,
        file: usize,
        input: &Input,
        name: &Arc<str>,
        sender: &mpsc::Sender<Parcel>,
    ) -> Result<std::result::Result<(), Gone>> {
        let failed = |error: std::io::Error| {
            Fault::world(msg!("vault-file-unreadable", path = input.name.as_str())).because(error)
        };
        let mut reading = Reading::new(self, file, Arc::clone(name), sender);
        let Some(path) = &input.path else {
            return reading.run(Hashing::new(std::io::stdin().lock()), None);
        };
        let mut opened = File::open(path).map_err(failed)?;
        if input.size > IN_MEMORY {
            let mut first = Hashing::new(&opened);
            std::io::copy(&mut first, &mut std::io::sink()).map_err(failed)?;
            let extent = first.extent();
            if let Some(parcel) = self.known(&extent) {
                return Ok(sender.blocking_send(parcel).map_err(|_| Gone));
            }
            opened.rewind().map_err(failed)?;
            return reading.run(Hashing::new(opened), Some(path));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(input.size).unwrap_or_default() + 1);
        opened.read_to_end(&mut bytes).map_err(failed)?;
        let extent = Extent { size: bytes.len() as u64, sha256: hex::encode(Sha256::digest(&bytes)) };
        if let Some(parcel) = self.known(&extent) {
            Meter::add(&self.meter.bytes_done, extent.size);
            return Ok(sender.blocking_send(parcel).map_err(|_| Gone));
        }
        reading.run(Hashing::new(Cursor::new(bytes)), Some(path))
    }

    /// Whether a file was received before, in this run or an earlier one.
    fn known(&self, extent: &Extent) -> Option<Parcel> {
        let mut known = self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let is_new = known.insert(extent.sha256.clone());
        (!is_new).then(|| Parcel::Known { extent: extent.clone() })
    }
}

/// A reader that hashes what passes.
struct Hashing<R> {
    inner: R,
    hasher: Sha256,
    size: u64,
}

impl<R: Read> Hashing<R> {
    fn new(inner: R) -> Self {
        Self { inner, hasher: Sha256::new(), size: 0 }
    }

    fn extent(self) -> Extent {
        Extent { size: self.size, sha256: hex::encode(self.hasher.finalize()) }
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..length]);
        self.size += length as u64;
        Ok(length)
    }
}

/// One file being read.
struct Reading<'a> {
    shared: &'a Shared,
    file: usize,
    name: Arc<str>,
    sender: &'a mpsc::Sender<Parcel>,
    received: Timestamp,
    streams: HashMap<String, Arc<str>>,
}

impl<'a> Reading<'a> {
    fn new(shared: &'a Shared, file: usize, name: Arc<str>, sender: &'a mpsc::Sender<Parcel>) -> Self {
        Self { shared, file, name, sender, received: Timestamp::now(), streams: HashMap::new() }
    }

    fn run<R: Read>(&mut self, mut reader: Hashing<R>, path: Option<&Path>) -> Result<std::result::Result<(), Gone>> {
        let mut content = Sha256::new();
        let mut inflate = Inflate::new(&mut reader, Limits::default())?;
        let mut splitter = Splitter::new();
        let mut pieces = Vec::new();
        let (mut taken, mut damage) = (0, None);
        loop {
            match inflate.chunk(CHUNK) {
                Ok(Some(chunk)) => {
                    content.update(&chunk);
                    splitter.feed(chunk, &mut pieces);
                }
                Ok(None) => break,
                Err(fault) => {
                    damage = Some(fault);
                    break;
                }
            }
            Meter::add(&self.shared.meter.bytes_done, inflate.taken() - taken);
            taken = inflate.taken();
            if self.send(&mut pieces).is_err() || self.shared.meter.is_stopped() {
                return Ok(Err(Gone)); // without its end, the file has no receipt and is received again
            }
        }
        let (size, encoding) = (inflate.given(), inflate.encoding());
        let inflated = damage.is_none();
        if !splitter.finish(&mut pieces) && inflated {
            damage = Some(Fault::damage(msg!("vault-file-cut-off", path = &*self.name)));
        }
        if self.send(&mut pieces).is_err() {
            return Ok(Err(Gone));
        }
        drop(inflate);
        std::io::copy(&mut reader, &mut std::io::sink()) // what follows a damage belongs to what was received
            .map_err(|error| Fault::world(msg!("vault-file-unreadable", path = &*self.name)).because(error))?;
        let content = Extent { size, sha256: hex::encode(content.finalize()) };
        let received = reader.extent();
        let original = match path.filter(|_| !inflated && received.size <= MAX_ORIGINAL) {
            Some(path) => Some(Bytes::from(
                std::fs::read(path)
                    .map_err(|error| Fault::world(msg!("vault-file-unreadable", path = &*self.name)).because(error))?,
            )),
            None => None,
        };
        let end = End {
            received,
            content: Some(content).filter(|_| inflated),
            encoding,
            damage: damage.map(|fault| (fault, original)),
        };
        let parcel =
            Parcel::End { file: self.file, name: Arc::clone(&self.name), received: self.received, end: Box::new(end) };
        Ok(self.sender.blocking_send(parcel).map_err(|_| Gone))
    }

    fn send(&mut self, pieces: &mut Vec<Piece>) -> std::result::Result<(), Gone> {
        if pieces.is_empty() {
            return Ok(());
        }
        let items: Vec<Item> = pieces.drain(..).map(|piece| self.item(piece)).collect();
        let records = items.iter().filter(|item| matches!(item, Item::Record(..))).count();
        Meter::add(&self.shared.meter.records, records as u64);
        self.sender.blocking_send(Parcel::Items { file: self.file, items }).map_err(|_| Gone)
    }

    fn item(&mut self, piece: Piece) -> Item {
        let (position, raw, known) = match piece {
            Piece::Gap { bytes, .. } => return Item::Gap(bytes),
            Piece::Unparsed { offset, bytes, reason } => (offset, bytes, Err(reason)),
            Piece::Event { offset, bytes } => {
                let source = self.shared.request.source.or_else(|| auto(&bytes)).ok_or(Reason::Unknown);
                let derived = source.and_then(|source| Ok((source, source.derive(&bytes, self.received)?)));
                (offset, bytes, derived)
            }
        };
        let source: Option<&dyn Source> = match &known {
            Ok((source, _)) => Some(*source),
            Err(_) => self.shared.request.source,
        };
        let (kind, columns, reason) = match known {
            Ok((_, columns)) => (Kind::Event, columns, "".into()),
            Err(reason) => {
                let columns = Columns { time: self.received, time_origin: TimeOrigin::Received, ..Columns::default() };
                (Kind::Unparsed, columns, reason.text().into())
            }
        };
        let id = source.map_or(UNKNOWN_SOURCE, |source| source.id());
        let stream = match (&self.shared.request.stream, source) {
            (Some(stream), _) => stream.clone(),
            (None, Some(source)) if kind == Kind::Event => source.stream(&columns),
            (None, _) => id.to_owned(),
        };
        let provenance = Provenance {
            kind,
            source: self.interned(id.to_owned()),
            stream: self.interned(stream),
            origin: Arc::clone(&self.name),
            position,
            received: self.received,
            reason,
        };
        let record = Record { provenance, raw, columns };
        let hash = key_hash(&record);
        Item::Record(Box::new(record), hash)
    }

    fn interned(&mut self, text: String) -> Arc<str> {
        if let Some(known) = self.streams.get(&text) {
            return Arc::clone(known);
        }
        let shared: Arc<str> = text.as_str().into();
        self.streams.insert(text, Arc::clone(&shared));
        shared
    }
}
