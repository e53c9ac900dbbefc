//! The door for files and objects: received, inflated, split, derived, deduplicated, staged, committed, sealed, acknowledged.
//!
//! ```text
//! worker threads                         one task
//! file ─► hash ─► inflate ─► split ─► derive ═══► stage (duplicates) ═► flush: write ─► commit ─► seal
//! ```
//!
//! A file's receipt is committed with or after its records, so a file whose receipt is there is whole; one that was
//! interrupted is simply received again, and what is there of it already is known by its keys.

mod bucket;
pub(crate) mod document;
mod flush;
mod inputs;
mod ledger;
mod likeness;
mod objects;
mod open;
pub(crate) mod push;
mod queue;
mod receive;
mod records;
pub(crate) mod reread;
mod stage;

use async_recursion::async_recursion;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use shoseki_messages::{Fault, Kind, Result, msg};
use shoseki_segment::commit::Transaction;
use shoseki_sources::Source;

use crate::Vault;
use stage::Stage;

pub use bucket::{Bucket, Level};
pub use objects::Object;
pub use stage::Memory;

pub(crate) use shoseki_segment::retention::DEFAULT_CLASS;

/// What to take in, and as what.
#[derive(Clone, Default)]
pub struct Request {
    /// Files, folders, patterns, `s3://bucket/prefix`, or `-` for standard input.
    pub paths: Vec<String>,
    /// The source; known by its content where absent.
    pub source: Option<&'static dyn Source>,
    /// The stream; named by the source where absent.
    pub stream: Option<String>,
    /// Objects that were found in buckets, beside the paths.
    pub objects: Vec<Object>,
    /// How far streams are read once all of it is taken in: committed with the last of it, where all of it could be read.
    pub cursors: Vec<Transaction>,
    /// Whether objects are fetched whose name, length and tag say that they were received before.
    pub refetch: bool,
    /// Whether files are read that were received before, byte for byte: what is here already is known by its keys, but what was
    /// taken in under a wrong source is not.
    pub again: bool,
    /// What is read first: who backfills years may want the last month.
    pub order: Order,
}

/// In which order inputs are read: by the day that their names state, and by their names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// As they are given and named: the oldest first.
    #[default]
    Oldest,
    /// The other way round.
    Newest,
}

/// How far it is, for a progress bar; and the way to stop it.
#[derive(Debug, Default)]
pub struct Meter {
    /// Files to be read.
    pub files: AtomicU64,
    /// Files that were read.
    pub files_done: AtomicU64,
    /// Bytes to be read, as they lie in the files.
    pub bytes: AtomicU64,
    /// Bytes that were read.
    pub bytes_done: AtomicU64,
    /// Records seen.
    pub records: AtomicU64,
    stop: AtomicBool,
}

impl Meter {
    /// Asks for a stop: what was staged is still committed and sealed.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Whether a stop was asked for.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(crate) fn add(counter: &AtomicU64, n: u64) {
        counter.fetch_add(n, Ordering::Relaxed);
    }
}

/// What came of it.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Summary {
    /// Files read to their end, known ones included.
    pub files: u64,
    /// Files that were received before, byte for byte, and were passed over.
    pub files_known: u64,
    /// Events and unparsed pieces seen.
    pub records: u64,
    /// The same by the source that they were taken for; `unknown` where none fitted. Files that were passed over are not
    /// among them.
    pub sources: BTreeMap<String, u64>,
    /// Of the records, how many are new and were sealed.
    pub new: u64,
    /// How many were here already.
    pub duplicates: u64,
    /// How many have a known key with other content; they were kept and are among the new.
    pub conflicts: u64,
    /// The first of them.
    pub conflicting: Vec<Conflict>,
    /// How many could not be parsed; they were kept and are among the new.
    pub unparsed: u64,
    /// How many files hold nothing at all, not even a list that says that nothing happened; told each time that one is given.
    pub empty: u64,
    /// How many are older than what their class keeps, and were not taken in again.
    pub expired: u64,
    /// How many have the key of a record that was erased, and were not taken in again.
    pub erased: u64,
    /// Bytes received, as they lie in the files.
    pub bytes_received: u64,
    /// Bytes of the files' content, uncompressed.
    pub bytes_content: u64,
    /// Bytes written to the vault for the new records.
    pub bytes_stored: u64,
    /// The tree's size after the last sealing.
    pub tree_size: u64,
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// Files that could not be read, or not to their end: the file and why.
    pub problems: Vec<Problem>,
    /// What went wrong beside the evidence, such as an anchor that could not be reached.
    #[serde(skip)]
    pub warnings: Vec<Arc<Fault>>,
}

