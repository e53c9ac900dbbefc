//! Staging: duplicates are told from what is new, and what is new is gathered into drafts of segments.

mod conflict;
mod received;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use shoseki_event::{Day, Kind, Provenance, Record, SegmentId};
use shoseki_messages::{Fault, Kind as Blame, Lang, Result, msg};
use shoseki_segment::commit::{File, LAYOUT_KEY, Replay, Transaction};
use shoseki_segment::receipt::Receipt;
use shoseki_segment::retention::Policy;
use shoseki_segment::{Draft, Layout, MAX_RECORDS, MAX_SEGMENT_RAW_BYTES, OWN_SOURCE};
use tokio::runtime::Handle;

use super::flush::{Finished, RECEIPTS};
use super::inputs::Input;
use super::ledger::Ledger;
use super::likeness::Likeness;
use super::objects::Object;
use super::receive::{KnownFiles, Parcel};
use super::records::Item;
use super::{Problem, Summary};
use crate::Vault;
use crate::decoded::DecodedFiles;
use crate::known::{Known, Place};
use crate::segments::{Sealed, Slot};
use crate::vault::Snapshot;
use received::Received;

/// How many raw bytes are staged before they are written: with what waits in the channel, the bound on memory.
const FLUSH_BYTES: u64 = 128 << 20;
/// How many records are staged before they are written.
const FLUSH_RECORDS: usize = 2 * SEGMENT_RECORDS;

/// The records of a segment: half of what it may hold, so that what is staged of one day becomes several segments, which
/// are written at once.
const SEGMENT_RECORDS: usize = MAX_RECORDS / 2;

/// How many segments are staged before they are written: each is a line of a commit, and a commit is bounded.
const FLUSH_DRAFTS: usize = 1_024;

/// What an object was when it was received: a digest of its name, length and tag.
type Version = [u8; 16];

fn version(name: &str, size: u64, etag: &str) -> Version {
    let mut version = Version::default();
    let digest = Sha256::new().chain_update(name).chain_update(size.to_be_bytes()).chain_update(etag).finalize();
    version.copy_from_slice(&digest[..16]);
    version
}

/// What is remembered from one run to the next of the same process: the next need not read it again. A run that failed takes
/// it along, since what it knew of its drafts is wrong.
#[derive(Default)]
pub struct Memory {
    receipts: Receipts,
    known: Known,
    /// Up to which commit it knows the receipts.
    since: u64,
}

/// The receipts of earlier runs and of this one.
#[derive(Debug, Default)]
pub(super) struct Receipts {
    /// What is known of each file, by its SHA-256.
    pub(super) files: HashMap<String, Received>,
    /// The SHA-256 of each object.
    objects: HashMap<Version, String>,
}

/// What one file became so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// The file's name, once it had a record.
    pub(super) name: Option<Arc<str>>,
    pub(super) ledger: Ledger,
    pub(super) events: u64,
    pub(super) new: u64,
    pub(super) duplicates: u64,
    pub(super) conflicts: u64,
    pub(super) unparsed: u64,
    /// How many were not taken in, since their class expired.
    pub(super) expired: u64,
    /// How many were not taken in, since they were erased.
    pub(super) erased: u64,
}

/// The state of one run.
pub(super) struct Stage<'a> {
    pub(super) vault: &'a Vault,
    pub(super) replay: Arc<Replay>,
    pub(super) known: Known,
    /// Which class a record is of.
    policy: Policy,
    /// Drafts that still grow, by class, source and day.
    open: HashMap<(String, Arc<str>, Day), usize>,
    /// All drafts since the last flush.
    pub(super) drafts: Vec<Draft>,
    raw: u64,
    /// The places of the records that were taken of what is being taken in.
    slices: Vec<(usize, usize)>,
    pub(super) tallies: HashMap<usize, Tally>,
    pub(super) finished: Vec<Finished>,
    /// Where records went that a revision moved: an earlier place to the place now.
    pub(super) moved: HashMap<SegmentId, Vec<Place>>,
    decoded: DecodedFiles,
    receipts: Receipts,
    /// The names and SHA-256 of the files that were passed over.
    known_files: Vec<(Arc<str>, String)>,
    /// The first commit whose receipts it has not read.
    since: u64,
    /// What the next commit says of how far streams were read; nothing for files, which are known by their receipts.
    pub(super) transactions: Vec<Transaction>,
    /// The first file of which nothing could be read as an event, and how many there are.
    unread: Option<(Arc<str>, u64)>,
    /// The first file that holds nothing at all.
    blank: Option<Arc<str>>,
    pub(super) summary: Summary,
}

