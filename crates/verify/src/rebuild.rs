//! Every file received can be given back: its receipt's recipe leads to the content whose hash it states.
//!
//! Receipts are taken in the order of the segments that they begin in, so that a decoded segment serves many; what is
//! decoded is bounded, and a receipt that jumps about costs time, not memory.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use arrow::array::{Array, AsArray, BinaryArray};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use shoseki_event::SegmentId;
use shoseki_messages::{Fault, Result, msg};
use shoseki_segment::commit::File;
use shoseki_segment::receipt::{Receipt, Step};
use shoseki_segment::{layout, records};

use crate::Place;
use crate::files::{FoundReceipt, by_segment};
use crate::keys::Keys;
use crate::log::Logs;
use crate::vault::Evidence;
use crate::verdict::{Problem, Report};

/// How many raw bytes of decoded segments each of two workers keeps, unless a single segment has more.
const CACHE_BYTES: u64 = 128 << 20;
/// How many workers: each holds a cache.
const WORKERS: usize = 2;

fn first_segment(receipt: &Receipt) -> Option<&str> {
    receipt.recipe.iter().flatten().find_map(|step| match step {
        Step::Run { segment, .. } => Some(segment.as_str()),
        Step::Text { .. } | Step::Bytes { .. } => None,
    })
}

/// Whether records of a receipt's file expired: then it is no longer rebuilt.
fn has_expired(receipt: &Receipt, expired: &HashMap<String, u64>) -> bool {
    receipt.recipe.iter().flatten().any(|step| match step {
        Step::Run { segment, .. } => expired.contains_key(segment),
        Step::Text { .. } | Step::Bytes { .. } => false,
    })
}

/// Whether records of a receipt's file were erased: then it is no longer rebuilt.
fn was_erased(receipt: &Receipt, logs: &Logs) -> bool {
    receipt.recipe.iter().flatten().any(|step| match step {
        Step::Run { segment, first, count, .. } => logs.erased_by(segment, *first, *count).is_some(),
        Step::Text { .. } | Step::Bytes { .. } => false,
    })
}

/// Rebuilds what each receipt states.
pub(crate) async fn judge(
    evidence: &Evidence,
    logs: &Logs,
    mut receipts: Vec<FoundReceipt>,
    report: &mut Report,
) -> Result<()> {
    receipts.retain(|found| found.receipt.recipe.is_some()); // the others' originals were judged
    let (expired, before) = (logs.expired_segments(), receipts.len());
    receipts.retain(|found| !has_expired(&found.receipt, &expired));
    if receipts.len() < before {
        report.note(msg!("verify-receipts-expired", count = before - receipts.len()));
    }
    let before = receipts.len();
    receipts.retain(|found| !was_erased(&found.receipt, logs));
    if receipts.len() < before {
        report.note(msg!("verify-receipts-erased", count = before - receipts.len()));
    }
    // In the order of the commits: what one file has in two segments lies in neighbours.
    let segments = logs.files.iter().flat_map(|file| &file.add.tags.segments).map(|tag| tag.id.to_string());
    let places: HashMap<String, usize> = segments.enumerate().map(|(place, id)| (id, place)).collect();
    receipts.sort_by_key(|found| first_segment(&found.receipt).and_then(|id| places.get(id)).copied());
    let mut files = by_segment(logs);
    for file in logs.going() {
        let file = Arc::new(file.clone());
        files.extend(file.add.tags.segments.iter().map(|tag| (tag.id.to_string(), Arc::clone(&file))));
    }
    let files = Arc::new(files);
    let share = receipts.len().div_ceil(WORKERS).max(1);
    let mut workers = Vec::new();
    while !receipts.is_empty() {
        let rest = receipts.split_off(share.min(receipts.len()));
        let mine = std::mem::replace(&mut receipts, rest);
        let mut worker = Worker {
            place: evidence.place.clone(),
            keys: Arc::clone(&evidence.keys),
            files: Arc::clone(&files),
            decoded: VecDeque::new(),
            handle: tokio::runtime::Handle::current(),
        };
        workers.push(tokio::task::spawn_blocking(move || worker.run(&mine)));
    }
    for worker in workers {
        let (good, problems) =
            worker.await.map_err(|error| Fault::broken(msg!("verify-thread-died")).because(error))??;
        report.checked.receipts += good;
        problems.into_iter().for_each(|problem| report.problem(problem));
    }
    Ok(())
}

/// The raw bytes of a file's records.
struct Raw {
    batches: Vec<BinaryArray>,
    /// Of each segment, its first row in the file and how many there are.
    segments: HashMap<String, (usize, usize)>,
    bytes: usize,
}

