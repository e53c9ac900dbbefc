//! Putting a vault right, object by object, from a replica. Each object is proven by the log that the verifier key signs before it
//! is written, and what is wrong is kept beside it, as `.shoseki-aside-<16 hex>-<name>`: evidence of what was done to it.
//!
//! The log is the vault's own. Where commits of it are missing or were changed, those of the replica stand in for them, and all must
//! lead to the vault's newest checkpoint; where the vault was put back to an older state, the replica's log is the longer one.

use async_recursion::async_recursion;
use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use serde::Serialize;
use sha2::{Digest, Sha256};
use shoseki_event::{Day, SegmentId};
use shoseki_messages::{Fault, Kind, Result, msg};
use shoseki_segment::layout::{self, Marker};
use shoseki_tlog::{Checkpoint, ObjectPath, SignedCheckpoint, SigningKey, VerifierKey};

use super::copy::Problem;
use super::proof::Proof;
use super::state::{ProvenState, newest_signed};
use crate::anchor;
use crate::folder::TEMPORARY;
use crate::ingest::Meter;
use crate::log::bring_forward;
use crate::store::{Created, Store};
use crate::vault::{Vault, anchors};

/// How many objects are looked at at once.
const AT_ONCE: usize = 4;

/// What is put right.
#[derive(Clone, Debug)]
pub enum Scope {
    /// All that a vault must have, and that is missing or is not what was sealed.
    Damaged,
    /// The files of a day.
    Day(Day),
    /// The file that holds a segment.
    Segment(SegmentId),
    /// One object.
    Object(String),
}

/// An object that was put right.
#[derive(Clone, Debug, Serialize)]
pub struct RestoredObject {
    /// Its name.
    pub name: String,
    /// The SHA-256 of its bytes, hexadecimal; absent where it was only set aside: a compaction replaced it, and no good copy is left.
    pub sha256: Option<String>,
    /// How many bytes it has.
    pub bytes: u64,
    /// Where what was there before is kept; absent where nothing was there.
    pub aside: Option<String>,
}

/// What a restore came to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Restored {
    /// The size of the tree that proved the objects.
    pub size: u64,
    /// How many objects were looked at.
    pub looked_at: u64,
    /// What was put right, by name.
    pub restored: Vec<RestoredObject>,
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// What could not be put right.
    #[serde(skip)]
    pub problems: Vec<Problem>,
    /// What ended it before its end: what was put right until then is there.
    #[serde(skip)]
    pub failed: Option<Arc<Fault>>,
}

/// Makes sure that no anchor knows a larger tree than the one that is restored. An anchor that cannot be reached is left out.
///
/// # Errors
/// The caller's mistake where one does: he must say that he knows what is lost.
#[async_recursion]
pub async fn check_known(replica: &Vault, size: u64) -> Result<()> {
    for url in anchors(&replica.snapshot().await?.replay) {
        let known = anchor::newest(&url, &replica.marker().origin, replica.buckets()).await.unwrap_or_default();
        if known > size {
            return Err(Fault::caller(msg!("replica-restore-loses", url = url, known = known, size = size)));
        }
    }
    Ok(())
}

