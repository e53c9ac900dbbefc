//! Copying what is sealed to another place, object by object, each proven before it is written there.
//!
//! The order makes the place an older state of the vault at each moment: files, wrapped keys and originals, `shoseki.toml`, the
//! commits one by one, what follows of the log, the checkpoint, its copy. All is created and nothing replaced. Where an object that
//! a commit needs cannot be copied, the log is brought forward to the last checkpoint before that commit, and no further, unless
//! somebody accepts that it is lost.

use async_recursion::async_recursion;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use serde::Serialize;
use shoseki_event::Kind as RecordKind;
use shoseki_messages::{Fault, Kind, Result, msg};
use shoseki_segment::receipt::Receipt;
use shoseki_segment::{OWN_SOURCE, layout};
use shoseki_tlog::SignedCheckpoint;

use super::proof::Proof;
use super::state::{ProvenState, SealedFile, newest_signed, signed_up_to};
use crate::Vault;
use crate::ingest::Meter;
use crate::log::bring_forward;
use crate::store::{Created, Store};

/// How many objects are copied at once: a file may be large.
const AT_ONCE: usize = 4;
/// How many small ones are.
const SMALL_AT_ONCE: usize = 16;

/// An object that could not be copied or restored, and why.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Its name.
    pub name: String,
    /// Why.
    pub fault: Arc<Fault>,
}

/// What a copying came to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Copied {
    /// The size of the tree that the place proved before.
    pub size_before: u64,
    /// The size that it proves now.
    pub size: u64,
    /// The size of the tree of what is copied.
    pub source_size: u64,
    /// How many objects were written.
    pub objects: u64,
    /// How many bytes they have.
    pub bytes: u64,
    /// How many data files of others' evidence were among them.
    pub evidence_files: u64,
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// What could not be copied: what is damaged at the source, and what is not at the place what it must be.
    #[serde(skip)]
    pub problems: Vec<Problem>,
}

/// The newest checkpoint that a place proves something by; `None` where it has none whose signature is right.
///
/// # Errors
/// The caller's mistake where the verifier key is missing; the world's failure where the place cannot be read.
#[async_recursion]
pub async fn newest(vault: &Vault, place: &Store) -> Result<Option<SignedCheckpoint>> {
    newest_signed(place, &vault.verifier()?).await
}

/// Whether a checkpoint is one of a vault's log, as its commits lead to it.
///
/// # Errors
/// Damage where the vault's commits do not lead to its own checkpoint; the world's failure where it cannot be read.
#[async_recursion]
pub async fn agrees(vault: &Vault, checkpoint: &SignedCheckpoint) -> Result<bool> {
    let nothing = || Fault::damage(msg!("replica-nothing-sealed", url = vault.store().url()));
    let tip = newest_signed(vault.store(), &vault.verifier()?).await?.ok_or_else(nothing)?;
    Ok(ProvenState::of(vault.store(), tip, None).await?.agrees(checkpoint))
}

/// Copies what is sealed in a vault and is not at the place yet. Asked again, it goes on. `accepts_loss` says that it goes on also
/// where something that a commit needs cannot be copied: the place lacks it then, as the vault does, and `verify` says so of both.
///
/// # Errors
/// Damage, and nothing is copied, where the source's commits do not lead to its checkpoint, it is older than the place, or was
/// parted from it; the world's failure where one of them cannot be read or written. What is wrong with single objects is among the
/// problems.
#[async_recursion(?Send)]
pub async fn copy(source: &Vault, place: &Store, accepts_loss: bool, meter: &Meter) -> Result<Copied> {
    let key = source.verifier()?;
    let nothing = || Fault::damage(msg!("replica-nothing-sealed", url = source.store().url()));
    let tip = newest_signed(source.store(), &key).await?.ok_or_else(nothing)?;
    let before = newest_signed(place, &key).await?;
    let size_before = before.as_ref().map_or(0, SignedCheckpoint::size);
    if size_before > tip.size() {
        let message = msg!(
            "replica-ahead",
            url = source.store().url(),
            size = tip.size(),
            place = place.url(),
            ahead = size_before
        );
        return Err(Fault::damage(message));
    }
    let state = ProvenState::of(source.store(), tip, None).await?;
    if before.is_some_and(|before| !state.agrees(&before)) {
        let message = msg!("replica-forked", url = source.store().url(), place = place.url(), size = size_before);
        return Err(Fault::damage(message));
    }
    let there = place.list("").await?.into_iter().collect();
    let proof = Proof { state: &state, key: &key, ring: source.ring() };
    let copied = Copied { size_before, size: size_before, source_size: state.size(), ..Copied::default() };
    let mut course = Course { source, place, proof, meter, there, copied };
    let limit = course.files().await?;
    if meter.is_stopped() {
        course.copied.stopped = true;
        return Ok(course.copied);
    }
    if limit >= state.size() || accepts_loss {
        course.log().await?;
        return Ok(course.copied);
    }
    // Something that a commit needs cannot be copied: the place stays whole, and older.
    let mut limit = limit;
    loop {
        let earlier = signed_up_to(source.store(), &key, limit).await?.filter(|earlier| earlier.size() > size_before);
        let Some(earlier) = earlier else { return Ok(course.copied) };
        let state = ProvenState::of(source.store(), earlier, None).await?;
        // What was replaced or is gone since is of the earlier table, and perhaps nowhere any more.
        let lacks = |(name, file): (&String, &SealedFile)| (!course.there.contains_key(name)).then_some(file.since);
        match state.in_table().filter(|(_, file)| file.since >= size_before).filter_map(lacks).min() {
            Some(since) => limit = since,
            None => {
                course.proof.state = &state;
                course.log().await?;
                return Ok(course.copied);
            }
        }
    }
}