impl<'a> Stage<'a> {
    /// Over the table as it stands, with what an earlier run remembered of it.
    pub(super) async fn new(vault: &'a Vault, memory: Memory) -> Result<Self> {
        let replay = vault.snapshot().await?.replay;
        let Memory { receipts, known, since } = memory;
        let mut stage = Self::over(vault, Arc::clone(&replay), known)?;
        stage.since = replay.next_version();
        let is_new = |file: &&File| {
            let mut segments = file.add.tags.segments.iter();
            is_own(file) && segments.any(|tag| replay.commit_of(tag.id).is_none_or(|commit| commit >= since))
        };
        let own: Vec<File> = replay.files().filter(is_new).cloned().collect();
        let Receipts { files, objects } = stage.receipts_of(&own).await?;
        stage.receipts = receipts;
        stage.receipts.files.extend(files);
        stage.receipts.objects.extend(objects);
        Ok(stage)
    }

    /// Over the table as it stands, with what is known of its records.
    ///
    /// # Errors
    /// Damage where the retention policy cannot be read.
    pub(super) fn over(vault: &'a Vault, replay: Arc<Replay>, known: Known) -> Result<Self> {
        let policy = Snapshot { replay: Arc::clone(&replay) }.policy()?;
        Ok(Self {
            vault,
            replay,
            known,
            policy,
            open: HashMap::new(),
            drafts: Vec::new(),
            raw: 0,
            slices: Vec::new(),
            tallies: HashMap::new(),
            finished: Vec::new(),
            moved: HashMap::new(),
            decoded: DecodedFiles::default(),
            receipts: Receipts::default(),
            known_files: Vec::new(),
            since: 0,
            transactions: Vec::new(),
            unread: None,
            blank: None,
            summary: Summary::default(),
        })
    }

    /// The files whose receipts are in the vault.
    pub(super) fn known_files(&self) -> KnownFiles {
        self.receipts.files.keys().cloned().collect()
    }

    /// Whether an object is the version that was received before: then it need not be fetched.
    pub(super) fn pass_over(&mut self, input: &Input) -> bool {
        let Some(etag) = input.etag() else { return false };
        let Some(sha256) = self.receipts.objects.get(&version(&input.name, input.size, etag)) else { return false };
        self.summary.files += 1;
        self.summary.files_known += 1;
        self.known_files.push((input.name.as_str().into(), sha256.clone()));
        true
    }

    /// Whether an object is the version that was received before.
    pub(super) fn has_received(&self, object: &Object) -> bool {
        let known = |etag| self.receipts.objects.contains_key(&version(object.name(), object.size(), etag));
        object.etag().is_some_and(known)
    }

    /// What the next run may remember.
    pub(super) fn into_memory(self) -> Memory {
        Memory { receipts: self.receipts, known: self.known, since: self.since }
    }

    /// The receipts in files of our own records: what was received, and how many events were in it.
    pub(super) async fn receipts_of(&self, files: &[File]) -> Result<Receipts> {
        let mut receipts = Receipts::default();
        for file in files.iter().filter(|file| is_own(file)) {
            let (_, records) = self.vault.sealed(file).await?;
            // A document was kept and never read: where it comes as evidence, it is read.
            let is_of_file =
                |provenance: &Provenance| provenance.kind == Kind::Receipt && &*provenance.stream == RECEIPTS;
            let records = records.iter().filter_map(Slot::record);
            for record in records.filter(|record| is_of_file(&record.provenance)) {
                let receipt = Receipt::parse(&record.raw)?;
                let known = Received::of(&receipt);
                let (sha256, size) = (receipt.received.sha256, receipt.received.size);
                if let Some(etag) = &receipt.etag {
                    receipts.objects.insert(version(&receipt.origin, size, etag), sha256.clone());
                }
                receipts.files.insert(sha256, known);
            }
        }
        Ok(receipts)
    }