/// Puts right what is wrong at a vault's place. `accepts_loss` says that it may become older than an anchor knows it.
///
/// # Errors
/// Damage where the place's checkpoint is not one of the replica's log, or neither log leads to a checkpoint; the caller's mistake
/// where the vault has no such object, day or segment, or an anchor knows more; the world's failure where a place cannot be read or
/// written.
#[async_recursion]
pub async fn restore(
    replica: &Vault,
    place: &Store,
    scope: &Scope,
    accepts_loss: bool,
    meter: &Meter,
) -> Result<Restored> {
    let key = replica.verifier()?;
    let state = state(replica, place).await?;
    if !accepts_loss {
        check_known(replica, state.size()).await?;
    }
    check_is_vault(place, &state, &key).await?;
    let proof = Proof { state: &state, key: &key, ring: replica.ring() };
    let signing = replica.keys().signing().ok();
    let course = Course { from: replica.store(), place, proof, signing };
    let names = course.names(scope).await?;
    let (at_once, in_order): (Vec<String>, Vec<String>) = names.into_iter().partition(|name| {
        [layout::KEYS, layout::ORIGINALS].iter().any(|folder| name.starts_with(folder))
            || state.files.contains_key(name.as_str())
    });
    let mut restored = Restored { size: state.size(), ..Restored::default() };
    Meter::add(&meter.files, (at_once.len() + in_order.len()) as u64);
    let mut first = futures::stream::iter(at_once).map(|name| course.one(name, meter)).buffer_unordered(AT_ONCE);
    while let Some(done) = first.next().await {
        restored.note(done);
        if restored.failed.is_some() {
            break;
        }
    }
    drop(first);
    for name in in_order {
        if restored.failed.is_some() {
            break;
        }
        restored.note(course.one(name, meter).await);
    }
    let is_whole = restored.failed.is_none() && !meter.is_stopped();
    if is_whole && let Err(fault) = course.finish(scope, &mut restored).await {
        restored.failed = Some(Arc::new(fault));
    }
    restored.restored.sort_by(|a, b| a.name.cmp(&b.name));
    restored.stopped = meter.is_stopped();
    Ok(restored)
}

impl Restored {
    fn note(&mut self, (name, done): (String, Result<Option<RestoredObject>>)) {
        self.looked_at += 1;
        match done {
            Ok(object) => self.restored.extend(object),
            Err(fault) if fault.kind() == Kind::Damage => {
                self.problems.push(Problem { name, fault: Arc::new(fault) });
            }
            Err(fault) => self.failed = Some(Arc::new(fault)),
        }
    }
}

/// Makes sure that a place without a readable `shoseki.toml` is this vault all the same: by a checkpoint of its key, or by its first
/// commit. Nothing is written among what is somebody else's.
async fn check_is_vault(place: &Store, state: &ProvenState, key: &VerifierKey) -> Result<()> {
    let marker = place.get(layout::MARKER).await?;
    let is_marked = marker.is_some_and(|bytes| Marker::parse(&String::from_utf8_lossy(&bytes)).is_ok());
    if is_marked || newest_signed(place, key).await?.is_some() {
        return Ok(());
    }
    let first = place.get(&layout::commit(0)).await?;
    let is_first = first.zip(state.commits.first()).is_some_and(|(bytes, entry)| entry.is_of(0, &bytes));
    if is_first { Ok(()) } else { Err(Fault::caller(msg!("replica-restore-no-vault", url = place.url()))) }
}

/// The state that objects are proven by: the newest that the two places give together.
async fn state(replica: &Vault, place: &Store) -> Result<ProvenState> {
    let key = replica.verifier()?;
    let nothing = || Fault::damage(msg!("replica-nothing-sealed", url = replica.store().url()));
    let kept = newest_signed(replica.store(), &key).await?.ok_or_else(nothing)?;
    let kept = ProvenState::of(replica.store(), kept, None).await?;
    let Some(own) = newest_signed(place, &key).await? else { return Ok(kept) };
    let forked = |size: u64| msg!("replica-forked", url = place.url(), place = replica.store().url(), size = size);
    if own.size() <= kept.size() {
        return if kept.agrees(&own) { Ok(kept) } else { Err(Fault::damage(forked(own.size()))) };
    }
    let size = own.size();
    ProvenState::of(place, own, Some((replica.store(), &kept))).await.map_err(|fault| match fault.kind() {
        Kind::Damage => {
            let message = msg!("replica-restore-log", url = place.url(), size = size, kept = kept.size());
            Fault::damage(message).because(fault)
        }
        _ => fault,
    })
}

/// One restore.
struct Course<'a> {
    from: &'a Store,
    place: &'a Store,
    proof: Proof<'a>,
    /// What signs again: the same tree gives the same bytes.
    signing: Option<SigningKey>,
}