impl Raw {
    fn get(&self, segment: &str, ordinal: usize) -> Option<&[u8]> {
        let (first, count) = *self.segments.get(segment)?;
        if ordinal >= count {
            return None;
        }
        let mut at = first + ordinal;
        for batch in &self.batches {
            if at < batch.len() {
                return Some(batch.value(at));
            }
            at -= batch.len();
        }
        None
    }
}

struct Worker {
    place: Place,
    keys: Arc<Keys>,
    /// The files by the segments in them.
    files: Arc<BTreeMap<String, Arc<File>>>,
    /// What was decoded, by the files' names.
    decoded: VecDeque<(SegmentId, Arc<Raw>)>,
    handle: tokio::runtime::Handle,
}

impl Worker {
    fn run(&mut self, receipts: &[FoundReceipt]) -> Result<(u64, Vec<Problem>)> {
        let (mut good, mut problems) = (0, Vec::new());
        for found in receipts {
            match self.rebuild(&found.receipt) {
                Ok(()) => good += 1,
                Err(fault) if fault.kind() == shoseki_messages::Kind::World => return Err(fault),
                Err(fault) => {
                    let message = msg!("verify-receipt-not-rebuilt", origin = found.receipt.origin.as_str());
                    problems.push(Problem::tampered(found.id.to_string(), message).because(fault).since(found.since));
                }
            }
        }
        Ok((good, problems))
    }

    fn rebuild(&mut self, receipt: &Receipt) -> Result<()> {
        let (Some(recipe), Some(content)) = (&receipt.recipe, &receipt.content) else { return Ok(()) };
        let differs = || Fault::damage(msg!("verify-content-differs"));
        let mut hasher = Sha256::new();
        let mut size = 0;
        let mut give = |bytes: &[u8]| {
            hasher.update(bytes);
            size += bytes.len() as u64;
            if size > content.size { Err(differs()) } else { Ok(()) }
        };
        for step in recipe {
            match step {
                Step::Text { text } => give(text.as_bytes())?,
                Step::Bytes { base64 } => give(&BASE64_STANDARD.decode(base64).map_err(|e| differs().because(e))?)?,
                Step::Run { segment, first, count, between } => {
                    let raw = self.raw(segment)?;
                    for n in 0..*count {
                        if n > 0 {
                            give(between.as_bytes())?;
                        }
                        let ordinal = first.checked_add(n).ok_or_else(differs)?;
                        give(raw.get(segment, ordinal as usize).ok_or_else(differs)?)?;
                    }
                }
            }
        }
        if size == content.size && hex::encode(hasher.finalize()) == content.sha256 { Ok(()) } else { Err(differs()) }
    }

    fn raw(&mut self, segment: &str) -> Result<Arc<Raw>> {
        let missing = || Fault::damage(msg!("verify-segment-missing", segment = segment));
        let file = Arc::clone(self.files.get(segment).ok_or_else(missing)?);
        if let Some((_, raw)) = self.decoded.iter().find(|(name, _)| *name == file.add.name) {
            return Ok(Arc::clone(raw));
        }
        // Room is made before decoding, so that old and new never lie in memory together.
        let coming = file.add.raw();
        while self.decoded.iter().map(|(_, raw)| raw.bytes as u64).sum::<u64>() + coming > CACHE_BYTES {
            if self.decoded.pop_front().is_none() {
                break;
            }
        }
        let raw = Arc::new(self.decode(&file)?);
        self.decoded.push_back((file.add.name, Arc::clone(&raw)));
        Ok(raw)
    }

    fn decode(&self, file: &File) -> Result<Raw> {
        let missing = || Fault::damage(msg!("verify-file-missing"));
        let name = format!("{}/{}", layout::EVENTS, file.add.path());
        let bytes = self.handle.block_on(self.place.get(&name))?.ok_or_else(missing)?;
        let key = self.keys.file_key(&file.add)?;
        let (_, reader) = records(bytes, key.as_ref(), &["raw"])?;
        let mut batches = Vec::new();
        for batch in reader {
            let batch = batch?;
            let raw = batch.column(0).as_binary_opt::<i32>().ok_or_else(missing)?;
            batches.push(raw.clone());
        }
        let (mut segments, mut first) = (HashMap::new(), 0);
        for tag in &file.add.tags.segments {
            segments.insert(tag.id.to_string(), (first, tag.count as usize));
            first += tag.count as usize;
        }
        let bytes = batches.iter().map(Array::get_buffer_memory_size).sum(); // what is reserved, not what is filled
        Ok(Raw { batches, segments, bytes })
    }
}