    /// Takes what a thread sent.
    pub(super) async fn take(&mut self, parcel: Parcel) -> Result<()> {
        match parcel {
            Parcel::Items { file, items } => self.items(file, items).await?,
            Parcel::Known { name, extent } => {
                self.summary.files += 1;
                self.summary.files_known += 1;
                self.summary.bytes_received += extent.size;
                self.known_files.push((name, extent.sha256));
            }
            Parcel::Failed { file, name, fault } => {
                self.tallies.remove(&file);
                self.summary.problems.push(Problem::of(&name, fault));
            }
            Parcel::End { file, name, received, mut end } => {
                self.summary.files += 1;
                self.summary.bytes_received += end.received.size;
                let tally = self.tallies.remove(&file).unwrap_or_default();
                let damage = end.damage.as_ref().map(|fault| fault.chain(Lang::En));
                let is_blank = damage.is_none() && tally.ledger.is_blank();
                let known = Received::counted((tally.events, tally.unparsed), is_blank, damage);
                let Received { events, is_blank, .. } = known;
                self.receipts.files.insert(end.received.sha256.clone(), known);
                if tally.expired > 0 {
                    end.original = None; // it would bring back what is gone
                    let expired = msg!("vault-file-expired", path = &*name, count = tally.expired);
                    self.summary.warnings.push(Arc::new(Fault::caller(expired)));
                }
                if tally.erased > 0 {
                    end.original = None; // as above
                    let erased = msg!("vault-file-erased", path = &*name, count = tally.erased);
                    self.summary.warnings.push(Arc::new(Fault::caller(erased)));
                }
                let is_gone = tally.expired + tally.erased > 0;
                let is_kept = tally.ledger.is_too_long() && end.original.is_none() && !is_gone;
                if let Some(input) = end.input.clone().filter(|_| is_kept) {
                    let (extent, runtime) = (end.received.clone(), Handle::current());
                    end.original = tokio::task::spawn_blocking(move || input.again(&extent, &runtime))
                        .await
                        .map_err(|error| Fault::broken(msg!("vault-thread-died")).because(error))?;
                }
                if tally.ledger.is_too_long() && end.original.is_none() && !is_gone {
                    self.summary.warnings.push(Arc::new(Fault::caller(msg!("vault-file-not-kept", path = &*name))));
                }
                self.raw += (tally.ledger.length() + end.original.as_ref().map_or(0, Bytes::len)) as u64;
                if let Some(fault) = &end.damage {
                    self.summary.problems.push(Problem::of(&name, Fault::damage(fault.message().clone())));
                } else if tally.events == 0 && tally.unparsed > 0 {
                    let (_, count) = self.unread.get_or_insert_with(|| (Arc::clone(&name), 0));
                    *count += 1;
                } else if is_blank {
                    self.blank(&name);
                } else if events == 0 {
                    let empty = msg!("vault-file-without-events", path = &*name);
                    self.summary.warnings.push(Arc::new(Fault::caller(empty)));
                }
                self.finished.push(Finished { name, received, end: *end, tally, stream: RECEIPTS });
            }
        }
        let staged: usize = self.drafts.iter().map(|draft| draft.records.len()).sum();
        let many = self.drafts.len() >= FLUSH_DRAFTS || self.finished.len() >= MAX_RECORDS;
        if self.raw >= FLUSH_BYTES || staged >= FLUSH_RECORDS || many {
            self.flush().await?;
        }
        if self.drafts.is_empty() {
            self.known.forget_old(); // a run that finds only duplicates remembers them too
        }
        Ok(())
    }