impl Course<'_> {
    /// The objects that are looked at, in the order in which they are written.
    async fn names(&self, scope: &Scope) -> Result<Vec<String>> {
        let state = self.proof.state;
        let named = match scope {
            Scope::Damaged => return self.all().await,
            Scope::Day(day) => {
                let files = state.replay.files().filter(|file| file.add.day == *day);
                files.map(|file| format!("{}/{}", layout::EVENTS, file.add.path())).collect()
            }
            Scope::Segment(segment) => {
                let file = state.replay.file_of(*segment);
                file.map(|file| format!("{}/{}", layout::EVENTS, file.add.path())).into_iter().collect()
            }
            Scope::Object(name) => {
                let of_files = state.files.get(name).and_then(|file| file.gone_by);
                if let Some(version) = of_files.or_else(|| state.erased_original(name)) {
                    return Err(Fault::caller(match state.replay.expiries().contains(&version) {
                        true => msg!("replica-restore-expired", name = name, version = version),
                        false => msg!("replica-restore-erased", name = name, version = version),
                    }));
                }
                vec![name.clone()]
            }
        };
        if named.is_empty() {
            let what = match scope {
                Scope::Day(day) => day.to_string(),
                Scope::Segment(segment) => segment.to_string(),
                Scope::Object(_) | Scope::Damaged => String::new(),
            };
            return Err(Fault::caller(msg!("replica-restore-none", what = what)));
        }
        Ok(named)
    }

    async fn all(&self) -> Result<Vec<String>> {
        let state = self.proof.state;
        let there = self.place.list(layout::EVENTS).await?;
        let there: BTreeSet<&str> = there.iter().map(|(name, _)| name.as_str()).collect();
        // What a compaction replaced may be gone; what is there must be what it was.
        let files =
            state.files.iter().filter(|(name, file)| file.replaced_by.is_none() || there.contains(name.as_str()));
        let mut names: Vec<String> = files.map(|(name, _)| name.clone()).collect();
        for folder in [layout::KEYS, layout::ORIGINALS] {
            let mut both = BTreeSet::new();
            for store in [self.from, self.place] {
                both.extend(store.list(folder).await?.into_iter().map(|(name, _)| name));
            }
            names.extend(both.into_iter().filter(|name| !state.is_erased_original(name)));
        }
        names.push(layout::MARKER.to_owned());
        names.extend((0..state.size()).map(layout::commit));
        let paths = state.log.paths().into_iter().map(|path| format!("{}/{path}", layout::TLOG));
        let mut log: BTreeSet<String> = paths.collect();
        let there = self.place.list(layout::TLOG).await?.into_iter().map(|(name, _)| name);
        log.extend(there.filter(|name| name != layout::CHECKPOINT));
        log.insert(layout::checkpoint(state.size()));
        let (last, log): (Vec<String>, Vec<String>) =
            log.into_iter().partition(|name| name.starts_with(layout::CHECKPOINTS));
        names.extend(log);
        names.extend(last);
        names.push(layout::CHECKPOINT.to_owned());
        Ok(names)
    }

    /// The end of a restore of all: the copy of the checkpoint is the newest there is. What somebody sealed there meanwhile is none
    /// of what was looked at, and no problem.
    async fn finish(&self, scope: &Scope, restored: &mut Restored) -> Result<()> {
        if matches!(scope, Scope::Damaged) {
            bring_forward(self.place, &self.proof.state.checkpoint, self.proof.key).await?;
        }
        let newest = newest_signed(self.place, self.proof.key).await?;
        if newest.is_some_and(|newest| newest.size() > self.proof.state.size()) {
            restored.problems.retain(|problem| !problem.name.starts_with(layout::TLOG));
        }
        Ok(())
    }

    /// Whether it is the copy of a checkpoint that somebody sealed meanwhile.
    fn is_newer(&self, name: &str, bytes: &[u8]) -> bool {
        let signed = || SignedCheckpoint::open(bytes, self.proof.key).ok();
        name == layout::CHECKPOINT && signed().is_some_and(|signed| signed.size() > self.proof.state.size())
    }

    /// Looks at one object and puts it right.
    async fn one(&self, name: String, meter: &Meter) -> (String, Result<Option<RestoredObject>>) {
        let done = if meter.is_stopped() { Ok(None) } else { self.put_right(&name, meter).await };
        Meter::add(&meter.files_done, 1);
        (name, done)
    }

    async fn put_right(&self, name: &str, meter: &Meter) -> Result<Option<RestoredObject>> {
        let there = self.place.get(name).await?;
        let length = there.as_ref().map_or(0, Bytes::len) as u64;
        Meter::add(&meter.bytes, length);
        Meter::add(&meter.bytes_done, length);
        if there.as_ref().is_some_and(|bytes| self.is_newer(name, bytes)) {
            return Ok(None);
        }
        if let Some(bytes) = &there {
            match self.proof.check(name, bytes).await {
                Ok(()) => return Ok(None),
                Err(fault) if fault.kind() == Kind::Damage => {}
                Err(fault) => return Err(fault),
            }
        }
        let right = match (self.right(name).await, &there) {
            (Err(fault), Some(wrong)) if fault.kind() == Kind::Damage && self.is_replaced(name) => {
                return self.set_aside_only(name, wrong.clone()).await.map(Some);
            }
            (right, _) => right?,
        };
        let aside = match there {
            Some(wrong) => {
                let aside = self.set_aside(name, wrong).await?;
                self.place.replace(name, right.clone()).await?;
                Some(aside)
            }
            None => {
                self.place.create_same(name, right.clone()).await?;
                None
            }
        };
        let (sha256, bytes) = (Some(hex::encode(Sha256::digest(&right))), right.len() as u64);
        Ok(Some(RestoredObject { name: name.to_owned(), sha256, bytes, aside }))
    }

    fn is_replaced(&self, name: &str) -> bool {
        self.proof.state.files.get(name).is_some_and(|file| file.replaced_by.is_some())
    }

    /// Takes what is wrong out of a place where nothing need be: its records lie elsewhere.
    async fn set_aside_only(&self, name: &str, wrong: Bytes) -> Result<RestoredObject> {
        let aside = self.set_aside(name, wrong).await?;
        self.place.delete_removed(name).await?;
        Ok(RestoredObject { name: name.to_owned(), sha256: None, bytes: 0, aside: Some(aside) })
    }

    /// The bytes that an object must have: those that follow from the log, else the replica's, proven.
    async fn right(&self, name: &str) -> Result<Bytes> {
        let state = self.proof.state;
        if name == layout::MARKER {
            return Ok(state.marker().to_text().into());
        }
        if name == layout::CHECKPOINT || name == layout::checkpoint(state.size()) {
            return Ok(state.checkpoint.bytes().clone());
        }
        if let Some(path) = name.strip_prefix(layout::TLOG).and_then(|rest| rest.strip_prefix('/')) {
            let follows = path.parse::<ObjectPath>().ok().and_then(|path| state.log.object(&path));
            if let Some(bytes) = follows.or_else(|| self.signed_again(name)) {
                return Ok(bytes);
            }
        }
        let bytes = self.from.need(name).await?;
        self.proof.check(name, &bytes).await?;
        Ok(bytes)
    }

    /// An earlier checkpoint: Ed25519 is deterministic, and what signs it anew says nothing new.
    fn signed_again(&self, name: &str) -> Option<Bytes> {
        let (key, size) = (self.signing.as_ref()?, layout::checkpoint_size(name)?);
        let root = self.proof.state.log.root_at(size).filter(|_| size > 0)?;
        let signed = Checkpoint { origin: key.name().to_owned(), size, root }.sign(key).ok()?;
        SignedCheckpoint::open(&signed, self.proof.key).ok().map(|_| signed)
    }

    /// Keeps what is wrong, under a name that its bytes give.
    async fn set_aside(&self, name: &str, wrong: Bytes) -> Result<String> {
        let hash = hex::encode(Sha256::digest(&wrong));
        let (folder, file) = name.rsplit_once('/').map_or(("", name), |(folder, file)| (folder, file));
        let file = format!("{TEMPORARY}aside-{}-{file}", hash.get(..16).unwrap_or_default());
        let aside = if folder.is_empty() { file } else { format!("{folder}/{file}") };
        match self.place.create(&aside, wrong).await? {
            Created::Ours => Ok(aside),
            Created::Theirs(_) => {
                Err(Fault::damage(msg!("vault-object-differs", url = self.place.url(), name = aside)))
            }
        }
    }
}
