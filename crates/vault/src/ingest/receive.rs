//! Reading inputs on threads of their own: hashed, inflated, split, derived; parcels of a file arrive in order.

use std::collections::HashSet;
use std::io::{self, Cursor, Read};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use shoseki_event::Timestamp;
use shoseki_messages::{Fault, Kind as Blame, Result, msg};
use shoseki_segment::receipt::Extent;
use shoseki_sources::{Inflate, Limits, Piece, Splitter};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::inputs::{At, Input, unreadable};
use super::queue::{Fetched, Queue, Work};
use super::records::{Interned, Item, Records};
use super::{Meter, Request};

/// What a parcel counts beside its records.
const PARCEL: usize = 1 << 10;
/// How many bytes of content are split at once; a record is a slice of such a chunk.
const CHUNK: usize = 4 << 20;
/// How many bytes of records go together: small files are not worth waking anybody each.
const TOGETHER: usize = 1 << 20;
/// How many times so many may wait: with the chunk, a bound on memory.
const WAITING: usize = 8;

/// The SHA-256 of the files that were received before this run.
pub(super) type KnownFiles = HashSet<String>;

/// How a file ended.
pub(super) struct End {
    pub(super) received: Extent,
    pub(super) content: Option<Extent>,
    pub(super) encoding: &'static str,
    /// Why it could not be read to its end.
    pub(super) damage: Option<Fault>,
    /// Where it can be read again, unless it was pushed.
    pub(super) input: Option<Input>,
    /// What was received, where it is to be kept whole.
    pub(super) original: Option<Bytes>,
}

/// What the threads send.
pub(super) enum Parcel {
    /// The next pieces of a file.
    Items { file: usize, items: Vec<Item> },
    /// The file is read.
    End { file: usize, name: Arc<str>, received: Timestamp, end: Box<End> },
    /// The same bytes were received before.
    Known { name: Arc<str>, extent: Extent },
    /// The file could not be read; nothing of it was received, or the rest of it was not.
    Failed { file: usize, name: Arc<str>, fault: Fault },
}

/// Starts the threads; the channel closes when all files are read, or after a stop.
pub(super) fn start(
    inputs: Vec<Input>,
    request: Request,
    known: KnownFiles,
    meter: Arc<Meter>,
) -> mpsc::Receiver<Vec<Parcel>> {
    let (sender, receiver) = mpsc::channel(WAITING);
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(inputs.len().max(1));
    let (queue, runtime) = (Queue::new(inputs), Handle::current());
    let shared = Arc::new(Shared { queue, runtime, request, known: Mutex::new(known), meter });
    for _ in 0..threads {
        let (shared, sender) = (Arc::clone(&shared), sender.clone());
        std::thread::spawn(move || {
            let mut outbox = Outbox { sender, parcels: Vec::new(), bytes: 0 };
            let _gone = shared.work(&mut outbox);
            let _gone = outbox.flush(); // after a stop too: what was read is taken in
        });
    }
    receiver
}

/// What a thread has to send.
struct Outbox {
    sender: mpsc::Sender<Vec<Parcel>>,
    parcels: Vec<Parcel>,
    bytes: usize,
}

impl Outbox {
    /// Sends a parcel whose records have so many bytes: with those that come, or at once where it is large.
    fn send(&mut self, parcel: Parcel, bytes: usize) -> std::result::Result<(), Gone> {
        self.parcels.push(parcel);
        self.bytes += bytes + PARCEL;
        if self.bytes < TOGETHER { Ok(()) } else { self.flush() }
    }

    fn flush(&mut self) -> std::result::Result<(), Gone> {
        self.bytes = 0;
        self.sender.blocking_send(std::mem::take(&mut self.parcels)).map_err(|_| Gone)
    }
}

struct Shared {
    queue: Queue,
    runtime: Handle,
    request: Request,
    known: Mutex<KnownFiles>,
    meter: Arc<Meter>,
}

/// The receiver is gone: the run failed elsewhere, and this thread ends.
struct Gone;

impl Shared {
    fn work(&self, outbox: &mut Outbox) -> std::result::Result<(), Gone> {
        while let Some(mut work) = self.queue.next(&self.runtime) {
            if self.meter.is_stopped() {
                break;
            }
            let name: Arc<str> = work.input.name.as_str().into();
            let fetched = work.fetched(&self.runtime);
            let reading = Reading::new(self, work, Arc::clone(&name), outbox);
            let file = reading.file;
            match fetched.and_then(|fetched| reading.read(fetched)) {
                Ok(done) => done?,
                Err(fault) => outbox.send(Parcel::Failed { file, name, fault }, 0)?,
            }
            Meter::add(&self.meter.files_done, 1);
        }
        Ok(())
    }

    /// Whether a file was received before, in this run or an earlier one.
    fn known(&self, name: &Arc<str>, extent: Extent) -> Option<Parcel> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.insert(extent.sha256.clone()) {
            return None;
        }
        Meter::add(&self.meter.bytes_done, extent.size);
        Some(Parcel::Known { name: Arc::clone(name), extent })
    }
}

/// A reader that hashes what passes, unless that was done before.
struct Hashing<R> {
    inner: R,
    known: Option<Extent>,
    hasher: Sha256,
    size: u64,
}

impl<R: Read> Hashing<R> {
    fn new(inner: R) -> Self {
        Self { inner, known: None, hasher: Sha256::new(), size: 0 }
    }