/// One copying.
struct Course<'a> {
    source: &'a Vault,
    place: &'a Store,
    proof: Proof<'a>,
    meter: &'a Meter,
    /// What lies at the place, with its size.
    there: BTreeMap<String, u64>,
    copied: Copied,
}

impl Course<'_> {
    /// Copies files, wrapped keys and originals. Gives the first commit that needs one that is not there then, or how many
    /// commits there are.
    async fn files(&mut self) -> Result<u64> {
        let state = self.proof.state;
        let mut wanted = Vec::new();
        for (name, file) in &state.files {
            // What was replaced is wanted only until the place has the compaction, too; what is gone is never.
            let is_wanted = file.gone_by.is_none() && file.replaced_by.is_none_or(|by| by >= self.copied.size_before);
            match self.there.get(name) {
                None if is_wanted => wanted.push((name.clone(), file.size)),
                Some(size) if *size != file.size => self.differs(name),
                _ => {}
            }
        }
        for folder in [layout::KEYS, layout::ORIGINALS] {
            let listed = self.source.store().list(folder).await?;
            let is_gone = |name: &str| state.is_erased_original(name);
            wanted.extend(listed.into_iter().filter(|(name, _)| !self.there.contains_key(name) && !is_gone(name)));
        }
        let bytes = wanted.iter().map(|(_, size)| size).sum();
        Meter::add(&self.meter.files, wanted.len() as u64);
        Meter::add(&self.meter.bytes, bytes);
        let (from, place, proof, meter) = (self.source.store(), self.place, self.proof, self.meter);
        let done: Vec<(String, Result<Option<u64>>)> = futures::stream::iter(wanted)
            .map(|(name, size)| async move {
                let one = if meter.is_stopped() { Ok(None) } else { one(from, place, &proof, &name).await };
                Meter::add(&meter.files_done, 1);
                Meter::add(&meter.bytes_done, size);
                (name, one)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        for (name, outcome) in done {
            match outcome {
                Ok(Some(bytes)) => {
                    self.copied.objects += 1;
                    self.copied.bytes += bytes;
                    self.copied.evidence_files += u64::from(state.files.get(&name).is_some_and(|file| !file.is_own));
                    self.there.insert(name, bytes);
                }
                Ok(None) => {}
                // Files that a sealed compaction replaced may be gone, and are no loss.
                Err(_) if state.files.get(&name).is_some_and(|file| file.replaced_by.is_some()) => {}
                Err(fault) if fault.kind() == Kind::Damage => self.problem(name, fault),
                Err(fault) => return Err(fault),
            }
        }
        if self.meter.is_stopped() { Ok(0) } else { self.first_that_lacks().await }
    }

    fn problem(&mut self, name: String, fault: Fault) {
        self.copied.problems.push(Problem { name, fault: Arc::new(fault) });
    }

    fn differs(&mut self, name: &str) {
        let fault = Fault::damage(msg!("replica-place-differs", url = self.place.url(), name = name));
        self.problem(name.to_owned(), fault);
    }

    /// The first commit that the place does not prove yet and that needs what is not there.
    async fn first_that_lacks(&mut self) -> Result<u64> {
        let (state, mut first) = (self.proof.state, self.proof.state.size());
        let wrong: BTreeSet<&str> = self.copied.problems.iter().map(|problem| problem.name.as_str()).collect();
        let keys = |id: &str| {
            let folder = format!("{}/{id}/", layout::KEYS);
            let mut below = self.there.range(folder.clone()..);
            below.next().is_some_and(|(name, _)| name.starts_with(&folder))
        };
        for (name, file) in state.in_table().filter(|(_, file)| file.since >= self.copied.size_before) {
            let has_key = file.key.as_deref().is_none_or(keys);
            if !self.there.contains_key(name) || wrong.contains(name.as_str()) || !has_key {
                first = first.min(file.since);
            }
        }
        let (needed, unread) = self.needed_originals(first).await?;
        first = first.min(unread);
        for (name, since) in needed {
            if self.there.contains_key(&name) {
                continue;
            }
            if !self.copied.problems.iter().any(|problem| problem.name == name) {
                let fault = Fault::damage(msg!("vault-object-missing", url = self.source.store().url(), name = &name));
                self.problem(name, fault);
            }
            first = first.min(since);
        }
        Ok(first)
    }

    /// The originals that receipts of new commits say are kept whole, each with the commit that first says so; and the first
    /// commit whose receipts cannot be read.
    async fn needed_originals(&self, end: u64) -> Result<(BTreeMap<String, u64>, u64)> {
        let (mut needed, mut unread) = (BTreeMap::new(), end);
        for part in self.source.snapshot().await?.added(self.copied.size_before, end) {
            let own = part.segments.iter().filter(|tag| tag.source == OWN_SOURCE);
            let own: BTreeMap<_, _> = own.map(|tag| (tag.id, tag.commit.unwrap_or(part.file.version))).collect();
            if own.is_empty() {
                continue;
            }
            let from = own.keys().map(|segment| (*segment, 0)).collect();
            let events = match self.source.events_of(&part.file, from).await {
                Ok(events) => events,
                Err(fault) if matches!(fault.kind(), Kind::Damage) => {
                    unread = own.values().copied().min().unwrap_or(end).min(unread);
                    continue;
                }
                Err(fault) => return Err(fault),
            };
            for batch in events {
                let receipts = batch?.into_iter().filter(|event| event.provenance.kind == RecordKind::Receipt);
                for event in receipts {
                    let receipt = Receipt::parse(&event.raw)?;
                    let sha256 = &receipt.received.sha256;
                    let is_gone = self.proof.state.replay.erased_original(sha256).is_some();
                    if receipt.recipe.is_none() && !receipt.not_kept && !is_gone {
                        let since = own.get(&event.id.segment).copied().unwrap_or(part.file.version);
                        let known: &mut u64 = needed.entry(layout::original(&receipt.received.sha256)).or_insert(since);
                        *known = since.min(*known);
                    }
                }
            }
        }
        Ok((needed, unread))
    }

    /// Brings the log forward: commits in order, what follows from them, the checkpoint last.
    async fn log(&mut self) -> Result<()> {
        let state = self.proof.state;
        self.make(layout::MARKER, state.marker().to_text().into()).await?;
        let (objects, bytes) = self.commits().await?;
        self.copied.objects += objects;
        self.copied.bytes += bytes;
        for (path, bytes) in state.log.objects() {
            self.make(&format!("{}/{path}", layout::TLOG), bytes).await?;
        }
        self.make(&layout::checkpoint(state.size()), state.checkpoint.bytes().clone()).await?;
        bring_forward(self.place, &state.checkpoint, self.proof.key).await?;
        self.copied.size = state.size();
        Ok(())
    }

    /// Writes the commits that are not there, in order. Those that the place does not prove yet must be the ones that were sealed.
    async fn commits(&self) -> Result<(u64, u64)> {
        let (from, place, there, before) = (self.source.store(), self.place, &self.there, self.copied.size_before);
        let wanted = self
            .proof
            .state
            .commits
            .iter()
            .filter(|entry| entry.version >= before || !there.contains_key(&layout::commit(entry.version)));
        let mut read = futures::stream::iter(wanted)
            .map(|entry| async move {
                let name = layout::commit(entry.version);
                let bytes = from.need(&name).await?;
                let refused = || Fault::damage(msg!("vault-commit-refused", version = entry.version));
                if entry.is_of(entry.version, &bytes) { Ok::<_, Fault>((name, bytes)) } else { Err(refused()) }
            })
            .buffered(SMALL_AT_ONCE);
        let mut written = (0, 0);
        while let Some((name, bytes)) = read.try_next().await? {
            let length = bytes.len() as u64;
            let is_new = !there.contains_key(&name);
            place.create_same(&name, bytes).await?;
            written = (written.0 + u64::from(is_new), written.1 + if is_new { length } else { 0 });
        }
        Ok(written)
    }

    /// Writes what follows from the log, where it is not there.
    async fn make(&mut self, name: &str, bytes: Bytes) -> Result<()> {
        if self.there.contains_key(name) {
            return Ok(());
        }
        let length = bytes.len() as u64;
        self.place.create_same(name, bytes).await?;
        self.there.insert(name.to_owned(), length);
        self.copied.objects += 1;
        self.copied.bytes += length;
        Ok(())
    }
}

/// Copies one object, and gives its length.
async fn one(from: &Store, place: &Store, proof: &Proof<'_>, name: &str) -> Result<Option<u64>> {
    let bytes = from.need(name).await?;
    proof.check(name, &bytes).await?;
    let length = bytes.len() as u64;
    match place.create(name, bytes).await? {
        Created::Ours => Ok(Some(length)),
        Created::Theirs(_) => Err(Fault::damage(msg!("replica-place-differs", url = place.url(), name = name))),
    }
}