    /// Counts a file that holds nothing at all. All such files are the same bytes, so that one was received before says nothing of
    /// the next: it is told each time.
    fn blank(&mut self, name: &Arc<str>) {
        self.summary.empty += 1;
        self.blank.get_or_insert_with(|| Arc::clone(name));
    }

    /// Writes and seals what is left. `cursors` are committed with it, where all that was to be read was read.
    pub(super) async fn finish(mut self, stopped: bool, cursors: Vec<Transaction>) -> Result<(Summary, Memory)> {
        let mut unread_before: Option<(Arc<str>, u64)> = None;
        for (name, sha256) in std::mem::take(&mut self.known_files) {
            let Some(Received { events, is_unread, is_blank, damage }) = self.receipts.files.get(&sha256).cloned()
            else {
                // It was passed over for another file with its bytes, and that one was not received after all.
                let again = Fault::world(msg!("vault-file-passed-over", path = &*name));
                self.summary.problems.push(Problem::of(&name, again));
                continue;
            };
            if let Some(damage) = damage {
                let again = msg!("vault-file-damaged-before", path = &*name, why = damage.as_str());
                self.summary.problems.push(Problem::of(&name, Fault::damage(again)));
            }
            if is_blank {
                self.blank(&name);
            }
            if is_unread {
                let (_, count) = unread_before.get_or_insert_with(|| (Arc::clone(&name), 0));
                *count += 1;
            }
            self.summary.records += events;
            self.summary.duplicates += events;
        }
        // What is damaged stays so: it was received as it is.
        let is_all_read = self.summary.problems.iter().all(|problem| problem.fault.kind() == Blame::Damage);
        if !stopped && is_all_read {
            self.transactions = cursors;
        }
        self.flush().await?;
        let (checkpoint, warnings) = self.vault.seal().await?;
        self.summary.tree_size = checkpoint.size();
        self.summary.warnings.extend(warnings.into_iter().map(Arc::new));
        if let Some((first, count)) = unread_before {
            let before = msg!("vault-files-unread-before", count = count, path = &*first);
            self.summary.warnings.push(Arc::new(Fault::caller(before)));
        }
        if let Some((first, count)) = self.unread.take() {
            let unread = msg!("vault-files-unread", count = count, path = &*first);
            self.summary.warnings.push(Arc::new(Fault::caller(unread)));
        }
        if let Some(first) = self.blank.take() {
            let blank = msg!("vault-files-blank", count = self.summary.empty, path = &*first);
            self.summary.warnings.push(Arc::new(Fault::caller(blank)));
        }
        let mut said = HashSet::new();
        self.summary.warnings.retain(|warning| said.insert(warning.chain(Lang::En))); // each sealing says it again
        self.summary.stopped = stopped;
        self.summary.problems.sort_by(|a, b| a.file.cmp(&b.file));
        // What this run wrote is read once more: it names objects by what their bucket calls them.
        let summary = std::mem::take(&mut self.summary);
        Ok((summary, self.into_memory()))
    }

    pub(super) async fn items(&mut self, file: usize, items: Vec<Item>) -> Result<()> {
        let records: Vec<&Record> = items
            .iter()
            .filter_map(|item| match item {
                Item::Record(record, _) | Item::Unwrapped(record, _) => Some(&**record),
                Item::New(_) | Item::Gap(_) => None,
            })
            .collect();
        let replay = Arc::clone(&self.replay);
        // What we say ourselves is not looked for among what others said.
        let are_own = records.iter().all(|record| &*record.provenance.source == OWN_SOURCE);
        let files = replay.files().filter(|file| !are_own || is_own(file));
        self.known.load_for(self.vault, files, &records).await?;
        let mut tally = self.tallies.remove(&file).unwrap_or_default();
        self.slices.clear();
        let bytes = items.iter().map(Item::length).sum();
        for item in items {
            match item {
                Item::Gap(bytes) => {
                    self.summary.bytes_content += bytes.len() as u64;
                    tally.ledger.literal(&bytes);
                }
                Item::Record(record, hash) => {
                    self.summary.bytes_content += record.raw.len() as u64;
                    self.record(*record, hash, &mut tally).await?;
                }
                Item::Unwrapped(record, hash) => {
                    tally.ledger.give_up();
                    self.record(*record, hash, &mut tally).await?;
                }
                Item::New(record) => {
                    self.summary.bytes_content += record.raw.len() as u64;
                    self.seen(&record, &mut tally);
                    match self.is_expired(&record) {
                        true => self.leave_out(&mut tally),
                        false => drop(self.add(*record, &mut tally)?),
                    }
                }
            }
        }
        self.tallies.insert(file, tally);
        self.let_go(bytes);
        Ok(())
    }