    fn of_known(inner: R, extent: Extent) -> Self {
        Self { known: Some(extent), ..Self::new(inner) }
    }

    fn extent(self) -> Extent {
        self.known.unwrap_or_else(|| Extent { size: self.size, sha256: hex::encode(self.hasher.finalize()) })
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        if self.known.is_none() {
            self.hasher.update(&buffer[..length]);
        }
        self.size += length as u64;
        Ok(length)
    }
}

/// One file being read.
struct Reading<'a> {
    shared: &'a Shared,
    file: usize,
    input: Input,
    name: Arc<str>,
    outbox: &'a mut Outbox,
    records: Records,
}

impl<'a> Reading<'a> {
    fn new(shared: &'a Shared, work: Work, name: Arc<str>, outbox: &'a mut Outbox) -> Self {
        let (file, input) = (work.file, work.input);
        let records = Records {
            origin: Arc::clone(&name),
            received: Timestamp::now(),
            source: shared.request.source,
            stream: shared.request.stream.clone(),
            sender: None,
            log: None,
            can_be_kept: input.can_be_kept(),
            interned: Interned::default(),
        };
        Self { shared, file, input, name, outbox, records }
    }

    /// Reads it: an object that was fetched, or what lies at hand.
    fn read(mut self, fetched: Fetched) -> Result<std::result::Result<(), Gone>> {
        let runtime = &self.shared.runtime;
        let opened = self.input.open(runtime)?;
        match (fetched, &self.input.at) {
            (Fetched::Nothing, _) => Ok(Ok(())),
            (Fetched::Whole(bytes, _room), _) => self.read_whole(bytes),
            (Fetched::Not, At::Stdin) => self.run(Hashing::new(opened), None),
            (Fetched::Not, _) if self.input.is_long() => {
                let mut first = Hashing::new(opened);
                io::copy(&mut first, &mut io::sink()).map_err(|error| unreadable(&self.name, error))?;
                if let Some(parcel) = self.shared.known(&self.name, first.extent()) {
                    return Ok(self.outbox.send(parcel, 0));
                }
                let again = self.input.open(runtime)?;
                self.run(Hashing::new(again), None)
            }
            (Fetched::Not, _) => {
                let mut bytes = Vec::with_capacity(usize::try_from(self.input.size).unwrap_or_default() + 1);
                let mut opened = opened;
                opened.read_to_end(&mut bytes).map_err(|error| unreadable(&self.name, error))?;
                self.read_whole(bytes.into())
            }
        }
    }

    /// Reads what is in memory.
    fn read_whole(mut self, bytes: Bytes) -> Result<std::result::Result<(), Gone>> {
        let extent = Extent { size: bytes.len() as u64, sha256: hex::encode(Sha256::digest(&bytes)) };
        if let Some(parcel) = self.shared.known(&self.name, extent.clone()) {
            return Ok(self.outbox.send(parcel, 0));
        }
        self.run(Hashing::of_known(Cursor::new(bytes.clone()), extent), Some(bytes))
    }

    /// Reads it to its end. `whole` is all of it, where it is in memory.
    fn run<R: Read>(&mut self, mut reader: Hashing<R>, whole: Option<Bytes>) -> Result<std::result::Result<(), Gone>> {
        let mut content = Sha256::new();
        let mut inflate = Inflate::new(&mut reader, Limits::default())?;
        let mut splitter = self.records.source.map_or_else(Splitter::auto, Splitter::expecting);
        let mut pieces = Vec::new();
        let (mut taken, mut damage) = (0, None);
        loop {
            match inflate.chunk(CHUNK) {
                Ok(Some(chunk)) => {
                    content.update(&chunk);
                    splitter.feed(chunk, &mut pieces);
                    self.records.source = self.records.source.or(splitter.text_of());
                }
                Ok(None) => break,
                Err(fault) if fault.kind() == Blame::World => return Err(fault), // it may be read another time
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
        self.records.source = self.records.source.or(splitter.text_of());
        if self.send(&mut pieces).is_err() {
            return Ok(Err(Gone));
        }
        drop(inflate);
        // What follows a damage belongs to what was received.
        io::copy(&mut reader, &mut io::sink()).map_err(|error| unreadable(&self.name, error))?;
        let content = Extent { size, sha256: hex::encode(content.finalize()) };
        let received = reader.extent();
        let original = match whole {
            _ if inflated => None,
            Some(bytes) => Some(bytes),
            None => self.input.again(&received, &self.shared.runtime),
        };
        let end = End {
            received,
            content: Some(content).filter(|_| inflated),
            encoding,
            damage,
            input: Some(self.input.clone()),
            original,
        };
        let parcel = Parcel::End {
            file: self.file,
            name: Arc::clone(&self.name),
            received: self.records.received,
            end: Box::new(end),
        };
        Ok(self.outbox.send(parcel, 0))
    }

    fn send(&mut self, pieces: &mut Vec<Piece>) -> std::result::Result<(), Gone> {
        if pieces.is_empty() {
            return Ok(());
        }
        let bytes = pieces.iter().map(|piece| piece.bytes().len()).sum();
        let mut items = Vec::with_capacity(pieces.len());
        for piece in pieces.drain(..) {
            self.records.items(piece, &mut items);
        }
        let records = items.iter().filter(|item| !matches!(item, Item::Gap(_))).count();
        Meter::add(&self.shared.meter.records, records as u64);
        self.outbox.send(Parcel::Items { file: self.file, items }, bytes)
    }
}