/// A record with a known key and other content.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Conflict {
    /// The file that it came in.
    pub file: String,
    /// Its source.
    pub source: String,
    /// Its key within the source.
    pub key: String,
    /// When it happened.
    pub time: String,
    /// Where it lay: its origin and its position there.
    pub place: String,
    /// The same of the record that was here.
    pub other: String,
}

/// A file and what is wrong with it.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// In English, for JSON; the fault speaks every language.
    pub reason: String,
    /// What is wrong.
    #[serde(skip)]
    pub fault: Arc<Fault>,
}

impl Problem {
    fn of(file: &str, fault: Fault) -> Self {
        Self { file: file.to_owned(), reason: fault.chain(shoseki_messages::Lang::En), fault: Arc::new(fault) }
    }
}

/// Takes files into a vault.
///
/// # Errors
/// The caller's mistake where no path leads to a file; the world's failure where the vault cannot be written. A file that
/// cannot be read is a [`Problem`] of the summary, and the others go in.
#[async_recursion(?Send)]
pub async fn ingest(vault: &Vault, request: &Request, meter: &Arc<Meter>) -> Result<Summary> {
    ingest_on(vault, request, meter, &mut Memory::default()).await
}

/// The same for who comes again and again: what one call remembers, the next need not read.
///
/// # Errors
/// As [`ingest`].
#[async_recursion(?Send)]
pub async fn ingest_on(vault: &Vault, request: &Request, meter: &Arc<Meter>, memory: &mut Memory) -> Result<Summary> {
    let (mut inputs, problems) = inputs::expand(&request.paths, request.order, vault.buckets()).await?;
    inputs.extend(request.objects.iter().cloned().map(Object::into_input));
    // What cannot be looked into is a problem of the summary even where it is all there is.
    if inputs.is_empty() && problems.iter().all(|problem| problem.fault.kind() == Kind::Caller) {
        return Err(match problems.as_slice() {
            [problem] => Fault::clone(&problem.fault),
            _ => Fault::caller(msg!("vault-ingest-nothing", paths = request.paths.join(" "))),
        });
    }
    vault.check_before_adding().await?;
    let mut stage = Stage::new(vault, std::mem::take(memory)).await?;
    stage.summary.problems = problems;
    if !request.refetch && !request.again {
        inputs.retain(|input| !stage.pass_over(input));
    }
    Meter::add(&meter.files, inputs.len() as u64);
    Meter::add(&meter.bytes, inputs.iter().map(|input| input.size).sum());
    let known = if request.again { Default::default() } else { stage.known_files() };
    let mut parcels = receive::start(inputs, request.clone(), known, Arc::clone(meter));
    while let Some(sent) = parcels.recv().await {
        for parcel in sent {
            stage.take(parcel).await?;
        }
    }
    let summary;
    (summary, *memory) = stage.finish(meter.is_stopped(), request.cursors.clone()).await?;
    let (files, done) = (meter.files.load(Ordering::Relaxed), meter.files_done.load(Ordering::Relaxed));
    if !summary.stopped && done < files {
        return Err(Fault::broken(msg!("vault-thread-died"))); // what it read is sealed, but not all was read
    }
    Ok(summary)
}

/// Those of some objects that were not received before, in the version that was listed.
///
/// # Errors
/// Damage or the world's failure where the receipts cannot be read.
#[async_recursion]
pub async fn unknown_of(vault: &Vault, objects: Vec<Object>, memory: &mut Memory) -> Result<Vec<Object>> {
    let stage = Stage::new(vault, std::mem::take(memory)).await?;
    let unknown = objects.into_iter().filter(|object| !stage.has_received(object)).collect();
    *memory = stage.into_memory();
    Ok(unknown)
}