    /// Records are slices of what was read, and each slice keeps all of it in memory. Where most of its bytes were taken, that is
    /// what they would take anyway; where they were not, those that were are copied.
    fn let_go(&mut self, bytes: usize) {
        let slices = std::mem::take(&mut self.slices);
        let raw =
            |drafts: &[Draft], (draft, record): (usize, usize)| Some(drafts.get(draft)?.records.get(record)?.raw.len());
        let taken: usize = slices.iter().filter_map(|place| raw(&self.drafts, *place)).sum();
        if taken < bytes / 4 * 3 {
            for (draft, record) in slices {
                if let Some(record) = self.drafts.get_mut(draft).and_then(|draft| draft.records.get_mut(record)) {
                    record.raw = Bytes::copy_from_slice(&record.raw);
                }
            }
        }
    }

    /// Counts a record.
    fn seen(&mut self, record: &Record, tally: &mut Tally) {
        self.summary.records += 1;
        match self.summary.sources.get_mut(&*record.provenance.source) {
            Some(count) => *count += 1,
            None => drop(self.summary.sources.insert(record.provenance.source.to_string(), 1)),
        }
        match record.provenance.kind {
            Kind::Unparsed => tally.unparsed += 1,
            Kind::Event | Kind::Receipt => tally.events += 1,
        }
        tally.name.get_or_insert_with(|| Arc::clone(&record.provenance.origin));
    }

    async fn record(&mut self, record: Record, hash: i64, tally: &mut Tally) -> Result<()> {
        self.seen(&record, tally);
        if self.is_expired(&record) {
            self.leave_out(tally);
            return Ok(());
        }
        let (mut other, mut is_erased) = (None, false);
        for place in self.known.find(hash) {
            match self.compare(self.now(place), &record).await? {
                Likeness::Same => {
                    self.summary.duplicates += 1;
                    tally.duplicates += 1;
                    tally.ledger.record(place);
                    return Ok(());
                }
                Likeness::Erased => is_erased = true,
                Likeness::SameKey => drop(other.get_or_insert(place)),
                Likeness::Other => {}
            }
        }
        if is_erased {
            self.summary.erased += 1;
            tally.erased += 1;
            tally.ledger.give_up();
            return Ok(());
        }
        if let Some(other) = other {
            self.conflict(&record, other).await?;
            tally.conflicts += 1;
        }
        let place = self.add(record, tally)?;
        self.known.insert(hash, place);
        Ok(())
    }

    /// Whether a record is older than what its class keeps, and that has expired already.
    fn is_expired(&self, record: &Record) -> bool {
        let class = self.policy.class_of(&record.provenance.source, &record.provenance.stream);
        self.replay.expired_before(class).is_some_and(|before| record.columns.time.day() < before)
    }

    /// Leaves such a record out: its file is not given back.
    fn leave_out(&mut self, tally: &mut Tally) {
        self.summary.expired += 1;
        tally.expired += 1;
        tally.ledger.give_up();
    }

    /// Takes a record that is new.
    fn add(&mut self, record: Record, tally: &mut Tally) -> Result<Place> {
        self.summary.new += 1;
        tally.new += 1;
        self.summary.unparsed += u64::from(record.provenance.kind == Kind::Unparsed);
        let place = self.push(record)?;
        tally.ledger.record(place);
        Ok(place)
    }

    /// Puts a record into the draft of its source and day.
    fn push(&mut self, record: Record) -> Result<Place> {
        let class = self.policy.class_of(&record.provenance.source, &record.provenance.stream).to_owned();
        let group = (class, Arc::clone(&record.provenance.source), record.columns.time.day());
        let room = |draft: &Draft| {
            let raw: u64 = if draft.records.len().is_multiple_of(1_024) {
                draft.records.iter().map(|record| record.raw.len() as u64).sum()
            } else {
                0 // looked at every 1,024 records; an event is at most 16 MiB and a flush little more than 128 MiB
            };
            draft.records.len() < SEGMENT_RECORDS && raw < MAX_SEGMENT_RAW_BYTES
        };
        let at = match self.open.get(&group).copied().filter(|at| self.drafts.get(*at).is_some_and(room)) {
            Some(at) => at,
            None => {
                let layout = self.replay.setting(LAYOUT_KEY).and_then(Layout::from_name).unwrap_or_default();
                let format = self.replay.format();
                let draft = Draft { layout, format, ..Draft::new(&group.0, group.2)? };
                self.known.mark(draft.id);
                self.drafts.push(draft);
                self.open.insert(group, self.drafts.len() - 1);
                self.drafts.len() - 1
            }
        };
        self.raw += record.raw.len() as u64;
        let draft = &mut self.drafts[at];
        let ordinal = u32::try_from(draft.records.len()).unwrap_or(u32::MAX);
        self.slices.push((at, draft.records.len()));
        draft.records.push(record);
        Ok(Place { segment: draft.id, ordinal })
    }

    /// Where a record is now that was placed there once.
    pub(super) fn now(&self, mut place: Place) -> Place {
        while let Some(now) = self.moved.get(&place.segment).and_then(|places| places.get(place.ordinal as usize)) {
            place = *now;
        }
        place
    }

    pub(super) async fn compare(&mut self, place: Place, record: &Record) -> Result<Likeness> {
        let ordinal = place.ordinal as usize;
        if let Some(draft) = self.drafts.iter().find(|draft| draft.id == place.segment) {
            let Some(staged) = draft.records.get(ordinal) else { return Ok(Likeness::Other) };
            let sealed = Sealed { provenance: staged.provenance.clone(), raw: staged.raw.clone() };
            return Ok(Likeness::of(&sealed, staged.columns.key.as_deref(), record));
        }
        if self.replay.expired_by(place.segment).is_some() {
            return Ok(Likeness::Other);
        }
        let Some(file) = self.replay.file_of(place.segment) else {
            return Err(Fault::broken(msg!("vault-segment-unknown", segment = place.segment.to_string())));
        };
        let decoded = self.decoded.of(self.vault, file).await?;
        let sealed = match decoded.segment(place.segment).get(ordinal) {
            Some(Slot::Record(sealed)) => sealed,
            // Without a key of its own an event is known by its place, where another comes tomorrow.
            Some(Slot::Erased(_)) if record.columns.key.is_none() => return Ok(Likeness::Other),
            Some(Slot::Erased(_)) => return Ok(Likeness::Erased),
            None => return Ok(Likeness::Other),
        };
        if sealed.is(record) {
            return Ok(Likeness::Same);
        }
        Ok(Likeness::of(sealed, sealed.key()?.as_deref(), record))
    }

    pub(super) async fn flush(&mut self) -> Result<()> {
        let drafts = std::mem::take(&mut self.drafts);
        let finished = std::mem::take(&mut self.finished);
        self.open.clear();
        self.raw = 0;
        if drafts.is_empty() && finished.is_empty() {
            return Ok(());
        }
        self.write(drafts, finished).await?;
        self.known.forget_old();
        let snapshot = self.vault.snapshot().await?;
        self.policy = snapshot.policy()?;
        self.replay = snapshot.replay;
        let (checkpoint, warnings) = self.vault.seal().await?;
        self.summary.tree_size = checkpoint.size();
        self.summary.warnings.extend(warnings.into_iter().map(Arc::new));
        Ok(())
    }
}

/// Whether a file holds records that shoseki made itself.
pub(super) fn is_own(file: &File) -> bool {
    file.add.tags.segments.iter().any(|tag| tag.source == OWN_SOURCE)
}
